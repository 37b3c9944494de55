"""One load of a base, and adapters that are switched on it."""

from __future__ import annotations

import json
import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import torch

from pytest_ragft.errors import GenerationError, MissingDependencyError, SpecError
from pytest_ragft.generation.decoding import decode
from pytest_ragft.quiet import quiet_libraries
from tests.tiny import (
    answer_all,
    copy_of,
    foreign_model,
    rewrite,
    tiny_folder,
    tiny_model,
    tiny_models,
    tiny_requests,
)

pytestmark = pytest.mark.newest

REQUESTS = tiny_requests()


def merged(adapter: str, target: Path) -> Path:
    """The full model that an adapter makes of its base, as peft merges it."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    shutil.copytree(tiny_folder() / "model", target)
    base = AutoModelForCausalLM.from_pretrained(target, dtype=torch.float32)
    PeftModel.from_pretrained(base, tiny_folder() / adapter).merge_and_unload().save_pretrained(
        target
    )
    return target


def test_adapters_do_not_leak_into_the_baseline_or_each_other(tmp_path: Path) -> None:
    first, second, baseline = tiny_models(tiny_folder() / "alive", tiny_folder() / "second")
    before = answer_all(baseline, REQUESTS)
    with_first = answer_all(first, REQUESTS)
    with_second = answer_all(second, REQUESTS)
    assert answer_all(baseline, REQUESTS) == before
    assert answer_all(first, REQUESTS) == with_first
    assert before == answer_all(tiny_model(tiny_folder() / "model"), REQUESTS)
    assert with_first == answer_all(tiny_model(merged("alive", tmp_path / "a")), REQUESTS)
    assert with_second == answer_all(tiny_model(merged("second", tmp_path / "b")), REQUESTS)


def test_one_load_serves_all_and_release_frees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = count_loads(monkeypatch)
    generators = tiny_models(tiny_folder() / "alive", tiny_folder() / "second")
    answers = [answer_all(generator, REQUESTS[:3]) for generator in generators]
    assert len(loads) == 1
    generators[0].engine.release()
    assert [answer_all(generator, REQUESTS[:3]) for generator in generators] == answers
    assert len(loads) == 2


ADAPTER_FILE = "adapter_model.safetensors"


def count_loads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Grows with each load of a model."""
    from transformers import AutoModelForCausalLM

    tiny_folder()  # made by loads of its own
    loads: list[Any] = []
    load = AutoModelForCausalLM.from_pretrained

    def counted(*args: Any, **kwargs: Any) -> Any:
        loads.append(args)
        return load(*args, **kwargs)

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", counted)
    return loads


def test_what_cannot_be_loaded_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each suite of a run asks again; a load takes minutes."""
    generator, loads = tiny_model(tiny_folder() / "model"), count_loads(monkeypatch)
    with monkeypatch.context() as patch:
        patch.delattr("pytest_ragft.generation.engine.use_grouped_attention")
        for _ in range(3):
            with pytest.raises(GenerationError, match="cannot be loaded"):
                generator.generate(REQUESTS[:1])
    assert len(loads) == 1
    generator.engine.release()
    assert generator.generate(REQUESTS[:1])[0].error is None


def test_an_adapter_that_cannot_be_loaded_is_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = rewrite(
        copy_of("alive", tmp_path / "a"), lambda t: t.__delitem__(min(t)), ADAPTER_FILE
    )
    variant, baseline = tiny_models(folder)
    loads = count_loads(monkeypatch)
    for _ in range(3):
        with pytest.raises(GenerationError, match="lacks tensors"):
            variant.generate(REQUESTS[:1])
        assert baseline.generate(REQUESTS[:1])[0].error is None
    assert len(loads) == 1


RECURRENT_GEMMA = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "lru_width": 32,
}


@pytest.mark.parametrize(
    ("config", "settings", "loads"),
    [
        ("MambaConfig", {"hidden_size": 32, "num_hidden_layers": 1}, 0),
        ("T5Config", {"d_model": 32, "num_layers": 1, "d_ff": 32, "num_heads": 2}, 0),
        ("RwkvConfig", {"hidden_size": 32, "num_hidden_layers": 2}, 1),
        ("RecurrentGemmaConfig", RECURRENT_GEMMA, 1),
    ],
)
def test_a_model_without_key_value_cache_is_refused_with_the_way_out(
    config: str,
    settings: dict[str, Any],
    loads: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where its configuration tells, before it is loaded."""
    generator = tiny_model(foreign_model(tmp_path / "m", config, **settings))
    done = count_loads(monkeypatch)
    for _ in range(2):
        with pytest.raises(GenerationError, match=r"keeps no key-value cache.*\*\.jsonl"):
            answer_all(generator, REQUESTS)
    assert len(done) == loads


