"""JSON of anybody's: one array of objects, at the top or below keys.

Described in RFC 8259; what the keys mean says `columns`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats import columns
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.json_files import numbered, read_document
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.errors import SuiteError

OPTIONS = (*columns.OPTIONS, "records")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions of all records.

    Raises:
        SuiteError: see `Format`.
    """
    fields = Fields(options, where=READER, known=OPTIONS)
    encoding, place = fields.optional_text("encoding"), fields.optional_text("records")
    rows, collector = columns.Rows(options), Collector()
    for file in files:
        rows.read(_records(read_document(file, encoding), place, file), collector, file)
    return collector.collected()


def _records(value: object, place: str | None, file: Path) -> Iterator[tuple[str, object]]:
    """The objects of the array that lies at `place`, keys with dots between them."""
    for key in place.split(".") if place else ():
        if not isinstance(value, Mapping) or key not in value:
            raise SuiteError(f"{file}: {READER} records = {place!r}: there is no key {key!r}")
        value = value[key]
    if not isinstance(value, list):
        lists = value.items() if isinstance(value, Mapping) else ()
        known = ", ".join(repr(key) for key, item in lists if isinstance(item, list))
        raise SuiteError(
            f"{file}: is no array of objects; say where it lies with {READER} records = …"
            + (f" (arrays are {known})" if known else "")
        )
    yield from numbered(value, file)
