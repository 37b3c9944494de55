"""Fingerprints of models by content, computed without torch.

A name proves nothing: weights are re-quantized, re-trained and overwritten in place. So a model
is what its tensors are, whatever the files are called and however they are sharded.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.tensorfile import TensorEntry, read_folder_entries
from pytest_ragft.reasoning import knows_markers

ADAPTER_CONFIG = "adapter_config.json"
"""Name of an adapter's configuration, as peft saves it."""

ADAPTER_WEIGHTS = "adapter_model.safetensors"
"""Name of an adapter's weights, as peft saves them."""

_SINGLE = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_TOKENIZER_FILES = (
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "special_tokens_map.json",
    "spiece.model",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
)
_TOKENIZER_BYTES = 1 << 26
"""More than any tokenizer has; a GGUF file holds its own before the weights."""
_TOKENIZER_MARKS = frozenset(_TOKENIZER_FILES) - {"chat_template.jinja", "chat_template.json"}
# A file changed within a clock tick of its hashing could keep its stamp.
_SETTLED_SECONDS = 2.0


class Memo(Protocol):
    """Where a caller may keep fingerprints of large files between runs."""

    def get(self, stamp: str) -> str | None:
        """The fingerprint kept under `stamp`, or None."""
        ...

    def put(self, stamp: str, fingerprint: str) -> None:
        """Keep a fingerprint. `stamp` holds path, size and times of all files it stands for."""
        ...


def weights_fingerprint(folder: Path, memo: Memo | None = None) -> str:
    """Content hash of a folder's tensors: 64 hexadecimal digits.

    Covers name, dtype, shape and bytes of every tensor, sorted by name; sharding, file names and
    header metadata do not matter. Reads a few megabytes at a time.

    Args:
        folder: Holds `*.safetensors` of a full model or of an adapter.
        memo: Spares hashing files whose path, size and times are unchanged.

    Raises:
        SpecError: no safetensors file, or one that is truncated or malformed.
    """
    files = weight_files(folder)
    return _memoized("tensors", files, memo, lambda: _hash_tensors(read_folder_entries(files)))


def file_fingerprint(path: Path, memo: Memo | None = None) -> str:
    """SHA-256 of one file's bytes, such as a GGUF file: 64 hexadecimal digits.

    Raises:
        SpecError: the file cannot be read.
    """

    def compute() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    try:
        return _memoized("file", [path], memo, compute)
    except OSError as error:
        raise SpecError(f"{str(path)!r} cannot be read: {error}") from error


def tokenizer_fingerprint(folder: Path) -> str:
    """Hash of a folder's tokenizer files and chat templates: 64 hexadecimal digits."""
    parts = {
        file.relative_to(folder).as_posix(): file_fingerprint(file)
        for file in _tokenizer_files(folder)
    }
    return json_fingerprint(parts)


def names_reasoning(folder: Path, gguf: str | None = None) -> bool:
    """Whether a tokenizer's files or chat templates name markers of reasoning.

    Args:
        folder: Holds the tokenizer's files.
        gguf: Name of the GGUF file in `folder` that holds the tokenizer, near its beginning; None
            for plain files.

    Raises:
        SpecError: a file cannot be read.
    """
    files = _tokenizer_files(folder) if gguf is None else [folder / gguf]
    for path in files:
        try:
            with path.open("rb") as file:
                if knows_markers(file.read(_TOKENIZER_BYTES)):
                    return True
        except OSError as error:
            raise SpecError(f"{str(path)!r} cannot be read: {error}") from error
    return False


def _tokenizer_files(folder: Path) -> list[Path]:
    files = [folder / name for name in _TOKENIZER_FILES]
    files += sorted((folder / "additional_chat_templates").glob("*.jinja"))
    return [file for file in files if file.is_file()]


def has_tokenizer(folder: Path) -> bool:
    """Whether the folder brings a tokenizer of its own."""
    return any((folder / name).is_file() for name in _TOKENIZER_MARKS)


def json_fingerprint(value: Mapping[str, object]) -> str:
    """SHA-256 of a plain value in canonical JSON: 64 hexadecimal digits."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that make up the model or adapter of a folder, sorted by name.

    Those that transformers and peft load: the adapter's file where there is an adapter_config.json,
    else the single file, else the shards of the index.

    Raises:
        SpecError: there is none, or a shard of the index is missing.
    """
    adapter = (folder / ADAPTER_CONFIG).is_file()
    single = folder / (ADAPTER_WEIGHTS if adapter else _SINGLE)
    if single.is_file():
        return [single]
    if not adapter and (folder / _INDEX).is_file():
        return _shards(folder / _INDEX)
    pickles = sorted(p.name for pattern in _PICKLES for p in folder.glob(pattern))
    if pickles:
        raise SpecError(
            f"{str(folder)!r} holds pickled weights only ({', '.join(pickles[:3])}), which can "
            "run code when they are loaded; save the model again with safe_serialization=True"
        )
    raise SpecError(
        f"{str(folder)!r} holds no {single.name!r}; give the folder that save_pretrained wrote"
    )


def _shards(index: Path) -> list[Path]:
    try:
        content = json.loads(index.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise SpecError(f"{str(index)!r} cannot be read: {error}; save the model again") from error
    match content:
        case {"weight_map": dict(weight_map)} if weight_map:
            names = sorted({str(name) for name in weight_map.values()})
        case _:
            raise SpecError(f"{str(index)!r} has no usable 'weight_map'; save the model again")
    for name in names:
        if Path(name).name != name:
            raise SpecError(f"{str(index)!r} names a shard outside its folder: {name!r}")
        if not (index.parent / name).is_file():
            raise SpecError(f"{str(index)!r} names the shard {name!r}, which is missing")
    return [index.parent / name for name in names]


def _hash_tensors(entries: list[TensorEntry]) -> str:
    total = hashlib.sha256()
    for entry in entries:
        head = json.dumps([entry.name, entry.dtype, list(entry.shape), entry.size])
        total.update(head.encode() + b"\n")
        for chunk in entry.chunks():
            total.update(chunk)
    return total.hexdigest()


def _memoized(kind: str, files: list[Path], memo: Memo | None, compute: Callable[[], str]) -> str:
    if memo is None:
        return compute()
    stamp, newest = _stamp(kind, files)
    known = memo.get(stamp)
    if known is not None:
        return known
    settled = time.time_ns() - newest > _SETTLED_SECONDS * 1e9
    fingerprint = compute()
    if settled and _stamp(kind, files)[0] == stamp:
        memo.put(stamp, fingerprint)
    return fingerprint


def _stamp(kind: str, files: list[Path]) -> tuple[str, int]:
    """Path, size and times of the files, and the newest of the times in nanoseconds."""
    rows: list[list[object]] = []
    newest = 0
    for file in files:
        status = file.stat()
        rows.append([str(file.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns])
        newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
    return json.dumps([kind, *rows]), newest