def test_missing_weights_are_an_error_and_not_random(tmp_path: Path) -> None:
    folder = rewrite(
        copy_of("model", tmp_path / "m"),
        lambda tensors: tensors.__delitem__("lm_head.weight"),
        "model.safetensors",
    )
    with pytest.raises(GenerationError, match=r"lacks weights .*'lm_head\.weight'"):
        tiny_model(folder).generate(REQUESTS[:1])


def test_an_adapter_without_all_its_tensors_is_refused(tmp_path: Path) -> None:
    folder = rewrite(
        copy_of("alive", tmp_path / "a"), lambda t: t.__delitem__(min(t)), ADAPTER_FILE
    )
    variant, baseline = tiny_models(folder)
    with pytest.raises(GenerationError, match=r"lacks tensors: .*lora_A"):
        variant.generate(REQUESTS[:1])
    assert baseline.generate(REQUESTS[:1])[0].error is None


def test_an_adapter_with_tensors_of_no_place_is_refused(tmp_path: Path) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors["base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight"] = torch.ones(
            4, 64
        )

    variant, _ = tiny_models(rewrite(copy_of("unnamed", tmp_path / "a"), add, ADAPTER_FILE))
    with pytest.raises(GenerationError, match="the base has no place for"):
        variant.generate(REQUESTS[:1])


def test_an_adapter_without_effect_is_an_error_even_if_its_weights_are_not_zero(
    tmp_path: Path,
) -> None:
    folder = copy_of("alive", tmp_path / "a")
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": 0}))
    other, variant, baseline = tiny_models(tiny_folder() / "second", folder)
    before = answer_all(other, REQUESTS[:4]), answer_all(baseline, REQUESTS[:4])
    for _ in range(2):
        with pytest.raises(GenerationError, match=r"changes nothing.*same logits"):
            variant.generate(REQUESTS[:1])
    assert (answer_all(other, REQUESTS[:4]), answer_all(baseline, REQUESTS[:4])) == before


def test_an_adapter_without_effect_is_found_whatever_prompt_another_was_tried_on(
    tmp_path: Path,
) -> None:
    folder = copy_of("alive", tmp_path / "a")
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": 0}))
    (folder / "chat_template.jinja").write_text("{{ messages[-1]['content'] }} Answer:")
    other, variant, _ = tiny_models(tiny_folder() / "second", folder)
    other.generate(REQUESTS[:1])
    with pytest.raises(GenerationError, match="changes nothing"):
        variant.generate(REQUESTS[:1])


