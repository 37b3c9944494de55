"""From a suite's settings, and what the run says over them, to its retriever."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ragft.errors import RetrievalError
from pytest_ragft.progress import Progress
from pytest_ragft.retrieval.none import NoRetriever
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.retrieval.ranking import searched_text
from pytest_ragft.retrieval.settings import BACKENDS, NONE
from pytest_ragft.store import Store
from pytest_ragft.suite.schema import Suite

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection
    from pytest_ragft.retrieval.elastic.index import ManagedIndex
    from pytest_ragft.retrieval.encoding.port import Encoder


class Access:
    """What a run says about retrieval, over the settings of its suites; close it after use.

    Args:
        backend: As ``--ragft-retriever``.
        url: As ``--ragft-es-url``.
        environ: For credentials.
        store: Keeps vectors, and lets one process at a time index.
        offline: Open no socket and load no model.
        progress: Shows indexing and encoding.
        places: Hold modules with retrievers of one's own, see `load_own`.
    """

    def __init__(
        self,
        *,
        backend: str | None = None,
        url: str | None = None,
        environ: Mapping[str, str] | None = None,
        store: Store | None = None,
        offline: bool = False,
        progress: Progress | None = None,
        places: Iterable[Path] = (),
    ) -> None:
        self.places = tuple(places)
        self.backend, self.url = backend, url
        self.store, self.offline, self.progress = store, offline, progress
        self._environ = {} if environ is None else environ
        self._connections: dict[str, Connection] = {}

    def connect(self, suite: Suite) -> Connection:
        """The connection to a suite's Elasticsearch, one a URL; nothing is sent yet.

        Raises:
            RetrievalError: no URL is given, or it or the credentials are unusable.
        """
        url = self.url or suite.retrieval.url
        if not url:
            raise RetrievalError(
                f"{suite.path}: [retrieval] is to search Elasticsearch, but no URL is given; give "
                "--ragft-es-url=http://HOST:PORT, RAGFT_ES_URL or [retrieval] url"
            )
        return self.connect_to(
            url, "--ragft-es-url" if self.url else f"{suite.path}: [retrieval] url"
        )

    def connect_to(self, url: str, source: str) -> Connection:
        """The connection to a URL; `source` is the setting that gave it, for messages.

        Raises:
            RetrievalError: it or the credentials are unusable.
        """
        from pytest_ragft.retrieval.elastic.access import connection_settings
        from pytest_ragft.retrieval.elastic.connection import Connection

        if url not in self._connections:
            settings = connection_settings(url, self._environ, source=source)
            self._connections[url] = Connection(settings, offline=self.offline)
        return self._connections[url]

    def close(self) -> None:
        """Close the connections; later ones open anew."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()


def open_retriever(suite: Suite, access: Access) -> Retriever:
    """The retriever over a suite's corpus. Cheap: an index is built at the first query.

    Raises:
        RetrievalError: no retriever here has the suite's settings, or a URL is lacking.
        SpecError: a retriever of one's own is not there, or does not fit the port.
    """
    settings = suite.retrieval
    if settings.run is not None:
        return _open_run(suite, settings.run, access)
    if settings.backend == NONE:
        return NoRetriever()
    backend = _backend(suite, access)
    if backend not in BACKENDS:
        from pytest_ragft.retrieval.own import open_own_retriever

        given = f"--ragft-retriever={backend!r}"
        return open_own_retriever(
            backend,
            tuple(suite.passages.values()),
            where=given if access.backend else f"{suite.path}: [retrieval] backend = {backend!r}",
            offline=access.offline,
            places=access.places,
        )
    settings = replace(settings, encoder=_encoder_spec(suite))
    if backend == "embedded":
        from pytest_ragft.retrieval.embedded import open_embedded

        return open_embedded(
            suite.passages.values(), settings, lambda: corpus_encoder(suite, access)
        )
    from pytest_ragft.retrieval.elastic.retriever import open_elastic

    return open_elastic(
        tuple(suite.passages.values()),
        settings,
        access.connect(suite),
        suite=suite.name,
        encoder=lambda: corpus_encoder(suite, access),
        progress=access.progress,
        lock=nullcontext if access.store is None else access.store.lock,
    )


def _open_run(suite: Suite, run: str, access: Access) -> Retriever:
    from pytest_ragft.retrieval.run import RunRetriever

    if access.backend is not None and access.backend != "auto":
        raise RetrievalError(
            f"--ragft-retriever={access.backend}: {suite.path} takes its hits from run = {run!r}; "
            "leave the option out"
        )
    return RunRetriever(suite.path.parent / run, suite.examples, suite.passages)


def open_index(suite: Suite, access: Access) -> ManagedIndex:
    """The index that the tool keeps of a suite's corpus on Elasticsearch, whatever searches it.

    Raises:
        RetrievalError: the suite searches an index of its own, or no URL is given.
    """
    from pytest_ragft.retrieval.elastic.index import ManagedIndex

    own = suite.retrieval.index
    if own is not None:
        raise RetrievalError(
            f"{suite.path}: index = {own.name!r} is an index of yours, which is only ever read"
        )
    return ManagedIndex(
        access.connect(suite),
        tuple(suite.passages.values()),
        replace(suite.retrieval, encoder=_encoder_spec(suite)),
        suite=suite.name,
        encoder=lambda: corpus_encoder(suite, access),
        progress=access.progress,
        lock=nullcontext if access.store is None else access.store.lock,
    )


def corpus_encoder(suite: Suite, access: Access) -> Encoder:
    """The encoder that a suite's settings name, over its corpus.

    Raises:
        RetrievalError: they name none that there is.
    """
    from pytest_ragft.retrieval.encoding.factory import open_encoder

    return open_encoder(
        _encoder_spec(suite),
        corpus=[searched_text(passage) for passage in suite.passages.values()],
        store=access.store,
        offline=access.offline,
        progress=access.progress,
        prompts=suite.retrieval.prompts,
    )


def _backend(suite: Suite, access: Access) -> str:
    index = suite.retrieval.index
    backend = access.backend or suite.retrieval.backend
    if index is not None and backend not in ("auto", "elasticsearch"):
        raise RetrievalError(
            f"--ragft-retriever={backend}: {suite.path} searches the index {index.name!r}, which "
            "lies on Elasticsearch; leave the option out"
        )
    if backend != "auto":
        return backend
    url = access.url or suite.retrieval.url
    return "elasticsearch" if url or index is not None else "embedded"


def _encoder_spec(suite: Suite) -> str:
    """A folder that stands in the suite's settings starts at the suite, as its files do."""
    kind, _, place = suite.retrieval.encoder.partition(":")
    folder = suite.path.parent / place
    return f"hf:{folder}" if kind == "hf" and os.path.isdir(folder) else suite.retrieval.encoder
