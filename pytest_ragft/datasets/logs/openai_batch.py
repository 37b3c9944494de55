"""OpenAI's batch output, one response a line; vLLM's ``run-batch`` writes the same.

Responses of ``/v1/chat/completions``, ``/v1/responses`` and ``/v1/completions`` are read. They
stand in no order and without what was asked, so that `custom_id` must be the question's id, behind
``SUITE/`` where several suites have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_ragft.completions import read_reply
from pytest_ragft.datasets.fields import show
from pytest_ragft.datasets.logs.files import json_lines
from pytest_ragft.datasets.logs.port import LoggedAnswer, answered, recorded
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Answer

KEYS = frozenset({"custom_id", "response"})

_WORKED = 200


def read(path: Path) -> Iterator[LoggedAnswer]:
    """The answers of an output file, or the failures of an error file."""
    for where, values in json_lines(path):
        custom_id = values.get("custom_id")
        if not isinstance(custom_id, str):
            raise SuiteError(f"{where}: custom_id must be a text, got {show(custom_id)}")
        yield LoggedAnswer(
            where=where,
            answer=_answer(where, values),
            ids=(custom_id,),
            system=_model(values),
        )


def _model(values: Mapping[str, object]) -> str:
    """Who answered, where that is told: outputs of several batches may stand in one file."""
    match values.get("response"):
        case {"body": {"model": str(model)}}:
            return model
    return ""


def _answer(where: str, values: Mapping[str, object]) -> Answer:
    match values.get("response"):
        case {"status_code": int(status), "body": body} if status != _WORKED:
            error = body.get("error") if isinstance(body, Mapping) else None
            return answered(None, where, error=error or f"status {status}")
        case {"body": Mapping() as body}:
            return _of_body(where, body)
    return answered(None, where, error=values.get("error") or "the line has no response")


def _of_body(where: str, body: Mapping[str, object]) -> Answer:
    match body:
        case {"choices": [{"text": _}, *_]}:
            return recorded(read_reply(body, "completions"))
        case {"choices": _}:
            return recorded(read_reply(body, "chat"))
        case {"output": [*items]}:
            return _of_items(where, items, body.get("incomplete_details"))
    raise SuiteError(f"{where}: the response's body is no completion: {show(body)}")


def _of_items(where: str, items: list[object], incomplete: object) -> Answer:
    """The messages of the Responses API; what it says of its thoughts stands apart."""
    said, thought = [], []
    for item in items:
        match item:
            case {"type": "message", "content": [*parts]}:
                said += [p.get("text") or p.get("refusal") for p in parts if isinstance(p, Mapping)]
            case {"type": "reasoning", "summary": [*parts]}:
                thought += [p.get("text") for p in parts if isinstance(p, Mapping)]
    text = "".join(filter(None, said)) if said else None
    reason = incomplete.get("reason") if isinstance(incomplete, Mapping) else None
    return answered(text, where, apart="\n".join(filter(None, thought)), finish=reason)
