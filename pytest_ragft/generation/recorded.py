"""Answers that were recorded elsewhere: gated without any model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_ragft.datasets.answers import read_answer
from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.jsonl import named_lines, parse_line, read_rows
from pytest_ragft.errors import SpecError, SuiteError
from pytest_ragft.garbage import no_collection
from pytest_ragft.models.identity import file_fingerprint
from pytest_ragft.records import Answer, Request

BATCH = 1_000
"""Requests in one batch."""

_SHOWN = 5
_KEYS = ("suite", "id", "answer")
_FORM = '{"suite": …, "id": …, "answer": …}'


class RecordedGenerator:
    """Answers from a JSONL file, one object with `suite`, `id` and `answer` a line.

    Reasoning is told apart as `read_answer` does it. An id may be a whole number. Other keys and
    suites that nobody asks for are tolerated; empty lines are skipped.

    Raises:
        SpecError: the file cannot be read, lines are malformed, or a question occurs twice.
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
    name = repr(str(path))
    first: dict[tuple[str, str], str] = {}

    def answer_of(line: str, where: str) -> tuple[tuple[str, str], Answer]:
        fields = Fields(parse_line(line, where), where=where, known=_KEYS, others=True)
        key = fields.text("suite"), fields.identifier("id")
        if (other := first.setdefault(key, where)) != where:
            raise SuiteError(
                f"{where}: question {key[1]!r} of suite {key[0]!r} was answered in "
                f"{other.removeprefix(f'{name}, ')} already; keep one of the two"
            )
        return key, read_answer(fields.given, where)

    try:
        answers = dict(read_rows(named_lines(read_text(path), name), answer_of, name))
    except SuiteError as error:
        raise SpecError(str(error)) from None
    if not answers:
        raise SpecError(f"{name} holds no answers; record them, one {_FORM} a line")
    return answers


def _few(ids: Sequence[str]) -> str:
    shown = ", ".join(repr(i) for i in ids[:_SHOWN])
    return f"{shown}, …" if len(ids) > _SHOWN else shown
