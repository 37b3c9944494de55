"""`ragft judge`: score answers outside any gate, line for line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing

from pytest_ragft.calibration.check import (
    LEAST_AGREEMENT,
    LEAST_KAPPA,
    METRICS,
    check,
    labelled_cases,
)
from pytest_ragft.cli.place import (
    add_place_arguments,
    expect_writable,
    place_of,
    read_input,
    store_of,
    write_lines,
    write_output,
)
from pytest_ragft.datasets.answers import AnswerLine, read_answers
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import InputError, RagftError
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.judging_cases import as_answered, judge_cases
from pytest_ragft.foreign import harmless
from pytest_ragft.gating.judge_facts import judge_usage
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge, Scores, asking
from pytest_ragft.numbers import count
from pytest_ragft.reporting.judge_check import check_lines
from pytest_ragft.reporting.progress import progress_to

USAGE = 4
"""Exit code of pytest for what is wrong before any work."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "A line of IN.jsonl has id, question, references (a list) and answer, and may have facts, "
        "answerable, type, reasoning_content and contexts; reasoning is not judged. A line of "
        "OUT.jsonl has id and, for each metric, value, status and reason. Scores are kept in the "
        "store: what is missing is asked for again by the next run, and only that. Exit code 1 "
        "when a score is missing. With --check: 0 when the judge reaches an agreement of "
        f"{LEAST_AGREEMENT:g} and a kappa of {LEAST_KAPPA:g} with the labels, in each metric, 1 "
        "below, 4 when it cannot be opened."
    )
    parser.add_argument(
        "answers", nargs="?", metavar="IN.jsonl", help="answers to judge; - for stdin"
    )
    parser.add_argument(
        "--check",
        metavar="SPEC",
        help="instead, try a judge on 50 labelled answers of this package, and say what it cost",
    )
    parser.add_argument(
        "--judge", default="reference", metavar="SPEC", help="the judge (default: reference)"
    )
    parser.add_argument(
        "--out", default="-", metavar="OUT.jsonl", help="where the scores go (default: stdout)"
    )
    add_place_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge; 0 when every answer has its scores, or the judge on trial reaches the bar.

    Raises:
        InputError: a file cannot be used, or a line is wrong; nothing is written then.
        RagftError: the judge or the store cannot be used; what was scored is kept in the store.
    """
    if arguments.check is not None:
        return _check_judge(arguments)
    if arguments.answers is None:
        raise InputError("name the answers to judge, IN.jsonl, or a judge to try with --check")
    expect_writable(arguments.out, "--out", _are_scores)
    answers = read_answers(*read_input(arguments.answers))
    place = place_of(arguments)
    with closing(store_of(arguments, place)) as store:
        judge = open_judge(arguments.judge, store=store, places=[place.root])
        judged = judge_cases(
            judge, Archive(store), [line.case for line in answers], progress_to(sys.stderr)
        )
    scores = [as_answered(line.unanswered, of) for line, of in zip(answers, judged, strict=True)]
    text = "".join(_line(judge, line, of) for line, of in zip(answers, scores, strict=True))
    write_output(arguments.out, text, "--out")
    return _told(answers, scores)


def _check_judge(arguments: argparse.Namespace) -> int:
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


def _line(judge: Judge, line: AnswerLine, scores: Scores) -> str:
    parts = {
        metric: {
            "value": scores[metric].value,
            "status": scores[metric].status,
            "reason": scores[metric].reason,
        }
        for metric in judge.metrics
    }
    plain = json.dumps({"id": line.id} | parts, allow_nan=False)
    # As JSON the same; some CI services look for commands such as "##vso[" anywhere in a line.
    return plain.replace("##", "\\u0023\\u0023") + "\n"


def _are_scores(text: str) -> bool:
    """Whether every line is one of scores: a label or a note added by hand is somebody's work."""
    try:
        lines = [json.loads(line) for line in text.splitlines()]
    except (RecursionError, ValueError):
        return False
    return all(isinstance(line, dict) and _is_score_line(line) for line in lines)


def _is_score_line(line: Mapping[str, object]) -> bool:
    scores = [value for name, value in line.items() if name != "id"]
    return bool(scores) and all(
        isinstance(of, dict) and of.keys() == {"value", "status", "reason"} for of in scores
    )


def _told(answers: Sequence[AnswerLine], scores: Sequence[Scores]) -> int:
    missing = [
        (line, next(score for score in of.values() if score.status == "missing"))
        for line, of in zip(answers, scores, strict=True)
        if any(score.status == "missing" for score in of.values())
    ]
    if not missing:
        return 0
    line, score = missing[0]
    told = (
        f"ragft judge: {len(missing)} of {count(len(answers), 'answer')} have a missing score, "
        f"such as {line.id!r}: {score.reason}; run again to ask for these alone"
    )
    print(harmless(told), file=sys.stderr)
    return 1
