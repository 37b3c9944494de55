"""Passages sent in requests of bounded size, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from pytest_ragft.retrieval.elastic.faults import (
    PASSING_STATUSES,
    Fault,
    IncompleteError,
    described,
)
from pytest_ragft.retrieval.elastic.mapping import PASSAGE_ID, POSITION

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from pytest_ragft.retrieval.elastic.connection import Connection

MOST_DOCUMENTS = 1000
MOST_BYTES = 4 * 1024 * 1024
_THERE_ALREADY = 409


def send_documents(
    connection: Connection, alias: str, documents: Iterable[dict[str, Any]]
) -> Iterator[int]:
    """Create `documents` behind `alias`; yields how many more are there after each step.

    What the server turned away (429) is sent again after a wait, alone: the server sets the pace.
    A document whose position is taken counts as there, so that a request whose answer was lost may
    be repeated: nothing is written twice, which would leave deleted documents in the statistics
    that BM25 scores with.

    Raises:
        RequestError: a request failed for good, or a document was refused; its ``kind`` is
            ``index_not_found_exception`` when `alias` is gone.
    """
    rest = iter(documents)
    while part := list(islice(rest, MOST_DOCUMENTS)):
        waiting = {str(document[POSITION]): document for document in part}
        connection.call(
            f"indexing passages into {alias!r}", partial(_send, alias=alias, waiting=waiting)
        )
        yield len(part)


def _send(client: Elasticsearch, *, alias: str, waiting: dict[str, dict[str, Any]]) -> None:
    """Send those that wait, and take out of them what is there."""
    from elasticsearch.helpers import streaming_bulk

    sent, reason = len(waiting), "no result for them"
    outcomes = streaming_bulk(
        client,
        [{"_op_type": "create", "_id": key, "_source": waiting[key]} for key in waiting],
        chunk_size=MOST_DOCUMENTS,
        max_chunk_bytes=MOST_BYTES,
        raise_on_error=False,
        index=alias,
        # A deleted index is not made again by the passages that come late.
        require_alias=True,
        filter_path=["items.*._id", "items.*.status", "items.*.error"],
    )
    try:
        for _, result in outcomes:
            (outcome,) = result.values()
            status = outcome["status"]
            if status in (200, 201, _THERE_ALREADY):
                waiting.pop(outcome["_id"], None)
                continue
            kind, words = described(outcome)
            reason = ": ".join(word for word in (kind, words) if word)
            if status not in PASSING_STATUSES:
                name = waiting[outcome["_id"]][PASSAGE_ID]
                sentence = f"the passage {name!r} was refused: {reason}"
                raise IncompleteError(
                    Fault(sentence=sentence, status=status, kind=kind, reason=words)
                )
    except KeyError as error:
        raise IncompleteError(Fault(sentence=f"an answer without {error}", passing=True)) from None
    if waiting:
        sentence = f"{len(waiting)} of {sent} passages were turned away ({reason})"
        raise IncompleteError(Fault(sentence=sentence, passing=True, status=429))
