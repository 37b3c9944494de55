"""The retriever over an index of the user's, which is only ever read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.elastic.base import Body, ElasticRetriever
from pytest_ragft.retrieval.elastic.faults import RequestError
from pytest_ragft.retrieval.elastic.fields import check_fields
from pytest_ragft.retrieval.elastic.query import (
    AMONG_EQUALS,
    MOST_HITS,
    nearest_clause,
    text_clause,
)
from pytest_ragft.retrieval.elastic.snapshot import Snapshot
from pytest_ragft.retrieval.elastic.template import Template, json_object
from pytest_ragft.retrieval.settings import OwnIndex, RetrievalSettings
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection
    from pytest_ragft.retrieval.encoding.port import Encoder

_ALGORITHM = "elasticsearch-own/1"
UNORDERED = "ties are unordered: [retrieval] id_field is not set"

Search = Literal["bm25", "dense", "template"]


class OwnRetriever(ElasticRetriever):
    """Hits of one snapshot of the user's index, with their texts; scores are Elasticsearch's.

    Args:
        connection: To the server; stays open.
        snapshot: Of the index; may be shared with another retriever.
        own: The index and its fields.
        settings: fields are read.
        search: By text, by vector, or by the query template.
        encoder: Makes the vectors of queries; None where none are needed.

    Raises:
        RetrievalError: settings do not go together.
    """

    def __init__(
        self,
        connection: Connection,
        snapshot: Snapshot,
        own: OwnIndex,
        settings: RetrievalSettings,
        search: Search,
        encoder: Encoder | None,
    ) -> None:
        super().__init__(connection, settings)
        self._snapshot, self._own = snapshot, own
        self._kind, self._query_encoder = search, encoder
        self._template = Template(own.query) if search == "template" and own.query else None
        self._filter = json_object(own.filter, "[retrieval] filter") if own.filter else None
        if self._filter is not None and self._template is not None and self._template.is_retriever:
            raise RetrievalError(
                f"[retrieval] filter = {own.filter!r}: cannot be added to a query template with "
                "'retriever'; write it into the template"
            )
        self._weights = _weights(own, settings)
        self._seen: dict[str, Passage] = {}

    @property
    def fingerprint(self) -> str | None:
        """State of the index, fields, query and encoder; None where its state cannot be read.

        Raises:
            RetrievalError: the server did not answer.
        """
        identity = self._snapshot.identity
        if identity is None:
            return None
        encoder = None if self._encoder is None else self._encoder.fingerprint
        weights = {name: float(weight) for name, weight in self._weights.items()}
        own = asdict(self._own)
        return fingerprint(_ALGORITHM, identity, self._kind, own, weights, encoder)

    @property
    def description(self) -> str:
        """For reports."""
        kind = "query template" if self._kind == "template" else self._kind
        encoder = "" if self._encoder is None else f" ({self._encoder.description})"
        return f"elasticsearch {kind}{encoder} of index {self._own.name!r}"

    @property
    def notes(self) -> tuple[str, ...]:
        """On the order of ties, and on what could not be verified once it has been looked at."""
        by_itself = self._template is not None and self._template.is_ordered
        unordered = () if self._own.id_field or by_itself else (UNORDERED,)
        return (*unordered, *self._snapshot.notes)

    def check(self) -> None:
        """Whether index, fields, query and encoder can be used; one search is tried.

        Raises:
            RetrievalError: one of them cannot.
            MissingDependencyError: a package that the encoder needs is not installed.
        """
        self._connection.check()
        self._make_ready()
        if self._encoder is not None:
            self._encoder.check()
        else:
            self._found(["a"], 1, explain=False)

    def close(self) -> None:
        """Let the server forget the snapshot; the next use sees the index as it is then."""
        self._snapshot.close()
        super().close()

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The texts of passages that were found, as the snapshot held them.

        Raises:
            RetrievalError: one of them was not found.
        """
        try:
            return {passage_id: self._seen[passage_id] for passage_id in ids}
        except KeyError as error:
            raise RetrievalError(
                f"index {self._own.name!r}: the passage {error.args[0]!r} has not been retrieved"
            ) from None

    @property
    def _encoder(self) -> Encoder | None:
        return self._query_encoder

    def _most(self, k: int) -> int:
        return k

    def _prepare(self) -> None:
        check_fields(self._connection, self._own, is_text_searched=self._kind == "bm25")

    def _search(self, bodies: Sequence[Body]) -> list[list[Body]]:
        try:
            return self._snapshot.search(bodies)
        except RequestError as error:
            raise self._explained(error) from None

    def _frame(self, size: int) -> Body:
        own = self._own
        wanted = [name for name in (own.text_field, own.title_field, own.id_field) if name]
        frame: Body = {"size": size, "track_total_hits": False, "_source": False, "fields": wanted}
        if self._template is not None and self._template.is_ordered:
            return frame if self._template.is_retriever else {**frame, "track_scores": True}
        if own.id_field is None:
            return frame
        return {**frame, "sort": [{"_score": "desc"}, {own.id_field: "asc"}]}

    def _body(self, query: str, vector: list[float] | None, size: int) -> Body:
        if self._template is not None:
            return self._filtered(self._template.body(query, vector))
        if vector is None:
            as_one = not self._settings.fields
            return self._filtered({"query": text_clause(query, self._weights, as_one=as_one)})
        assert self._own.vector_field is not None
        most = min(size + AMONG_EQUALS, MOST_HITS)
        clause = nearest_clause(self._own.vector_field, vector, most, rescored=False)
        return self._filtered({"knn": clause})

    def _filtered(self, body: Body) -> Body:
        if self._filter is None:
            return body
        filtered = dict(body)
        if "query" in body:
            filtered["query"] = {"bool": {"must": [body["query"]], "filter": [self._filter]}}
        if "knn" in body:
            parts = body["knn"] if isinstance(body["knn"], list) else [body["knn"]]
            filtered["knn"] = [{**part, "filter": self._both(part)} for part in parts]
        return filtered

    def _both(self, part: Mapping[str, Any]) -> list[Any]:
        given = part.get("filter", [])
        return [*(given if isinstance(given, list) else [given]), self._filter]

    def _ranked(self, raws: Sequence[Body]) -> list[tuple[Hit, Body]]:
        """The hits in the server's order; a passage without a score is none."""
        ranked = []
        for raw in raws:
            if raw["_score"] is None:
                continue
            passage = _passage(raw, self._own)
            self._seen[passage.id] = passage
            ranked.append((Hit(passage_id=passage.id, score=float(raw["_score"])), raw))
        if len({hit.passage_id for hit, _ in ranked}) < len(ranked):
            setting = "_id" if self._own.id_field is None else f"id_field = {self._own.id_field!r}"
            raise RetrievalError(
                f"[retrieval] index = {self._own.name!r}: two hits of one query have the same "
                f"{setting}; name an id_field that is unique for each passage"
            )
        return ranked

    def _explained(self, error: RequestError) -> RetrievalError:
        own = self._own
        if "number of dimensions" in error.reason and self._encoder is not None:
            return RetrievalError(
                f"[retrieval] encoder = {self._settings.encoder!r}: its vectors do not fit "
                f"vector_field = {own.vector_field!r} of index {own.name!r} ({error.reason}); "
                "name the encoder that the index was made with"
            )
        if error.status != 400:
            return error
        given = {"query": own.query if self._template else None, "filter": own.filter}
        blamed = " and ".join(f"{name} = {text!r}" for name, text in given.items() if text)
        if not blamed:
            return error
        return RetrievalError(
            f"[retrieval] {blamed}: the server refuses a search with it ({error.reason}); "
            "try it in `POST INDEX/_search` and correct it"
        )


