"""The generator port."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from pytest_ragft.records import Answer, Request
from pytest_ragft.store import fingerprint


class Engine(Protocol):
    """What is loaded once for several generators, such as a base model with its adapters."""

    @property
    def key(self) -> str:
        """Identity of what is loaded; processes that share it take turns under one lock."""
        ...

    def release(self) -> None:
        """Free the memory. The engine loads again when it is next needed."""
        ...


class Generator(Protocol):
    """A system under test. Cheap to make and to identify; heavy only once it generates."""

    @property
    def fingerprint(self) -> str:
        """Identity of all that decides an answer besides the prompt.

        Weights, adapter, tokenizer and chat template, decoding settings, dtype, batch policy.
        """
        ...

    @property
    def engine(self) -> Engine | None:
        """The engine that it runs on; None when nothing heavy is loaded."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report must say about it, such as ``base unverified``."""
        ...

    def check(self, suite: str, ids: Sequence[str]) -> None:
        """Find every reason why it cannot answer these questions that shows without loading.

        Raises:
            SpecError: recorded answers are missing, or belong to no question.
            MissingDependencyError: a package that it runs on is not installed.
        """
        ...

    def cut(self, requests: Sequence[Request]) -> list[list[int]]:
        """Batches as lists of positions in `requests`; the same requests give the same batches."""
        ...

    def generate(self, batch: Sequence[Request]) -> list[Answer]:
        """Answers to one batch, in its order.

        A request that fails by itself is an `Answer` with `error` set.

        Raises:
            GenerationError: the model cannot be loaded or cannot go on at all.
        """
        ...


@runtime_checkable
class Concurrent(Protocol):
    """An engine with many answers under way, which gives each as it comes.

    No answer hangs on what else is asked at the time, so that batches mean nothing to it.
    """

    def answer_concurrently(
        self, work: Iterable[tuple[Generator, Request]]
    ) -> Iterator[Sequence[tuple[int, Answer]]]:
        """Answers to requests by generators that run on it, each one time, in any order.

        Args:
            work: taken as it is needed, perhaps in another thread.

        Returns:
            Each time, what has come in since: positions in `work`, with the answers.
        """
        ...


@runtime_checkable
class Negotiating(Protocol):
    """A generator whose identity is what a server says and grants."""

    def negotiate(self) -> None:
        """Find that out, unless it is done; `fingerprint` does the same when it is first read.

        Raises:
            GenerationError: the server cannot be asked, or answers for another model.
            StoreError: what was found cannot be kept.
        """
        ...


@runtime_checkable
class Expiring(Protocol):
    """A generator whose answers count for a time only: its model may change unseen."""

    @property
    def since(self) -> str:
        """When those that count began to be asked for."""
        ...


def kept_under(generator: Generator) -> str:
    """What the answers of a generator are kept under, besides what it was asked."""
    if isinstance(generator, Expiring):
        return fingerprint("since", generator.fingerprint, generator.since)
    return generator.fingerprint
