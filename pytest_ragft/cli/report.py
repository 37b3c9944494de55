"""`ragft report`: render a past run again, in any form."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from pytest_ragft.cli.place import add_root_argument, write_lines
from pytest_ragft.cli.show import opened
from pytest_ragft.reporting.files import asked, discard, write
from pytest_ragft.reporting.questions import at_most
from pytest_ragft.reporting.terminal import render


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = "Without a form, the run is shown as pytest shows it."
    parser.add_argument(
        "run",
        nargs="?",
        type=Path,
        metavar="RUN.json",
        help="a JSON report (default: the last run)",
    )
    for form in ("html", "markdown", "json"):
        parser.add_argument(f"--{form}", type=Path, metavar="PATH", help=f"write it as {form}")
    parser.add_argument(
        "--texts",
        choices=("none", "short", "full"),
        default="short",
        help="how much of questions, passages and answers stands in it (default: short)",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="all gates, more questions")
    add_root_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Render the run; 0 when it is written or shown.

    Raises:
        InputError: there is no such run.
        RagftError: a file cannot be written.
    """
    result = opened(arguments, arguments.run)
    texts = at_most(arguments.texts, result)
    files = asked("--", texts, {f: getattr(arguments, f) for f in ("json", "html", "markdown")})
    for report in files:
        discard(report)
        write(report, result)
    if not files:
        lines = render(
            result,
            width=shutil.get_terminal_size().columns,
            verbose=int(arguments.verbose),
            encoding=sys.stdout.encoding,
            texts=texts,
        )
        write_lines([line.text for line in lines])
    return 0
