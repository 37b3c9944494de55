"""The retriever over an index of the tool's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.elastic.base import Body, ElasticRetriever
from pytest_ragft.retrieval.elastic.faults import RequestError
from pytest_ragft.retrieval.elastic.index import ManagedIndex
from pytest_ragft.retrieval.elastic.mapping import CONTENT, POSITION, VECTOR, explained
from pytest_ragft.retrieval.elastic.query import (
    AMONG_EQUALS,
    MOST_HITS,
    nearest_clause,
    text_clause,
)
from pytest_ragft.retrieval.elastic.search import search_all
from pytest_ragft.retrieval.ranking import by_id
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection
    from pytest_ragft.retrieval.encoding.port import Encoder

_ALGORITHM = "elasticsearch-managed/1"
_DECIMALS = 6
"""Cosines that differ by less are ties, as in the embedded retriever."""
_ORDER = [{"_score": "desc"}, {POSITION: "asc"}]


class ManagedRetriever(ElasticRetriever):
    """BM25 or nearest neighbours over a managed index, which is built at the first query.

    Ties are ordered as the corpus is. BM25 scores are Elasticsearch's, dense ones cosines.

    Args:
        connection: To the server; stays open.
        index: Of the corpus; ids are unique.
        settings: fields are read.
        mode: ``bm25`` or ``dense``.
    """

    def __init__(
        self,
        connection: Connection,
        index: ManagedIndex,
        settings: RetrievalSettings,
        mode: Literal["bm25", "dense"],
    ) -> None:
        super().__init__(connection, settings)
        self._index, self._mode = index, mode

    @property
    def fingerprint(self) -> str:
        """Corpus, mapping, encoder and how it is searched; found without the server."""
        fields = {name: float(weight) for name, weight in self._settings.fields.items()}
        return fingerprint(_ALGORITHM, self._index.fingerprint, self._mode, fields)

    @property
    def description(self) -> str:
        """For reports."""
        if self._encoder is None:
            return "elasticsearch bm25"
        return f"elasticsearch dense {self._settings.vectors} ({self._encoder.description})"

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing has to be said."""
        return ()

    def check(self) -> None:
        """Whether the server, the analyzer and the encoder can be used.

        Raises:
            RetrievalError: one of them cannot.
            MissingDependencyError: a package that the encoder needs is not installed.
        """
        self._connection.check()
        analyzer = self._settings.analyzer
        try:
            self._connection.call(
                f"asking for the analyzer {analyzer!r}",
                lambda client: client.indices.analyze(analyzer=analyzer, text="a"),
            )
        except RequestError as error:
            # Who may manage certain indices only gets 403; building then tells.
            if error.status != 403:
                raise explained(error, self._settings) from None
        if self._index.encoder is not None:
            self._index.encoder.check()

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The passages of the corpus with these ids.

        Raises:
            RetrievalError: the corpus has none of that id.
        """
        return by_id(self._index.passages, ids)

    @property
    def _encoder(self) -> Encoder | None:
        return None if self._mode == "bm25" else self._index.encoder

    def _most(self, k: int) -> int:
        return min(k, len(self._index.passages))

    def _prepare(self) -> None:
        self._index.ensure()

    def _search(self, bodies: Sequence[Body]) -> list[list[Body]]:
        alias = self._index.alias
        try:
            return search_all(self._connection, f"searching {alias!r}", bodies, index=alias)
        except RequestError as error:
            if error.kind != "index_not_found_exception":
                raise
            raise RetrievalError(
                f"{self._connection.settings.where}: index {alias!r} was deleted during the run; "
                "run again, and it is built anew"
            ) from None

    def _frame(self, size: int) -> Body:
        return {
            "size": size,
            "sort": _ORDER,
            # Positions stand in the sort values: reading anything stored doubles the time.
            "_source": False,
            "stored_fields": "_none_",
            "track_total_hits": False,
        }

    def _body(self, query: str, vector: list[float] | None, size: int) -> Body:
        if vector is None:
            return {"query": text_clause(query, self._settings.fields or {CONTENT: 1.0})}
        most = min(size + AMONG_EQUALS, len(self._index.passages), MOST_HITS)
        rounded = self._settings.vectors == "int8_hnsw"
        return {"knn": nearest_clause(VECTOR, vector, most, rescored=rounded)}

    def _ranked(self, raws: Sequence[Body]) -> list[tuple[Hit, Body]]:
        """The hits; equally near ones in the order of the corpus."""
        scored = [(*raw["sort"], raw) for raw in raws]
        if self._mode == "dense":
            # The server's score is (1 + cosine) / 2 in single precision; adding 0 turns -0 into 0.
            scored = [(round(2 * score - 1, _DECIMALS) + 0.0, at, raw) for score, at, raw in scored]
            scored.sort(key=lambda found: (-found[0], found[1]))
        return [
            (Hit(passage_id=self._index.passages[at].id, score=score), raw)
            for score, at, raw in scored
        ]
