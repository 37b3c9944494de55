"""`ragft study`: a grid of trainings, each gated against its base, and what they show together."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ragft.cli.place import write_lines
from pytest_ragft.errors import require_packages
from pytest_ragft.numbers import count, seconds
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.files import ReportFile, asked, write
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.reporting.study_files import require_study, write_study
from pytest_ragft.reporting.study_summary import study_summary
from pytest_ragft.reporting.text import table

if TYPE_CHECKING:
    from pytest_ragft.study.forecast import CellForecast
    from pytest_ragft.study.opened import OpenedStudy
    from pytest_ragft.study.running import Selection

_PACKAGES = ("torch", "transformers", "peft", "accelerate", "safetensors")
_HEAD = ("cell", "pairs", "tokens", "steps", "training", "answers", "answering", "")
_ALIGN = "<>>>>>><"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "A study that was stopped, or killed, goes on when the same command is given again; what "
        "is there is neither trained nor answered twice. One that has changed since it began is "
        "refused with what changed."
    )
    parser.add_argument("file", type=Path, metavar="study.toml", help="what is trained and gated")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="of models, answers and results (default: the study's name, beside the file)",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show each cell with pairs, tokens, steps, answers and time; nothing is written",
    )
    parser.add_argument(
        "--part",
        type=_part,
        default=(1, 1),
        metavar="I/N",
        help="train every N-th cell from the I-th on, such as 1/2 here and 2/2 elsewhere",
    )
    parser.add_argument(
        "--cells", metavar="GLOB", help="train those whose names match, such as 'bioasq-*-s0'"
    )
    parser.add_argument(
        "--extend", action="store_true", help="take in cells that were added since it began"
    )
    parser.add_argument(
        "--merge",
        nargs="+",
        type=Path,
        default=[],
        metavar="DIR",
        help="take models and answers of other parts of it into --out, and train nothing",
    )


def _part(text: str) -> tuple[int, int]:
    number, slash, of = text.partition("/")
    if not slash or not (number.isdecimal() and of.isdecimal()) or not 1 <= int(number) <= int(of):
        raise argparse.ArgumentTypeError(f"{text!r}: give a part as 1/2, at most N of N")
    return int(number), int(of)


def run(arguments: argparse.Namespace) -> int:
    """Run what is not there; 0 when nothing failed, whatever the verdicts are.

    Raises:
        RagftError: the file, or something that it names, cannot be used.
    """
    require_packages(*_PACKAGES, extra="study", purpose="a study")
    from pytest_ragft.study.begun import begin, read_begun
    from pytest_ragft.study.opened import OpenedStudy
    from pytest_ragft.study.reading import read_study
    from pytest_ragft.study.running import selection

    plan = read_study(arguments.file)
    wanted = selection(plan, part=arguments.part, pattern=arguments.cells)
    out = arguments.out or arguments.file.parent / plan.name
    read_begun(out)  # what somebody else has put there is not even locked
    study = OpenedStudy(
        plan,
        out,
        progress_to(sys.stderr),
        es_url=os.environ.get("RAGFT_ES_URL"),
        writes=not arguments.dry_run,
    )
    try:
        if arguments.dry_run:
            begin(study, extend=arguments.extend)
            return _forecast(study, wanted)
        require_study()
        # Two of them would train the same models, and each call the other's half-done.
        with study.store.lock("study"):
            begin(study, extend=arguments.extend)
            return _run(study, wanted, arguments.merge)
    finally:
        study.close()


def _run(study: OpenedStudy, wanted: Selection, merged: Sequence[Path]) -> int:
    from pytest_ragft.study.merging import merge
    from pytest_ragft.study.running import run_study

    if merged:
        merge(study, merged)
    result = run_study(
        study,
        wanted,
        on_run=partial(_write_run, study.out),
        on_result=lambda found: write_study(found, study.out),
        trains=not merged,
    )
    written = write_study(result, study.out)
    write_lines([*study_summary(result), "", *(f"report: {path}" for path in written)])
    return 1 if result.failed or result.notes else 0


def _reports(out: Path, name: str) -> list[ReportFile]:
    endings = {"json": "json", "html": "html", "markdown": "md"}
    paths = {form: out / "runs" / f"{name}.{ending}" for form, ending in endings.items()}
    return asked("--out: ", "short", paths)


def _write_run(out: Path, name: str, result: RunResult) -> None:
    for report in _reports(out, name):
        write(report, result)


def _forecast(study: OpenedStudy, wanted: Selection) -> int:
    from pytest_ragft.study.forecast import forecast

    rows = forecast(study, wanted)
    write_lines(table([_HEAD, *map(_row, rows)], _ALIGN))
    whole = seconds(sum(row.seconds for row in rows))
    trained = sum(row.pairs > 0 and not row.error for row in rows)
    write_lines(
        [
            "",
            f"{count(trained, 'model')} to train, "
            f"{count(sum(row.answers for row in rows), 'answer')} to compute: about {whole} here; "
            "nothing was written",
        ]
    )
    errors = [f"{row.name}: {row.error}" for row in rows if row.error]
    write_lines(errors, sys.stderr)
    return 1 if errors else 0


def _row(of: CellForecast) -> tuple[str, ...]:
    if of.error:
        return (of.name, "", "", "", "", "", "", "cannot be trained")
    trained = [count(of.pairs), count(of.tokens), count(of.steps), seconds(of.training)]
    return (
        of.name,
        *(trained if of.pairs else [""] * len(trained)),
        count(of.answers),
        seconds(of.answering),
        "there" if of.there and not of.answers else "",
    )
