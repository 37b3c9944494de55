"""Whoever computes the batches, in whatever order and how often: the answers are the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_ragft.evaluation.executor import Batch, Computed, InProcess, compute
from pytest_ragft.generation.port import Generator
from pytest_ragft.records import Answer, Knowledge, Prompt, Request
from pytest_ragft.store import Store
from tests.evaluation_parts import Toy, everything, make_evaluator


class Backwards:
    """As a pool may give them: the last first, and each computed by two workers."""

    def execute(self, batches: Iterable[Batch]) -> Iterator[Computed]:
        for batch in reversed(list(batches)):
            compute(batch)
            yield compute(batch)


class Losing:
    """A worker is gone with its batch."""

    def execute(self, batches: Iterable[Batch]) -> Iterator[Computed]:
        for number, batch in enumerate(batches):
            if number == 1:
                yield Computed(batch=batch, answers=(), error="worker 7 is gone")
            else:
                yield compute(batch)


@pytest.mark.parametrize("executor", [InProcess(), Backwards()], ids=["in process", "backwards"])
def test_the_answers_do_not_depend_on_who_computes_them(
    executor: InProcess | Backwards, tmp_path: Path
) -> None:
    here = make_evaluator(Store(tmp_path / "here.sqlite"), {"a": Toy()})
    there = make_evaluator(Store(tmp_path / "there.sqlite"), {"a": Toy()}, executor=executor)

    expected, found = (of.evaluate(everything(of)) for of in (here, there))

    assert found.answers == expected.answers
    assert found.scores == expected.scores
    assert found.computed == expected.computed
    assert not found.errors


def test_a_lost_batch_is_an_error_and_is_asked_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    lost = make_evaluator(store, {"a": Toy()}, executor=Losing())
    evaluation = lost.evaluate(everything(lost))
    assert evaluation.errors == {("a", "demo"): "worker 7 is gone"}
    assert 0 < len(evaluation.answers["a", "demo"]) < 12

    again = make_evaluator(store, {"a": Toy()})
    evaluation = again.evaluate(everything(again))
    assert not evaluation.errors
    assert len(evaluation.answers["a", "demo"]) == 12


class AtOnce:
    """A server all of whose answers come in together."""

    key = "a server"

    def release(self) -> None: ...

    def answer_concurrently(
        self, work: Iterable[tuple[Generator, Request]]
    ) -> Iterator[Sequence[tuple[int, Answer]]]:
        yield [
            (at, Answer(text=request.knowledge, finish="stop"))
            for at, (_, request) in enumerate(work)
        ]


def test_answers_that_come_together_stay_with_what_they_were_asked_with() -> None:
    """Else an answer with gold passages would be gated as one with retrieved ones."""
    generator = cast("Generator", SimpleNamespace(engine=AtOnce()))

    def batch(arm: str, knowledge: Knowledge) -> Batch:
        prompt = Prompt(system="", user="{question}", question="Which?")
        request = Request(suite="demo", id="q", prompt=prompt, knowledge=knowledge)
        more: Any = {"generator": generator, "requests": [request], "knowledge": knowledge}
        return Batch(arm=(arm, "demo"), keys=[f"{arm} {knowledge}"], **more)

    kinds: tuple[Knowledge, ...] = ("retrieved", "gold", "none")
    batches = [batch(arm, knowledge) for knowledge in kinds for arm in ("a", "b")]

    found = list(InProcess().execute(batches))

    assert len(found) == len(batches)
    for computed in found:
        (variant, _), knowledge = computed.batch.arm, computed.batch.knowledge
        assert [answer.text for answer in computed.answers] == [knowledge]
        assert computed.batch.keys == [f"{variant} {knowledge}"]
