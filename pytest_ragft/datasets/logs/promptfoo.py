"""promptfoo: ``promptfoo eval --output results.json`` (or ``.jsonl``).

A file holds each prompt × provider, one of which is named by the provider's label (else its id) or,
where several prompts were tried, by ``PROVIDER/PROMPT``, with its number (`promptIdx`) behind that
where several have one name; ``--repeat`` makes several draws.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pytest_ragft.datasets.formats.json_files import read_document
from pytest_ragft.datasets.logs.files import Record, json_lines, objects
from pytest_ragft.datasets.logs.port import (
    LoggedAnswer,
    answered,
    ids_of,
    prompt_text,
    record,
    texts_of,
)
from pytest_ragft.records import Answer

KEYS = frozenset({"vars", "provider", "promptIdx"})


def read(path: Path) -> Iterator[LoggedAnswer]:
    """The answers of an evaluation."""
    found = list(_records(path))
    named = _systems(values for _, values in found)
    for where, values in sorted(found, key=_test):
        asked = record(values.get("vars"), f"{where}, vars")
        case = values.get("testCase")
        described = case.get("description") if isinstance(case, Mapping) else None
        yield LoggedAnswer(
            where=where,
            answer=_answer(where, values),
            ids=(*ids_of(asked), *texts_of([described])),
            texts=texts_of(asked.values()),
            prompt=_prompt(values.get("prompt")),
            system=named[_column(values)],
        )


def _column(values: Mapping[str, object]) -> tuple[str, str, str]:
    """Provider, prompt and number of what was tried, whose answers these are."""
    number = values.get("promptIdx")
    return _label(values.get("provider")), _label(values.get("prompt")), str(number)


def _systems(found: Iterable[Mapping[str, object]]) -> dict[tuple[str, str, str], str]:
    """A name for each column of the evaluation, that no other has."""
    columns = list(dict.fromkeys(map(_column, found)))
    several = len({prompt for _, prompt, _ in columns}) > 1
    names = [f"{provider}/{prompt}" if several else provider for provider, prompt, _ in columns]
    # Providers that differ by their configuration alone may share a name.
    return {
        column: f"{name}/{column[2]}" if names.count(name) > 1 else name
        for column, name in zip(columns, names, strict=True)
    }


def _records(path: Path) -> Iterator[Record]:
    if path.suffix.lower() == ".jsonl":
        return json_lines(path)
    return objects(read_document(path), path, "results", "results")


def _test(found: Record) -> int:
    index = found[1].get("testIdx")
    return index if isinstance(index, int) else 0


def _label(value: object) -> str:
    if isinstance(value, Mapping):
        return str(value.get("label") or value.get("id") or "")
    return str(value)


def _answer(where: str, values: Mapping[str, object]) -> Answer:
    match values.get("response"):
        case {"output": said}:
            text = said if isinstance(said, str | None) else json.dumps(said, ensure_ascii=False)
            return answered(text, where, error=values.get("error"))
    return answered(None, where, error=values.get("error") or "the record has no output")


def _prompt(prompt: object) -> str:
    raw = prompt.get("raw") if isinstance(prompt, Mapping) else prompt
    try:
        return prompt_text(json.loads(raw)) if isinstance(raw, str) else ""
    except ValueError:
        return str(raw)
