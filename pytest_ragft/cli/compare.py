"""`ragft compare`: what changed between two runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_ragft.cli.place import write_lines
from pytest_ragft.reporting.comparing import comparison_lines
from pytest_ragft.reporting.json import read_report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("first", type=Path, metavar="A.json", help="report of the earlier run")
    parser.add_argument("second", type=Path, metavar="B.json", help="report of the later run")


def run(arguments: argparse.Namespace) -> int:
    """Show what changed; 0 whether or not anything did.

    Raises:
        InputError: one of the files is no report.
    """
    first, second = read_report(arguments.first), read_report(arguments.second)
    write_lines(comparison_lines(first, second))
    return 0
