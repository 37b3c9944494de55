"""What a margin in people's units comes to in the judge's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ragft.calibration.saved import find_calibrations
from pytest_ragft.errors import SuiteError
from pytest_ragft.gate.levels import LEAST_SLOPE
from pytest_ragft.numbers import exact
from pytest_ragft.records import Slope

if TYPE_CHECKING:
    from pytest_ragft.gating.gates import GateSpec
    from pytest_ragft.gating.run import GatingRun


def slope_of(run: GatingRun, spec: GateSpec) -> Slope | None:
    """Slope of the judge's score on people's in a gate's metric; None without a calibration."""
    if spec.retrieval:
        return None
    judge = run.services.judge
    found = find_calibrations(run.plan.root, judge.name, judge.fingerprint).quoted
    return next((of.slope for of in found if of.metric == spec.gate.metric), None)


def check_margin(run: GatingRun, spec: GateSpec) -> None:
    """Refuse a margin in people's units that nothing translates into the judge's.

    Raises:
        SuiteError: there is no calibration in force, or the judge hardly follows people.
    """
    if spec.gate.margin_scale == "judge":
        return
    slope, judge = slope_of(run, spec), run.services.judge.name
    where = f"{spec.path}: {spec.name}: margin_scale = 'people'"
    if slope is None:
        raise SuiteError(
            f"{where}: no calibration in force says how the score of {judge!r} on "
            f"{spec.gate.metric} follows people's; measure it with `ragft calibrate`, or label a "
            "part of the pairs (--ragft-labels)"
        )
    if slope.lower < LEAST_SLOPE:
        raise SuiteError(
            f"{where}: the score of {judge!r} on {spec.gate.metric} may follow people's "
            f"by as little as {exact(slope.lower)} (one-sided 95 % bound of its slope), and below "
            f"{exact(LEAST_SLOPE)} no margin in it says anything; label more answers, or take "
            "another judge"
        )
