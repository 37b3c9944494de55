"""What ``ragft index`` does: list, build and prune the indices that the tool makes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.claim import read_marks
from pytest_ragft.retrieval.elastic.naming import PREFIX, Mark, State, names_of

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection

OLD = timedelta(days=30)
ABANDONED = timedelta(hours=6)
"""Age at which an unfinished index counts as given up; one that is built is younger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedIndexFacts:
    """One index that the tool has made."""

    name: str
    suite: str
    passages: int
    """Of the whole corpus."""
    indexed: int
    """Documents that searches see now."""
    size: int
    """On disk, in bytes."""
    state: State
    created: datetime
    version: str
    """Of pytest-ragft."""
    in_use: bool
    """Whether the alias that suites search stands for it."""

    def age(self, now: datetime) -> timedelta:
        """Since it was begun."""
        return now - self.created


def list_indices(connection: Connection) -> tuple[ManagedIndexFacts, ...]:
    """The indices with the tool's mark, by suite and then the oldest first.

    Raises:
        RetrievalError: the server did not answer, or does not let them be listed.
    """
    pattern = f"{PREFIX}*"
    marks = {index: mark for index, mark in read_marks(connection, pattern).items() if mark}
    if not marks:
        return ()
    stats = connection.call(
        f"reading the sizes of {pattern!r}",
        lambda client: client.indices.stats(index=pattern, metric=["docs", "store"]),
    ).body["indices"]
    aliases = connection.call(
        f"reading the aliases of {pattern!r}",
        lambda client: client.indices.get_alias(index=pattern),
    ).body
    found = (
        _facts(index, mark, stats.get(index, {}), aliases.get(index, {}))
        for index, mark in marks.items()
    )
    return tuple(sorted(found, key=lambda facts: (facts.suite, facts.created, facts.name)))


def prunable(
    indices: Iterable[ManagedIndexFacts],
    *,
    now: datetime | None = None,
    older_than: timedelta = OLD,
    keep: Collection[str] = (),
) -> tuple[ManagedIndexFacts, ...]:
    """Those that may go: unfinished ones that were given up, and complete ones that are old.

    Elasticsearch does not tell when an index was last searched, so age is that of the index; one
    that goes too early is built anew.

    Args:
        indices: From `list_indices`.
        now: By default the present.
        older_than: Age of complete ones.
        keep: Names that stay, such as those of the suites at hand.
    """
    now = datetime.now(UTC) if now is None else now
    return tuple(
        facts
        for facts in indices
        if facts.name not in keep
        and facts.age(now) > (older_than if facts.in_use else min(older_than, ABANDONED))
    )


def prune(connection: Connection, indices: Iterable[ManagedIndexFacts]) -> tuple[str, ...]:
    """Delete indices, each after one more look at its mark; returns the names of those deleted.

    Raises:
        RetrievalError: one is not the tool's, or cannot be deleted; those before it are.
    """
    deleted = []
    for facts in indices:
        marks = read_marks(connection, facts.name)
        if not marks:
            continue
        if list(marks) != [facts.name] or marks[facts.name] is None:
            raise RetrievalError(
                f"{connection.settings.where}: {facts.name!r} was not made by pytest-ragft; it is "
                "not deleted"
            )
        _delete(connection, facts.name)
        deleted.append(facts.name)
    return tuple(deleted)


def _delete(connection: Connection, index: str) -> None:
    connection.call(
        f"deleting index {index!r}",
        lambda client: client.options(ignore_status=404).indices.delete(index=index),
    )


def _facts(
    index: str, mark: Mark, stats: dict[str, Any], aliases: dict[str, Any]
) -> ManagedIndexFacts:
    primaries = stats.get("primaries", {})
    return ManagedIndexFacts(
        name=index,
        suite=mark.suite,
        passages=mark.passages,
        indexed=primaries.get("docs", {}).get("count", 0),
        size=primaries.get("store", {}).get("size_in_bytes", 0),
        state=mark.state,
        created=_moment(mark.created),
        version=mark.version,
        in_use=names_of(mark.suite, mark.fingerprint).alias in aliases.get("aliases", {}),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
