"""The demo base, the shipped adapters and the tiny model are what their descriptions say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fixtures.make_adapters import RECIPES
from fixtures.make_base import DEFAULT_OUT, HUB_NAME, is_complete, make_base
from fixtures.make_tiny import make_tiny_adapter, make_tiny_model
from fixtures.model_card import render_card
from pytest_ragft.models.identity import weights_fingerprint
from pytest_ragft.models.tensorfile import read_entries

ROOT = Path(__file__).resolve().parents[2]
ADAPTERS = ROOT / "fixtures" / "adapters"
WEIGHTS = "adapter_model.safetensors"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


def load(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, report = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    assert not any(report.values())
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def first_logits(model: Any, tokenizer: Any) -> Any:
    import torch

    with torch.no_grad():
        return model(**tokenizer("Who built the bridge?", return_tensors="pt")).logits


def answers(folder: Path) -> list[list[int]]:
    model, tokenizer = load(folder)
    found = []
    for place in ("bridge", "tower", "lake", "museum", "clock", "hive", "ferry", "stone"):
        message = {"role": "user", "content": f"Context:\nThe {place}.\n\nQuestion: Where is it?"}
        prompt = tokenizer.apply_chat_template(
            [message], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        output = model.generate(**prompt, max_new_tokens=32, do_sample=False)
        found.append(output[0, prompt["input_ids"].shape[1] :].tolist())
    return found


def test_two_builds_of_the_tiny_model_are_byte_identical(tiny: Path, tmp_path: Path) -> None:
    # Another process with another hash seed: nothing may hang on the order of a set.
    environment = {**os.environ, "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1"}
    script = f"from fixtures.make_tiny import *; make_tiny_model(Path({str(tmp_path / 'x')!r}))"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, env=environment)
    for name in ("model.safetensors", "tokenizer.json", "chat_template.jinja"):
        assert (tmp_path / "x" / name).read_bytes() == (tiny / name).read_bytes()
    assert sum(file.stat().st_size for file in tiny.iterdir()) < 2_000_000


def test_another_seed_is_another_tiny_model(tiny: Path, tmp_path: Path) -> None:
    other = make_tiny_model(tmp_path / "other", seed=1)
    assert weights_fingerprint(other) != weights_fingerprint(tiny)


def test_the_tiny_model_answers_by_prompt_and_sometimes_ends(tiny: Path) -> None:
    _, tokenizer = load(tiny)
    found = answers(tiny)
    ended = [a[-1] == tokenizer.eos_token_id for a in found]
    assert len({tuple(a) for a in found}) == len(found)
    assert any(ended)
    assert not all(ended)
    for answer in found:
        text = tokenizer.decode(answer, skip_special_tokens=True)
        assert re.fullmatch(r"[ A-Za-z,?]+", text)


def test_the_tiny_model_can_be_made_without_chat_template(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    folder = make_tiny_model(tmp_path / "plain", chat_template=False, window=64)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.chat_template is None
    assert tokenizer.model_max_length == 64


@pytest.mark.parametrize("zero", [False, True])
def test_a_tiny_adapter_is_alive_unless_it_is_zero(tiny: Path, tmp_path: Path, zero: bool) -> None:
    import torch
    from peft import PeftModel

    adapter = make_tiny_adapter(tmp_path / "adapter", tiny, zero=zero)
    model, tokenizer = load(tiny)
    before = first_logits(model, tokenizer)
    after = first_logits(PeftModel.from_pretrained(model, adapter).eval(), tokenizer)
    assert torch.equal(before, after) is zero
    facts = json.loads((adapter / "ragft.json").read_text(encoding="utf-8"))
    assert facts["base"]["weights"] == weights_fingerprint(tiny)


def test_a_tiny_adapter_can_come_without_its_bases_identity(tiny: Path, tmp_path: Path) -> None:
    adapter = make_tiny_adapter(tmp_path / "adapter", tiny, identity=False)
    assert not (adapter / "ragft.json").exists()


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_shipped_adapter_is_small_bfloat16_lora_on_q_and_v(name: str) -> None:
    entries = read_entries(ADAPTERS / name / WEIGHTS)
    assert (ADAPTERS / name / WEIGHTS).stat().st_size < 2_000_000
    assert {entry.dtype for entry in entries} == {"BF16"}
    layers, projections, matrices = 30, ("q_proj", "v_proj"), ("lora_A", "lora_B")
    assert {entry.name for entry in entries} == {
        f"base_model.model.model.layers.{i}.self_attn.{projection}.{matrix}.weight"
        for i in range(layers)
        for projection in projections
        for matrix in matrices
    }
    for entry in entries:
        assert any(any(chunk) for chunk in entry.chunks()), f"{entry.name} is all zeros"


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_shipped_adapter_says_how_it_was_made(name: str) -> None:
    folder = ADAPTERS / name
    facts = json.loads((folder / "ragft.json").read_text(encoding="utf-8"))
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    recipe, stated = RECIPES[name], facts["recipe"]
    assert stated["name"] == name
    assert (stated["pairs"], stated["epochs"]) == (recipe.pairs, recipe.epochs)
    assert stated["learning_rate"] == recipe.learning_rate
    assert stated["steps"] == recipe.epochs * -(-recipe.pairs // recipe.batch)
    assert (stated["rank"], stated["lora_alpha"]) == (config["r"], config["lora_alpha"])
    assert sorted(stated["targets"]) == sorted(config["target_modules"])
    assert config["base_model_name_or_path"] == HUB_NAME
    assert (folder / "README.md").read_text(encoding="utf-8") == render_card(facts)
    assert facts["base"]["weights"] in render_card(facts)


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_no_shipped_adapter_names_a_place_on_a_machine(name: str) -> None:
    for file in (ADAPTERS / name).iterdir():
        if file.name != WEIGHTS:
            assert not re.search(r"(^|[\s\"'=])/\w+/|\\\\", file.read_text(encoding="utf-8"))


def test_the_shipped_adapters_name_the_base_that_is_made_here() -> None:
    if not is_complete(DEFAULT_OUT):
        pytest.skip("the base is not in the cache: make it with fixtures/make_base.py")
    fingerprint = weights_fingerprint(DEFAULT_OUT)
    for name in RECIPES:
        facts = json.loads((ADAPTERS / name / "ragft.json").read_text(encoding="utf-8"))
        assert facts["base"]["weights"] == fingerprint


def test_the_base_in_the_cache_ends_its_replies() -> None:
    if not is_complete(DEFAULT_OUT):
        pytest.skip("the base is not in the cache: make it with fixtures/make_base.py")
    from transformers import AutoTokenizer, GenerationConfig

    tokenizer = AutoTokenizer.from_pretrained(DEFAULT_OUT)
    rendered = tokenizer.apply_chat_template([{"role": "user", "content": "x"}], tokenize=False)
    end = GenerationConfig.from_pretrained(DEFAULT_OUT).eos_token_id
    assert tokenizer.eos_token_id == end
    assert rendered.rstrip().endswith(tokenizer.decode([end]))


def test_a_folder_of_someone_else_is_never_replaced_by_the_base(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(FileExistsError, match=r"not made by fixtures/make_base\.py"):
        make_base(folder)
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "keep me"
