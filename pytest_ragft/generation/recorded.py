"""Answers that were recorded elsewhere: gated without any model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import TypeAlias, cast, get_args

from pytest_ragft.datasets.answers import read_answer
from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.jsonl import named_lines, parse_line, read_rows
from pytest_ragft.datasets.logs.opening import tool_of
from pytest_ragft.errors import SpecError, SuiteError
from pytest_ragft.garbage import no_collection
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.models.identity import file_fingerprint
from pytest_ragft.numbers import count
from pytest_ragft.records import Answer, Knowledge, Request

BATCH = 1_000
"""Requests in one batch."""

_SHOWN = 5
_KEYS = ("suite", "id", "answer", "sample", "knowledge")
_FORM = '{"suite": …, "id": …, "answer": …}'
_DRAWN = '{"suite": …, "id": …, "sample": 0, "answer": …}'

_Key: TypeAlias = tuple[str, str, int]
"""Suite, question and sample."""
_Answers: TypeAlias = dict[Knowledge, dict[_Key, Answer]]


class RecordedGenerator:
    """Answers from a JSONL file, one object with `suite`, `id` and `answer` a line.

    Of several answers to a question each says by `sample` which one it is, from 0, which it is
    without that key, too. `knowledge` says what the question was asked with: ``retrieved`` passages
    where it is left out, ``gold`` ones or ``none``. Reasoning is told apart as `read_answer` does
    it. An id may be a whole number. Other keys and suites that nobody asks for are tolerated; empty
    lines are skipped.

    Args:
        path: of the file.
        answers: what it holds, where another has read it.

    Raises:
        SpecError: the file cannot be read, lines are malformed, or an answer occurs twice.
    """

    def __init__(self, path: Path, answers: Mapping[_Key, Answer] | None = None) -> None:
        self.path = path
        every = _read(path) if answers is None else {}
        self._answers = every.pop("retrieved", {}) if answers is None else answers
        self._further = every
        self._fingerprint = f"recorded-{file_fingerprint(path)}"
        self._settings = GenerationSettings()

    def drawn_as(self, settings: GenerationSettings) -> RecordedGenerator:
        """The same answers, as many to a question as a suite asks for."""
        other = copy(self)
        other._settings = settings
        return other

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
    def remedy(self) -> str:
        """What to do about questions without an answer."""
        return f"record them, one {_FORM} a line"

    @property
    def notes(self) -> tuple[str, ...]:
        """That the answers were recorded."""
        return ("recorded answers",)

    def check(self, suite: str, ids: Sequence[str]) -> None:
        """Find out whether exactly the questions of a suite are answered, as often as is asked.

        Where orders vary, a question may have fewer than that, which its passages say.

        Raises:
            SpecError: questions without an answer or with too few or too many, or answers to
                questions that `suite` lacks.
        """
        missing = [i for i in ids if not self._samples(suite, i)]
        if missing:
            raise SpecError(
                f"{str(self.path)!r} lacks answers to {len(missing)} of {len(ids)} questions of "
                f"suite {suite!r}: {_few(missing)}; {self.remedy}"
            )
        known = set(ids)
        every = [self._answers, *self._further.values()]
        unknown = [i for of in every for s, i, _ in of if s == suite and i not in known]
        if unknown:
            raise SpecError(
                f"{str(self.path)!r} answers {len(unknown)} questions that suite {suite!r} does "
                f"not have: {_few(unknown)}; remove these lines or correct their ids"
            )
        self._check_samples(suite, ids)

    def _check_samples(self, suite: str, ids: Sequence[str]) -> None:
        samples = self._settings.samples
        asked = set(range(samples))
        least = {0} if self._settings.vary else asked
        odd = [i for i in ids if not least <= self._samples(suite, i) <= asked]
        if odd:
            found = ", ".join(str(sample) for sample in sorted(self._samples(suite, odd[0])))
            raise SpecError(
                f"{str(self.path)!r}: suite {suite!r} asks for {count(samples, 'answer')} to each "
                f"question (samples under [generation]), {len(odd)} of {len(ids)} have others, "
                f"such as {odd[0]!r} with the samples {found}; {self._remedy_of_samples(samples)}"
            )

    def _remedy_of_samples(self, samples: int) -> str:
        record = "sample 0 alone" if samples == 1 else f"samples 0 to {samples - 1}"
        return f"record {record}, one {_DRAWN} a line, or set samples to what is recorded"

    def _samples(self, suite: str, example_id: str) -> set[int]:
        return self._by_question.get((suite, example_id), set())

    @cached_property
    def _by_question(self) -> dict[tuple[str, str], set[int]]:
        found: dict[tuple[str, str], set[int]] = {}
        for suite, example_id, sample in self._answers:
            found.setdefault((suite, example_id), set()).add(sample)
        return found

    def check_knowledge(self, suite: str, ids: Sequence[str], knowledge: Knowledge) -> None:
        """Find out whether questions of a suite are answered with other passages, or without any.

        Raises:
            SpecError: there is no such answer to one of them, or not each that is asked for.
        """
        known = self._further.get(knowledge, {})
        samples = 1 if self._settings.vary else self._settings.samples
        missing = [i for i in ids if any((suite, i, s) not in known for s in range(samples))]
        if missing:
            raise SpecError(
                f"{str(self.path)!r} lacks answers with knowledge = {knowledge!r} to "
                f"{len(missing)} of {len(ids)} questions of suite {suite!r}: {_few(missing)}; "
                f"{self._remedy_of_knowledge(knowledge)}leave {knowledge} out of --ragft-knowledge"
            )

    def _remedy_of_knowledge(self, knowledge: Knowledge) -> str:
        return f'record them, one {_FORM[:-1]}, "knowledge": "{knowledge}"}} a line, or '

    def cut(self, requests: Sequence[Request]) -> list[list[int]]:
        """Batches of `BATCH` requests in their order."""
        positions = list(range(len(requests)))
        return [positions[i : i + BATCH] for i in range(0, len(positions), BATCH)]

    def generate(self, batch: Sequence[Request]) -> list[Answer]:
        """The recorded answers; an `Answer` with `error` where there is none."""
        return [self._answer(request) for request in batch]

    def _answer(self, request: Request) -> Answer:
        with_ = request.knowledge
        answers = self._answers if with_ == "retrieved" else self._further.get(with_, {})
        answer = answers.get((request.suite, request.id, request.sample))
        if answer is None:
            what = f"answer {request.sample + 1}" if request.samples > 1 else "answer"
            why = f"{str(self.path)!r} has no {what} to {request.id!r} of suite {request.suite!r}"
            if with_ != "retrieved":
                why += f" with knowledge {with_!r}"
            return Answer(text="", finish="error", error=why)
        return answer


@no_collection()
def _read(path: Path) -> _Answers:
    name, text = repr(str(path)), ""
    first: dict[tuple[Knowledge, _Key], str] = {}

    def answer_of(line: str, where: str) -> tuple[tuple[Knowledge, _Key], Answer]:
        fields = Fields(parse_line(line, where), where=where, known=_KEYS, others=True)
        sample = fields.integer("sample", least=0)
        key = fields.text("suite"), fields.identifier("id"), sample or 0
        kind = cast(
            "Knowledge", fields.choice("knowledge", get_args(Knowledge), default="retrieved")
        )
        if (other := first.setdefault((kind, key), where)) != where:
            raise SuiteError(
                f"{where}: question {key[1]!r} of suite {key[0]!r} was answered in "
                f"{other.removeprefix(f'{name}, ')} already; keep one of the two, or tell several "
                'answers apart by "sample": 0, 1, …'
            )
        return (kind, key), read_answer(fields.given, where)

    try:
        text = read_text(path)
        answers = dict(read_rows(named_lines(text, name), answer_of, name))
    except SuiteError as error:
        if tool := tool_of(text.lstrip("\ufeff").split("\n", 1)[0]):
            raise SpecError(f"{name} is a log of {tool}; name it as '{tool}:{path}'") from None
        raise SpecError(str(error)) from None
    if not answers:
        raise SpecError(f"{name} holds no answers; record them, one {_FORM} a line")
    found: _Answers = {}
    for (kind, key), answer in answers.items():
        found.setdefault(kind, {})[key] = answer
    return found


def _few(ids: Sequence[str]) -> str:
    shown = ", ".join(repr(i) for i in ids[:_SHOWN])
    return f"{shown}, …" if len(ids) > _SHOWN else shown
