"""JSONL of anybody's: one JSON object a line.

Described at https://jsonlines.org; what the keys mean says `columns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.formats import columns
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.jsonl import named_lines, parse_line

OPTIONS = columns.OPTIONS


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions of all lines.

    Raises:
        SuiteError: see `Format`.
    """
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    rows, collector = columns.Rows(options), Collector()
    for file in files:
        rows.read(named_lines(read_text(file, encoding), file), collector, file, parse_line)
    return collector.collected()
