"""From a suite's settings to a retriever on Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Literal

from pytest_ragft.errors import RetrievalError
from pytest_ragft.progress import Progress
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic.index import Lock, ManagedIndex
from pytest_ragft.retrieval.elastic.managed import ManagedRetriever
from pytest_ragft.retrieval.elastic.own import OwnRetriever, Search
from pytest_ragft.retrieval.elastic.snapshot import Snapshot
from pytest_ragft.retrieval.elastic.template import Template
from pytest_ragft.retrieval.hybrid import HybridRetriever
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.retrieval.settings import OwnIndex, RetrievalSettings

if TYPE_CHECKING:
    from pytest_ragft.progress import Progress
    from pytest_ragft.retrieval.elastic.connection import Connection
    from pytest_ragft.retrieval.encoding.port import Encoder


def open_elastic(
    passages: Sequence[Passage],
    settings: RetrievalSettings,
    connection: Connection,
    *,
    suite: str,
    encoder: Callable[[], Encoder],
    progress: Progress | None = None,
    lock: Lock = nullcontext,
) -> Retriever:
    """The retriever of a suite. Cheap: nothing is sent, and an index is built at the first query.

    Args:
        passages: The corpus; not read when `settings` names an index of the user's own.
        settings: As ``[retrieval]`` has them.
        connection: Stays open; whoever opened it closes it.
        suite: The suite's name, for names on the server.
        encoder: Gives what makes vectors; only called for modes and templates with vectors.
        progress: Shows building.
        lock: Lets one process of this machine at a time do what a name stands for.

    Raises:
        RetrievalError: settings do not go together.
    """
    if settings.index is not None:
        return _open_own(settings.index, settings, connection, encoder)
    index = ManagedIndex(
        connection,
        passages,
        settings,
        suite=suite,
        encoder=encoder,
        progress=progress,
        lock=lock,
    )
    modes: tuple[Literal["bm25", "dense"], ...]
    modes = ("bm25", "dense") if settings.mode == "hybrid" else (settings.mode,)
    return _together(
        [ManagedRetriever(connection, index, settings, mode) for mode in modes], settings
    )


def _open_own(
    own: OwnIndex,
    settings: RetrievalSettings,
    connection: Connection,
    encoder: Callable[[], Encoder],
) -> Retriever:
    """One search, or for hybrid two whose hits are fused, over one snapshot."""
    snapshot = Snapshot(connection, own)

    def part(search: Search, *, vectors: bool) -> OwnRetriever:
        made = encoder() if vectors else None
        return OwnRetriever(connection, snapshot, own, settings, search, made)

    template = None if own.query is None else Template(own.query)
    if template is not None and template.needs_vector:
        if settings.mode == "bm25":
            raise _wrong_mode(own, settings, "has {vector}, which no encoder makes in this mode")
        return part("template", vectors=True)
    if settings.mode == "dense":
        if template is not None:
            raise _wrong_mode(own, settings, "has no {vector}, which this mode is about")
        return part("dense", vectors=True)
    lexical = part("bm25" if template is None else "template", vectors=False)
    if settings.mode == "bm25":
        return lexical
    return _together([lexical, part("dense", vectors=True)], settings)


def _together(parts: Sequence[Retriever], settings: RetrievalSettings) -> Retriever:
    """The one that there is, or two whose hits are fused."""
    if len(parts) == 1:
        return parts[0]
    return HybridRetriever(parts, fusion=settings.fusion, depth=settings.depth)


def _wrong_mode(own: OwnIndex, settings: RetrievalSettings, fault: str) -> RetrievalError:
    return RetrievalError(
        f"[retrieval] mode = {settings.mode!r}: the template query = {own.query!r} {fault}; "
        "choose another mode, or change the template"
    )
