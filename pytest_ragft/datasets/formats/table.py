"""CSV of anybody's, with a header: commas, semicolons, tabs or what `delimiter` names.

Described in RFC 4180; what the columns mean says `columns`. Quoted cells may hold line ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.cells import read_table
from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.formats import columns
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.errors import InputError, SuiteError

OPTIONS = (*columns.OPTIONS, "delimiter")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions of all rows.

    Raises:
        SuiteError: see `Format`.
    """
    fields = Fields(options, where=READER, known=OPTIONS)
    encoding, delimiter = fields.optional_text("encoding"), None
    if "delimiter" in fields:
        delimiter = fields.text("delimiter", "", empty=True)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise fields.wrong("delimiter", "must be one character, such as ';', '|' or a tab")
    rows, collector = columns.Rows(options, cells=True), Collector()
    for file in files:
        rows.read(_rows(read_text(file, encoding), file, delimiter), collector, file)
    return collector.collected()


def _rows(text: str, file: Path, delimiter: str | None) -> Iterator[tuple[str, object]]:
    try:
        for number, row in read_table(text, str(file), delimiter=delimiter, verbatim=True):
            yield f"{file}, line {number}", row
    except InputError as error:
        raise SuiteError(str(error)) from None
