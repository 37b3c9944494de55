"""Answers that were recorded elsewhere: gated without any model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pytest_ragft.errors import SpecError
from pytest_ragft.garbage import no_collection
from pytest_ragft.models.identity import file_fingerprint
from pytest_ragft.reasoning import REASONING_FIELDS, split_reasoning
from pytest_ragft.records import Answer, Request

BATCH = 1_000
"""Requests in one batch."""

_SHOWN = 5
_FORM = '{"suite": …, "id": …, "answer": …}'


class RecordedGenerator:
    """Answers from a JSONL file, one object with `suite`, `id` and `answer` a line.

    Reasoning in an answer, between markers, is told apart; it may also stand in a key of its own,
    `reasoning_content` or `reasoning`, beside which `answer` may be null: the model was cut while
    it thought. Any other null is an empty answer, for that reason. An id may be a whole number.
    Other keys and suites that nobody asks for are tolerated; empty lines are skipped.

    Raises:
        SpecError: the file cannot be read, a line is malformed, or a question occurs twice.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers = _read(path)
        self._fingerprint = f"recorded-{file_fingerprint(path)}"

    @property
    def fingerprint(self) -> str:
        """Identity of the file's content."""
        return self._fingerprint

    @property
    def suites(self) -> frozenset[str]:
        """Names of the suites that are answered."""
        return frozenset(suite for suite, _ in self._answers)

    @property
    def engine(self) -> None:
        """Nothing heavy is loaded."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """That the answers were recorded."""
        return ("recorded answers",)

    def check(self, suite: str, ids: Sequence[str]) -> None:
        """Find out whether exactly the questions of a suite are answered.

        Raises:
            SpecError: questions without an answer, or answers to questions that `suite` lacks.
        """
        missing = [i for i in ids if (suite, i) not in self._answers]
        if missing:
            raise SpecError(
                f"{str(self.path)!r} lacks answers to {len(missing)} of {len(ids)} questions of "
                f"suite {suite!r}: {_few(missing)}; record them, one {_FORM} a line"
            )
        known = set(ids)
        unknown = [i for s, i in self._answers if s == suite and i not in known]
        if unknown:
            raise SpecError(
                f"{str(self.path)!r} answers {len(unknown)} questions that suite {suite!r} does "
                f"not have: {_few(unknown)}; remove these lines or correct their ids"
            )

    def cut(self, requests: Sequence[Request]) -> list[list[int]]:
        """Batches of `BATCH` requests in their order."""
        positions = list(range(len(requests)))
        return [positions[i : i + BATCH] for i in range(0, len(positions), BATCH)]

    def generate(self, batch: Sequence[Request]) -> list[Answer]:
        """The recorded answers; an `Answer` with `error` where there is none."""
        return [self._answer(request) for request in batch]

    def _answer(self, request: Request) -> Answer:
        answer = self._answers.get((request.suite, request.id))
        if answer is None:
            why = f"{str(self.path)!r} has no answer to {request.id!r} of suite {request.suite!r}"
            return Answer(text="", finish="error", error=why)
        return answer


@no_collection()
def _read(path: Path) -> dict[tuple[str, str], Answer]:
    answers: dict[tuple[str, str], Answer] = {}
    lines: dict[tuple[str, str], int] = {}
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                key, answer = _parse(path, number, line)
                if key in answers:
                    raise SpecError(
                        f"{str(path)!r}, line {number}: question {key[1]!r} of suite {key[0]!r} "
                        f"was answered in line {lines[key]} already; keep one of the two"
                    )
                answers[key], lines[key] = answer, number
    except OSError as error:
        raise SpecError(f"{str(path)!r} cannot be read: {error}") from error
    if not answers:
        raise SpecError(f"{str(path)!r} holds no answers; record them, one {_FORM} a line")
    return answers


def _parse(path: Path, number: int, line: bytes) -> tuple[tuple[str, str], Answer]:
    where = f"{str(path)!r}, line {number}"
    try:
        # A byte order mark stands before a line where files were joined, too.
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{where}: not JSON in UTF-8 ({error}); expected {_FORM}") from None
    if not isinstance(value, dict):
        raise SpecError(f"{where}: expected an object {_FORM}, got {_shown(value)}")
    apart = [key for key in REASONING_FIELDS if value.get(key) is not None][:1]
    absent = "null" if "answer" in value and value["answer"] is None else ""
    if absent or (apart and value[apart[0]]):
        value["answer"] = value.get("answer") or ""
    if type(value.get("id")) is int:
        value["id"] = str(value["id"])
    for key in ("suite", "id", "answer", *apart):
        if key not in value:
            raise SpecError(f"{where}: the key {key!r} is missing; expected {_FORM}")
        if not isinstance(value[key], str):
            raise SpecError(f"{where}: {key!r} must be a string, got {_shown(value[key])}")
        if not _is_text(value[key]):
            raise SpecError(f"{where}: {key!r} holds half of a character pair (a lone surrogate)")
    parts = split_reasoning(value["answer"], apart=value[apart[0]] if apart else "")
    answer = Answer(
        text=parts.text,
        finish="recorded",
        absent=absent,
        reasoning=parts.reasoning,
        reasoning_cut=parts.cut,
    )
    return (value["suite"], value["id"]), answer


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "…"


def _few(ids: Sequence[str]) -> str:
    shown = ", ".join(repr(i) for i in ids[:_SHOWN])
    return f"{shown}, …" if len(ids) > _SHOWN else shown
