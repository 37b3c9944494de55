"""A point in time of a user's index: what one run reads, whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.faults import RequestError, described
from pytest_ragft.retrieval.elastic.fields import unknown_index
from pytest_ragft.retrieval.elastic.search import search_all
from pytest_ragft.retrieval.settings import OwnIndex
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from pytest_ragft.retrieval.elastic.connection import Connection

KEEP_ALIVE = "1h"
"""Between two uses: a slow model may answer between two questions of a hand-written test."""
UNVERIFIED = "index identity unverified"
_MOST_INDICES = 1000
_REFUSED = (400, 403)
_DECISIVE = ["index.uuid", "index.analysis.*", "index.similarity.*"]
_NOT_FOUND = "index_not_found_exception"
_STATE = {
    "indices": {
        "terms": {"field": "_index", "size": _MOST_INDICES},
        "aggs": {
            "last": {"max": {"field": "_seq_no"}},
            "sum": {"sum": {"field": "_seq_no"}},
        },
    }
}


class Snapshot:
    """Opened at the first use; never opened again silently, since it would show something else.

    Needs no privilege but ``read``.

    Args:
        connection: To the server.
        own: The index, alias or pattern.
    """

    def __init__(self, connection: Connection, own: OwnIndex) -> None:
        self._connection, self._own = connection, own
        self._id: str | None = None
        self._identity: str | None = None
        self._notes: tuple[str, ...] = ()

    @property
    def identity(self) -> str | None:
        """Of the index as the snapshot shows it; None where the server does not tell.

        Highest and summed sequence number and count of each index behind the name, which every
        change of a document moves; where they may be read, the indices' uuids, mappings, analysis
        and similarities, which a closed index may change without any document.

        Raises:
            RetrievalError: the snapshot cannot be opened.
        """
        self._open()
        return self._identity

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be verified; known once it is open."""
        return self._notes

    def search(self, bodies: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
        """The hits of each search, in order.

        Raises:
            RetrievalError: the snapshot is gone, or an answer would be incomplete.
        """
        pit = self._open()
        inside = [{**body, "pit": {"id": pit, "keep_alive": KEEP_ALIVE}} for body in bodies]
        try:
            return search_all(
                self._connection,
                f"searching {self._own.name!r}",
                inside,
                heard=self._hear,
                on_fault=self._expect_index,
            )
        except RequestError as error:
            raise self._explained(error) from None

    def close(self) -> None:
        """Let the server forget it; the next use opens a new one."""
        pit, self._id = self._id, None
        self._identity, self._notes = None, ()
        if pit is None:
            return
        try:
            self._connection.call(
                "closing the point in time",
                lambda client: client.options(ignore_status=404).close_point_in_time(id=pit),
            )
        except RetrievalError:
            # The server forgets it by itself.
            return

    def _open(self) -> str:
        if self._id is None:
            name = self._own.name
            made = self._made()
            try:
                answer = self._connection.call(
                    f"opening a point in time of {name!r}",
                    lambda client: client.open_point_in_time(index=name, keep_alive=KEEP_ALIVE),
                )
            except RequestError as error:
                raise unknown_index(self._own) if error.status == 404 else error from None
            self._id = answer.body["id"]
            self._identity = self._identify(self._id, made)
        return self._id

    def _identify(self, pit: str, made: Mapping[str, Any] | None) -> str | None:
        try:
            answer = self._connection.call(
                f"reading the state of {self._own.name!r}",
                lambda client: client.search(
                    pit={"id": pit, "keep_alive": KEEP_ALIVE},
                    size=0,
                    track_total_hits=True,
                    aggregations=_STATE,
                ),
            )
        except RequestError as error:
            if error.status not in _REFUSED:
                raise self._explained(error) from None
            self._notes = (UNVERIFIED,)
            return None
        found = answer.body["aggregations"]["indices"]
        if found["sum_other_doc_count"]:
            self._notes = (UNVERIFIED,)
            return None
        if made is None:
            self._notes = (
                f"{UNVERIFIED}: uuid, settings and mapping of index {self._own.name!r} may not be "
                "read: one that was built anew with as many passages, or whose analyzer was "
                "changed, passes for the same",
            )
        states = sorted(
            [b["key"], b["doc_count"], b["last"]["value"], b["sum"]["value"]]
            for b in found["buckets"]
        )
        count = answer.body["hits"]["total"]["value"]
        return fingerprint(count, states, None if made is None else dict(made))

    def _made(self) -> Mapping[str, Any] | None:
        """How the indices were made, as far as hits depend on it; None where nobody may read it."""
        name = self._own.name
        try:
            settings = self._connection.call(
                f"reading the settings of {name!r}",
                lambda client: client.indices.get_settings(index=name, name=_DECISIVE),
            )
            mappings = self._connection.call(
                f"reading the mapping of {name!r}",
                lambda client: client.indices.get_mapping(index=name),
            )
        except RequestError as error:
            if error.status == 404:
                raise unknown_index(self._own) from None
            if error.status != 403:
                raise
            return None
        return {"settings": settings.body, "mappings": mappings.body}

    def _hear(self, answer: Mapping[str, Any]) -> None:
        # The server may give a new id at any answer, and wants the last one.
        for part in answer["responses"]:
            self._id = part.get("pit_id", self._id)

    def _expect_index(self, client: Elasticsearch) -> None:
        """A deleted index looks like shards that are not there for a moment: ask by its name."""
        from elasticsearch import ApiError

        try:
            client.field_caps(index=self._own.name, fields=self._own.text_field)
        except ApiError as error:
            # A server that has just started refuses for other reasons, which pass.
            if described(error.body)[0] == _NOT_FOUND:
                raise

    def _explained(self, error: RequestError) -> RetrievalError:
        where, name = self._connection.settings.where, self._own.name
        if error.kind == "search_context_missing_exception":
            return RetrievalError(
                f"{where}: the point in time of index {name!r} is gone (it expired after "
                f"{KEEP_ALIVE} without use, or the index or its server went away); "
                "run again, so that all hits are of one state"
            )
        if error.kind == _NOT_FOUND:
            return RetrievalError(f"{where}: index {name!r} was deleted during the run")
        return error
