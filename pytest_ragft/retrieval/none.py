"""No retrieval at all: for suites whose questions bring along all that is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Hit, Passage
from pytest_ragft.store import fingerprint


class NoRetriever:
    """Finds nothing for any question."""

    notes: tuple[str, ...] = ()
    description = "none"

    @property
    def fingerprint(self) -> str:
        """The same for all suites."""
        return fingerprint("no retrieval")

    def check(self) -> None:
        """It always can."""

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """No hit for any query."""
        return [() for _ in queries]

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """Of no ids.

        Raises:
            RetrievalError: there is an id, which was never found.
        """
        for passage_id in ids:
            raise RetrievalError(f"no passage {passage_id!r} was found: nothing is retrieved")
        return {}

    def close(self) -> None:
        """Nothing is open."""
