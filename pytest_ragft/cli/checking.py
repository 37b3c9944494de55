"""`ragft judge --check`: whether a judge is worth a run, before money is spent on one."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing

from pytest_ragft.calibration.check import METRICS, check, labelled_cases
from pytest_ragft.cli.place import place_of, store_of, write_lines
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import RagftError
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.cases import judge_cases
from pytest_ragft.gating.judge_facts import judge_usage
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import asking
from pytest_ragft.reporting.judge_check import check_lines
from pytest_ragft.reporting.progress import progress_to

USAGE = 4
"""Exit code of pytest for what is wrong before any work."""


def check_judge(arguments: argparse.Namespace) -> int:
    """Judge the labelled cases of the package; 0 where the bar is reached, 1 below, 4 wrong usage.

    Raises:
        RagftError: the judge failed as a whole; what was scored is kept in the store.
    """
    cases = labelled_cases()
    try:
        if arguments.answers is not None:
            raise RagftError("--check judges cases of its own: leave IN.jsonl out")
        place = place_of(arguments)
        store = store_of(arguments, place)
    except RagftError as error:
        return _refuse(error)
    with closing(store):
        try:
            judge = asking(open_judge(arguments.check, store=store, places=[place.root]), METRICS)
        except RagftError as error:
            return _refuse(error)
        scores = judge_cases(
            judge, Archive(store), [of.case for of in cases], progress_to(sys.stderr)
        )
    checked = check(cases, scores)
    usage = judge_usage(judge, os.environ)
    paid = isinstance(getattr(judge, "usage", None), Usage)
    write_lines(check_lines(judge.name, checked, usage, answers=len(cases), paid=paid))
    return 0 if all(of.holds for of in checked) else 1


def _refuse(error: RagftError) -> int:
    print(f"ragft judge: {error}", file=sys.stderr)
    return USAGE
