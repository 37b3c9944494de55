"""`pytest_ragft.testing`: what keeps a port passes, and each way of not keeping it is named."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Answer, Case, Hit, Passage, Score
from pytest_ragft.testing import check_generator, check_judge, check_retriever, hostile_texts


class Judge:
    name = "mine"
    fingerprint: Any = "mine/1"
    metrics: Any = ("accuracy", "completeness")
    reads_passages = False

    def judge(self, cases: Sequence[Case]) -> Any:
        return [self.one(case) for case in cases]

    def one(self, case: Case) -> Any:
        right = bool(case.example.references) and case.example.references[0] in case.answer
        return {m: Score(metric=m, value=float(right)) for m in self.metrics}


def scored(value: float) -> dict[str, Score]:
    return {m: Score(metric=m, value=value) for m in Judge.metrics}


class Reversed(Judge):
    def judge(self, cases: Sequence[Case]) -> Any:
        return super().judge(cases)[::-1]


class Short(Judge):
    def judge(self, cases: Sequence[Case]) -> Any:
        return super().judge(cases)[1:]


class Lazy(Judge):
    def judge(self, cases: Sequence[Case]) -> Any:
        return (self.one(case) for case in cases)


class Chancy(Judge):
    def one(self, case: Case) -> Any:
        return scored(random.random())


class Relative(Judge):
    def judge(self, cases: Sequence[Case]) -> Any:
        return [scored(len(case.answer) / max(len(c.answer) for c in cases) if case.answer else 0)
                for case in cases]  # fmt: skip


class Hexed(Judge):
    def one(self, case: Case) -> Any:
        if "A09" in case.answer:
            int(case.answer)
        return super().one(case)


class Partial(Judge):
    def one(self, case: Case) -> Any:
        return {"accuracy": super().one(case)["accuracy"]}


class Numbers(Judge):
    def one(self, case: Case) -> Any:
        return dict.fromkeys(self.metrics, 1.0)


class Nosy(Judge):
    def one(self, case: Case) -> Any:
        return scored(float(bool(case.passages)))


class Silent(Judge):
    def one(self, case: Case) -> Any:
        return {m: Score(metric=m, value=None, status="missing") for m in self.metrics}


class Opaque(Judge):
    def one(self, case: Case) -> Any:
        return {m: replace(s, evidence={"why": {1, 2}}) for m, s in super().one(case).items()}


class Moody(Judge):
    moods = itertools.count()

    @property
    def fingerprint(self) -> Any:
        return f"mood {next(self.moods)}"


class Down(Judge):
    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        raise JudgeError("no server answers; start it")


class Accurate(Judge):
    metrics = ("accuracy",)


class Anonymous(Judge):
    fingerprint = None


def test_a_judge_that_keeps_the_port_passes() -> None:
    check_judge(Judge())
    check_judge(Chancy(), deterministic=False)


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        (Reversed, "asked in reverse order|asked one by one"),
        (Short, "gave scores to .* of .* cases"),
        (Lazy, "instead of a list"),
        (Chancy, "has another result"),
        (Relative, "asked one by one"),
        (Hexed, "raised ValueError.*nothing may be raised for a single text"),
        (Partial, "gave no score of 'completeness'"),
        (Numbers, r"gave 1.0 \(float\)"),
        (Nosy, "reads_passages is False"),
        (Silent, "without a reason"),
        (Opaque, "evidence"),
        (Moody, "fingerprint changes"),
        (Down, "no server answers; start it"),
        (Accurate, "its metrics are"),
        (Anonymous, "its fingerprint is None"),
        (object, "lacks 'name', 'fingerprint'"),
    ],
)
def test_a_judge_that_does_not_is_told_why(judge: type, said: str) -> None:
    with pytest.raises(AssertionError, match=f"(?s){said}"):
        check_judge(judge())


CORPUS = tuple(Passage(id=f"p{i}", text=f"item {i}") for i in range(5))


class Search:
    fingerprint: Any = "mine/1"
    description = "by number"
    notes = ()

    def index(self, passages: Sequence[Passage]) -> None:
        self.passages_by_id = {p.id: p for p in passages}

    def check(self) -> None:
        pass

    def retrieve(self, queries: Sequence[str], k: int) -> Any:
        return [self.one(query)[:k] for query in queries]

    def one(self, query: str) -> Any:
        ids = [i for i, p in self.passages_by_id.items() if p.text[-1] in query]
        return tuple(Hit(passage_id=i, score=1 / (1 + n)) for n, i in enumerate(ids))

    def passages(self, ids: Any) -> Any:
        return {i: self.passages_by_id[i] for i in ids}

    def close(self) -> None:
        pass


class Worst(Search):
    def one(self, query: str) -> Any:
        return super().one(query)[::-1]


class Twice(Search):
    def one(self, query: str) -> Any:
        return super().one(query)[:1] * 2


class Greedy(Search):
    def retrieve(self, queries: Sequence[str], k: int) -> Any:
        return [self.one("01234") for query in queries]


class Textless(Search):
    def passages(self, ids: Any) -> Any:
        return {}


class Touchy(Search):
    def one(self, query: str) -> Any:
        query.encode()
        return super().one(query)


class Blind(Search):
    def one(self, query: str) -> Any:
        return ()


def test_a_retriever_that_keeps_the_port_passes() -> None:
    check_retriever(Search(), queries=["items 1 and 2", "item 3"], k=2, corpus=CORPUS)


@pytest.mark.parametrize(
    ("retriever", "said"),
    [
        (Worst, "not best first"),
        (Twice, "hold a passage twice"),
        (Greedy, "at most 2 hits"),
        (Textless, r"passages\(\) gave None"),
        (Touchy, "UnicodeEncodeError"),
        (Blind, "nothing was found"),
        (object, "lacks"),
    ],
)
def test_a_retriever_that_does_not_is_told_why(retriever: type, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_retriever(retriever(), queries=["items 1 and 2", "item 3"], k=2, corpus=CORPUS)


class Model:
    fingerprint: Any = "mine/1"
    engine = None
    notes = ()

    def check(self, suite: str, ids: Sequence[str]) -> None:
        pass

    def cut(self, requests: Sequence[Any]) -> Any:
        return [[i] for i in range(0, len(requests), 2)] + [[i] for i in range(1, len(requests), 2)]

    def generate(self, batch: Sequence[Any]) -> Any:
        return [Answer(text=request.prompt.question, finish="stop") for request in batch]


class Wide(Model):
    def cut(self, requests: Sequence[Any]) -> Any:
        return [list(range(len(requests)))] if requests else []


class Upside(Wide):
    def generate(self, batch: Sequence[Any]) -> Any:
        return sorted(super().generate(batch), key=lambda answer: len(answer.text))


class Dropping(Wide):
    def generate(self, batch: Sequence[Any]) -> Any:
        return super().generate(batch)[1:]


class Forgetful(Model):
    def cut(self, requests: Sequence[Any]) -> Any:
        return [[0]]


class Shouting(Model):
    count = itertools.count()

    def generate(self, batch: Sequence[Any]) -> Any:
        return [Answer(text=f"{next(self.count)}", finish="stop") for _ in batch]


class Textual(Model):
    def generate(self, batch: Sequence[Any]) -> Any:
        return ["text" for _ in batch]


def test_a_generator_that_keeps_the_port_passes() -> None:
    check_generator(Model())
    check_generator(Wide())
    check_generator(Shouting(), deterministic=False)


@pytest.mark.parametrize(
    ("generator", "said"),
    [
        (Upside, "asked in reverse order"),
        (Dropping, "answers to"),
        (Forgetful, "into one batch"),
        (Shouting, "asked twice"),
        (Textual, "instead of an Answer"),
        (object, "lacks"),
    ],
)
def test_a_generator_that_does_not_is_told_why(generator: type, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_generator(generator())


def test_hostile_texts_hold_every_kind() -> None:
    texts = hostile_texts()
    assert {"", "\x00", "ATC code A09AB04", "6ec7d31"} <= set(texts)
    assert any("٣" in text and "Ⅻ" in text for text in texts)
