"""The retriever port."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pytest_ragft.records import Hit


class Retriever(Protocol):
    """Queries in, ranked hits out, in batches."""

    @property
    def fingerprint(self) -> str:
        """Identity of all that decides the hits: corpus, analysis, parameters, implementation."""
        ...

    @property
    def description(self) -> str:
        """A few words for reports, such as ``embedded bm25``."""
        ...

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """At most `k` hits a query, best first, ties in a fixed order; in the order of `queries`.

        A passage without any matching term is no hit, so there may be fewer than `k`.

        Raises:
            RetrievalError: the answer would be incomplete.

        """
        ...
