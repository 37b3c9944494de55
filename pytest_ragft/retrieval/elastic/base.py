"""What the retrievers over a managed and over a user's own index have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Hit
from pytest_ragft.retrieval.elastic.query import MOST_HITS
from pytest_ragft.retrieval.elastic.search import explanation_lines
from pytest_ragft.retrieval.ranking import expect_k
from pytest_ragft.retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection
    from pytest_ragft.retrieval.encoding.port import Encoder

Body = dict[str, Any]
"""A search, or a hit as the server gives it."""


class ElasticRetriever(ABC):
    """One search of a question, by words or by a vector.

    Args:
        connection: To the server; stays open.
        settings: fields are read.
    """

    def __init__(self, connection: Connection, settings: RetrievalSettings) -> None:
        self._connection, self._settings = connection, settings
        self._is_ready = False

    def close(self) -> None:
        """Let the next use look at the index again."""
        self._is_ready = False

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """At most `k` hits a query, best first.

        Raises:
            ValueError: `k` is less than 1.
            RetrievalError: the index cannot be used, or the answer would be incomplete.
        """
        found = self._found(queries, k, explain=False)
        return [tuple(hit for hit, _ in self._ranked(raws)) for raws in found]

    def explain(self, query: str, k: int) -> list[tuple[Hit, tuple[str, ...]]]:
        """The hits of one query, each with the server's explanation in lines.

        Raises:
            ValueError: `k` is less than 1.
            RetrievalError: as for `retrieve`.
        """
        (raws,) = self._found([query], k, explain=True)
        return [(hit, explanation_lines(raw)) for hit, raw in self._ranked(raws)]

    def _found(self, queries: Sequence[str], k: int, *, explain: bool) -> list[list[Body]]:
        """The hits of each query, as the server gives them; none for one without a vector."""
        expect_k(k)
        size = self._most(k)
        if size > MOST_HITS:
            raise RetrievalError(
                f"[retrieval] k = {k!r}: Elasticsearch gives at most {MOST_HITS} hits for a "
                "search; ask for fewer"
            )
        if not queries or not size:
            return [[] for _ in queries]
        self._make_ready()
        frame = self._frame(size) | ({"explain": True} if explain else {})
        bodies = [None if body is None else body | frame for body in self._bodies(queries, size)]
        answers = iter(self._search([body for body in bodies if body is not None]))
        return [[] if body is None else next(answers) for body in bodies]

    def _make_ready(self) -> None:
        if not self._is_ready:
            self._prepare()
            self._is_ready = True

    def _bodies(self, queries: Sequence[str], size: int) -> list[Body | None]:
        """One search a query; None for one without the vector that it needs."""
        encoder = self._encoder
        if encoder is None:
            return [self._body(query, None, size) for query in queries]
        vectors = encoder.encode(queries, "query")
        return [
            self._body(query, vector.tolist(), size) if vector.any() else None
            for query, vector in zip(queries, vectors, strict=True)
        ]

    @property
    @abstractmethod
    def _encoder(self) -> Encoder | None:
        """Makes the vectors of questions; None where none are needed."""

    @abstractmethod
    def _most(self, k: int) -> int:
        """How many of `k` hits there may be at all."""

    @abstractmethod
    def _prepare(self) -> None:
        """What has to be done or known before the first search."""

    @abstractmethod
    def _body(self, query: str, vector: list[float] | None, size: int) -> Body:
        """The search of one question."""

    @abstractmethod
    def _frame(self, size: int) -> Body:
        """What all searches ask for: how many hits, what of each, in which order."""

    @abstractmethod
    def _search(self, bodies: Sequence[Body]) -> list[list[Body]]:
        """The hits of each search, as the server gives them."""

    @abstractmethod
    def _ranked(self, raws: Sequence[Body]) -> list[tuple[Hit, Body]]:
        """The hits of one question, best first, each with what the server gave."""
