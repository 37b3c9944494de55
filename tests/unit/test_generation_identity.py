from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.identity import (
    file_fingerprint,
    tokenizer_fingerprint,
    weights_fingerprint,
)
from pytest_ragft.generation.tensorfile import read_entries

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


class Memory(dict[str, str]):
    def put(self, stamp: str, fingerprint: str) -> None:
        self[stamp] = fingerprint


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_memo_is_used_only_while_the_file_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = saved(tmp_path) / "model.safetensors"
    memory = Memory()
    first = weights_fingerprint(tmp_path, memory)
    assert not memory, "a file that was written just now may still change within a clock tick"
    monkeypatch.setattr("pytest_ragft.generation.identity._SETTLED_SECONDS", -1.0)
    assert weights_fingerprint(tmp_path, memory) == first
    (stamp,) = memory
    memory[stamp] = "remembered"
    assert weights_fingerprint(tmp_path, memory) == "remembered"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    status = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert weights_fingerprint(tmp_path, memory) not in (first, "remembered")


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
        file_fingerprint(tmp_path / "gone.gguf", Memory())


def test_identity_and_recordings_import_nothing_heavy() -> None:
    code = (
        "import sys, pytest_ragft.generation.recorded, pytest_ragft.generation.factory\n"
        "heavy = {'torch', 'transformers', 'peft', 'numpy', 'safetensors', 'huggingface_hub'}\n"
        "sys.exit(', '.join(heavy & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
