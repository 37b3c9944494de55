"""The retriever port."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from pytest_ragft.records import Hit, Passage


class Retriever(Protocol):
    """Queries in, ranked hits out, in batches."""

    @property
    def fingerprint(self) -> str | None:
        """Identity of all that decides the hits: corpus, analysis, parameters, implementation.

        None where it cannot be known, as for an index whose state may not be read: its hits are
        never taken from an earlier run.
        """
        ...

    @property
    def description(self) -> str:
        """A few words for reports, such as ``embedded bm25``."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report must say about its hits, such as that ties are unordered."""
        ...

    def check(self) -> None:
        """Find at once what can be found before any work; cheap, and computes nothing.

        Raises:
            RetrievalError: it cannot retrieve, such as for a wrong URL, key, index or field.
        """
        ...

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """At most `k` hits a query, best first, ties in a fixed order; in the order of `queries`.

        Under BM25 a passage without any matching term is no hit, so there may be fewer than `k`.

        Raises:
            RetrievalError: the answer would be incomplete.

        """
        ...

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The texts of passages that `retrieve` has found, as the index held them then.

        Raises:
            RetrievalError: one of them was never found.
        """
        ...

    def close(self) -> None:
        """Let go of connections and snapshots; it may be used again afterwards."""
        ...


@runtime_checkable
class Indexing(Protocol):
    """A retriever of one's own that searches the suite's corpus."""

    def index(self, passages: Sequence[Passage]) -> None:
        """Take the corpus in, once, before the first query; it belongs to the identity of hits.

        Raises:
            RetrievalError: it cannot be indexed.
        """
        ...


@runtime_checkable
class Explaining(Protocol):
    """A retriever that can say how it came to its scores."""

    def explain(self, query: str, k: int) -> Sequence[tuple[Hit, Sequence[str]]]:
        """The hits of one query, each with lines for people.

        Raises:
            RetrievalError: as for `Retriever.retrieve`.
        """
        ...
