"""The embedded dense retriever: every passage is compared with the query, so that it is exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.encoding.port import Encoder
from pytest_ragft.retrieval.ranking import best, by_id, expect_k, identity, searched_text
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALGORITHM = "embedded-dense/1"
# Cosines that differ by less are ties: encoders on float32 differ by 1e-7 between machines.
_DECIMALS = 6
# Similarities that are held at a time, at 8 bytes each.
_CELLS = 8_000_000
# Passages whose vectors are held in double precision at a time.
_ROWS = 8192


class DenseRetriever:
    """Cosine similarity of query and passage, over title and text as one.

    Every passage with a vector is a hit, down to a cosine of -1; a query or passage without one
    (blank, or without any term that the encoder knows) is none. Ties are ordered as the corpus is.
    Passages are encoded at the first query.

    Args:
        passages: The corpus; ids are unique.
        encoder: Makes vectors of passages and queries.
    """

    def __init__(self, passages: Iterable[Passage], encoder: Encoder) -> None:
        self._passages = tuple(passages)
        self._encoder = encoder
        self._matrix: NDArray[np.float32] | None = None
        self._fingerprint: str | None = None

    @property
    def fingerprint(self) -> str:
        """Corpus (ids, titles, texts, order), encoder and algorithm version."""
        if self._fingerprint is None:
            self._fingerprint = fingerprint(
                _ALGORITHM, self._encoder.fingerprint, identity(self._passages)
            )
        return self._fingerprint

    @property
    def description(self) -> str:
        """For reports."""
        return f"embedded dense ({self._encoder.description})"

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing has to be said."""
        return ()

    def check(self) -> None:
        """Whether the encoder can be used, as far as that can be told before its work.

        Raises:
            RetrievalError: it cannot.
            MissingDependencyError: a package that it needs is not installed.
        """
        self._encoder.check()

    def close(self) -> None:
        """Let go of the vectors; they are made again, or read from the store, on need."""
        self._matrix = None

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The passages of the corpus with these ids.

        Raises:
            RetrievalError: the corpus has none of that id.
        """
        return by_id(self._passages, ids)

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """At most `k` hits a query with their cosines, best first, ties in the order of the corpus.

        Raises:
            ValueError: `k` is less than 1.
            RetrievalError: the encoder cannot encode all of the passages and queries.
        """
        expect_k(k)
        if not queries or not self._passages:
            return [()] * len(queries)
        if self._matrix is None:
            self._matrix = self._encoder.encode([searched_text(p) for p in self._passages])
        vectors = self._encoder.encode(queries, "query")
        rows = np.flatnonzero(self._matrix.any(axis=1))
        return [
            self._hits(scores, rows, k) if vector.any() else ()
            for vector, scores in zip(vectors, _cosines(vectors, self._matrix), strict=True)
        ]

    def _hits(self, scores: NDArray[np.float64], rows: NDArray[np.intp], k: int) -> tuple[Hit, ...]:
        return tuple(
            Hit(passage_id=self._passages[row].id, score=score)
            for row, score in best(scores, rows, k, decimals=_DECIMALS)
        )


def _cosines(
    queries: NDArray[np.float32], passages: NDArray[np.float32]
) -> Iterator[NDArray[np.float64]]:
    """One row of cosines a query, shape [passages].

    In double precision, where products of two float32 are exact and the order of the additions,
    which depends on the number of cores, is far below what is rounded away.
    """
    at_a_time = max(1, _CELLS // len(passages))
    for start in range(0, len(queries), at_a_time):
        block = queries[start : start + at_a_time].astype(np.float64)
        cosines = np.empty((len(block), len(passages)))
        for first in range(0, len(passages), _ROWS):
            part = passages[first : first + _ROWS].astype(np.float64)
            cosines[:, first : first + _ROWS] = block @ part.T
        yield from cosines
