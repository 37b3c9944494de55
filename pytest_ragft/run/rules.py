"""Whether gates can be put as their files say, and what margins in people's units come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ragft.calibration.saved import find_calibrations
from pytest_ragft.errors import SuiteError
from pytest_ragft.gate.levels import LEAST_SLOPE, level_of
from pytest_ragft.numbers import exact
from pytest_ragft.records import Slope

if TYPE_CHECKING:
    from pytest_ragft.run.groups import GateSpec
    from pytest_ragft.run.run import Run


def check_rules(run: Run) -> None:
    """Refuse before any work what is known then to decide nothing.

    Where human labels are given, they may settle it; that shows once answers are there.

    Raises:
        SuiteError: a pool has none of the sizes that a gate announces, or no calibration says what
            a margin in people's units means.
    """
    if run.settings.labels:
        return
    for spec, _ in run.configured():
        check_margin(run, spec)
        hit = None if spec.gate.where is None else spec.gate.where.hit
        if hit is None and not run.settings.limit:
            level_of(spec.gate, guards=spec.guards, size=_size(run, spec))


def slope_of(run: Run, spec: GateSpec) -> Slope | None:
    """Slope of the judge's score on people's in a gate's metric; None without a calibration."""
    if spec.retrieval:
        return None
    judge = run.judge
    found = find_calibrations(run.root, judge.name, judge.fingerprint).quoted
    return next((of.slope for of in found if of.metric == spec.gate.metric), None)


def check_margin(run: Run, spec: GateSpec) -> None:
    """Refuse a margin in people's units that nothing translates into the judge's.

    Raises:
        SuiteError: there is no calibration in force, or the judge hardly follows people.
    """
    if spec.gate.margin_scale == "judge":
        return
    slope, where = slope_of(run, spec), f"{spec.path}: {spec.name}: margin_scale = 'people'"
    if slope is None:
        raise SuiteError(
            f"{where}: no calibration in force says how the score of {run.judge.name!r} on "
            f"{spec.gate.metric} follows people's; measure it with `ragft calibrate`, or label a "
            "part of the pairs (--ragft-labels)"
        )
    if slope.lower < LEAST_SLOPE:
        raise SuiteError(
            f"{where}: the score of {run.judge.name!r} on {spec.gate.metric} may follow people's "
            f"by as little as {exact(slope.lower)} (one-sided 95 % bound of its slope), and below "
            f"{exact(LEAST_SLOPE)} no margin in it says anything; label more answers, or take "
            "another judge"
        )


def _size(run: Run, spec: GateSpec) -> int:
    where = spec.gate.where
    questions = (example for name in spec.suites for example in run.suites[name].examples)
    return sum(where is None or where.holds_for(example) for example in questions)
