"""`ragft check`: what makes a verdict on suites worth less, before anything is gated."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from pytest_ragft.checking.check import check_suites
from pytest_ragft.cli.place import expect_writable, write_lines, write_output
from pytest_ragft.errors import InputError
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.reporting.suite_check import MARK, check_lines, to_json
from pytest_ragft.suite import suites_at

USAGE = 2
"""Exit code for what is wrong with the command line or the training data."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "Training data is JSON Lines or a JSON array with messages (chat), prompt and completion, "
        "instruction, input and output, question and answer, or text; CSV with such columns; lines "
        "of text; or a folder of suites; plain or gzip. Two questions count as the same when they "
        "are, or nearly are, in the same words; another wording of the same is not seen. Exit "
        "code: 0 when nothing makes a verdict untrustworthy (there may be warnings), 1 when "
        "something does, 2 when the command line or a file of training data is wrong."
    )
    parser.add_argument("suites", nargs="+", type=Path, metavar="PATH", help="suites, as for gates")
    parser.add_argument(
        "--training",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="training data, in which the suites' questions are looked for; repeatable",
    )
    parser.add_argument(
        "--json", metavar="PATH", help="write everything that was found as JSON; - for stdout"
    )
    parser.add_argument(
        "--texts",
        choices=("none", "short", "full"),
        default="short",
        help="how much of questions and references is shown (default: short)",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="every finding")


def run(arguments: argparse.Namespace) -> int:
    """Check; 0 without errors among the findings, 1 with some, 2 for wrong usage.

    Raises:
        RagftError: the report cannot be written.
    """
    try:
        files = _files(arguments.suites)
        if arguments.json is not None:
            expect_writable(arguments.json, "--json", lambda text: MARK in text[:200])
        checked = check_suites(files, arguments.training, progress_to(sys.stderr))
    except InputError as error:
        print(f"ragft check: {error}", file=sys.stderr)
        return USAGE
    if arguments.json is not None:
        write_output(arguments.json, to_json(checked, arguments.texts), "--json")
    if arguments.json != "-":
        write_lines(
            check_lines(
                checked,
                width=min(max(60, shutil.get_terminal_size().columns), 100),
                texts=arguments.texts,
                verbose=arguments.verbose,
            )
        )
    return 1 if checked.errors else 0


def _files(paths: list[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        found = suites_at(path)
        if not found:
            raise InputError(f"{str(path)!r}: no suite.toml lies there; name a folder of suites")
        files += found
    return list(dict.fromkeys(files))
