"""The progress port: long work tells how far it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
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
