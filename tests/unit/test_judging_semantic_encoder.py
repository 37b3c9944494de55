"""Which encoder the semantic judge takes, and which it refuses."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from fixtures import make_encoder as script
from pytest_ragft.errors import JudgeError, MissingDependencyError, SpecError
from pytest_ragft.judging.semantic.encoder import (
    HUB_NAME,
    Encoder,
    find_encoder,
    load_encoder,
    load_vocabulary,
)
from pytest_ragft.judging.semantic.equivalence import SHIPPED, adapter_fingerprint, read_facts
from pytest_ragft.judging.semantic.judge import SemanticJudge
from pytest_ragft.judging.semantic.models import read_combination
from pytest_ragft.models.identity import encoder_fingerprint
from tests.encoder import PLACE, make_tiny_encoder, needs_encoder

pytestmark = pytest.mark.newest


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture
def copied(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "copied"))


MEASURED = read_facts(SHIPPED)["base"]["weights"]
HOW = rf"measured with {HUB_NAME} of content fingerprint {MEASURED[:16]}…: fetch it with `hf "


def sought(place: Path | None) -> Path:
    return find_encoder(None if place is None else str(place), MEASURED, offline=True, memo=None)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_what_a_folder_lacks_is_named_and_how_to_come_by_it(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(SpecError, match=rf"{name}.*{HOW}.*--ragft-judge=semantic:DIR"):
        sought(copied)
    with pytest.raises(SpecError, match=HOW):
        sought(copied / "no-such")


def test_pickled_weights_are_not_enough(copied: Path) -> None:
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(SpecError, match="pickled weights only"):
        sought(copied)


def test_offline_the_hub_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(JudgeError, match=rf"found in the hub's cache \(offline\).*{HOW}"):
        sought(None)


@pytest.mark.parametrize("package", ["torch", "transformers", "peft", "safetensors", "tokenizers"])
def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, tiny: Path, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=rf"{package}.*pytest-ragft\[hf\]"):
        SemanticJudge(str(tiny))


def test_another_encoder_is_refused(tiny: Path) -> None:
    with pytest.raises(JudgeError, match=rf"fingerprint {encoder_fingerprint(tiny)[:16]}.*{HOW}"):
        SemanticJudge(str(tiny))


@pytest.mark.parametrize(
    "damage", [b"", b"\x10\0\0\0\0\0\0\0{}", b"\xff" * 64], ids=["empty", "cut", "noise"]
)
def test_broken_weights_are_named(copied: Path, damage: bytes) -> None:
    (copied / "model.safetensors").write_bytes(damage)
    with pytest.raises(SpecError, match=r"'.*model\.safetensors' is not a usable safe"):
        encoder_fingerprint(copied)


def test_the_fingerprint_is_that_of_the_content(tiny: Path, tmp_path: Path) -> None:
    from transformers import BertModel

    again = tmp_path / "again"
    BertModel.from_pretrained(tiny, add_pooling_layer=False).save_pretrained(
        again, max_shard_size="1GB"
    )
    shutil.copy(tiny / "tokenizer.json", again)
    assert encoder_fingerprint(again) == encoder_fingerprint(tiny)
    assert encoder_fingerprint(make_tiny_encoder(tmp_path / "b", seed=1)) != encoder_fingerprint(
        tiny
    )


def test_the_vocabulary_belongs_to_the_fingerprint(copied: Path) -> None:
    before = encoder_fingerprint(copied)
    vocabulary = json.loads((copied / "tokenizer.json").read_text("utf-8"))
    vocabulary["normalizer"]["lowercase"] = False
    (copied / "tokenizer.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    assert encoder_fingerprint(copied) != before


def test_a_model_that_lacks_weights_is_refused(copied: Path) -> None:
    config = json.loads((copied / "config.json").read_text("utf-8"))
    config["num_hidden_layers"] = 2
    (copied / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(JudgeError, match=r"BERT encoder .* lacks weights of its architecture"):
        load_encoder(copied)


def test_a_broken_tokenizer_is_named(copied: Path) -> None:
    (copied / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(JudgeError, match=r"tokenizer\.json' cannot be loaded"):
        load_vocabulary(copied)


def test_embeddings_have_length_one_and_do_not_depend_on_each_other(tiny: Path) -> None:
    encoder = Encoder(load_encoder(tiny), load_vocabulary(tiny))
    texts = ["a cab", "bad", "", "abc " * 400]
    together = encoder.embed(texts)
    assert together.shape == (4, 24)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1)
    assert np.array_equal(together, np.stack([encoder.embed([text])[0] for text in texts]))
    assert encoder.embed([]).shape == (0, 24)


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "head.safetensors"])
def test_an_incomplete_adapter_is_refused(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "adapter"))
    (folder / name).unlink()
    with pytest.raises(JudgeError, match=rf"lacks {name}; install pytest-ragft again"):
        read_facts(folder)
    with pytest.raises(JudgeError, match="cannot be read"):
        adapter_fingerprint(folder)


def test_a_combination_for_other_features_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "adapter"))
    data = json.loads((folder / "combination.json").read_text("utf-8"))
    data["trees"]["features"][1] = "another"
    (folder / "combination.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(JudgeError, match="fitted on the features"):
        read_combination(folder)
    (folder / "combination.json").write_text("[]", encoding="utf-8")
    with pytest.raises(JudgeError, match="cannot be used"):
        read_combination(folder)


def test_what_is_shipped_is_small_and_names_no_place_on_a_machine() -> None:
    files = [file for file in SHIPPED.iterdir() if file.is_file()]
    assert sum(f.stat().st_size for f in files if f.suffix == ".safetensors") < 2_000_000
    assert {f.suffix for f in files} == {".json", ".safetensors"}
    config = json.loads((SHIPPED / "adapter_config.json").read_text("utf-8"))
    assert config["base_model_name_or_path"] == HUB_NAME
    assert config["r"] == 16
    assert set(config["target_modules"]) == {"query", "key", "value", "dense"}


def test_a_folder_of_someone_else_is_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(FileExistsError, match=r"not made by fixtures/make_encoder\.py"):
        script.make_encoder(folder)
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "keep me"


@needs_encoder
def test_the_encoder_of_the_tests_is_the_one_the_adapter_was_trained_on() -> None:
    assert PLACE is not None
    assert encoder_fingerprint(Path(PLACE)) == read_facts(SHIPPED)["base"]["weights"]


def test_the_encoder_in_the_cache_is_made_once() -> None:
    if not script.is_complete(script.DEFAULT_OUT):
        pytest.skip("the encoder is not in the cache: make it with fixtures/make_encoder.py")
    said: list[str] = []
    assert script.make_encoder(say=said.append) == script.DEFAULT_OUT
    assert said == []
