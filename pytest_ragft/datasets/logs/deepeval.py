"""deepeval: data sets that ``EvaluationDataset.save_as`` writes, and the results of test runs.

The former are CSV, JSON or JSONL with `input` and `actual_output`; the latter, from
``DEEPEVAL_RESULTS_FOLDER`` or ``.deepeval``, are JSON with `testCases` in camel case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_ragft.datasets.formats.json_files import read_document
from pytest_ragft.datasets.logs.files import Record, objects, rows
from pytest_ragft.datasets.logs.port import LoggedAnswer, answered, ids_of, prompt_text, texts_of
from pytest_ragft.errors import SuiteError

KEYS = frozenset({"input", "actual_output"})


def read(path: Path) -> Iterator[LoggedAnswer]:
    """The answers of a data set or a test run."""
    for where, values in _records(path):
        key = next((key for key in ("actual_output", "actualOutput") if key in values), None)
        if key is None:
            raise SuiteError(
                f"{where}: has no actual_output; save the data set once the model has answered"
            )
        asked = values.get("input")
        yield LoggedAnswer(
            where=where,
            answer=answered(values[key], where),
            ids=ids_of(values) + _own_ids(values),
            texts=texts_of([asked]),
            prompt=prompt_text(asked),
        )


def _records(path: Path) -> Iterator[Record]:
    if path.suffix.lower() != ".json":
        return rows(path)
    value = read_document(path)
    if isinstance(value, Mapping):
        value = value.get("testRunData", value)
    return objects(value, path, "testCases")


def _own_ids(values: Mapping[str, object]) -> tuple[str, ...]:
    own = values.get("additional_metadata") or values.get("additionalMetadata")
    return ids_of(own) if isinstance(own, Mapping) else ()
