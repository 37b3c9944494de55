from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import VariantSpec
from pytest_ragft.store import Store
from tests.tiny import copy_of, open_tiny, tiny_folder

SETTINGS = GenerationSettings(max_new_tokens=24)


def test_adapters_and_their_default_baseline_share_one_engine() -> None:
    opened = open_tiny(tiny_folder() / "alive", tiny_folder() / "second")
    assert set(opened) == {"v0", "v1", "baseline"}
    assert len({id(generator.engine) for generator in opened.values()}) == 1
    assert len({generator.fingerprint for generator in opened.values()}) == 3


def test_suites_with_other_settings_share_the_engine_too() -> None:
    opened = open_generators(
        [VariantSpec(name="v", spec=str(tiny_folder() / "alive"))],
        baseline=None,
        wants_baseline=False,
        base=None,
        options={"a": SETTINGS, "b": replace(SETTINGS, max_new_tokens=8)},
        offline=True,
    )
    assert set(opened) == {("v", "a"), ("v", "b")}
    assert opened["v", "a"].engine is opened["v", "b"].engine
    assert opened["v", "a"].fingerprint != opened["v", "b"].fingerprint


def test_another_dtype_is_another_engine() -> None:
    half = open_tiny(
        tiny_folder() / "model", wants_baseline=False, settings=GenerationSettings(dtype="bfloat16")
    )["v0"]
    full = open_tiny(tiny_folder() / "model", wants_baseline=False)["v0"]
    assert half.engine is not None
    assert full.engine is not None
    assert half.engine.key != full.engine.key


def test_a_model_that_is_no_adapter_needs_a_baseline() -> None:
    with pytest.raises(SpecError, match=r"'v0' is no adapter.*--ragft-baseline=SPEC"):
        open_tiny(tiny_folder() / "model")
    opened = open_tiny(tiny_folder() / "model", baseline=tiny_folder() / "other-model")
    assert opened["baseline"].fingerprint != opened["v0"].fingerprint


def test_recorded_answers_need_a_baseline(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"suite": "suite", "id": "q", "answer": "x"}\n')
    with pytest.raises(SpecError, match="--ragft-baseline=SPEC"):
        open_tiny(path)
    assert open_tiny(path, baseline=path)["baseline"].engine is None