def _weights(own: OwnIndex, settings: RetrievalSettings) -> dict[str, float]:
    """Weights by the index's names of text and title."""
    if own.title_field is None and "title" in settings.fields:
        raise RetrievalError(
            f"[retrieval] fields = {dict(settings.fields)!r}: weighs the title, but index "
            f"{own.name!r} has no title_field; name it, or leave the weight out"
        )
    names = {"text": own.text_field, "title": own.title_field}
    weights = settings.fields or {name: 1.0 for name, field in names.items() if field}
    return {names[name] or "": weight for name, weight in weights.items()}


def _passage(raw: Mapping[str, Any], own: OwnIndex) -> Passage:
    fields: Mapping[str, list[Any]] = raw.get("fields", {})
    where = f"index {own.name!r}: the hit {raw.get('_id')!r} of {raw.get('_index')!r}"
    passage_id = str(raw["_id"])
    if own.id_field is not None:
        values = fields.get(own.id_field, [])
        if len(values) != 1 or values[0] == "":
            raise RetrievalError(
                f"[retrieval] id_field = {own.id_field!r}: {where} has {len(values)} values there; "
                "each passage needs exactly one, in its _source"
            )
        passage_id = str(values[0])
    text = fields.get(own.text_field)
    if text is None:
        raise RetrievalError(
            f"[retrieval] text_field = {own.text_field!r}: {where} has no such field in its "
            "_source; name the field that every passage has its text in"
        )
    title = fields.get(own.title_field, []) if own.title_field else []
    return Passage(id=passage_id, text=_joined(text), title=_joined(title))


def _joined(values: Sequence[Any]) -> str:
    return "\n".join(map(str, values))
