"""ragas: data sets and results as JSONL, CSV or JSON, with `user_input` and `response`.

As ``EvaluationDataset.to_jsonl`` and ``to_csv`` write them, and ``to_pandas()`` of a result does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_ragft.datasets.logs.files import rows
from pytest_ragft.datasets.logs.port import LoggedAnswer, answered, ids_of, prompt_text, texts_of
from pytest_ragft.errors import SuiteError

KEYS = frozenset({"user_input", "response"})


def read(path: Path) -> Iterator[LoggedAnswer]:
    """The answers of a data set or a result."""
    for where, values in rows(path):
        if "response" not in values:
            raise SuiteError(f"{where}: has no response; give the data set with answers")
        asked = values.get("user_input")
        yield LoggedAnswer(
            where=where,
            answer=answered(values["response"], where),
            ids=ids_of(values),
            texts=texts_of([asked]),
            prompt=prompt_text(asked),
        )
