"""At which level, and against which margins, a gate decides. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_ragft.errors import SuiteError
from pytest_ragft.gate.decision import check_rule
from pytest_ragft.records import Gate, Slope
from pytest_ragft.stats.multiplicity import guard_level, shared_alpha
from pytest_ragft.stats.spending import look_levels, look_of

LEAST_SLOPE = 0.2
"""Of a judge whose score follows people's less than this, no margin in it says anything."""

# A margin beyond the scale would be none.
_BELOW_SCALE = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The one-sided error rate of a gate's bounds."""

    alpha: float
    look: int | None = None
    """From 1; None without announced looks, and past the last."""
    past: bool = False
    """Whether the last announced look is over: nothing passes any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Drops in score units that a verdict is about."""

    passing: float
    """Excluded by a PASS."""
    regression: float
    """Exceeded by a REGRESSION."""


def level_of(gate: Gate, *, guards: int = 1, variants: int = 1, size: int | None) -> Level:
    """The level that a gate decides at.

    Guards share alpha where they are many, and so do variants of which the best is chosen (a guard
    that vetoes none of them is no claim that could be chosen by); what is left is spent over the
    announced looks.

    Args:
        gate: The rule.
        guards: Guard gates in force around it.
        variants: How many share alpha.
        size: Questions in its pool, or labelled ones where labels decide; None on a limited run,
            which is no look.

    Raises:
        SuiteError: The pool has none of the announced sizes, and one lies ahead.
        ValueError: A number out of its range.
    """
    check_rule(margin=gate.margin * gate.scale, alpha=gate.alpha, scale=gate.scale)
    if gate.role == "guard":
        alpha = guard_level(gate.alpha, guards)
    else:
        alpha = shared_alpha(gate.alpha, tests=variants)
    if gate.looks is None:
        return Level(alpha=alpha)
    levels = look_levels(alpha, gate.looks)
    if size is None:
        return Level(alpha=levels[-1])
    look = look_of(size, gate.looks)
    if look.index is not None:
        return Level(alpha=levels[look.index], look=look.index + 1)
    if look.next_size is not None:
        raise SuiteError(
            f"gate-{gate.label}: looks = {list(gate.looks)} announces these sizes alone, and "
            f"there are {size} questions; the next look is at {look.next_size} (within 2 %), since "
            "a test in between would be peeking"
        )
    return Level(alpha=levels[-1], past=True)


def margins_of(gate: Gate, slope: Slope | None, *, labelled: bool) -> Margins:
    """The margins of a gate in the units of whoever decides.

    Args:
        gate: The rule; its margin is a fraction of its scale.
        slope: Of the judge's score on people's; None without a calibration.
        labelled: Whether the difference is one of people's labels, which need no slope.

    Raises:
        ValueError: A margin in people's units without a slope, or with one that may be next to 0.
    """
    margin = gate.margin * gate.scale
    if gate.margin_scale == "judge" or labelled:
        return Margins(passing=margin, regression=margin)
    if slope is None:
        raise ValueError("a margin in people's units needs the slope of the judge's score on them")
    if slope.lower < LEAST_SLOPE:
        raise ValueError(f"the judge's slope may be {slope.lower!r}: that is next to nothing")
    # A slope above 1 is no reason to call less a regression than people would.
    passing = min(margin * slope.lower, gate.scale * _BELOW_SCALE)
    return Margins(passing=passing, regression=margin * min(1.0, slope.upper))
