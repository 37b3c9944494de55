"""JSON as question sets are published in: one record a line, arrays, and records in a row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pytest_ragft.datasets.fields import Fields, show
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.jsonl import named_lines, parse_document, parse_line, read_rows
from pytest_ragft.errors import SuiteError

Made = TypeVar("Made")
Row = tuple[str, object]
"""Where a record stands, for messages, and what stands there."""

_BETWEEN = re.compile(r"[\s,\ufeff]*")


def read_document(path: Path, encoding: str | None = None) -> object:
    """The JSON value that a file holds, plain or gzip.

    Raises:
        SuiteError: it cannot be read, or holds no JSON; the message names the line.
    """
    return parse_document(read_text(path, encoding), path)


def read_lines(
    path: Path, read: Callable[[object, str], Made], encoding: str | None = None
) -> list[Made]:
    """What `read` makes of each JSON value of a file: one a line, or the items of an array.

    Raises:
        SuiteError: the file or a record is wrong; the message has the first five.
    """
    text = read_text(path, encoding)
    if text.lstrip().startswith("["):
        return read_rows(numbered(parse_document(text, path), path), read, path)
    lines = named_lines(text, path)
    return read_rows(lines, lambda line, where: read(parse_line(line, where), where), path)


def read_objects(path: Path, encoding: str | None = None) -> list[Row]:
    """The JSON values that stand in a file one after another, with or without commas.

    Raises:
        SuiteError: as for `read_document`.
    """
    text, decoder = read_text(path, encoding), json.JSONDecoder()
    found: list[Row] = []
    at, line, counted = _next(text, 0), 1, 0
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        where = f"{path}, line {line}"
        try:
            _, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise SuiteError(
                f"{path}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}, in the "
                f"record that begins at line {line}"
            ) from None
        except (ValueError, RecursionError) as error:
            raise SuiteError(f"{where}: not usable JSON: {error}") from None
        # Parsed once more, as keys that stand twice are a mistake everywhere.
        found.append((where, parse_line(text[at:end], where)))
        at = _next(text, end)
    return found


def _next(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return at if between is None else between.end()


def numbered(value: object, where: object) -> Iterator[Row]:
    """The items of an array, each with its number from 1.

    Raises:
        SuiteError: it is no array.
    """
    if not isinstance(value, list):
        raise SuiteError(f"{where}: {show(value)} is not a list of records")
    for number, item in enumerate(value, start=1):
        yield f"{where}, record {number}", item


def entries(value: object, where: object, *, by: str) -> Iterator[tuple[str, str, object]]:
    """Key, place and value of each entry of an object of records.

    Args:
        value: What should be such an object.
        where: It stands, for messages.
        by: What its keys are, for messages.

    Raises:
        SuiteError: it is none.
    """
    if not isinstance(value, Mapping):
        raise SuiteError(f"{where}: {show(value)} is not an object of records by {by}")
    for key, item in value.items():
        yield str(key), f"{where}, record {str(key)!r}", item


def records(fields: Fields, key: str, known: Sequence[str] = ()) -> list[Fields]:
    """The objects in the list `key` of a record; none where it is left out.

    Raises:
        SuiteError: it is no list of objects.
    """
    return [
        Fields(item, where=f"{fields.where}, {key} {number}", known=known, others=True)
        for number, item in enumerate(fields.items(key, required=False), start=1)
    ]