def test_adapters_on_different_bases_have_no_common_default(tmp_path: Path) -> None:
    other = copy_of("unnamed", tmp_path / "other")
    config = json.loads((other / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = str(tiny_folder() / "other-model")
    (other / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(SpecError, match=r"different bases .*separate runs"):
        open_tiny(tiny_folder() / "alive", other)
    open_tiny(tiny_folder() / "alive", other, baseline=tiny_folder() / "model")


def test_a_baseline_spec_may_be_named_and_may_be_an_adapter() -> None:
    opened = open_tiny(tiny_folder() / "alive", baseline=f"old={tiny_folder() / 'second'}")
    direct = open_tiny(tiny_folder() / "second", wants_baseline=False)["v0"]
    assert opened["baseline"].fingerprint == direct.fingerprint


def test_an_unverified_base_is_noted() -> None:
    opened = open_tiny(tiny_folder() / "unnamed")
    assert opened["v0"].notes == ("base unverified",)
    assert opened["baseline"].notes == ()


def test_the_models_own_sampling_settings_are_not_applied_and_noted(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    settings = {"do_sample": True, "temperature": 0.7, "repetition_penalty": 1.1}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    (note,) = open_tiny(folder, wants_baseline=False)["v0"].notes
    assert note == "decoded greedily, without the model's own do_sample, repetition_penalty"


def test_a_model_without_chat_template_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(SpecError, match=r"no chat template; put the chat_template.jinja"):
        open_tiny(folder, wants_baseline=False)


def test_a_template_in_the_tokenizers_configuration_counts(tmp_path: Path) -> None:
    folder = copy_of("model", tmp_path / "m")
    template = (folder / "chat_template.jinja").read_text()
    (folder / "chat_template.jinja").unlink()
    edit_json(folder / "tokenizer_config.json", chat_template=template)
    open_tiny(folder, wants_baseline=False)


def edit_json(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def nudge(path: Path) -> None:
    tensors = load_file(path)
    name = sorted(tensors)[-1]
    tensors[name].view(-1)[0] += 1.0
    save_file(tensors, path)


CHANGES: dict[str, Callable[[Path, Path], object]] = {
    "base weight": lambda base, _: nudge(base / "model.safetensors"),
    "config": lambda base, _: edit_json(base / "config.json", rms_norm_eps=1e-3),
    "end token": lambda base, _: edit_json(base / "generation_config.json", eos_token_id=[2, 9]),
    "tokenizer": lambda base, _: edit_json(base / "tokenizer.json", truncation=None, version="1"),
    "chat template": lambda base, _: (base / "chat_template.jinja").write_text("{{ messages }}"),
    "adapter weight": lambda _, adapter: nudge(adapter / "adapter_model.safetensors"),
    "adapter scale": lambda _, adapter: edit_json(adapter / "adapter_config.json", lora_alpha=9),
}


def opened_copy(
    base: Path, adapter: Path, settings: GenerationSettings = SETTINGS
) -> tuple[str, str]:
    generators = open_tiny(adapter, base=base, settings=settings)
    return generators["v0"].fingerprint, generators["baseline"].fingerprint


@pytest.mark.parametrize("change", CHANGES)
def test_what_decides_an_answer_decides_the_fingerprint(tmp_path: Path, change: str) -> None:
    base, adapter = copy_of("model", tmp_path / "b"), copy_of("unnamed", tmp_path / "a")
    before = opened_copy(base, adapter)
    assert opened_copy(base, adapter) == before
    CHANGES[change](base, adapter)
    after = opened_copy(base, adapter)
    assert after[0] != before[0]
    assert (after[1] == before[1]) is change.startswith("adapter")


@pytest.mark.parametrize(
    "settings",
    [
        replace(SETTINGS, max_new_tokens=25),
        replace(SETTINGS, stop=("\n",)),
        replace(SETTINGS, batch_tokens=1000),
        replace(SETTINGS, dtype="bfloat16"),
    ],
    ids=["max_new_tokens", "stop", "batch_tokens", "dtype"],
)
def test_decoding_settings_decide_the_fingerprint(settings: GenerationSettings) -> None:
    base, adapter = tiny_folder() / "model", tiny_folder() / "unnamed"
    before, after = opened_copy(base, adapter), opened_copy(base, adapter, settings)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_names_places_and_cosmetics_do_not_decide_the_fingerprint(tmp_path: Path) -> None:
    base, adapter = copy_of("model", tmp_path / "b"), copy_of("unnamed", tmp_path / "a")
    edit_json(base / "config.json", transformers_version="5.0.0", _name_or_path="elsewhere")
    edit_json(adapter / "adapter_config.json", inference_mode=True, peft_version="0.1")
    (base / "README.md").write_text("a card")
    assert opened_copy(base, adapter) == opened_copy(
        tiny_folder() / "model", tiny_folder() / "unnamed"
    )


def test_the_dtype_that_auto_stands_for_is_the_checkpoints(tmp_path: Path) -> None:
    explicit = replace(SETTINGS, dtype="float32")
    base, adapter = tiny_folder() / "model", tiny_folder() / "unnamed"
    assert opened_copy(base, adapter) == opened_copy(base, adapter, explicit)
    silent = copy_of("model", tmp_path / "silent")
    config = json.loads((silent / "config.json").read_text())
    del config["dtype"]
    (silent / "config.json").write_text(json.dumps(config))
    assert opened_copy(silent, adapter) == opened_copy(base, adapter)


def test_the_store_remembers_fingerprints_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_ragft.models.identity._SETTLED_SECONDS", -1.0)
    store = Store(tmp_path / "store.sqlite")
    base = copy_of("model", tmp_path / "b")

    def opened() -> str:
        variant = VariantSpec(name="v", spec=str(base))
        options = {"suite": SETTINGS}
        (generator,) = open_generators(
            [variant],
            baseline=None,
            wants_baseline=False,
            base=None,
            options=options,
            offline=True,
            store=store,
        ).values()
        return generator.fingerprint

    first = opened()
    monkeypatch.setattr("pytest_ragft.models.identity._hash_tensors", lambda _: "computed")
    assert opened() == first
    nudge(base / "model.safetensors")
    assert opened() != first
    store.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_new_tokens": 0},
        {"batch_tokens": -1},
        {"dtype": "int8"},
        {"device": "tpu"},
        {"stop": ("",)},
    ],
)
def test_settings_out_of_range_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        GenerationSettings(**wrong)


def test_opening_imports_nothing_heavy_and_opens_no_socket() -> None:
    code = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise AssertionError("the network was used: " + event)
sys.addaudithook(refuse)
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import parse_variant
made = open_generators([parse_variant(sys.argv[1])], baseline=None, wants_baseline=True, base=None,
    options={"s": GenerationSettings(max_new_tokens=4)}, offline=True)
heavy = {"torch", "transformers", "peft", "numpy"} & sys.modules.keys()
assert not heavy, heavy
from pytest_ragft.records import Prompt, Request
prompt = Prompt(system="", user="{context}{question}", question="Who built the bridge?")
for generator in made.values():
    (answer,) = generator.generate([Request(suite="s", id="q", prompt=prompt)])
    assert answer.error is None
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_folder() / "alive")],
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == ""
