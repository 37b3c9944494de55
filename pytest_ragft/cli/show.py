"""`ragft show`: one question of a run, with its passages, references, answers and scores."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from pytest_ragft.cli.place import add_root_argument, place_of, write_lines
from pytest_ragft.errors import InputError
from pytest_ragft.records import CaseKey, RunResult
from pytest_ragft.reporting.json import read_report
from pytest_ragft.reporting.last_run import last_run
from pytest_ragft.reporting.question import full_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = "In the changed answer, [-words-] are those that are gone, {+words+} are new."
    parser.add_argument(
        "question", metavar="[SUITE::]ID", help="a question; the suite where ids are not unique"
    )
    parser.add_argument(
        "--run", type=Path, metavar="RUN.json", help="the report of a run (default: the last run)"
    )
    parser.add_argument("--variant", metavar="NAME", help="one of several (default: all)")
    add_root_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the question; 0 when it is there.

    Raises:
        InputError: there is no such run, question or variant.
    """
    result = opened(arguments, arguments.run)
    width = max(60, shutil.get_terminal_size().columns)
    lines: list[str] = []
    for key in _wanted(result, arguments):
        lines += [*(line.text for line in full_lines(result.cases[key], width)), ""]
    write_lines(lines[:-1])
    return 0


def opened(arguments: argparse.Namespace, file: Path | None) -> RunResult:
    """The run that a file holds, or the last one.

    Raises:
        InputError: there is none.
    """
    return read_report(file) if file is not None else last_run(place_of(arguments, []).root)


def _wanted(result: RunResult, arguments: argparse.Namespace) -> list[CaseKey]:
    suite, _, example_id = arguments.question.rpartition("::")
    found = [key for key in result.cases if key[1] == example_id and suite in ("", key[0])]
    if not found:
        raise InputError(
            f"{arguments.question!r}: this run has no answer to such a question; it has "
            f"{_some(result)}"
        )
    if len(suites := dict.fromkeys(key[0] for key in found)) > 1:
        raise InputError(
            f"{arguments.question!r}: stands in {', '.join(suites)}; say which, as SUITE::ID"
        )
    if arguments.variant is None:
        return found
    if chosen := [key for key in found if key[2] == arguments.variant]:
        return chosen
    raise InputError(
        f"--variant={arguments.variant}: not in this run; it has "
        f"{', '.join(dict.fromkeys(key[2] for key in found))}"
    )


def _some(result: RunResult) -> str:
    names = list(dict.fromkeys(f"{suite}::{example}" for suite, example, _ in result.cases))
    return f"{', '.join(names[:3])}{', …' if len(names) > 3 else ''}" if names else "none at all"
