"""Whether an answer is whole. One that is not must never be read as if it were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pytest_ragft.retrieval.elastic.faults import (
    PASSING_STATUSES,
    Fault,
    IncompleteError,
    described,
)

T = TypeVar("T")


def whole(response: T, *, expected: int | None = None) -> T:
    """`response` itself, if it is complete; `Connection.call` asks this of every answer.

    Checked are a search, count or any other answer that speaks of shards (``timed_out``,
    ``terminated_early``, failed shards, shards that did not answer, no shard at all), clusters
    that a cross-cluster search left out, and each part of a multi-search. Shards skipped because
    they cannot match are fine. The items of a bulk answer are not looked at.

    Args:
        response: The client's answer, or its body.
        expected: How many parts a multi-search must have.

    Raises:
        IncompleteError: it is not; passing where asking again may give the whole answer.
    """
    body = getattr(response, "body", response)
    if not isinstance(body, Mapping):
        return response
    parts = body.get("responses")
    if isinstance(parts, Sequence):
        _check_parts(parts, expected)
    _check(body, "")
    return response


def _check_parts(parts: Sequence[Any], expected: int | None) -> None:
    if expected is not None and len(parts) != expected:
        raise IncompleteError(
            Fault(sentence=f"{len(parts)} answers to {expected} searches; the answer is incomplete")
        )
    for number, part in enumerate(parts, start=1):
        where = f"search {number} of {len(parts)}: "
        if not isinstance(part, Mapping) or "error" in part or part.get("status", 200) != 200:
            raise IncompleteError(_fault_of_part(part, where))
        _check(part, where)


def _fault_of_part(part: Any, where: str) -> Fault:
    status = part.get("status") if isinstance(part, Mapping) else None
    kind, reason = described(part)
    words = ": ".join(word for word in (kind, reason) if word) or "no answer"
    return Fault(
        sentence=f"{where}{words}",
        passing=status in PASSING_STATUSES,
        status=status if isinstance(status, int) else None,
        kind=kind,
        reason=reason,
    )


def _check(body: Mapping[str, Any], where: str) -> None:
    if body.get("timed_out"):
        _refuse(f"{where}the server ran out of time and answered in part (timed_out)")
    if body.get("terminated_early"):
        _refuse(
            f"{where}the search ended before it had seen every passage (terminated_early)",
            passing=False,
        )
    shards = body.get("_shards")
    if isinstance(shards, Mapping):
        _check_shards(shards, where, searched="hits" in body or "count" in body)
    clusters = body.get("_clusters")
    if isinstance(clusters, Mapping) and clusters.get("successful") != clusters.get("total"):
        _refuse(f"{where}not every cluster answered: {dict(clusters)!r}")


def _check_shards(shards: Mapping[str, Any], where: str, *, searched: bool) -> None:
    total, failed = shards.get("total", 0), shards.get("failed", 0)
    if failed:
        failures = shards.get("failures")
        first = failures[0] if isinstance(failures, list) and failures else {}
        kind, reason = described({"error": first.get("reason")})
        words = ": ".join(word for word in (kind, reason) if word) or "no reason given"
        _refuse(f"{where}{failed} of {total} shards failed ({words})")
    if not searched:
        return
    if total == 0:
        _refuse(f"{where}no shard was searched; the index name matches nothing", passing=False)
    if shards.get("successful", 0) < total:
        _refuse(f"{where}{shards.get('successful', 0)} of {total} shards answered")


def _refuse(sentence: str, *, passing: bool = True) -> None:
    raise IncompleteError(Fault(sentence=f"{sentence}; the answer is incomplete", passing=passing))
