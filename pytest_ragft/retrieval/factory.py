"""From a suite's settings to its retriever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.port import Retriever


class Settings(Protocol):
    """What is read of a suite's ``[retrieval]``."""

    @property
    def backend(self) -> str:
        """``auto``, ``embedded`` or another."""
        ...

    @property
    def mode(self) -> str:
        """``bm25`` or another."""
        ...


class Searchable(Protocol):
    """What is read of a suite, which lies on a higher floor than this room."""

    @property
    def passages(self) -> Mapping[str, Passage]:
        """The corpus by id, in its order."""
        ...

    @property
    def retrieval(self) -> Settings:
        """How it is searched."""
        ...


def open_retriever(suite: Searchable) -> Retriever:
    """The retriever over a suite's corpus. Cheap: an index is built at the first query.

    Raises:
        RetrievalError: no retriever here has the suite's backend and mode.
    """
    settings = suite.retrieval
    if settings.backend in ("auto", "embedded") and settings.mode == "bm25":
        from pytest_ragft.retrieval.embedded import EmbeddedRetriever

        return EmbeddedRetriever(suite.passages.values())
    raise RetrievalError(
        f"[retrieval] backend = {settings.backend!r}, mode = {settings.mode!r}: "
        "this version has backend 'embedded' with mode 'bm25'"
    )
