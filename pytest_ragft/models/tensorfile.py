"""Headers of safetensors files, read and validated without torch.

Layout (https://huggingface.co/docs/safetensors): eight bytes with the header's length, little
endian; the header, a JSON object of tensor name → dtype, shape and offsets; the data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from pytest_ragft.errors import SpecError

HEADER_LIMIT = 100_000_000
"""Longest header that the format allows, in bytes."""

_LENGTH_BYTES = 8
_CHUNK = 1 << 22
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorEntry:
    """Where a tensor lies and what it is."""

    path: Path
    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    """Offset of the first byte from the start of the file."""
    size: int
    """Length in bytes."""

    def chunks(self) -> Iterator[bytes]:
        """The tensor's bytes, a few megabytes at a time."""
        with self.path.open("rb") as file:
            file.seek(self.begin)
            left = self.size
            while left:
                chunk = file.read(min(left, _CHUNK))
                if not chunk:
                    raise _broken(self.path, "it ended while it was read")
                left -= len(chunk)
                yield chunk


def read_entries(path: Path) -> list[TensorEntry]:
    """All tensors of one safetensors file, in the order of its header.

    Raises:
        SpecError: the file is truncated or does not follow the format.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header, data_begin = _read_header(path, file, size)
    except OSError as error:
        raise SpecError(f"{str(path)!r} cannot be read: {error}") from error
    header.pop("__metadata__", None)
    entries = [_entry(path, name, value, data_begin) for name, value in header.items()]
    _check_coverage(path, entries, data_begin, size)
    return entries


def read_folder_entries(files: list[Path]) -> list[TensorEntry]:
    """The tensors of several shards, sorted by name.

    Raises:
        SpecError: a file is malformed, or two hold a tensor of one name.
    """
    by_name: dict[str, TensorEntry] = {}
    for file in files:
        for entry in read_entries(file):
            if entry.name in by_name:
                raise SpecError(
                    f"{str(file)!r} and {str(by_name[entry.name].path)!r} both hold the tensor "
                    f"{entry.name!r}; remove the file that does not belong to the model"
                )
            by_name[entry.name] = entry
    return [by_name[name] for name in sorted(by_name)]


def _read_header(path: Path, file: BinaryIO, size: int) -> tuple[dict[str, Any], int]:
    prefix = file.read(_LENGTH_BYTES)
    if len(prefix) < _LENGTH_BYTES:
        raise _broken(path, f"it has {size} bytes, fewer than the length of a header")
    length = int.from_bytes(prefix, "little")
    if length > HEADER_LIMIT:
        raise _broken(path, f"its header claims {length} bytes, more than the format allows")
    if _LENGTH_BYTES + length > size:
        raise _broken(path, f"its header claims {length} bytes, but the file has {size}")
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise _broken(path, f"its header is not JSON ({error})") from error
    if not isinstance(header, dict):
        raise _broken(path, "its header is not a JSON object")
    return header, _LENGTH_BYTES + length


def _entry(path: Path, name: str, value: object, data_begin: int) -> TensorEntry:
    match value:
        case {"dtype": str(dtype), "shape": [*shape], "data_offsets": [int(begin), int(end)]}:
            sizes = [n for n in shape if isinstance(n, int) and n >= 0]
            fits = len(sizes) == len(shape) and 0 <= begin <= end
            if fits and _BITS.get(dtype, 0) in (0, *_expected_bits(sizes, end - begin)):
                return TensorEntry(
                    path=path,
                    name=name,
                    dtype=dtype,
                    shape=tuple(sizes),
                    begin=data_begin + begin,
                    size=end - begin,
                )
    raise _broken(path, f"its header's entry for {name!r} is malformed: {str(value)[:200]!r}")


def _expected_bits(shape: list[int], size: int) -> tuple[int, ...]:
    """Bits an element that explain `size` bytes; all widths for an empty tensor."""
    count = prod(shape)
    if count == 0:
        return (8, 16, 32, 64) if size == 0 else ()
    return (8 * size // count,) if 8 * size % count == 0 else ()


def _check_coverage(path: Path, entries: list[TensorEntry], begin: int, size: int) -> None:
    """The data must follow each other without gaps and end with the file."""
    for entry in sorted(entries, key=lambda e: (e.begin, e.size)):
        if entry.begin != begin:
            raise _broken(path, f"the data of {entry.name!r} do not follow the tensor before it")
        begin += entry.size
    if begin > size:
        raise _broken(path, f"it is truncated: {size} bytes where the header needs {begin}")
    if begin < size:
        raise _broken(path, f"it has {size - begin} bytes after the last tensor")


def _broken(path: Path, why: str) -> SpecError:
    return SpecError(
        f"{str(path)!r} is not a usable safetensors file: {why}; copy or save the model again"
    )
