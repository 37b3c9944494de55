"""Records of log files: lines of JSON, a list in a JSON document, or a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_ragft.datasets.cells import read_table
from pytest_ragft.datasets.fields import show
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.formats.json_files import numbered, read_document
from pytest_ragft.datasets.jsonl import named_lines, parse_line
from pytest_ragft.datasets.logs.port import record
from pytest_ragft.errors import InputError, SuiteError

Record = tuple[str, Mapping[str, object]]
"""Where it stands, for messages, and its values."""


def json_lines(path: Path) -> Iterator[Record]:
    """The objects of a JSONL file.

    Raises:
        SuiteError: the file cannot be read, or a line is no object.
    """
    name = repr(str(path))
    for where, line in named_lines(read_text(path), name):
        yield where, record(parse_line(line, where), where)


def objects(value: object, path: Path, *keys: str) -> Iterator[Record]:
    """The objects of a list, which stands at `keys` in `value` where that is no list itself.

    Args:
        value: Of the JSON file, see `read_document`.
        path: Of the file, for messages.
        keys: From the outermost on.

    Raises:
        SuiteError: there is no such list, or one of it is no object.
    """
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key)
    if not isinstance(value, list):
        place = ".".join(keys)
        raise SuiteError(f"{str(path)!r}: {place} must be a list of objects, got {show(value)}")
    for where, item in numbered(value, repr(str(path))):
        yield where, record(item, where)


def rows(path: Path) -> Iterator[Record]:
    """The records of a file by its ending: ``.csv`` a table, ``.json`` a list, else lines of JSON.

    Raises:
        SuiteError: the file cannot be read, or is not of that form.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        name = repr(str(path))
        try:
            for number, cells in read_table(read_text(path), name):
                yield f"{name}, line {number}", {key: cell or None for key, cell in cells.items()}
        except InputError as error:
            raise SuiteError(str(error)) from None
    elif suffix == ".json":
        yield from objects(read_document(path), path)
    else:
        yield from json_lines(path)
