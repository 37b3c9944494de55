"""The generator port."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pytest_ragft.records import Answer, Request


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
