"""Opening people's files, for every reader: plain or gzip, in the encoding that is named."""

from __future__ import annotations

import codecs
import glob
import gzip
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from pytest_ragft.errors import SuiteError

_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GLOB = re.compile(r"[*?\[]")


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
        elif is_glob(place):
            files = _matching(place, folder)
        else:
            raise SuiteError(f"{place!r}: there is no file or folder {str(here)!r}")
        if not files:
            what = f"no file named {' or '.join(patterns)} lies in it" if here.is_dir() else ""
            raise SuiteError(f"{place!r}: {what or 'it matches no file'}")
        found.update(dict.fromkeys(files))
    return tuple(found)


def is_glob(place: str) -> bool:
    """Whether a place is a pattern that may match several files."""
    return _GLOB.search(place) is not None


def top_of(place: str) -> str:
    """The folder in which a glob begins to match."""
    return place[: _first_wildcard(place)].rpartition("/")[0] or ("/" if place[:1] == "/" else ".")


def _first_wildcard(place: str) -> int:
    found = _GLOB.search(place)
    return len(place) if found is None else found.start()


def files_below(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Files of a folder and its folders whose names match a pattern, sorted; hidden ones left out.

    A pattern that ends without ``.gz`` means the packed file, too; upper and lower case are the
    same. Links are followed, a loop of them once.

    Raises:
        SuiteError: a folder cannot be read.
    """
    names = [name.lower() for pattern in patterns for name in (pattern, f"{pattern}.gz")]
    return sorted(
        path
        for path in walk(folder)
        if any(fnmatchcase(path.name.lower(), name) for name in names)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def walk(folder: Path, above: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Every file in a folder and below it, by name; links are followed, a loop of them once.

    Raises:
        SuiteError: a folder cannot be read.
    """
    here = os.path.realpath(folder)
    if here in above:
        return
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise SuiteError(f"{str(folder)!r}: cannot be read: {error.strerror or error}") from error
    for entry in entries:
        if os.path.isdir(entry):
            yield from walk(entry, above | {here})
        elif os.path.isfile(entry):  # no pipe, no link to nowhere or to itself
            yield entry


def _matching(pattern: str, folder: Path) -> list[Path]:
    # Of the place alone: what looks like a pattern in the folder's own path is none.
    found = glob.glob(pattern, root_dir=folder, recursive=True)
    return sorted({path for name in found if (path := folder / name).is_file()})


def _undecodable(path: Path, data: bytes, error: UnicodeDecodeError, encoding: str | None) -> str:
    line = data.count(b"\n", 0, error.start) + 1
    where = f"{path}, line {line}: not {encoding or 'UTF-8'} at byte {error.start}"
    if encoding is not None:
        return f"{where}; name the encoding that the file is in"
    if data.startswith(_UTF_16):
        return f"{where}, but UTF-16 by its first bytes; save the file as UTF-8"
    return f"{where}; save the file as UTF-8"
