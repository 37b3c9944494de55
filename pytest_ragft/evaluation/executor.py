"""The executor port: who computes batches of answers, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

from pytest_ragft.errors import GenerationError, described
from pytest_ragft.evaluation.evaluation import Arm
from pytest_ragft.generation.port import Concurrent, Generator
from pytest_ragft.records import Answer, Knowledge, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The unit of work: computed as a whole and kept as a whole.

    It is idempotent: whoever computes it, and how often, it is about the same requests in the same
    order, and what was kept of it first stays.
    """

    arm: Arm
    generator: Generator
    requests: Sequence[Request]
    keys: Sequence[str]
    """Of the answers in the store, in the order of the requests."""
    knowledge: Knowledge = "retrieved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What became of a batch."""

    batch: Batch
    answers: Sequence[Answer]
    """In the order of the requests; empty where the batch failed."""
    error: str | None = None
    """Why the batch failed as a whole: the generator cannot go on."""


class Executor(Protocol):
    """Computes batches: in this process, or by others elsewhere."""

    def execute(self, batches: Iterable[Batch]) -> Iterator[Computed]:
        """Compute batches that run on one engine, and give each of them one time, in any order.

        Where answers come one by one, those of several batches of an arm that are asked with the
        same knowledge may be given as one.

        Args:
            batches: taken as they are needed, so that whoever makes them can leave out what has
                become useless.
        """
        ...


class InProcess:
    """Computes one batch after the other in this process, or many where they are computed afar."""

    def execute(self, batches: Iterable[Batch]) -> Iterator[Computed]:
        """Compute batches in their order, or give what a server answers as it comes."""
        waiting = iter(batches)
        first = next(waiting, None)
        if first is None:
            return iter(())
        engine, whole = first.generator.engine, chain([first], waiting)
        return _stream(engine, whole) if isinstance(engine, Concurrent) else map(compute, whole)


def _stream(engine: Concurrent, batches: Iterable[Batch]) -> Iterator[Computed]:
    """What comes in together is given together, by arm and what it was asked with.

    Each is one transaction of the store.
    """
    asked: list[Batch] = []

    def work() -> Iterator[tuple[Generator, Request]]:
        for batch in batches:
            for request, key in zip(batch.requests, batch.keys, strict=True):
                asked.append(replace(batch, requests=[request], keys=[key]))
                yield batch.generator, request

    for some in engine.answer_concurrently(work()):
        alike: dict[tuple[Arm, Knowledge], list[tuple[Batch, Answer]]] = {}
        for at, answer in some:
            of = asked[at]
            alike.setdefault((of.arm, of.knowledge), []).append((of, answer))
        for given in alike.values():
            requests = [request for batch, _ in given for request in batch.requests]
            keys = [key for batch, _ in given for key in batch.keys]
            yield Computed(
                batch=replace(given[0][0], requests=requests, keys=keys),
                answers=[answer for _, answer in given],
            )


def compute(batch: Batch) -> Computed:
    """Compute one batch, for executors of any kind; what the generator raises becomes the error.

    Ctrl-C passes.
    """
    try:
        answers = batch.generator.generate(batch.requests)
        expect_all(batch.arm, answers, batch.requests)
    except (Exception, SystemExit) as error:
        return Computed(batch=batch, answers=(), error=described(error))
    return Computed(batch=batch, answers=answers)


def expect_all(arm: Arm, answers: Sequence[Answer], requests: Sequence[Request]) -> None:
    """Refuse a number of answers that says nothing about which request they are to.

    Raises:
        GenerationError: there are more or fewer than requests.
    """
    if len(answers) != len(requests):
        raise GenerationError(
            f"{arm[0]!r} gave {len(answers)} answers to {len(requests)} requests of suite "
            f"{arm[1]!r}"
        )
