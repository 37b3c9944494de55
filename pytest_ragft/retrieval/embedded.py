"""The embedded backend: all modes in memory, needing no server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.analysis import ANALYSIS
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from pytest_ragft.retrieval.encoding.port import Encoder

_ELASTIC = "Elasticsearch does that: give its URL with --ragft-es-url, or leave the setting out"


def open_embedded(
    passages: Iterable[Passage], settings: RetrievalSettings, encoder: Callable[[], Encoder]
) -> Retriever:
    """The embedded retriever of a suite's settings. Cheap: indices are built at the first query.

    Args:
        passages: The corpus; ids are unique.
        settings: Mode, fusion, k, analyzer, k1 and b are read.
        encoder: Opens the one over the corpus, where the mode needs it.

    Raises:
        RetrievalError: a setting is not for the embedded backend.
    """
    _expect_embedded(settings)
    passages = tuple(passages)
    if settings.mode == "bm25":
        return _bm25(passages, settings)
    from pytest_ragft.retrieval.dense import DenseRetriever

    dense = DenseRetriever(passages, encoder())
    if settings.mode == "dense":
        return dense
    from pytest_ragft.retrieval.hybrid import HybridRetriever

    return HybridRetriever(
        [_bm25(passages, settings), dense], fusion=settings.fusion, depth=settings.depth
    )


def _bm25(passages: tuple[Passage, ...], settings: RetrievalSettings) -> Retriever:
    from pytest_ragft.retrieval.bm25 import BM25Retriever

    return BM25Retriever(passages, k1=settings.k1, b=settings.b, analyzer=settings.analyzer)


def _expect_embedded(settings: RetrievalSettings) -> None:
    if settings.index is not None:
        raise RetrievalError(
            f"[retrieval] index = {settings.index.name!r}: the embedded backend has no index of "
            f"yours; {_ELASTIC}"
        )
    if settings.fields:
        raise RetrievalError(
            f"[retrieval] fields = {dict(settings.fields)!r}: the embedded backend searches title "
            f"and text as one field; {_ELASTIC}"
        )
    if settings.mode != "dense" and settings.analyzer not in ANALYSIS:
        known = " and ".join(map(repr, sorted(ANALYSIS)))
        raise RetrievalError(
            f"[retrieval] analyzer = {settings.analyzer!r}: the embedded backend has {known}; "
            f"{_ELASTIC}"
        )
