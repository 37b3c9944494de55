"""Passages sent in requests of bounded size, one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_ragft.retrieval.elastic.faults import (
    PASSING_STATUSES,
    Fault,
    IncompleteError,
    described,
)
from pytest_ragft.retrieval.elastic.mapping import Document

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from pytest_ragft.retrieval.elastic.connection import Connection

MOST_DOCUMENTS = 1000
MOST_BYTES = 4 * 1024 * 1024
_THERE_ALREADY = 409

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class _Line:
    passage_id: str
    action: bytes
    source: bytes


def send_documents(
    connection: Connection, alias: str, documents: Iterable[Document]
) -> Iterator[int]:
    """Create `documents` behind `alias`; yields how many are there after each request.

    One request is under way while the next is made, and none is sent before the last is answered.
    What the server turned away (429) is sent again after a wait, alone: the server sets the pace,
    and memory is bounded by two requests. A document whose position is taken counts as there, so
    that several processes, or one after another, may send the same corpus: nothing is written
    twice, which would leave deleted documents in the statistics that BM25 scores with.

    Raises:
        RequestError: a request failed for good, or a document was refused; its ``kind`` is
            ``index_not_found_exception`` when `alias` is gone.
    """
    done = 0
    with ThreadPoolExecutor(1, thread_name_prefix="indexing") as sender:
        under_way: tuple[int, Future[None]] | None = None
        for part in _parts(documents):
            if under_way is not None:
                done += _answered(*under_way)
                yield done
            under_way = len(part), sender.submit(_send, connection, alias, part)
        if under_way is not None:
            done += _answered(*under_way)
            yield done


def _answered(size: int, request: Future[None]) -> int:
    request.result()
    return size


def _parts(documents: Iterable[Document]) -> Iterator[list[_Line]]:
    part: list[_Line] = []
    size = 0
    for document in documents:
        action = f'{{"create":{{"_id":"{document.position}"}}}}'.encode("ascii")
        line = _Line(document.passage_id, action, _encode(document.source).encode("utf-8"))
        more = len(line.action) + len(line.source) + 2
        if part and (len(part) == MOST_DOCUMENTS or size + more > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += more
    if part:
        yield part


def _send(connection: Connection, alias: str, part: list[_Line]) -> None:
    waiting = part

    def request(client: Elasticsearch) -> Any:
        nonlocal waiting
        answer = client.bulk(
            operations=[line for pair in waiting for line in (pair.action, pair.source)],
            index=alias,
            require_alias=True,
            filter_path=["items.*.status", "items.*.error"],
        )
        waiting, reason = _turned_away(waiting, answer.body.get("items", []))
        if waiting:
            raise IncompleteError(
                Fault(
                    sentence=f"{len(waiting)} passages were turned away ({reason})",
                    passing=True,
                    status=429,
                )
            )
        return answer

    connection.call(f"indexing passages into {alias!r}", request)


def _turned_away(sent: list[_Line], items: list[dict[str, Any]]) -> tuple[list[_Line], str]:
    """Those that the server had no room for, and its words for the last of them."""
    if len(items) != len(sent):
        raise IncompleteError(
            Fault(sentence=f"{len(items)} results for {len(sent)} passages", passing=True)
        )
    waiting, words = [], ""
    for line, item in zip(sent, items, strict=True):
        (outcome,) = item.values()
        status = outcome.get("status")
        if status in (200, 201, _THERE_ALREADY):
            continue
        kind, reason = described(outcome)
        words = ": ".join(word for word in (kind, reason) if word)
        if status not in PASSING_STATUSES:
            sentence = f"the passage {line.passage_id!r} was refused: {words}"
            raise IncompleteError(Fault(sentence=sentence, status=status, kind=kind, reason=reason))
        waiting.append(line)
    return waiting, words
