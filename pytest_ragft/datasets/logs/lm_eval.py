"""lm-evaluation-harness: ``samples_TASK_TIME.jsonl``, which ``--log_samples`` writes.

The answer is what the model said (`resps`), before any of the task's filters. A task that is
filtered in several ways logs each answer as often; repeats of a task are several draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_ragft.datasets.fields import show
from pytest_ragft.datasets.logs.files import Record, json_lines
from pytest_ragft.datasets.logs.port import LoggedAnswer, answered, ids_of, record, texts_of
from pytest_ragft.errors import SuiteError

KEYS = frozenset({"doc", "resps", "arguments"})


def read(path: Path) -> Iterator[LoggedAnswer]:
    """The answers of a file of samples."""
    filters: dict[str, str] = {}
    for where, values in json_lines(path):
        said = str(values.get("doc_id"))
        if filters.setdefault(said, str(values.get("filter"))) == str(values.get("filter")):
            yield from _answers((where, values))


def _answers(line: Record) -> Iterator[LoggedAnswer]:
    where, values = line
    doc = record(values.get("doc"), f"{where}, doc")
    match values.get("resps"):
        case [[*texts]] if all(text is None or isinstance(text, str) for text in texts):
            pass
        case other:
            raise SuiteError(
                f"{where}: resps must hold texts, got {show(other)}; only tasks with "
                "output_type: generate_until log answers"
            )
    for text in texts:
        yield LoggedAnswer(
            where=where,
            answer=answered(text, where),
            ids=ids_of(doc),
            texts=texts_of(doc.values()),
            prompt=_prompt(values.get("arguments")),
        )


def _prompt(arguments: object) -> str:
    match arguments:
        case {"gen_args_0": {"arg_0": str(prompt)}}:
            return prompt
        case [[str(prompt), *_], *_]:
            return prompt
    return ""
