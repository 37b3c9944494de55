"""OpenAI Evals: output items of a run of the hosted service, and logs of the open ``oaieval``.

Output items are what the service gives for ``evals.runs.output_items.list``: objects with
`datasource_item` and `sample`, a line each, as a list, or as a page with `data`. A log of
``oaieval`` has an event a line, of which those of type ``sampling`` are answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_ragft.datasets.formats.json_files import read_document
from pytest_ragft.datasets.logs.files import Record, json_lines, objects
from pytest_ragft.datasets.logs.port import (
    LoggedAnswer,
    answered,
    ids_of,
    plain_error,
    prompt_text,
    said_in,
    texts_of,
)
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Answer

KEYS = frozenset({"datasource_item", "sample"})


def read(path: Path) -> Iterator[LoggedAnswer]:
    """The answers of output items, or of an event log."""
    found = list(_records(path))
    known = [found_answer for line in found if (found_answer := _answered(*line)) is not None]
    if not known:
        raise SuiteError(
            f"{str(path)!r}: holds neither output items (with datasource_item and sample) nor "
            "events of type sampling"
        )
    yield from known


def _records(path: Path) -> Iterator[Record]:
    if path.suffix.lower() == ".json":
        return objects(read_document(path), path, "data")
    return json_lines(path)


def _answered(where: str, values: Mapping[str, object]) -> LoggedAnswer | None:
    if values.get("type") == "sampling":
        return _of_event(where, values)
    match values:
        case {"datasource_item": Mapping() as item, "sample": Mapping() as sample}:
            inner = item.get("item")
            asked = inner if isinstance(inner, Mapping) else item
            return LoggedAnswer(
                where=where,
                answer=_of_sample(where, sample),
                ids=ids_of(asked),
                texts=texts_of(asked.values()),
                prompt=prompt_text(sample.get("input")),
                system=model if isinstance(model := sample.get("model"), str) else "",
            )
    return None


def _of_sample(where: str, sample: Mapping[str, object]) -> Answer:
    match sample.get("output"):
        case [*_, message]:
            return said_in(message, where, finish=sample.get("finish_reason"))
    error = sample.get("error")
    return answered(None, where, error=plain_error(error) if error else "the sample has no output")


def _of_event(where: str, values: Mapping[str, object]) -> LoggedAnswer:
    match values.get("data"):
        case {"prompt": prompt, "sampled": [str(said), *_] | str(said)}:
            return LoggedAnswer(
                where=where,
                answer=answered(said, where),
                ids=(str(values.get("sample_id")),),
                prompt=prompt_text(prompt),
            )
    raise SuiteError(f"{where}: an event of type sampling must hold prompt and sampled")
