"""Answers that were recorded elsewhere: gated without any model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias, cast, get_args

from pytest_ragft.datasets.answers import read_answer
from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.jsonl import named_lines, parse_line, read_rows, read_text
from pytest_ragft.errors import SpecError, SuiteError
from pytest_ragft.garbage import no_collection
from pytest_ragft.models.identity import file_fingerprint
from pytest_ragft.records import Answer, Knowledge, Request

BATCH = 1_000
"""Requests in one batch."""

_SHOWN = 5
_KEYS = ("suite", "id", "answer", "knowledge")
_FORM = '{"suite": …, "id": …, "answer": …}'
_Key: TypeAlias = tuple[str, str, Knowledge]


class RecordedGenerator:
    """Answers from a JSONL file, one object with `suite`, `id` and `answer` a line.

    Reasoning is told apart as `read_answer` does it. An id may be a whole number. `knowledge` says
    what the question was asked with: ``retrieved`` passages where it is left out, ``gold`` ones or
    ``none``. Other keys and suites that nobody asks for are tolerated; empty lines are skipped.

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
        return frozenset(suite for suite, _, _ in self._answers)

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
        self.check_knowledge(suite, ids, "retrieved")
        known = set(ids)
        unknown = [i for s, i, _ in self._answers if s == suite and i not in known]
        if unknown:
            raise SpecError(
                f"{str(self.path)!r} answers {len(unknown)} questions that suite {suite!r} does "
                f"not have: {_few(unknown)}; remove these lines or correct their ids"
            )

    def check_knowledge(self, suite: str, ids: Sequence[str], knowledge: Knowledge) -> None:
        """Find out whether questions of a suite are answered with some knowledge.

        Raises:
            SpecError: there is no such answer to one of them.
        """
        missing = [i for i in ids if (suite, i, knowledge) not in self._answers]
        if not missing:
            return
        form, with_, otherwise = _FORM, "", ""
        if knowledge != "retrieved":
            form = f'{_FORM[:-1]}, "knowledge": "{knowledge}"}}'
            with_ = f" with knowledge = {knowledge!r}"
            otherwise = f", or leave {knowledge} out of --ragft-knowledge"
        raise SpecError(
            f"{str(self.path)!r} lacks answers{with_} to {len(missing)} of {len(ids)} questions of "
            f"suite {suite!r}: {_few(missing)}; record them, one {form} a line{otherwise}"
        )

    def cut(self, requests: Sequence[Request]) -> list[list[int]]:
        """Batches of `BATCH` requests in their order."""
        positions = list(range(len(requests)))
        return [positions[i : i + BATCH] for i in range(0, len(positions), BATCH)]

    def generate(self, batch: Sequence[Request]) -> list[Answer]:
        """The recorded answers; an `Answer` with `error` where there is none."""
        return [self._answer(request) for request in batch]

    def _answer(self, request: Request) -> Answer:
        answer = self._answers.get((request.suite, request.id, request.knowledge))
        if answer is None:
            way = (
                "" if request.knowledge == "retrieved" else f" with knowledge {request.knowledge!r}"
            )
            where = f"{request.id!r} of suite {request.suite!r}"
            why = f"{str(self.path)!r} has no answer{way} to {where}"
            return Answer(text="", finish="error", error=why)
        return answer


@no_collection()
def _read(path: Path) -> dict[_Key, Answer]:
    name = repr(str(path))
    first: dict[_Key, str] = {}

    def answer_of(line: str, where: str) -> tuple[_Key, Answer]:
        fields = Fields(parse_line(line, where), where=where, known=_KEYS, others=True)
        knowledge = fields.choice("knowledge", get_args(Knowledge), "retrieved")
        key = fields.text("suite"), fields.identifier("id"), cast("Knowledge", knowledge)
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
