"""`ragft study`: a grid of trainings, each gated against its base, and what they show together."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pytest_ragft.cli.place import write_lines
from pytest_ragft.errors import require_packages
from pytest_ragft.numbers import count
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.study.records import StudyResult

_PACKAGES = ("torch", "transformers", "peft", "accelerate", "safetensors")


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


def run(arguments: argparse.Namespace) -> int:
    """Run what is not there; 0 when nothing failed, whatever the verdicts are.

    Raises:
        RagftError: the file, or something that it names, cannot be used.
    """
    require_packages(*_PACKAGES, extra="finetune", purpose="fine-tuning a model")
    from pytest_ragft.study.begun import begin
    from pytest_ragft.study.opened import OpenedStudy
    from pytest_ragft.study.reading import read_study
    from pytest_ragft.study.running import run_study

    plan = read_study(arguments.file)
    out = arguments.out or arguments.file.parent / plan.name
    study = OpenedStudy(plan, out, progress_to(sys.stderr), es_url=os.environ.get("RAGFT_ES_URL"))
    try:
        begin(study)
        result = run_study(
            study,
            [cell.name for cell in plan.cells],
            on_run=_ignored,
            on_result=_ignored,
        )
    finally:
        study.close()
    write_lines(_summary(result))
    return 1 if result.failed or result.notes else 0


def _ignored(*_: object) -> None: ...


def _summary(result: StudyResult) -> list[str]:
    lines = [
        f"{found.cell.name}: {m.metric} {m.knowledge}: {m.base:.3f} → {m.cell:.3f} "
        f"[{m.difference.lower:.3f}, {m.difference.upper:.3f}]"
        for found in result.cells
        for m in found.measures
    ]
    lines += [f"{name}: failed: {why}" for name, why in result.failed.items()]
    lines += [f"{count(len(result.not_run), 'cell')} not run"] * bool(result.not_run)
    return [*lines, *result.notes]
