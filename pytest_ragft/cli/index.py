"""`ragft index`: the Elasticsearch indices that the tool makes; others are never touched."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_ragft.cli.searching import access_of, add_searching_arguments, suites_of
from pytest_ragft.errors import InputError
from pytest_ragft.numbers import count
from pytest_ragft.retrieval.settings import NONE
from pytest_ragft.suite.opening import Access, open_index

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.administration import ManagedIndexFacts
    from pytest_ragft.retrieval.elastic.connection import Connection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="what there is: suite, passages, size, state, age")
    building = actions.add_parser("build", help="index the corpora of suites, before a gate does")
    pruning = actions.add_parser(
        "prune",
        help="delete unfinished and old ones",
        description="Delete indices that were begun more than a day ago and never completed, and "
        "complete ones that are old and that no suite at hand searches. Shows them; --yes deletes.",
    )
    pruning.add_argument(
        "--older-than",
        type=_days,
        default=timedelta(days=30),
        metavar="DAYS",
        help="age of complete ones (default: 30)",
    )
    pruning.add_argument("--yes", action="store_true", help="delete instead of showing only")
    for action in (listing, building, pruning):
        add_searching_arguments(action)


def run(arguments: argparse.Namespace) -> int:
    """Do it; 0 when done.

    Raises:
        RagftError: the suites are wrong, or the server cannot be used.
    """
    with access_of(arguments) as access:
        if arguments.action == "build":
            return _build(arguments, access)
        connection = _connection(arguments, access)
        return (_list if arguments.action == "list" else _prune)(arguments, access, connection)


def _build(arguments: argparse.Namespace, access: Access) -> int:
    for suite in suites_of(arguments):
        if suite.retrieval.backend == NONE:
            print(f"{suite.name}: retrieves nothing")
            continue
        index = open_index(suite, access)
        index.ensure()
        print(f"{suite.name}: {count(len(suite.passages), 'passage')} in {index.alias}")
    return 0


def _list(arguments: argparse.Namespace, access: Access, connection: Connection) -> int:
    from pytest_ragft.retrieval.elastic.administration import list_indices

    found = list_indices(connection)
    if not found:
        print(f"no index of pytest-ragft on {connection.settings.url}")
    _show(found)
    return 0


def _prune(arguments: argparse.Namespace, access: Access, connection: Connection) -> int:
    from pytest_ragft.retrieval.elastic.administration import list_indices, prunable, prune

    keep = _searched(arguments, access)
    found = prunable(list_indices(connection), older_than=arguments.older_than, keep=keep)
    if not found:
        print("nothing to delete")
    elif arguments.yes:
        for name in prune(connection, found):
            print(f"deleted {name}")
    else:
        _show(found)
        print(f"{count(len(found), 'index', 'indices')} would be deleted; --yes deletes")
    return 0


def _searched(arguments: argparse.Namespace, access: Access) -> list[str]:
    """Aliases of the indices that the suites at hand search; none where no suites are."""
    try:
        suites = suites_of(arguments)
    except InputError:
        return []
    own = [s for s in suites if s.retrieval.index is None and s.retrieval.backend != NONE]
    return [open_index(suite, access).alias for suite in own]


def _connection(arguments: argparse.Namespace, access: Access) -> Connection:
    if access.url is None:
        return access.connect(suites_of(arguments)[0])
    return access.connect_to(access.url, "--es-url")


def _show(indices: Sequence[ManagedIndexFacts]) -> None:
    if not indices:
        return
    now = datetime.now(UTC)
    head = ("suite", "passages", "size", "state", "age", "version", "index")
    rows = [
        (
            facts.suite,
            f"{facts.passages:,}",
            f"{facts.size / 1e6:,.1f} MB",
            "complete" if facts.is_complete else "unfinished",
            _age(facts.age(now)),
            facts.version,
            facts.name,
        )
        for facts in indices
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _age(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def _days(text: str) -> timedelta:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days <= 36500:
        raise argparse.ArgumentTypeError(f"{text!r}: must be a number of days, 0 or more")
    return timedelta(days=days)
