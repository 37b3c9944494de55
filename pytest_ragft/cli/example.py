"""`ragft example`: a small suite with recorded answers, so that a verdict comes without a model."""

from __future__ import annotations

import argparse
import shlex
import shutil
from pathlib import Path

from pytest_ragft.cli.place import write_lines
from pytest_ragft.errors import InputError

_DATA = Path(__file__).parent / "data" / "example"
_DEFAULT = Path("ragft-example")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = "The questions are about a product that does not exist."
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=_DEFAULT,
        metavar="FOLDER",
        help=f"new or empty, where it is written (default: {_DEFAULT})",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the example; 0 when it is there.

    Raises:
        InputError: something stands there already, or it cannot be written.
    """
    folder: Path = arguments.folder
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(
                f"{str(folder)!r}: exists and is not empty, and nothing is overwritten; name "
                "another folder"
            )
        for file in sorted(path for path in _DATA.rglob("*") if path.is_file()):
            target = folder / file.relative_to(_DATA)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)  # without its mode: what is installed may be read-only
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{str(folder)!r}: cannot be written: {why}") from error
    questions = (folder / "suites" / "fernwick" / "questions.jsonl").read_text(encoding="utf-8")
    gated = f"pytest {shlex.quote(str(folder))} --ragft-model="
    write_lines(
        [
            f"{folder}: {len(questions.splitlines())} questions, with the recorded answers of a "
            "baseline and of two variants",
            "",
            f"  {gated}{shlex.quote(str(folder / 'better.jsonl'))}   # passes",
            f"  {gated}{shlex.quote(str(folder / 'worse.jsonl'))}    # is blocked",
        ]
    )
    return 0
