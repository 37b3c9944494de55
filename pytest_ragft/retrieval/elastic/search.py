"""Many searches in few requests, some of them at once, answered in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.completeness import whole
from pytest_ragft.retrieval.elastic.faults import Fault, IncompleteError, RequestError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from pytest_ragft.retrieval.elastic.connection import Connection

SEARCHES_A_REQUEST = 50
REQUESTS_AT_ONCE = 4
# A restarted server's answer (404) until the shard is there again.
_RECOVERING = "illegal_index_shard_state_exception"

Body = Mapping[str, Any]


def search_all(
    connection: Connection,
    what: str,
    bodies: Sequence[Body],
    *,
    index: str | None = None,
    heard: Callable[[Mapping[str, Any]], None] = lambda answer: None,
    on_fault: Callable[[Elasticsearch], object] = lambda client: None,
) -> list[list[dict[str, Any]]]:
    """The hits of each search, as the server gives them, in the order of `bodies`.

    Args:
        connection: To the server.
        what: For messages.
        bodies: Searches as for ``_search``.
        index: Name or alias; None where the bodies name a point in time.
        heard: Gets each answer, from several threads.
        on_fault: Asked after an answer that is not whole, before the searches are repeated; what it
            raises is the fault then.

    Raises:
        RetrievalError: one of them failed, or could not be answered completely.
    """
    parts = [
        bodies[start : start + SEARCHES_A_REQUEST]
        for start in range(0, len(bodies), SEARCHES_A_REQUEST)
    ]

    def ask(part: Sequence[Body]) -> list[list[dict[str, Any]]]:
        answer = _search(connection, what, part, index, on_fault)
        heard(answer)
        return [of_one["hits"]["hits"] for of_one in answer["responses"]]

    if len(parts) < 2:
        return [hits for part in parts for hits in ask(part)]
    pool = ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="search")
    try:
        answers = pool.map(ask, parts)
        return [hits for answer in answers for hits in answer]
    finally:
        # After a fault nothing more is asked of a server that may be gone.
        pool.shutdown(cancel_futures=True)


def _search(
    connection: Connection,
    what: str,
    bodies: Sequence[Body],
    index: str | None,
    on_fault: Callable[[Elasticsearch], object],
) -> Mapping[str, Any]:
    lines = [line for body in bodies for line in ({}, body)]

    def request(client: Elasticsearch) -> Any:
        answer = client.msearch(searches=lines, index=index)
        try:
            whole(answer, expected=len(bodies))
            if not all("hits" in part for part in answer.body["responses"]):
                raise IncompleteError(Fault(sentence="an answer without hits", passing=True))
        except IncompleteError as error:
            on_fault(client)
            if error.fault.kind != _RECOVERING:
                raise
            raise IncompleteError(replace(error.fault, passing=True)) from None
        return answer

    try:
        answer: Mapping[str, Any] = connection.call(what, request).body
    except RequestError as error:
        raise _explained(error) from None
    return answer


def _explained(error: RequestError) -> RetrievalError:
    if "maxClauseCount" not in error.reason:
        return error
    return RetrievalError(
        f"a question has more different words than the server takes for one search "
        f"({error.reason}); shorten it"
    )


def explanation_lines(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """A hit's ``_explanation`` in lines, indented by depth."""
    return tuple(_lines(raw.get("_explanation", {}), 0))


def _lines(part: Mapping[str, Any], depth: int) -> Iterator[str]:
    if "description" in part:
        yield f"{'  ' * depth}{part.get('value', 0):.6g} {part['description']}"
    for detail in part.get("details", ()):
        yield from _lines(detail, depth + 1)
