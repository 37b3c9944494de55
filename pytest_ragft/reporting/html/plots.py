"""Where the marks of the page's pictures lie. Pure.

Pictures are as wide as the page lets them be: positions are percentages, which need no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_ragft.numbers import MINUS, count, exact, fixed
from pytest_ragft.records import GateResult
from pytest_ragft.reporting.ruler import Axis, fit_axis

_COLUMNS = 1001
"""Places that a mark can take: two that differ never fall together on a line."""
_FARTHEST = (-12, 5)
_EDGE = 2.0
"""Per cent of the width that stay free at each side."""
_POINTS = 400
"""Of the line of sorted differences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One row of the picture of all gates; positions in per cent."""

    left: str
    right: str
    estimate: str | None
    """None where it lies beyond the picture."""
    beyond_left: bool
    beyond_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label of the scale."""

    at: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """The scale of all gates: in multiples of each one's margin, so that one line serves all."""

    axis: Axis
    zero: str
    margin: str
    ticks: tuple[Tick, ...]

    def interval(self, result: GateResult) -> Interval:
        """Where a gate's bounds and estimate lie."""
        axis, of = self.axis, result.verdict
        low, middle, high = of.lower / of.margin, of.estimate / of.margin, of.upper / of.margin
        inside = axis.left <= middle <= axis.right
        return Interval(
            left=_place(axis, low),
            right=_place(axis, high),
            estimate=_place(axis, middle) if inside else None,
            beyond_left=low < axis.left,
            beyond_right=high > axis.right,
        )


def forest(gates: Sequence[GateResult]) -> Forest:
    """A scale on which all gates can be seen."""
    bounds = [(g.verdict.lower, g.verdict.upper, g.verdict.margin) for g in gates]
    axis = fit_axis(bounds, _COLUMNS, _FARTHEST)
    margins = {g.verdict.margin for g in gates}
    return Forest(
        axis=axis,
        zero=_place(axis, 0.0),
        margin=_place(axis, -1.0),
        ticks=tuple(Tick(at=_place(axis, at), text=_tick(at, margins)) for at in _ticks(axis)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The differences of all questions, the largest drop at the left."""

    label: str
    worse: str
    """Outlines of the filled parts, in a box of 1000 by 200 whose middle is 0."""
    better: str
    fallen: int
    same: int
    risen: int


def sorted_differences(differences: Sequence[float]) -> Sorted:
    """The picture of questions' differences, which lie in [-1, 1]."""
    values = sorted(differences)
    fallen, risen = sum(d < 0 for d in values), sum(d > 0 for d in values)
    same = len(values) - fallen - risen
    return Sorted(
        label=(
            f"{count(len(values), 'question')}: {count(fallen)} fell, {count(same)} as before, "
            f"{count(risen)} rose"
        ),
        worse=_outline(values, 0, fallen),
        better=_outline(values, fallen + same, len(values)),
        fallen=fallen,
        same=same,
        risen=risen,
    )


def _outline(values: Sequence[float], start: int, end: int) -> str:
    if start == end:
        return ""
    step = max((end - start) // _POINTS, 1)
    scale = 1000 / len(values)
    points = [f"M{start * scale:.1f} 100"]
    for at in range(start, end, step):
        height = 100 - 100 * values[at]
        points.append(f"L{at * scale:.1f} {height:.1f}H{min(at + step, end) * scale:.1f}")
    return "".join([*points, "V100Z"])


def bar(difference: float, largest: float) -> tuple[str, str]:
    """Start and width of a bar from the middle, in per cent."""
    share = 50 * min(abs(difference) / largest, 1.0) if largest else 0.0
    start = 50 - share if difference < 0 else 50.0
    return f"{start:.2f}%", f"{share:.2f}%"


def _place(axis: Axis, value: float) -> str:
    share = axis.column(value) / (axis.columns - 1)
    return f"{_EDGE + share * (100 - 2 * _EDGE):.2f}%"


def _ticks(axis: Axis) -> list[int]:
    """Not so many that their labels meet, nor beside that of the margin."""
    span = axis.right - axis.left
    step = 1 if span <= 6 else 2 if span <= 10 else 4
    near = {-1, *([-2] if step > 1 else [])}
    return [at for at in range(axis.left, axis.right + 1) if at % step == 0 and at not in near]


def _tick(at: int, margins: set[float]) -> str:
    if at == 0:
        return "0"
    if len(margins) == 1:
        return fixed(at * next(iter(margins)), 2, signed=True)
    return f"{MINUS if at < 0 else '+'}{abs(at)}×"


def margin_label(gates: Sequence[GateResult]) -> str:
    """``margin 0.05``, or that each gate has its own."""
    margins = {g.verdict.margin for g in gates}
    return f"{MINUS}{exact(next(iter(margins)))}" if len(margins) == 1 else f"{MINUS}margin"
