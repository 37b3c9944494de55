"""The embedded BM25 retriever: in memory on bm25s, needing no server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.analysis import ANALYSIS, STOP_WORDS, Analyzer
from pytest_ragft.retrieval.ranking import best, by_id, expect_k, identity
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALGORITHM = "embedded-bm25-lucene/1"
_DECIMALS = 9
"""Scores that differ by less are ties: the order of additions leaves noise of about 1e-15."""


class BM25Retriever:
    """BM25 over title and text as one field; Robertson's formula in Lucene's variant.

    The variant is that of Kamphuis et al. (2020), "Which BM25 do you mean?": a term in df of N
    passages weighs ``ln(1 + (N - df + 0.5) / (df + 0.5))``, always positive; a query term that is
    repeated counts as often. Ties are ordered as the corpus is. The index is built at the first
    query.

    Args:
        passages: The corpus; ids are unique.
        k1: Saturation of term frequency, at least 0.
        b: Length normalisation, in [0, 1].
        analyzer: ``english`` or ``standard``, as in `analysis.Analyzer`.
    """

    def __init__(
        self,
        passages: Iterable[Passage],
        *,
        k1: float = 1.2,
        b: float = 0.75,
        analyzer: str = "english",
    ) -> None:
        if not (k1 >= 0 and 0 <= b <= 1):
            raise ValueError(f"k1 must be at least 0 and b in [0, 1], got {k1!r} and {b!r}")
        if analyzer not in ANALYSIS:
            raise ValueError(f"analyzer must be one of {sorted(ANALYSIS)}, got {analyzer!r}")
        self._passages = tuple(passages)
        self._k1, self._b, self._analyzer = k1, b, analyzer
        self._index: _Index | None = None
        self._fingerprint: str | None = None

    @property
    def fingerprint(self) -> str:
        """Corpus (ids, titles, texts, order), analysis, parameters and algorithm version.

        The version is that of this class, not of bm25s: a test pins its scores to the formula.
        """
        if self._fingerprint is None:
            stop_words = sorted(STOP_WORDS) if self._analyzer == "english" else []
            self._fingerprint = fingerprint(
                _ALGORITHM,
                ANALYSIS[self._analyzer],
                stop_words,
                self._k1,
                self._b,
                identity(self._passages),
            )
        return self._fingerprint

    @property
    def description(self) -> str:
        """For reports."""
        return "embedded bm25" + (" (standard)" if self._analyzer == "standard" else "")

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing has to be said."""
        return ()

    def check(self) -> None:
        """Nothing can be wrong."""

    def close(self) -> None:
        """Nothing is open."""

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The passages of the corpus with these ids.

        Raises:
            RetrievalError: the corpus has none of that id.
        """
        return by_id(self._passages, ids)

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """At most `k` hits a query, best first, ties in the order of the corpus.

        Raises:
            ValueError: `k` is less than 1.
        """
        expect_k(k)
        if self._index is None:
            self._index = _Index(
                self._passages, k1=self._k1, b=self._b, analyzer=Analyzer(self._analyzer)
            )
        index = self._index
        return [
            tuple(
                Hit(passage_id=self._passages[row].id, score=score)
                for row, score in _hits(index.scores(query), k)
            )
            for query in queries
        ]


class _Index:
    """Term scores of each passage, and the analysis that queries go through."""

    def __init__(
        self, passages: Sequence[Passage], *, k1: float, b: float, analyzer: Analyzer
    ) -> None:
        self._analyzer = analyzer
        self._rows = len(passages)
        self._vocabulary: dict[str, int] = {}
        number = self._vocabulary.setdefault
        documents = [
            [number(term, len(self._vocabulary)) for term in self._analyzer.terms(text)]
            for text in (f"{p.title}\n{p.text}" for p in passages)
        ]
        # bm25s cannot index a corpus without any term.
        self._bm25 = self._build(documents, k1, b) if self._vocabulary else None

    def _build(self, documents: list[list[int]], k1: float, b: float) -> Any:
        import bm25s

        bm25 = bm25s.BM25(method="lucene", k1=k1, b=b, dtype="float64", backend="numpy")
        bm25.index(
            (documents, self._vocabulary.copy()), create_empty_token=False, show_progress=False
        )
        return bm25

    def scores(self, query: str) -> NDArray[np.float64]:
        """BM25 scores, shape [passages], 0 without a common term."""
        terms = self._analyzer.terms(query)
        known = [self._vocabulary[term] for term in terms if term in self._vocabulary]
        if self._bm25 is None or not known:
            return np.zeros(self._rows)
        scores: NDArray[np.float64] = self._bm25.get_scores_from_ids(known)
        return scores


def _hits(scores: NDArray[np.float64], k: int) -> list[tuple[int, float]]:
    """Rows with a positive score; without a common term it is 0."""
    return best(scores, np.flatnonzero(scores > 0), k, decimals=_DECIMALS)
