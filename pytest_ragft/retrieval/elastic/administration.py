"""What ``ragft index`` does: list and prune the indices that the tool makes.

One that no alias stands for is being built, or was given up: nothing tells the two apart but age,
which is that of ``creation_date``, what the server noted when the index was made. Younger than
`ABANDONED`, it may be under way on another machine, and is never deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.naming import PREFIX, Mark, alias_of, read_marks

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection

OLD = timedelta(days=30)
ABANDONED = timedelta(days=1)
"""Age at which an unfinished index counts as given up; one that is built is younger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedIndexFacts:
    """One index that the tool has made."""

    name: str
    alias: str
    """What the index is searched under once it is complete."""
    suite: str
    passages: int
    """Of the whole corpus."""
    size: int
    """On disk, in bytes."""
    created: datetime
    version: str
    """Of pytest-ragft."""
    is_complete: bool
    """Whether the alias stands for it."""

    def age(self, now: datetime) -> timedelta:
        """Since it was begun."""
        return now - self.created


def list_indices(connection: Connection) -> tuple[ManagedIndexFacts, ...]:
    """The indices with the tool's mark, by suite and then the oldest first.

    Raises:
        RetrievalError: the server did not answer, or does not let them be listed.
    """
    pattern = f"{PREFIX}*"
    indices = connection.call(
        f"reading the marks of {pattern!r}", lambda client: client.indices.get(index=pattern)
    ).body
    if not indices:
        return ()
    sizes = connection.call(
        f"reading the sizes of {pattern!r}",
        lambda client: client.indices.stats(index=pattern, metric="store"),
    ).body["indices"]
    found = (_facts(name, index, sizes.get(name, {})) for name, index in indices.items())
    ours = (facts for facts in found if facts is not None)
    return tuple(sorted(ours, key=lambda facts: (facts.suite, facts.created, facts.name)))


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
        keep: Aliases whose complete index stays, such as those of the suites at hand.
    """
    now = datetime.now(UTC) if now is None else now
    return tuple(
        facts
        for facts in indices
        if (
            facts.age(now) > older_than and facts.alias not in keep
            if facts.is_complete
            else facts.age(now) > ABANDONED
        )
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
        delete_index(connection, facts.name)
        deleted.append(facts.name)
    return tuple(deleted)


def delete_index(connection: Connection, index: str) -> None:
    """Delete an index, if it is there.

    Raises:
        RequestError: it cannot be deleted.
    """
    connection.call(
        f"deleting index {index!r}",
        lambda client: client.options(ignore_status=404).indices.delete(index=index),
    )


def _facts(name: str, index: dict[str, Any], stats: dict[str, Any]) -> ManagedIndexFacts | None:
    """None for one that is not the tool's."""
    mark = Mark.from_meta(index.get("mappings", {}).get("_meta"))
    if mark is None:
        return None
    alias = alias_of(mark.suite, mark.fingerprint)
    milliseconds = int(index["settings"]["index"]["creation_date"])
    return ManagedIndexFacts(
        name=name,
        alias=alias,
        suite=mark.suite,
        passages=mark.passages,
        size=stats.get("primaries", {}).get("store", {}).get("size_in_bytes", 0),
        created=datetime.fromtimestamp(milliseconds / 1000, UTC),
        version=mark.version,
        is_complete=alias in index.get("aliases", {}),
    )
