"""`ragft label`: a blinded sample of baseline and variant answers for people to fill in."""

from __future__ import annotations

import argparse
import math
import os
import secrets
import sys
from math import ceil
from pathlib import Path

from pytest_ragft.calibration.filled_sheets import check_one_answer
from pytest_ragft.calibration.key import key_text
from pytest_ragft.calibration.planning import LabelPlan, plan_labels
from pytest_ragft.calibration.saved import find_calibrations
from pytest_ragft.calibration.sheet import BLOCK, AnsweredPair, draw_sheet, sheet_text
from pytest_ragft.cli.place import (
    add_root_argument,
    expect_new,
    place_of,
    write_lines,
    write_new,
)
from pytest_ragft.errors import GenerationError, InputError
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.preflight import check
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.settings import Settings
from pytest_ragft.numbers import count
from pytest_ragft.option_types import argument_type, positive_integer
from pytest_ragft.records import BASELINE
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.suite import METRICS, applies, suites_at


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "The answers are those that a gating run has kept; no model is asked here. People fill "
        "in the column 'label' from 0 (wrong) to 1 (right), or ? where they cannot say, block "
        f"after block of {BLOCK} questions: a block counts when every row of it is filled, and "
        "nothing else does. The sheet names no variant, the key does, and stays with you. Then "
        "gate with --ragft-labels=SHEET --ragft-labels=KEY, or calibrate with both. A file that "
        "exists is never overwritten."
    )
    parser.add_argument("suites", nargs="+", type=Path, metavar="PATH", help="suites, as for gates")
    parser.add_argument("--model", required=True, metavar="[NAME=]SPEC", help="the variant")
    parser.add_argument(
        "--baseline", metavar="SPEC", help="as for gates (default: the adapter's own base)"
    )
    parser.add_argument("--base", type=Path, metavar="PATH", help="where an adapter's base lies")
    parser.add_argument(
        "--judge",
        default="reference",
        metavar="SPEC",
        help="whose kept scores say how many labels are needed (default: reference)",
    )
    parser.add_argument(
        "--metric", choices=METRICS, default="accuracy", help="what is labelled (default: accuracy)"
    )
    parser.add_argument(
        "--pairs",
        type=argument_type(positive_integer),
        metavar="N",
        help="questions to draw (default: what is needed)",
    )
    parser.add_argument("--seed", type=int, metavar="S", help="of the draw (default: random)")
    parser.add_argument("--out", required=True, metavar="SHEET.csv", help="the sheet")
    parser.add_argument(
        "--key", metavar="KEY.jsonl", help="its key (default: beside it, SHEET.key.jsonl)"
    )
    add_root_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draw the sheet; 0 when sheet and key are written.

    Raises:
        InputError: a file exists or cannot be written, or more pairs are asked for than there are.
        RagftError: suites, models or the store cannot be used.
        GenerationError: answers are not in the store.
    """
    key_file = arguments.key or f"{arguments.out.removesuffix('.csv')}.key.jsonl"
    expect_new(arguments.out, "--out")
    expect_new(key_file, "--key")
    if os.path.realpath(arguments.out) == os.path.realpath(key_file):
        raise InputError(f"--key={key_file!r}: is the sheet; whoever labels must not see the key")
    gating = _gating(arguments)
    try:
        check_one_answer(gating.plan.suites.values())
        check(gating)
        variant = gating.plan.variants[0].name
        answered = _answered(gating, variant, arguments.metric)
        plan = _plan(gating, variant, arguments.metric)
    finally:
        gating.close()
    pairs = arguments.pairs or plan.suggested
    seed = secrets.randbits(32) if arguments.seed is None else arguments.seed
    rows, key = draw_sheet(
        answered, metric=arguments.metric, variant=variant, pairs=pairs, seed=seed
    )
    write_new(key_file, key_text(key), "--key")
    try:
        write_new(arguments.out, sheet_text(rows), "--out")
    except InputError:
        # A key without its sheet would only stop the next call.
        Path(key_file).unlink(missing_ok=True)
        raise
    write_lines(
        [
            f"{count(len(rows), 'answer')} to {count(pairs, 'question')} of {len(answered)} "
            f"in {count(ceil(pairs / BLOCK), 'block')} (seed {seed}): {arguments.out}",
            f"key, not for those who label: {key_file}",
            *_needs(plan, arguments.metric, pairs),
        ]
    )
    return 0


def _gating(arguments: argparse.Namespace) -> GatingRun:
    files: list[Path] = []
    for path in arguments.suites:
        found = suites_at(path.absolute())
        if not found:
            raise InputError(f"{str(path)!r}: no suite.toml lies there; name a folder of suites")
        files += found
    settings = Settings(
        model=(arguments.model,),
        baseline=arguments.baseline,
        base=arguments.base,
        judge=arguments.judge,
        margin={},
        offline=True,
        # People label what a run was about, however long ago that was.
        max_age=math.inf,
    )
    place = place_of(arguments, arguments.suites)
    progress = progress_to(sys.stderr)
    return GatingRun(Plan(settings, place.root, files, rootdir=place.rootdir), progress)


def _answered(gating: GatingRun, variant: str, metric: str) -> list[AnsweredPair]:
    suites = list(gating.plan.suites.values())
    evaluation = gating.evaluate(gating.plan.everything())
    if errors := list(dict.fromkeys(evaluation.errors.values())):
        raise GenerationError("; ".join(errors))
    answered, failed = [], 0
    for suite in suites:
        sides = [evaluation.answers[name, suite.name] for name in (BASELINE, variant)]
        for example in suite.examples:
            if not applies(metric, example):
                continue
            baseline, of_variant = (side.get(example.id) for side in sides)
            if baseline is None or of_variant is None or baseline.error or of_variant.error:
                failed += 1
                continue
            answered.append(
                AnsweredPair(
                    suite=suite.name,
                    example=example,
                    baseline=baseline.text,
                    variant=of_variant.text,
                )
            )
    if failed:
        raise GenerationError(
            f"{failed} questions have no answer of baseline or variant; a sample of the others "
            "would be no random part: gate once without --ragft-offline until all are answered"
        )
    return answered


def _plan(gating: GatingRun, variant: str, metric: str) -> LabelPlan:
    """For the gate over the most questions, which is a pooled one."""
    whole = [spec for spec, _ in gating.plan.configured() if spec.gate.where is None]
    specs = [spec for spec in whole if spec.gate.metric == metric]
    if not specs:
        raise InputError(
            f"--metric={metric}: no gate over all questions is about it, so that labels would "
            f"decide nothing; add [[gate]] metric = {metric!r} to ragft.toml"
        )
    spec = max(specs, key=lambda spec: (spec.pooled, len(spec.suites)))
    suites = [gating.plan.suites[name] for name in spec.suites]
    comparison = gating.evaluation.comparison(metric, variant, suites, limit=None)
    judge = gating.services.judge
    found = find_calibrations(gating.plan.root, judge.name, judge.fingerprint).quoted
    known = [of.differences.value for of in found if of.metric == metric]
    return plan_labels(spec.gate, comparison, correlation=known[0] if known else None)


def _needs(plan: LabelPlan, metric: str, pairs: int) -> list[str]:
    lines = [
        f"the {metric} gate needs at least {count(plan.fewest, 'labelled question')}: with fewer "
        "no label can pass it"
    ]
    if plan.scored < plan.questions:
        lines.append(
            f"kept scores: {plan.scored} of {plan.questions}; gate once with this judge, so that "
            "the number of labels to draw can be planned"
        )
    if plan.scored:
        lines.append(
            "to pass it with 80 % power if nothing changed: "
            f"{_about(plan.alone)} if the judge is of no help"
        )
        if plan.correlation is None:
            lines[-1] += "; how far it helps, `ragft calibrate` measures"
        else:
            lines[-1] += (
                f", {_about(plan.helped)} if its differences agree with people's as calibrated "
                f"(r = {plan.correlation:.2f})"
            )
    if pairs < plan.fewest:
        lines.append(f"WARNING: {pairs} are too few: the corrected gate will be INCONCLUSIVE floor")
    return lines


def _about(number: int | None) -> str:
    return "not even labels for all suffice" if number is None else f"about {count(number)}"
