"""The embedded backend: all modes in memory, needing no server."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_ragft.errors import RetrievalError
from pytest_ragft.progress import Progress
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.analysis import ANALYSIS
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.retrieval.ranking import searched_text
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import Store

_ELASTIC = "Elasticsearch does that: give its URL with --ragft-es-url, or leave the setting out"


def open_embedded(
    passages: Iterable[Passage],
    settings: RetrievalSettings,
    *,
    store: Store | None,
    offline: bool,
    progress: Progress | None = None,
) -> Retriever:
    """The embedded retriever of a suite's settings. Cheap: indices are built at the first query.

    Args:
        passages: The corpus; ids are unique.
        settings: Mode, encoder, fusion, k, analyzer, k1 and b are read.
        store: Keeps vectors.
        offline: Open no socket and load no model.
        progress: Shown while vectors are computed.

    Raises:
        RetrievalError: a setting is not for the embedded backend, or names no encoder.
    """
    _expect_embedded(settings)
    passages = tuple(passages)
    if settings.mode == "bm25":
        return _bm25(passages, settings)
    from pytest_ragft.retrieval.dense import DenseRetriever
    from pytest_ragft.retrieval.encoding.factory import open_encoder

    texts = [searched_text(passage) for passage in passages]
    encoder = open_encoder(
        settings.encoder, corpus=texts, store=store, offline=offline, progress=progress,
        prompts=settings.prompts,
    )  # fmt: skip
    dense = DenseRetriever(passages, encoder)
    if settings.mode == "dense":
        return dense
    from pytest_ragft.retrieval.hybrid import HybridRetriever

    return HybridRetriever(
        [_bm25(passages, settings), dense], fusion=settings.fusion, depth=settings.depth
    )


def _bm25(passages: tuple[Passage, ...], settings: RetrievalSettings) -> Retriever:
    from pytest_ragft.retrieval.embedded import EmbeddedRetriever

    return EmbeddedRetriever(passages, k1=settings.k1, b=settings.b, analyzer=settings.analyzer)


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