def test_adapters_with_modules_to_save_and_dora_work_beside_others(tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = tiny_folder() / "model"
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    config = LoraConfig(
        r=2,
        target_modules=["q_proj"],
        modules_to_save=["lm_head"],
        use_dora=True,
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(model, config)
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and "magnitude" not in name:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)
    model.save_pretrained(tmp_path / "rich")
    rich, alive, baseline = tiny_models(tmp_path / "rich", tiny_folder() / "alive")
    plain = answer_all(baseline, REQUESTS), answer_all(alive, REQUESTS)
    answers = answer_all(rich, REQUESTS)
    assert (answer_all(baseline, REQUESTS), answer_all(alive, REQUESTS)) == plain
    shutil.copytree(base, tmp_path / "merged")
    model.merge_and_unload().save_pretrained(tmp_path / "merged")
    assert answers == answer_all(tiny_model(tmp_path / "merged"), REQUESTS)


def test_a_model_that_holds_an_unmerged_adapter_is_refused(tmp_path: Path) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors["model.layers.0.self_attn.q_proj.lora_A.default.weight"] = torch.ones(4, 64)

    folder = rewrite(copy_of("model", tmp_path / "m"), add, "model.safetensors")
    with pytest.raises(GenerationError, match="not merged"):
        tiny_model(folder).generate(REQUESTS[:1])


def test_a_device_that_is_not_there_is_named() -> None:
    if torch.cuda.is_available():
        pytest.skip("CUDA is there")
    with pytest.raises(GenerationError, match="device 'cuda' is not available"):
        tiny_model(tiny_folder() / "model", device="cuda").generate(REQUESTS[:1])


def test_a_missing_package_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    variant, baseline = tiny_models(tiny_folder() / "alive", offline=False)
    replaying, _ = tiny_models(tiny_folder() / "alive", offline=True)
    variant.check("suite", ["q0"])

    def without_peft(name: str) -> object:
        return None if name == "peft" else object()

    monkeypatch.setattr("pytest_ragft.errors.find_spec", without_peft)
    baseline.check("suite", ["q0"])
    with pytest.raises(MissingDependencyError, match=r"pip install 'pytest-ragft\[hf\]'"):
        variant.check("suite", ["q0"])
    replaying.check("suite", ["q0"])


@pytest.mark.parametrize("enabled", [True, False])
def test_libraries_are_quiet_for_a_while_and_then_as_before(
    enabled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub.utils import are_progress_bars_disabled
    from transformers.utils import logging

    def state() -> tuple[object, ...]:
        return (
            logging.is_progress_bar_enabled(),
            are_progress_bars_disabled(),
            logging.get_verbosity(),
        )

    monkeypatch.delenv("TRANSFORMERS_VERBOSITY", raising=False)
    bars = logging.is_progress_bar_enabled()
    (logging.enable_progress_bar if enabled else logging.disable_progress_bar)()
    before = state()
    with quiet_libraries():
        assert state() == (False, True, logging.CRITICAL)
        warnings.warn("deprecated", stacklevel=1)
    assert state() == before
    (logging.enable_progress_bar if bars else logging.disable_progress_bar)()


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    variant, baseline = tiny_models(tiny_folder() / "alive")
    answer_all(variant, REQUESTS[:2])
    answer_all(baseline, REQUESTS[:2])
    assert capfd.readouterr() == ("", "")


def overwritten(file: Path, by: Path) -> None:
    """As a trainer saves over its folder: another file of the same name."""
    shutil.copy(by, file.with_suffix(".new"))
    file.with_suffix(".new").replace(file)


def test_a_folder_that_is_overwritten_while_it_is_in_use_gives_no_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the key of the weights before, they would be kept for good."""
    folder, other = copy_of("alive", tmp_path / "a"), tiny_folder() / "second" / ADAPTER_FILE
    kept = shutil.copy(folder / ADAPTER_FILE, tmp_path)
    variant, baseline = tiny_models(folder)
    before = answer_all(variant, REQUESTS[:2]), answer_all(baseline, REQUESTS[:2])
    overwritten(folder / ADAPTER_FILE, other)
    with pytest.raises(SpecError, match=rf"{ADAPTER_FILE}' changed on disk.*nothing.*is kept"):
        variant.generate(REQUESTS[:2])
    assert answer_all(baseline, REQUESTS[:2]) == before[1]
    overwritten(folder / ADAPTER_FILE, Path(kept))
    assert answer_all(variant, REQUESTS[:2]) == before[0]

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        overwritten(folder / ADAPTER_FILE, other)
        overwritten(folder / ADAPTER_FILE, Path(kept))
        return decode(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("pytest_ragft.generation.hf.decode", meanwhile)
        with pytest.raises(SpecError, match="changed on disk"):
            variant.generate(REQUESTS[:2])
    loads = count_loads(monkeypatch)
    assert answer_all(variant, REQUESTS[:2]) == before[0]
    assert len(loads) == 1, "what was loaded may have been the other weights"


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "chat_template.jinja"])
def test_every_file_of_a_model_is_watched(tmp_path: Path, name: str) -> None:
    folder = copy_of("model", tmp_path / "m")
    generator = tiny_model(folder)
    if name.endswith("safetensors"):
        overwritten(folder / name, tiny_folder() / "other-model" / name)
    else:
        text = (folder / name).read_text()
        (folder / name).write_text(text.replace("{", '{"more": 1,', 1) if ".json" in name else "x")
    with pytest.raises(SpecError, match=rf"{name}.* changed on disk"):
        generator.cut(REQUESTS[:2])


def test_an_answer_says_where_it_was_computed() -> None:
    (answer,) = tiny_model(tiny_folder() / "model").generate(REQUESTS[:1])
    assert answer.platform.startswith(("cpu ", "cuda "))
    for library in ("torch", "transformers", "peft"):
        assert f", {library} {version(library)}" in answer.platform


def test_a_base_that_an_adapter_has_changed_is_loaded_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, baseline = tiny_models(tiny_folder() / "alive", tiny_folder() / "second")
    before = answer_all(baseline, REQUESTS[:2]), answer_all(second, REQUESTS[:2])
    loads = count_loads(monkeypatch)
    answer_all(first, REQUESTS[:2])
    with first.engine.model(first.adapter, first._chat.probe()) as model, torch.no_grad():
        model.model.norm.weight.mul_(1.5)
    assert (answer_all(baseline, REQUESTS[:2]), answer_all(second, REQUESTS[:2])) == before
    assert len(loads) == 1
