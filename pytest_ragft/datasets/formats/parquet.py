"""Parquet of anybody's, as the data sets of the Hub are kept in.

Described at https://parquet.apache.org; what the columns mean says `columns`. Only columns that are
asked for are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_ragft.datasets.formats import columns
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.port import QuestionSet
from pytest_ragft.errors import MissingDependencyError, SuiteError, reason_of

OPTIONS = tuple(option for option in columns.OPTIONS if option != "encoding")
_ROWS = 1000


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions of all rows.

    Raises:
        SuiteError: see `Format`.
        MissingDependencyError: pyarrow is not installed.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingDependencyError(
            "pyarrow", extra="data", purpose="reading Parquet files"
        ) from error
    rows, collector = columns.Rows(options), Collector()
    for file in files:
        try:
            with ParquetFile(file) as table:
                header = table.schema_arrow.names
                rows.expect(header, file)
                tops = [name for name in header if name in rows.tops]
                rows.read(_rows(table, tops, file), collector, file)
        except (ArrowException, OSError) as error:
            raise SuiteError(
                f"{file}: cannot be read as Parquet: {reason_of(error)}; fetch it again"
            ) from error
    return collector.collected()


def _rows(table: Any, tops: Sequence[str], file: Path) -> Iterator[tuple[str, object]]:
    number = 0
    for batch in table.iter_batches(batch_size=_ROWS, columns=list(tops)):
        for row in batch.to_pylist():
            number += 1
            yield f"{file}, row {number}", row
