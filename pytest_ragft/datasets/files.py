"""Opening people's files, for every reader: plain or gzip, in the encoding that is named."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_ragft.errors import SuiteError

_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GLOB = frozenset("*?[")


def read_bytes(path: Path) -> bytes:
    """What a file holds, unpacked where it is gzip, whatever its name.

    Raises:
        SuiteError: the file is missing or unreadable, or a gzip file is damaged.
    """
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SuiteError(f"{path}: a damaged gzip file: {error}; fetch or pack it again") from error
    except OSError as error:
        raise SuiteError(f"{path}: cannot be read: {error.strerror or error}") from error


def read_text(path: Path, encoding: str | None = None) -> str:
    """The text of a file, plain or gzip, without its byte order mark; line ends as they stand.

    Args:
        path: of the file.
        encoding: As Python names it, such as ``cp1252``; UTF-8 without one.

    Raises:
        SuiteError: the file is missing, unreadable, or not in the encoding; the message names the
            line.
    """
    data = read_bytes(path)
    try:
        # Without the -sig forms the mark would be part of the first key or column.
        return data.decode(encoding or "utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise SuiteError(_undecodable(path, data, error, encoding)) from error


def is_encoding(name: str) -> bool:
    """Whether Python knows an encoding of texts of this name."""
    try:
        b"a".decode(name, "ignore")
    except (LookupError, ValueError):
        return False
    return True


def files_at(places: Iterable[str], folder: Path, patterns: Sequence[str]) -> tuple[Path, ...]:
    """The files that paths, folders and globs name, in their order, each once.

    Args:
        places: A file, a folder (its files of these patterns, and those of its folders, sorted by
            path) or a glob with ``*``, ``?``, ``[…]`` or ``**`` (what it matches, sorted).
        folder: Where relative ones start.
        patterns: Of names of files that a folder may hold.

    Raises:
        SuiteError: a place names no file; the message says which.
    """
    found: dict[Path, None] = {}
    for place in places:
        here = folder / place
        if here.is_file():
            files = [here]
        elif here.is_dir():
            files = files_below(here, patterns)
        elif _GLOB & set(place):
            files = _matching(here)
        else:
            raise SuiteError(f"{place!r}: there is no file or folder {str(here)!r}")
        if not files:
            what = f"no file named {' or '.join(patterns)} lies in it" if here.is_dir() else ""
            raise SuiteError(f"{place!r}: {what or 'it matches no file'}")
        found.update(dict.fromkeys(files))
    return tuple(found)


def files_below(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Files of a folder and its folders whose names match a pattern, sorted; hidden ones left out.

    A pattern that ends without ``.gz`` means the packed file, too.
    """
    names = [*patterns, *(f"{pattern}.gz" for pattern in patterns)]
    below = {path for name in names for path in folder.rglob(name) if path.is_file()}
    return sorted(
        path
        for path in below
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _matching(pattern: Path) -> list[Path]:
    anchor = Path(pattern.anchor)
    try:
        found = anchor.glob(str(pattern.relative_to(anchor)))
        return sorted(path for path in found if path.is_file())
    except (ValueError, OSError, NotImplementedError):
        return []


def _undecodable(path: Path, data: bytes, error: UnicodeDecodeError, encoding: str | None) -> str:
    line = data.count(b"\n", 0, error.start) + 1
    where = f"{path}, line {line}: not {encoding or 'UTF-8'} at byte {error.start}"
    if encoding is not None:
        return f"{where}; name the encoding that the file is in"
    if data.startswith(_UTF_16):
        return f"{where}, but UTF-16 by its first bytes; save the file as UTF-8"
    return f"{where}; save the file as UTF-8"
