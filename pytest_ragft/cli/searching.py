"""Which suites a command is about, and how their retrieval is reached."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_ragft.cli.place import add_place_arguments, place_of, store_of
from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.retrieval.settings import BACKENDS
from pytest_ragft.store import Store
from pytest_ragft.suite import Suite, load_suite, suites_at
from pytest_ragft.suite.opening import Access


def add_searching_arguments(parser: argparse.ArgumentParser) -> None:
    """The options ``--suites``, ``--suite``, ``--retriever`` and ``--es-url``, and the place."""
    parser.add_argument(
        "--suites",
        type=Path,
        default=Path(),
        metavar="PATH",
        help="folder of suites, or a suite.toml (default: the current folder)",
    )
    parser.add_argument("--suite", metavar="NAME", help="the suite of this name")
    add_retrieval_arguments(parser)


def add_retrieval_arguments(parser: argparse.ArgumentParser) -> None:
    """The options ``--retriever`` and ``--es-url``, and the place."""
    parser.add_argument(
        "--retriever",
        choices=BACKENDS,
        help="what retrieves; overrides the suites' backend",
    )
    parser.add_argument(
        "--es-url",
        default=os.environ.get("RAGFT_ES_URL"),
        metavar="URL",
        help="Elasticsearch (default: RAGFT_ES_URL); credentials come from RAGFT_ES_… alone",
    )
    add_place_arguments(parser)


@contextmanager
def access_of(arguments: argparse.Namespace) -> Iterator[Access]:
    """What the arguments say about retrieval; connections and store are closed at the end.

    Raises:
        StoreError: the store cannot be used.
    """
    with searching(arguments, [arguments.suites]) as (access, _):
        yield access


@contextmanager
def searching(
    arguments: argparse.Namespace, paths: Iterable[Path]
) -> Iterator[tuple[Access, Store]]:
    """The same for suites at `paths`, with the store.

    Raises:
        StoreError: the store cannot be used.
    """
    place = place_of(arguments, paths)
    store = store_of(arguments, place)
    access = Access(
        backend=arguments.retriever,
        url=arguments.es_url,
        environ=os.environ,
        store=store,
        progress=progress_to(sys.stderr),
        places=[place.root],
    )
    try:
        yield access, store
    finally:
        access.close()
        store.close()


def suites_of(arguments: argparse.Namespace) -> tuple[Suite, ...]:
    """The suites under ``--suites``, or only that of ``--suite``.

    Raises:
        InputError: there are none, or none of that name.
        SuiteError: one of them is wrong.
    """
    place: Path = arguments.suites
    files = suites_at(place)
    if not files:
        raise InputError(f"--suites={str(place)!r}: no suite.toml lies there; name their folder")
    suites, mistakes = [], []
    for file in files:
        try:
            suites.append(load_suite(file))
        except SuiteError as error:
            mistakes.append(error)
    if arguments.suite is None and mistakes:
        raise mistakes[0]
    if arguments.suite is None:
        return tuple(suites)
    found = tuple(suite for suite in suites if suite.name == arguments.suite)
    if len(found) == 1:
        return found
    if found:
        raise InputError(
            f"--suite={arguments.suite!r}: {' and '.join(str(s.path) for s in found)} both have "
            "this name; choose with --suites=PATH"
        )
    if mistakes:
        raise mistakes[0]
    known = ", ".join(repr(suite.name) for suite in suites)
    raise InputError(f"--suite={arguments.suite!r}: there is none of this name, only {known}")


def suite_of(arguments: argparse.Namespace) -> Suite:
    """The one suite that the arguments name.

    Raises:
        InputError: they name none, or leave a choice.
        SuiteError: it is wrong.
    """
    suites = suites_of(arguments)
    if len(suites) == 1:
        return suites[0]
    known = ", ".join(suite.name for suite in suites)
    raise InputError(f"name the suite with --suite=NAME; there are {known}")
