from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from pytest_ragft.errors import RetrievalError, SpecError
from pytest_ragft.judging.llm.checkpoint import Checkpoint
from pytest_ragft.models.config import check_no_adapter, check_pointers
from pytest_ragft.models.identity import (
    Memo,
    encoder_fingerprint,
    file_fingerprint,
    tokenizer_fingerprint,
    weights_fingerprint,
)
from pytest_ragft.models.tensorfile import read_entries
from pytest_ragft.retrieval.encoding.files import read_encoder_files
from pytest_ragft.store import Store

TENSORS: dict[str, Any] = {
    "a.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
    "b.weight": np.arange(5, dtype=np.float16),
    "c.bias": np.zeros((0, 4), dtype=np.int64),
    "d.scalar": np.array(3.5, dtype=np.float32),
}


def saved(folder: Path, tensors: dict[str, Any] = TENSORS, **metadata: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors", metadata=metadata or None)
    return folder


def sharded(folder: Path) -> Path:
    folder.mkdir()
    names = list(TENSORS)
    shards = {"model-1.safetensors": names[2:], "model-2.safetensors": names[:2]}
    for file, held in shards.items():
        save_file({name: TENSORS[name] for name in held}, folder / file)
    weight_map = {name: file for file, held in shards.items() for name in held}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return folder


def test_sharding_header_metadata_and_file_times_do_not_matter(tmp_path: Path) -> None:
    plain = weights_fingerprint(saved(tmp_path / "a"))
    assert weights_fingerprint(saved(tmp_path / "b", format="pt", made="today")) == plain
    assert weights_fingerprint(sharded(tmp_path / "c")) == plain
    assert len(plain) == 64


@pytest.mark.parametrize(
    "changed",
    [
        {"a.weight": TENSORS["a.weight"] + 1},
        {"a.weight": TENSORS["a.weight"].reshape(4, 3)},
        {"a.weight": TENSORS["a.weight"].view(np.int32)},
        {"e.weight": TENSORS["b.weight"]},
        {"c.bias": np.zeros((4, 0), dtype=np.int64)},
    ],
    ids=["value", "shape", "dtype", "extra", "empty shape"],
)
def test_any_change_of_a_tensor_changes_the_fingerprint(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    plain = weights_fingerprint(saved(tmp_path / "a"))
    assert weights_fingerprint(saved(tmp_path / "b", TENSORS | changed)) != plain


def test_a_renamed_tensor_changes_the_fingerprint(tmp_path: Path) -> None:
    renamed = {
        ("b.weighs" if name == "b.weight" else name): value for name, value in TENSORS.items()
    }
    assert weights_fingerprint(saved(tmp_path / "a")) != weights_fingerprint(
        saved(tmp_path / "b", renamed)
    )


def test_entries_are_what_safetensors_wrote(tmp_path: Path) -> None:
    entries = read_entries(saved(tmp_path) / "model.safetensors")
    assert {e.name: e.shape for e in entries} == {n: v.shape for n, v in TENSORS.items()}
    assert {e.name: b"".join(e.chunks()) for e in entries} == {
        name: value.tobytes() for name, value in TENSORS.items()
    }


def with_header(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "fewer than the length of a header"),
        (b"\x10\0\0", "fewer than the length of a header"),
        ((1 << 40).to_bytes(8, "little"), "more than the format allows"),
        ((99).to_bytes(8, "little") + b"{}", "claims 99 bytes, but the file has 10"),
        (with_header(b"not json"), "not JSON"),
        (with_header(b"\xff\xfe"), "not JSON"),
        (with_header([1]), "not a JSON object"),
        (with_header({"a": ONE}, b"1234567"), "truncated"),
        (with_header({"a": ONE}, b"123456789"), "1 bytes after the last tensor"),
        (with_header({"a": {**ONE, "shape": [3]}}, b"12345678"), "'a' is malformed"),
        (with_header({"a": {**ONE, "shape": [-2]}}, b"12345678"), "'a' is malformed"),
        (with_header({"a": {**ONE, "data_offsets": [8, 0]}}, b"12345678"), "'a' is malformed"),
        (with_header({"a": {"dtype": "F32"}}, b"12345678"), "'a' is malformed"),
        (with_header({"a": ONE, "b": ONE}, b"12345678"), "do not follow"),
    ],
)
def test_a_broken_file_is_named_with_the_remedy(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(SpecError, match="save the model again") as caught:
        weights_fingerprint(tmp_path)
    assert said in str(caught.value)
    assert "model.safetensors" in str(caught.value)


def test_a_truncated_copy_of_a_real_file_is_refused_at_any_length(tmp_path: Path) -> None:
    whole = (saved(tmp_path / "a") / "model.safetensors").read_bytes()
    target = tmp_path / "model.safetensors"
    for length in range(len(whole)):
        target.write_bytes(whole[:length])
        with pytest.raises(SpecError):
            weights_fingerprint(tmp_path)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(SpecError, match=r"pickled weights only.*safe_serialization=True"):
        weights_fingerprint(tmp_path)


@pytest.mark.parametrize(
    ("weight_map", "said"),
    [
        ({"a": "gone.safetensors"}, "'gone.safetensors', which is missing"),
        ({"a": "../out.safetensors"}, "outside its folder"),
        ({}, "no usable 'weight_map'"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(
    tmp_path: Path, weight_map: dict[str, str], said: str
) -> None:
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(SpecError, match=said):
        weights_fingerprint(tmp_path)


def test_a_tensor_in_two_shards_is_refused(tmp_path: Path) -> None:
    folder = sharded(tmp_path / "a")
    save_file({"a.weight": TENSORS["a.weight"]}, folder / "model-1.safetensors")
    with pytest.raises(SpecError, match=r"both hold the tensor 'a\.weight'"):
        weights_fingerprint(folder)


def in_place(file: Path, content: bytes) -> None:
    status = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def by_another_file(file: Path, content: bytes) -> None:
    other = file.with_name("other")
    other.write_bytes(content)
    shutil.copystat(file, other)
    other.replace(file)


@pytest.mark.parametrize("change", [in_place, by_another_file])
def test_a_memo_is_used_by_later_processes_while_the_file_is_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, bytes], None],
) -> None:
    """Size and time of the content are the same; only ctime or inode tell."""
    file = saved(tmp_path / "m") / "model.safetensors"
    hashed: list[str] = []
    store = Store(tmp_path / "store.sqlite")

    def fingerprint(kept: bool = True) -> str:
        return Memo(store if kept else None).of("kind", [file], compute)

    def compute() -> str:
        hashed.append(hashlib.sha256(file.read_bytes()).hexdigest())
        return hashed[-1]

    first = fingerprint()
    assert fingerprint() == first
    assert len(hashed) == 2, "a file that was written just now may still change within a clock tick"
    monkeypatch.setattr("pytest_ragft.models.identity._SETTLED_SECONDS", -1.0)
    assert {fingerprint() for _ in range(3)} == {first}
    assert len(hashed) == 3
    fingerprint(kept=False)
    assert len(hashed) == 4
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    change(file, bytes(content))
    assert fingerprint() == hashed[-1] != first
    assert len(hashed) == 5
    store.close()


def test_a_memo_tells_kinds_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_ragft.models.identity._SETTLED_SECONDS", -1.0)
    folder, memo = saved(tmp_path), Memo()
    (folder / "tokenizer.json").write_text("{}")
    files = [folder / "model.safetensors"]
    made = {
        weights_fingerprint(folder, memo),
        encoder_fingerprint(folder, memo),
        file_fingerprint(*files, memo),
    }
    assert made == {
        weights_fingerprint(folder),
        encoder_fingerprint(folder),
        file_fingerprint(*files),
    }
    assert len(made) == 3


def test_the_shipped_equivalence_names_its_encoder_in_this_form(tmp_path: Path) -> None:
    """By the definition with which it was made."""
    a, b = TENSORS["b.weight"], TENSORS["a.weight"]
    folder = saved(tmp_path, {"b": b, "a": a, "pooler.w": b, "x.position_ids": a})
    (folder / "tokenizer.json").write_text("{}")
    digest = hashlib.sha256()
    for name, tensor in (("a", a), ("b", b)):
        digest.update(f"{name} {tensor.dtype} {tensor.shape}\n".encode() + tensor.tobytes())
    digest.update(b"{}")
    assert encoder_fingerprint(folder) == digest.hexdigest()


def test_every_file_of_a_tokenizer_of_transformers_belongs_to_its_identity(tmp_path: Path) -> None:
    import transformers

    sources = Path(transformers.__file__).parent.glob("models/*/tokenization_*.py")
    texts = [source.read_text(encoding="utf-8") for source in sources]
    names = {name for text in texts for name in re.findall(r'"[a-z_]+_file": "([^"]+)"', text)}
    assert {"vocab.json", "spiece.model", "bpe.codes"} < names
    for name in (*names, "tokenizer.model.v3", "additional_chat_templates/tool.jinja"):
        before = tokenizer_fingerprint(tmp_path)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
        assert tokenizer_fingerprint(tmp_path) != before, name


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("config.json", "transformers_weights"),
        ("config.json", "configuration_files"),
        ("tokenizer_config.json", "fast_tokenizer_files"),
    ],
)
def test_a_key_that_names_other_files_is_refused(tmp_path: Path, file: str, key: str) -> None:
    (tmp_path / file).write_text(json.dumps({key: ["tokenizer.4.0.0.json"]}))
    with pytest.raises(SpecError, match=rf"{file}' names other files by '{key}'.*remove the key"):
        check_pointers(tmp_path)
    (tmp_path / file).write_text(json.dumps({key: None}))
    check_pointers(tmp_path)


