"""Progress that nobody sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_ragft.retrieval.encoding.port import Phase


class Silence:
    """Stands in where no progress is asked for."""

    @contextmanager
    def phase(self, title: str, total: int, unit: str) -> Iterator[Phase]:
        """A phase that is not shown."""
        yield self

    def advance(self, done: int, what: str = "") -> None:
        """Nothing."""
