"""How far long work is: what it tells whoever waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Phase(Protocol):
    """One piece of long work in progress."""

    def advance(self, done: int, what: str = "") -> None:
        """`done` more units are finished; `what` says what comes next."""
        ...


class Progress(Protocol):
    """Shows phases of long work to whoever waits for it."""

    def phase(self, title: str, total: int, unit: str) -> AbstractContextManager[Phase]:
        """A phase of `total` units, shown until the context ends."""
        ...


class NoProgress:
    """Shows nothing."""

    @contextmanager
    def phase(self, title: str, total: int, unit: str) -> Iterator[Phase]:
        """A phase that nobody sees."""
        yield self

    def advance(self, done: int, what: str = "") -> None:
        """Nobody is told."""
