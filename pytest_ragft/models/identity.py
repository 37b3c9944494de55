"""What models are by content, computed without torch.

A name proves nothing: weights are re-quantized, re-trained and overwritten in place. So a model
is what its tensors are, whatever the files are called and however they are sharded.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pytest_ragft.errors import SpecError
from pytest_ragft.models.files import tokenizer_files, weight_files
from pytest_ragft.models.tensorfile import TensorEntry, read_folder_entries
from pytest_ragft.store import Store, fingerprint

# A file changed within a clock tick of its hashing could keep its stamp.
_SETTLED_SECONDS = 2.0
_ENCODER_VOCABULARY = "tokenizer.json"
_NOT_LEARNT = re.compile(r"(^|\.)(position_ids|pooler\..*)$")
_NUMPY = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "F16": "float16",
    "U32": "uint32", "I32": "int32", "F32": "float32", "U64": "uint64", "I64": "int64",
    "F64": "float64",
}  # fmt: skip


class Memo:
    """Fingerprints of files, kept for as long as size, times and inode of each stay.

    Args:
        store: Keeps them between processes, too; None keeps them in this object alone.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._known: dict[str, str] = {}

    def of(self, kind: str, files: Sequence[Path], compute: Callable[[], str]) -> str:
        """The fingerprint that `compute` makes of `files`, or that it made of them before.

        Raises:
            OSError: a file is not there.
        """
        stamp = stamp_of(files)
        key = fingerprint("identity", kind, stamp)
        known = self._known.get(key) or self._kept(key)
        if known is not None:
            return known
        newest = max(max(content, metadata) for _, _, content, metadata, _ in stamp)
        settled = time.time_ns() - newest > _SETTLED_SECONDS * 1e9
        made = compute()
        if settled and stamp_of(files) == stamp:
            self._known[key] = made
            if self._store is not None:
                self._store.put("identity", {key: made})
        return made

    def _kept(self, key: str) -> str | None:
        return None if self._store is None else self._store.get([key]).get(key)


Stamp = list[tuple[str, int, int, int, int]]
"""Of each file: path, size, times of content and of metadata in nanoseconds, inode."""


def stamp_of(files: Sequence[Path]) -> Stamp:
    """What shows, without reading files, that they may have changed.

    Raises:
        OSError: a file is not there.
    """
    found: Stamp = []
    for file in files:
        at = file.stat()
        place = str(file.resolve())
        found.append((place, at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino))
    return found


class Watched:
    """Files under which a model was identified, to be looked at again while it is in use.

    Args:
        files: The files, found anew at each look.
        identify: What they are by content.

    Raises:
        SpecError: they cannot be read.
    """

    def __init__(
        self, files: Callable[[], Sequence[Path]], identify: Callable[[], Mapping[str, str]]
    ) -> None:
        self._files, self._identify = files, identify
        self._stamp = self._look()
        self.identity = identify()

    def expect_same(self) -> None:
        """Raise unless the content is what it was when it was identified.

        Raises:
            SpecError: it is not, or cannot be read.
        """
        stamp = self._look()
        if stamp != self._stamp and self._identify() != self.identity:
            raise SpecError(_moved(self._stamp, stamp))
        self._stamp = stamp

    def expect_untouched(self) -> None:
        """Raise if anything was written since `expect_same`: what was read may have been that.

        Raises:
            SpecError: it was.
        """
        stamp = self._look()
        if stamp != self._stamp:
            raise SpecError(_moved(self._stamp, stamp))

    def _look(self) -> Stamp:
        try:
            return stamp_of(self._files())
        except OSError as error:
            raise SpecError(f"a file of a model in use is gone: {error}") from error


def _moved(then: Stamp, now: Stamp) -> str:
    changed = {place for place, *_ in set(then) ^ set(now)}
    return (
        f"{', '.join(map(repr, sorted(changed)))} changed on disk while the run used it; nothing "
        "that was made of it since is kept: wait until it is saved, then run again"
    )


def weights_fingerprint(folder: Path, memo: Memo | None = None) -> str:
    """Content hash of a folder's tensors: 64 hexadecimal digits.

    Covers name, dtype, shape and bytes of every tensor, sorted by name; sharding, file names and
    header metadata do not matter. Reads a few megabytes at a time.

    Args:
        folder: Holds `*.safetensors` of a full model or of an adapter.
        memo: Spares hashing files that are unchanged.

    Raises:
        SpecError: no safetensors file, or one that is truncated or malformed.
    """
    files = weight_files(folder)
    return _remembered(memo, "tensors", files, lambda: _hash_tensors(read_folder_entries(files)))


def encoder_fingerprint(folder: Path, memo: Memo | None = None) -> str:
    """Content hash of a sentence encoder's learnt tensors and vocabulary: 64 hexadecimal digits.

    The form in which `equivalence.json` names its base. Beside file names and header metadata, the
    pooler (which pooling over tokens does not use) and stored position numbers do not matter, so
    that a model that was loaded and saved again is the same.

    Raises:
        SpecError: weights or vocabulary are missing or malformed.
    """
    files = weight_files(folder)
    vocabulary = folder / _ENCODER_VOCABULARY

    def compute() -> str:
        learnt = [e for e in read_folder_entries(files) if not _NOT_LEARNT.search(e.name)]
        digest = hashlib.sha256()
        for entry in learnt:
            dtype = _NUMPY.get(entry.dtype, entry.dtype)
            digest.update(f"{entry.name} {dtype} {entry.shape}\n".encode())
            for chunk in entry.chunks():
                digest.update(chunk)
        digest.update(vocabulary.read_bytes())
        return digest.hexdigest()

    return _remembered(memo, "encoder", [*files, vocabulary], compute)


def file_fingerprint(path: Path, memo: Memo | None = None) -> str:
    """SHA-256 of one file's bytes, such as a GGUF file: 64 hexadecimal digits.

    Raises:
        SpecError: the file cannot be read.
    """

    def compute() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return _remembered(memo, "file", [path], compute)


def tokenizer_fingerprint(folder: Path) -> str:
    """Hash of a folder's tokenizer files and chat templates: 64 hexadecimal digits."""
    parts = {
        file.relative_to(folder).as_posix(): file_fingerprint(file)
        for file in tokenizer_files(folder)
    }
    return json_fingerprint(parts)


def json_fingerprint(value: Mapping[str, object]) -> str:
    """SHA-256 of a plain value in canonical JSON: 64 hexadecimal digits."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _hash_tensors(entries: list[TensorEntry]) -> str:
    total = hashlib.sha256()
    for entry in entries:
        head = json.dumps([entry.name, entry.dtype, list(entry.shape), entry.size])
        total.update(head.encode() + b"\n")
        for chunk in entry.chunks():
            total.update(chunk)
    return total.hexdigest()


def _remembered(
    memo: Memo | None, kind: str, files: Sequence[Path], compute: Callable[[], str]
) -> str:
    try:
        return (memo or Memo()).of(kind, files, compute)
    except OSError as error:
        names = ", ".join(repr(str(file)) for file in files)
        raise SpecError(f"{names} cannot be read: {error}") from error
