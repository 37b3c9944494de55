"""`ragft calibrate`: how far a judge agrees with human labels."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from pytest_ragft.calibration.agreement import Agreement, measure_agreement
from pytest_ragft.calibration.labelled_answers import (
    LabelledAnswer,
    LabelledAnswers,
    check_enough_labels,
    read_labelled_answers,
)
from pytest_ragft.calibration.saved import calibration_path, calibration_text, is_calibration
from pytest_ragft.cli.place import (
    add_place_arguments,
    expect_writable,
    place_of,
    store_of,
    write_lines,
    write_output,
)
from pytest_ragft.errors import InputError
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.judging_cases import judge_cases
from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge, Scores, asking
from pytest_ragft.numbers import count
from pytest_ragft.reporting.agreement import agreement_lines
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.store import fingerprint
from pytest_ragft.suite import METRICS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "Labels are CSV or JSONL with id, question, references, answer and label, a number from 0 "
        "to 1; optional: variant, metric, rater, facts, type, answerable. A sheet of `ragft "
        "label` is given together with its key. The calibration is saved and quoted by reports; "
        "it never changes a score."
    )
    parser.add_argument(
        "--labels",
        action="append",
        required=True,
        type=Path,
        metavar="FILE",
        help="human labels, or the key of a sheet; repeatable",
    )
    parser.add_argument(
        "--judge", default="reference", metavar="SPEC", help="the judge (default: reference)"
    )
    parser.add_argument(
        "--metric",
        choices=METRICS,
        default="accuracy",
        help="what is labelled where the file does not say (default: accuracy)",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="where the calibration goes (default: .ragft/calibrations/JUDGE.json)",
    )
    add_place_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge the labelled answers, compare, show and save; 0 when done.

    Raises:
        InputError: labels from which no agreement can be measured, or scores that are missing.
        RagftError: the judge or the store cannot be used; what was scored is kept in the store.
    """
    labelled = read_labelled_answers(arguments.labels, metric=arguments.metric)
    place = place_of(arguments)
    with closing(store_of(arguments, place)) as store:
        judge = open_judge(arguments.judge, store=store, places=[place.root])
        by_metric = _by_metric(labelled, judge)
        out = arguments.out or str(calibration_path(place.root, judge.name))
        if arguments.out or os.path.exists(out):
            expect_writable(out, "--out", is_calibration)
        cases = [unit.case for unit in labelled.answers]
        asked = asking(judge, by_metric)
        scores = judge_cases(asked, Archive(store), cases, progress_to(sys.stderr))
    _expect_scored(scores)
    scored = {unit: of for unit, of in zip(map(id, labelled.answers), scores, strict=True)}
    agreements = [_measure(metric, units, scored) for metric, units in by_metric.items()]
    if not arguments.out:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
    write_output(out, _text(arguments.labels, judge, agreements), "--out")
    _show(judge, labelled, agreements, out)
    return 0


def _by_metric(labelled: LabelledAnswers, judge: Judge) -> dict[str, list[LabelledAnswer]]:
    by_metric: dict[str, list[LabelledAnswer]] = {}
    for unit in labelled.answers:
        by_metric.setdefault(unit.metric, []).append(unit)
    if not by_metric:
        raise InputError(f"--labels: none of {count(labelled.unfilled, 'row')} has a label yet")
    for metric, units in by_metric.items():
        if metric not in judge.metrics:
            raise InputError(
                f"--labels: metric {metric!r}, but the judge {judge.name!r} scores "
                f"{', '.join(map(repr, judge.metrics))}"
            )
        check_enough_labels(units, metric)
    return by_metric


def _expect_scored(scores: Sequence[Scores]) -> None:
    missing = [score.reason for of in scores for score in of.values() if score.status == "missing"]
    if missing:
        raise InputError(
            f"{len(missing)} scores of {count(len(scores), 'answer')} are missing, so that nothing "
            f"is measured: {missing[0]}; repair that and run again, only these are asked for"
        )


def _measure(
    metric: str, units: Sequence[LabelledAnswer], scored: Mapping[int, Scores]
) -> Agreement:
    values = [scored[id(unit)][metric].value for unit in units]
    applicable = [unit for unit, value in zip(units, values, strict=True) if value is not None]
    check_enough_labels(applicable, metric)
    numbers = np.array([value for value in values if value is not None])
    return measure_agreement(applicable, numbers, not_applicable=len(units) - len(applicable))


def _text(files: Sequence[Path], judge: Judge, agreements: Sequence[Agreement]) -> str:
    return calibration_text(
        agreements,
        judge=judge.name,
        judge_fingerprint=judge.fingerprint,
        labels=[path.name for path in files],
        labels_fingerprint=fingerprint([path.read_text(encoding="utf-8-sig") for path in files]),
        date=datetime.now(UTC).date().isoformat(),
        version=version("pytest-ragft"),
    )


def _show(
    judge: Judge, labelled: LabelledAnswers, agreements: Sequence[Agreement], out: str
) -> None:
    lines = [f"judge {judge.name} beside people"]
    left_out = {
        "without a label": labelled.unfilled,
        "of which people cannot say (?)": labelled.unsure,
        "in blocks of a sheet that are not filled whole": labelled.apart,
    }
    lines += [f"{count(n, 'row')} {which}, not counted" for which, n in left_out.items() if n]
    for agreement in agreements:
        lines += ["", *agreement_lines(agreement)]
    lines += ["", f"calibration: {out}"]
    write_lines(lines)
