"""`ragft plan`: what suites can decide and what it takes, before any computing."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from pytest_ragft.cli.place import Place, add_root_argument, place_of, write_lines
from pytest_ragft.errors import InputError
from pytest_ragft.evaluation.baseline import baseline_path, load_baseline
from pytest_ragft.gate.forecast import Rule, Spread, questions_to_pass
from pytest_ragft.gating.forecasts import SEED, GateForecast, forecast_gates
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.settings import SAVED, Settings
from pytest_ragft.gating.spreads import (
    CHANGED,
    WITHIN,
    BaselineSpreads,
    RunSpreads,
    Spreads,
    TypicalSpreads,
)
from pytest_ragft.gating.timing import Timing, measure
from pytest_ragft.numbers import count
from pytest_ragft.option_types import alpha, argument_type, fraction, margin, positive_integer
from pytest_ragft.reporting.forecast import WIDTH, forecast_lines, size_lines, timing_lines
from pytest_ragft.reporting.json import read_report
from pytest_ragft.reporting.last_run import last_run
from pytest_ragft.suite import Suite, suites_at, suites_under
from pytest_ragft.suite.finding import RULES_FILE

_DEFAULT_MARGIN, _DEFAULT_ALPHA = 0.05, 0.05
_CHANGED = (0.05, 0.1, CHANGED, 0.3)
_PER_DOCUMENT = (1, 3, 10)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "How much scores differ is taken from --run or --baseline, else from the last run where it "
        "was over these suites, else it is typical: a fifth of the answers changes "
        "between right and wrong, and differences on one document correlate by "
        f"{WITHIN} (recorded systems with people's labels). The gate's own rule is put to drawn "
        "scores; the same plan says the same twice. Without a PATH: how many questions a margin "
        "needs. How long a run takes is measured with --measure, and unknown without: no run keeps "
        "its times."
    )
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="suites, as pytest takes them"
    )
    parser.add_argument(
        "--margin",
        action="append",
        type=argument_type(margin),
        default=[],
        metavar="METRIC:FRACTION",
        help="over the files, as --ragft-margin",
    )
    parser.add_argument(
        "--alpha",
        type=argument_type(alpha),
        metavar="RATE",
        help="over the files, as --ragft-alpha",
    )
    parser.add_argument("--run", type=Path, metavar="RUN.json", help="a run whose spread to take")
    parser.add_argument("--baseline", metavar="NAME", help="a saved baseline whose spread to take")
    parser.add_argument(
        "--changed",
        type=argument_type(fraction),
        metavar="SHARE",
        help=f"answers that change between right and wrong (default: {CHANGED}, typical)",
    )
    parser.add_argument(
        "--variants",
        type=argument_type(positive_integer),
        default=1,
        metavar="N",
        help="that share alpha where the best is chosen (default: 1)",
    )
    parser.add_argument(
        "--measure", metavar="SPEC", help="answer and judge a few questions with this model"
    )
    parser.add_argument(
        "--measure-baseline", metavar="SPEC", help="as --ragft-baseline, for --measure"
    )
    parser.add_argument("--base", type=Path, metavar="PATH", help="as --ragft-base, for --measure")
    parser.add_argument(
        "--judge", default="reference", metavar="SPEC", help="for --measure (default: reference)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_root_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the plan; 0 whatever it says.

    Raises:
        RagftError: suites, the run or the baseline cannot be used, or the model to be measured.
    """
    if not arguments.paths:
        return _sizes(arguments)
    place = place_of(arguments, arguments.paths)
    settings = Settings(
        margin=dict(arguments.margin),
        alpha=arguments.alpha,
        model=() if arguments.measure is None else (arguments.measure,),
        baseline=arguments.measure_baseline,
        base=arguments.base,
        judge=arguments.judge,
    )
    plan = Plan(settings, place.root, _files(arguments.paths), rootdir=place.rootdir)
    suites = list(plan.suites.values())
    gates = forecast_gates(plan, _spreads(arguments, place, suites), arguments.variants)
    timing = None if arguments.measure is None else measure(plan)
    if arguments.json:
        times = None if timing is None else asdict(timing)
        print(json.dumps({"gates": [asdict(gate) for gate in gates], "timing": times}, indent=2))
        return 0
    write_lines(_lines(plan, gates, timing))
    return 0


def _lines(plan: Plan, gates: Sequence[GateForecast], timing: Timing | None) -> list[str]:
    width = min(max(60, shutil.get_terminal_size((WIDTH, 24)).columns), WIDTH)
    suites = plan.suites.values()
    questions = sum(len(suite.examples) for suite in suites)
    names = ", ".join(suite.name for suite in suites)
    retrieval = sum(spec.retrieval for spec in plan.specs)
    alone = sum(s.cluster_of(e).scope == "question" for s in suites for e in s.examples)
    notes = [
        (retrieval, f"gates on retrieval, which need no answers, are not planned: {retrieval}"),
        (alone, f"{count(alone, 'question')} without a document: each counts as its own"),
    ]
    return [
        f"{count(len(suites), 'suite')} ({names}), {count(questions, 'question')}",
        "",
        *forecast_lines(gates, width),
        *(f"- {text}" for number, text in notes if number),
        *timing_lines(timing, width),
    ]


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        given = path.absolute()
        found = suites_under(given) if given.name == RULES_FILE else suites_at(given)
        if not found:
            raise InputError(f"{str(path)!r}: no suite.toml lies there; name a folder of suites")
        files += found
    return files


def _spreads(arguments: argparse.Namespace, place: Place, suites: Sequence[Suite]) -> Spreads:
    typical = TypicalSpreads(arguments.changed)
    if arguments.run is not None:
        return RunSpreads(read_report(arguments.run), arguments.run.name, suites, typical)
    if arguments.baseline is not None:
        name = arguments.baseline.removeprefix(SAVED)
        return BaselineSpreads(load_baseline(baseline_path(place.root, name)), typical)
    if arguments.changed is None:
        try:
            kept = RunSpreads(last_run(place.root), "the last run", suites, typical)
        except InputError:  # there is none, or one of another version
            return typical
        if kept.covers:
            return kept
    return typical


def _sizes(arguments: argparse.Namespace) -> int:
    """How many questions a margin needs, where there are no suites yet."""
    for option in ("run", "baseline", "measure"):
        if getattr(arguments, option) is not None:
            raise InputError(f"--{option}: says something of suites: name them as PATH")
    margins = dict(arguments.margin) or {"accuracy": _DEFAULT_MARGIN}
    rate = arguments.alpha or _DEFAULT_ALPHA
    shares = _CHANGED if arguments.changed is None else (arguments.changed,)
    found, lines = [], []
    for metric, wanted in margins.items():
        rule = Rule(margin=wanted, alpha=rate)
        sizes = {
            (share, per_document): questions_to_pass(
                _typical(share), [per_document], rule, np.random.default_rng(SEED)
            )
            for share in shares
            for per_document in _PER_DOCUMENT
        }
        found += [
            {
                "metric": metric,
                "margin": wanted,
                "alpha": rate,
                "changed": share,
                "per_document": per_document,
                "questions_to_pass": number,
            }
            for (share, per_document), number in sizes.items()
        ]
        lines += [f"{metric}:", *size_lines(sizes, _typical(CHANGED), wanted, rate), ""]
    if arguments.json:
        print(json.dumps({"sizes": found}, indent=2))
    else:
        write_lines(lines[:-1])
    return 0


def _typical(changed: float) -> Spread:
    return TypicalSpreads(changed).spread
