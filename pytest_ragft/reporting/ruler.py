"""A small picture of an interval against 0 and the margin, in text. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_ragft.numbers import MINUS

LEAST_COLUMNS = 24
MOST_COLUMNS = 64
_FARTHEST = (-6, 4)
_FARTHEST_NARROW = (-6, 2)
_NARROW = 40
_NEAREST = (-2, 1)
_ARROWS = ("◂", "▸")
_LABEL = f"{MINUS}margin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale in multiples of a gate's margin, the same for all rows of one picture.

    In these units -margin lies at -1 for every gate, so that one pair of upright lines serves
    gates of different margins.
    """

    left: int
    right: int
    columns: int

    def column(self, value: float) -> int:
        """Where `value` (in margins) is drawn, never on the wrong side of -margin or of 0.

        A bound just above -margin passes, so it may not be drawn on the line or left of it.
        """
        nearest = self._nearest(min(max(value, self.left), self.right))
        for limit in (-1.0, 0.0):
            line = self._nearest(limit)
            if value < limit:
                nearest = min(nearest, line - 1)
                break
            nearest = max(nearest, line + 1) if value > limit else line
        return nearest

    def _nearest(self, value: float) -> int:
        share = (value - self.left) / (self.right - self.left)
        return math.floor(share * (self.columns - 1) + 0.5)


def fit_axis(
    bounds: Iterable[tuple[float, float, float]],
    columns: int,
    farthest: tuple[int, int] | None = None,
) -> Axis:
    """An axis that shows intervals as (lower, upper, margin), all in score units.

    It spans at least -2 to 1 margins, and at most `farthest`, by default -6 to 4 (2 in less than 40
    columns): one interval that knows nothing must not flatten the others.
    """
    if farthest is None:
        farthest = _FARTHEST_NARROW if columns < _NARROW else _FARTHEST
    intervals = list(bounds)
    lowest = min((lower / margin for lower, _, margin in intervals), default=0.0)
    highest = max((upper / margin for _, upper, margin in intervals), default=0.0)
    return Axis(
        left=min(max(math.floor(lowest), farthest[0]), _NEAREST[0]),
        right=max(min(math.ceil(highest), farthest[1]), _NEAREST[1]),
        columns=max(columns, LEAST_COLUMNS),
    )


def draw(lower: float, estimate: float, upper: float, *, margin: float, axis: Axis) -> str:
    """One row: the interval with its estimate over the lines of -margin and 0.

    What lies beyond the axis is an arrow at its end. The text has `axis.columns` characters.
    """
    cells = [" "] * axis.columns
    cells[axis.column(-1.0)] = "╎"
    cells[axis.column(0.0)] = "│"
    low, middle, high = lower / margin, estimate / margin, upper / margin
    if high < axis.left or low > axis.right:
        cells[0 if high < axis.left else -1] = _ARROWS[high >= axis.left]
        return "".join(cells)
    first, last = axis.column(low), axis.column(high)
    for column in range(first, last + 1):
        cells[column] = "─" if cells[column] == " " else "┼"
    cells[first] = "├" if low >= axis.left else _ARROWS[0]
    cells[last] = "┤" if high <= axis.right else _ARROWS[1]
    if axis.left <= middle <= axis.right:
        cells[axis.column(middle)] = "●"
    return "".join(cells)


def scale(axis: Axis) -> str:
    """The row above: which way is worse, and where -margin and 0 lie; `axis.columns` long."""
    cells = [" "] * axis.columns
    zero = axis.column(0.0)
    cells[zero] = "0"
    start = max(min(axis.column(-1.0) - len(_LABEL) // 2, zero - 1 - len(_LABEL)), 0)
    cells[start : start + len(_LABEL)] = _LABEL
    if start > len("worse"):
        cells[: len("worse")] = "worse"
    if zero + 1 < axis.columns - len("better"):
        cells[-len("better") :] = "better"
    return "".join(cells)
