"""The retriever over an index of the tool's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.elastic.faults import RequestError
from pytest_ragft.retrieval.elastic.index import ManagedIndex
from pytest_ragft.retrieval.elastic.mapping import CONTENT, POSITION, VECTOR, explained
from pytest_ragft.retrieval.elastic.query import (
    AMONG_EQUALS,
    MOST_HITS,
    nearest_clause,
    text_clause,
)
from pytest_ragft.retrieval.elastic.search import explanation_lines, search_all
from pytest_ragft.retrieval.ranking import by_id, expect_k
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection

_ALGORITHM = "elasticsearch-managed/1"
_DECIMALS = 6
"""Cosines that differ by less are ties, as in the embedded retriever."""
_ORDER = [{"_score": "desc"}, {POSITION: "asc"}]


class ManagedRetriever:
    """BM25 or nearest neighbours over a managed index, which is built at the first query.

    Ties are ordered as the corpus is. BM25 scores are Elasticsearch's, dense ones cosines.

    Args:
        connection: To the server; stays open.
        passages: The corpus; ids are unique.
        index: Over the same passages.
        settings: fields are read.
        mode: ``bm25`` or ``dense``.
    """

    def __init__(
        self,
        connection: Connection,
        passages: Iterable[Passage],
        index: ManagedIndex,
        settings: RetrievalSettings,
        mode: Literal["bm25", "dense"],
    ) -> None:
        self._connection, self._index = connection, index
        self._passages = tuple(passages)
        self._settings, self._mode = settings, mode
        self._is_ready = False

    @property
    def fingerprint(self) -> str:
        """Corpus, mapping, encoder and how it is searched; found without the server."""
        fields = {name: float(weight) for name, weight in self._settings.fields.items()}
        return fingerprint(_ALGORITHM, self._index.fingerprint, self._mode, fields)

    @property
    def description(self) -> str:
        """For reports."""
        if self._mode == "bm25":
            return "elasticsearch bm25"
        encoder = self._index.encoder
        assert encoder is not None
        return f"elasticsearch dense {self._settings.vectors} ({encoder.description})"

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

    def close(self) -> None:
        """Let the next use look at the index again."""
        self._is_ready = False

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The passages of the corpus with these ids.

        Raises:
            RetrievalError: the corpus has none of that id.
        """
        return by_id(self._passages, ids)

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """At most `k` hits a query, best first.

        Raises:
            ValueError: `k` is less than 1.
            RetrievalError: the index cannot be built, or the answer would be incomplete.
        """
        found = self._found(queries, k, explain=False)
        return [tuple(self._hits(raws)) for raws in found]

    def explain(self, query: str, k: int) -> list[tuple[Hit, tuple[str, ...]]]:
        """The hits of one query, each with the server's explanation in lines.

        Raises:
            ValueError: `k` is less than 1.
            RetrievalError: as for `retrieve`.
        """
        (raws,) = self._found([query], k, explain=True)
        lines = {raw["sort"][1]: explanation_lines(raw) for raw in raws}
        positions = {self._passages[position].id: position for position in lines}
        return [(hit, lines[positions[hit.passage_id]]) for hit in self._hits(raws)]

    def _found(
        self, queries: Sequence[str], k: int, *, explain: bool
    ) -> list[list[dict[str, Any]]]:
        expect_k(k)
        size = min(k, len(self._passages))
        if size > MOST_HITS:
            raise RetrievalError(
                f"[retrieval] k = {k!r}: Elasticsearch gives at most {MOST_HITS} hits for a "
                "search; ask for fewer"
            )
        if not queries or not size:
            return [[] for _ in queries]
        if not self._is_ready:
            self._index.ensure()
            self._is_ready = True
        bodies = self._bodies(queries, size, explain=explain)
        alias = self._index.names.alias
        asked = [body for body in bodies if body is not None]
        try:
            hits = iter(search_all(self._connection, f"searching {alias!r}", asked, index=alias))
        except RequestError as error:
            if error.kind != "index_not_found_exception":
                raise
            raise RetrievalError(
                f"{self._connection.settings.where}: index {alias!r} was deleted during the run; "
                "run again, and it is built anew"
            ) from None
        return [[] if body is None else next(hits) for body in bodies]

    def _bodies(
        self, queries: Sequence[str], size: int, *, explain: bool
    ) -> list[dict[str, Any] | None]:
        """One search a query; None for one that has no vector."""
        frame: dict[str, Any] = {
            "size": size,
            "sort": _ORDER,
            # Positions stand in the sort values: reading anything stored doubles the time.
            "_source": False,
            "stored_fields": "_none_",
            "track_total_hits": False,
            **({"explain": True} if explain else {}),
        }
        if self._mode == "bm25":
            fields = self._settings.fields or {CONTENT: 1.0}
            return [{"query": text_clause(query, fields), **frame} for query in queries]
        encoder = self._index.encoder
        assert encoder is not None
        most = min(size + AMONG_EQUALS, len(self._passages), MOST_HITS)
        rounded = self._settings.vectors == "int8_hnsw"
        return [
            {"knn": nearest_clause(VECTOR, vector.tolist(), most, rescored=rounded), **frame}
            if vector.any()
            else None
            for vector in encoder.encode(queries, "query")
        ]

    def _hits(self, raws: Sequence[Mapping[str, Any]]) -> list[Hit]:
        """The hits; equally near ones in the order of the corpus."""
        scored = [(raw["sort"][0], raw["sort"][1]) for raw in raws]
        if self._mode == "dense":
            # The server's score is (1 + cosine) / 2 in single precision; adding 0 turns -0 into 0.
            cosines = [(round(2 * score - 1, _DECIMALS) + 0.0, at) for score, at in scored]
            scored = sorted(cosines, key=lambda pair: (-pair[0], pair[1]))
        return [Hit(passage_id=self._passages[at].id, score=score) for score, at in scored]
