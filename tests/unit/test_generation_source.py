from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.source import open_source, parse_variant


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def folder(path: Path, *files: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name in files:
        (path / name).write_bytes(b"GGUF" if name.endswith(".gguf") else b"{}")
    return path


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("runs/ft-ckpt", "ft-ckpt", "runs/ft-ckpt"),
        ("runs/ft-ckpt/", "ft-ckpt", "runs/ft-ckpt/"),
        ("new=runs/ft-ckpt", "new", "runs/ft-ckpt"),
        ("new=runs/lr=3/ckpt", "new", "runs/lr=3/ckpt"),
        ("runs/lr=3/ckpt", "ckpt", "runs/lr=3/ckpt"),
        ("./lr=3", "SPECIAL", ""),
        ("answers.jsonl", "answers", "answers.jsonl"),
        ("model.Q4_1.gguf", "model.Q4_1.gguf", "model.Q4_1.gguf"),
        ("org/name", "name", "org/name"),
        ("mine=org/name", "mine", "org/name"),
    ],
)
def test_a_variant_is_named_by_itself_or_by_its_last_component(
    here: Path, text: str, name: str, spec: str
) -> None:
    if name == "SPECIAL":
        with pytest.raises(SpecError, match=r"'lr=3'.*give a name with NAME=SPEC"):
            parse_variant(text)
        return
    variant = parse_variant(text)
    assert (variant.name, variant.spec) == (name, spec)


def test_an_existing_path_with_an_equals_sign_is_a_spec_as_a_whole(here: Path) -> None:
    folder(here / "lr=3" / "ckpt")
    assert parse_variant("lr=3/ckpt").spec == "lr=3/ckpt"
    assert parse_variant("lr=4/ckpt").name == "lr"


def test_the_current_folder_has_a_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder(here / "ft-ckpt"))
    assert parse_variant(".").name == "ft-ckpt"


@pytest.mark.parametrize("text", ["", "name=", "  ", "=", "=spec", "runs/my model", "ünï/cödé"])
def test_a_variant_without_a_usable_name_or_spec_is_refused(here: Path, text: str) -> None:
    with pytest.raises(SpecError):
        parse_variant(text)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (("adapter_config.json", "adapter_model.safetensors"), "adapter"),
        (("adapter_config.json", "adapter_model.safetensors", "config.json"), "adapter"),
        (("config.json", "model.safetensors"), "full"),
        (("config.json", "model.safetensors", "x.gguf"), "full"),
        (("config.json", "x.gguf"), "gguf"),
        (("x.gguf",), "gguf"),
    ],
)
def test_what_a_folder_is(here: Path, files: tuple[str, ...], kind: str) -> None:
    folder(here / "m", *files)
    source = open_source("m", offline=True)
    assert source.kind == kind
    assert source.path == (Path("m") / "x.gguf" if kind == "gguf" else Path("m"))


def test_a_local_folder_comes_before_a_hub_name(here: Path) -> None:
    folder(here / "org" / "name", "config.json", "model.safetensors")
    assert open_source("org/name", offline=True).path == Path("org/name")


def test_files(here: Path) -> None:
    folder(here, "answers.jsonl", "m.gguf")
    assert open_source("answers.jsonl", offline=True).kind == "recorded"
    assert open_source("m.gguf", offline=True).kind == "gguf"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("no-such-folder", "no such file or folder; accepted are"),
        ("./runs/typo", "no such file or folder"),
        ("~nobody-of-this-name/model", "no such file or folder; accepted are"),
        ("x" * 5000, "no such file or folder; accepted are"),
        (f"runs/{'x' * 5000}.jsonl", "no such file; check the path"),
        ("gone.jsonl", "no such file; check the path"),
        ("gone.gguf", "no such file; check the path"),
        ("empty", "without adapter_config.json, config.json and"),
        ("two", r"several GGUF files \(a.gguf, b.gguf\)"),
        ("notes.txt", r"neither \*.jsonl nor \*.gguf"),
        ("pickled", r"pickled weights only \(pytorch_model.bin\)"),
        ("pickled-adapter", r"pickled weights only \(adapter_model.bin\)"),
        ("bare", "holds no 'model.safetensors'"),
        ("fake.gguf", "is not a GGUF file"),
        ("openai:gpt@http://localhost", "accepted are"),
    ],
)
def test_what_is_not_usable_says_what_was_looked_for(here: Path, spec: str, said: str) -> None:
    folder(here / "empty")
    folder(here / "two", "a.gguf", "b.gguf")
    folder(here, "notes.txt")
    folder(here / "pickled", "config.json", "pytorch_model.bin")
    folder(here / "pickled-adapter", "adapter_config.json", "adapter_model.bin")
    folder(here / "bare", "config.json")
    (here / "fake.gguf").write_bytes(b"<html>")
    with pytest.raises(SpecError, match=said):
        open_source(spec, offline=True)


def test_a_hub_name_that_is_not_in_the_cache_is_refused_offline(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(here / "hub"))
    with pytest.raises(SpecError, match="'checkpoints/ft' is neither a folder nor found in the"):
        open_source("checkpoints/ft", offline=True)


def test_a_hub_name_is_found_in_the_cache(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = here / "hub"
    commit = "0" * 40
    snapshot = cache / "models--org--name" / "snapshots" / commit
    folder(snapshot, "config.json", "model.safetensors")
    folder(cache / "models--org--name" / "refs")
    (cache / "models--org--name" / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    source = open_source("org/name", offline=True)
    assert source.kind == "full"
    assert os.path.samefile(source.path, snapshot)