def test_tokenizer_and_template_decide_the_tokenizers_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    plain = tokenizer_fingerprint(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert tokenizer_fingerprint(tmp_path) == plain
    (tmp_path / "chat_template.jinja").write_text("{{ messages }}")
    templated = tokenizer_fingerprint(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{ }")
    assert len({plain, templated, tokenizer_fingerprint(tmp_path)}) == 3


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"'.*gone.gguf' cannot be read"):
        file_fingerprint(tmp_path / "gone.gguf")


def test_identity_and_recordings_import_nothing_heavy() -> None:
    code = (
        "import sys, pytest_ragft.generation.recorded, pytest_ragft.generation.factory\n"
        "heavy = {'torch', 'transformers', 'peft', 'numpy', 'safetensors', 'huggingface_hub'}\n"
        "sys.exit(', '.join(heavy & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_model_with_an_adapter_beside_it_is_no_encoder_and_no_judge(tmp_path: Path) -> None:
    """Loaded would be both, identified one of them."""
    check_no_adapter(saved(tmp_path))
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(SpecError, match="an adapter beside a model"):
        check_no_adapter(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(RetrievalError, match="an adapter beside a model"):
        read_encoder_files(tmp_path)
    with pytest.raises(SpecError, match="an adapter beside a model"):
        Checkpoint(tmp_path)
