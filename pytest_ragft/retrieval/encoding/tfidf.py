"""Vectors without a neural model: TF-IDF and truncated SVD, fitted on the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_ragft.retrieval.analysis import ANALYSIS, STOP_WORDS, Analyzer
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_ragft.retrieval.encoding.port import TextRole

_ALGORITHM = "tfidf-svd/1"
_COMPONENTS = 256
_SEED = 0
_NEGLIGIBLE = 1e-9
"""Singular values below this share of the greatest are noise of arithmetic, as are lengths."""


class TfidfEncoder:
    """Latent semantic analysis (Deerwester et al. 1990) with scikit-learn.

    Terms are those of the analyzer ``english``; weights are (1 + ln tf) · idf. At most 256
    components; fewer where the corpus has fewer passages or terms. Fitted at the first need, in
    seconds, and the same each time.

    Args:
        corpus: What it is fitted on.
    """

    def __init__(self, corpus: Sequence[str]) -> None:
        self._corpus = tuple(corpus)
        self._fingerprint: str | None = None
        self._fitted: _Fitted | None = None

    @property
    def fingerprint(self) -> str:
        """Corpus, analysis, parameters and algorithm version."""
        if self._fingerprint is None:
            analysis = [ANALYSIS["english"], sorted(STOP_WORDS)]
            self._fingerprint = fingerprint(_ALGORITHM, analysis, _COMPONENTS, _SEED, self._corpus)
        return self._fingerprint

    @property
    def description(self) -> str:
        """For reports."""
        return "tfidf"

    @property
    def dimensions(self) -> int:
        """Components, at least 1; fits the model."""
        return self._model().dimensions

    def check(self) -> None:
        """Nothing can be wrong."""

    def encode(self, texts: Sequence[str], role: TextRole = "document") -> NDArray[np.float32]:
        """As `Encoder.encode`; zero for a text without any term of the corpus."""
        return self._model().encode(texts)

    def _model(self) -> _Fitted:
        if self._fitted is None:
            self._fitted = _Fitted(self._corpus)
        return self._fitted


class _Fitted:
    def __init__(self, corpus: Sequence[str]) -> None:
        self._analyzer = Analyzer()
        self._vectorizer: Any = None
        self._components = np.zeros((1, 0))
        # scikit-learn cannot fit a corpus without any term.
        if any(self._analyzer.terms(text) for text in corpus):
            self._fit(corpus)

    @property
    def dimensions(self) -> int:
        return len(self._components)

    def _fit(self, corpus: Sequence[str]) -> None:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(
            analyzer=self._analyzer.terms, sublinear_tf=True, dtype=np.float64
        )
        weights = self._vectorizer.fit_transform(corpus)
        if weights.shape[1] == 1:  # which scikit-learn does not decompose
            self._components = np.ones((1, 1))
            return
        svd = TruncatedSVD(min(_COMPONENTS, *weights.shape), n_iter=7, random_state=_SEED)
        svd.fit(weights)
        # Beyond the rank of the corpus, components are directions of noise: the same texts would
        # have other vectors on another machine.
        values = svd.singular_values_
        self._components = svd.components_[values > _NEGLIGIBLE * values[0]]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self._vectorizer is None or not len(texts):
            return np.zeros((len(texts), self.dimensions), np.float32)
        # A sparse product goes row by row, so that a row does not depend on its neighbours.
        rows = np.asarray(self._vectorizer.transform(texts) @ self._components.T)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > _NEGLIGIBLE)
        vectors: NDArray[np.float32] = unit.astype(np.float32)
        return vectors
