"""The figure of a study: what training did, over the number of pairs.

A panel for each metric and each base on its data, a line for each recipe. Sizes stand side by side
and not to scale, in which the small ones would lie on each other. Lines differ in marker, dashes
and lightness, so that they are told apart in grey.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from pytest_ragft.errors import MissingDependencyError
from pytest_ragft.numbers import MINUS
from pytest_ragft.reporting.study_reading import (
    Group,
    by_curve,
    by_size,
    curve_label,
    gate_on,
    groups,
    measure_of,
    metrics_of,
    size_order,
    size_text,
    varied,
)
from pytest_ragft.reporting.study_tables import spread_of
from pytest_ragft.study.records import CellResult, StudyResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

Form = Literal["svg", "pdf", "png"]

# Two columns of a page with text of its captions' size; a single panel takes one column.
_WIDTH, _COLUMN, _ROW, _LEGEND = 7.0, 3.5, 2.3, 0.19
_SETTINGS = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    # A dollar in a name begins no formula.
    "text.parse_math": False,
    # Text stays text, and the same figure is the same bytes.
    "svg.fonttype": "none",
    "svg.hashsalt": "ragft",
    "pdf.fonttype": 42,
}
# Okabe and Ito's colours without those too light for a line, dark and light ones in turn.
_COLOURS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#7F7F7F")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
# Of the distance between two sizes: how far two curves are apart, and all of a panel at most.
_APART, _SPREAD = 0.12, 0.5
# How far left of its mean a seed is drawn.
_BESIDE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A recipe at one size."""

    at: int
    """Position of the size, from 0."""
    value: float
    """Difference to the base, or its mean over seeds."""
    lower: float
    upper: float
    seeds: tuple[float, ...]
    """Of each seed, where there are several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One metric on one group."""

    metric: str
    title: str
    margin: float | None
    """Of the gates; None where they have none, or not the same."""
    curves: Mapping[str, tuple[Point, ...]]
    """By label."""


def require_matplotlib() -> None:
    """See that the figure can be drawn, before there is anything to draw.

    Raises:
        MissingDependencyError: the extra ``study`` is not installed.
    """
    if find_spec("matplotlib") is None:
        raise MissingDependencyError("matplotlib", extra="study", purpose="the figure of a study")


def panels(study: StudyResult) -> list[list[Panel]]:
    """Rows of panels: groups by metrics; groups without any model have none."""
    sizes = _sizes(study)
    fields = varied(study.plan.cells)
    return [
        [
            Panel(
                metric=metric,
                title=group.title,
                margin=_margin(group, metric),
                curves={
                    curve_label(cells[0].cell.recipe, fields): tuple(
                        _points(study, cells, metric, sizes)
                    )
                    for cells in by_curve(group.cells).values()
                },
            )
            for metric in metrics_of(study)
        ]
        for group in groups(study)
        if group.cells
    ]


def _sizes(study: StudyResult) -> list[int | None]:
    return sorted({of.cell.recipe.size for of in study.cells}, key=size_order)


def _margin(group: Group, metric: str) -> float | None:
    margins = {
        gate.verdict.margin for of in group.cells if (gate := gate_on(of, metric)) is not None
    }
    return margins.pop() if len(margins) == 1 else None


def _points(
    study: StudyResult,
    cells: Sequence[CellResult],
    metric: str,
    sizes: Sequence[int | None],
) -> Iterator[Point]:
    for size, seeds in by_size(cells):
        found = [m.difference for of in seeds if (m := measure_of(of, metric)) is not None]
        if not found:
            continue
        spread = spread_of(study, seeds, metric)
        value = found[0].estimate if spread is None else spread.mean
        interval = None if spread is None else spread.interval
        # Below four seeds there is no interval of their mean: all that any seed's holds is drawn.
        every = found if interval is None else [interval]
        yield Point(
            at=sizes.index(size),
            value=value,
            lower=min(of.lower for of in every),
            upper=max(of.upper for of in every),
            seeds=tuple(of.estimate for of in found) if len(found) > 1 else (),
        )


def caption(study: StudyResult) -> str:
    """What must stand below the figure, and in the place of it for those who cannot see it."""
    several = any(len(of.cells) > 1 for of in study.spreads)
    parts = [
        "Difference to the base, with retrieved passages, by the number of pairs (not to scale; "
        "0 is the base itself). Bars are two-sided 95 % intervals.",
    ]
    if several:
        parts.append(
            "Small points are seeds around their mean; its bar is that of the mean effect from "
            "four seeds on, and reaches over the intervals of all of them below."
        )
    if any(panel.margin for row in panels(study) for panel in row):
        parts.append("The dashed line is the margin.")
    return " ".join(parts)


def draw(study: StudyResult, form: Form) -> bytes:
    """The figure as a file; the same study makes the same bytes.

    Raises:
        MissingDependencyError: the extra ``study`` is not installed.
        ValueError: no model has been measured.
    """
    require_matplotlib()
    from matplotlib import style

    stream = io.BytesIO()
    when = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[form]
    # Whatever the user has set for figures of their own is not for this one.
    with warnings.catch_warnings(), style.context(["default", _SETTINGS]):
        # A name may hold what the font has no letters for.
        warnings.filterwarnings("ignore", message="Glyph ", category=UserWarning)
        _figure(study).savefig(stream, format=form, metadata=when, dpi=200)
    return stream.getvalue()


def _figure(study: StudyResult) -> Figure:
    from matplotlib.figure import Figure

    rows, sizes = panels(study), _sizes(study)
    if not rows:
        raise ValueError("a figure takes at least one model that was measured")
    labels = list(dict.fromkeys(label for row in rows for panel in row for label in panel.curves))
    across = len(rows[0])
    width = _WIDTH if across > 1 else _COLUMN
    columns = max(int(width // (0.7 + 0.055 * max(map(len, labels)))), 1)
    lines = -(-len(labels) // columns)
    height = _ROW * len(rows) + _LEGEND * lines + 0.2
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(len(rows), across, sharex=True, sharey=True, squeeze=False)
    for row, panels_of, drawn in zip(range(len(rows)), rows, axes, strict=True):
        for panel, ax in zip(panels_of, drawn, strict=True):
            _draw_panel(ax, panel, labels, sizes)
            if row == 0:
                ax.set_title(panel.metric)
        drawn[0].set_ylabel(_row_label(panels_of[0], several=len(rows) > 1))
    for ax in axes[-1]:
        ax.set_xlabel("pairs trained on")
    if len(labels) > 1:
        figure.legend(
            [_handle(labels, label) for label in labels], labels, loc="outside lower center",
            ncols=columns, frameon=False, handlelength=3.2,
        )  # fmt: skip
    return figure


def _row_label(panel: Panel, *, several: bool) -> str:
    return f"{panel.title}\ndifference to base" if several else "difference to base"


def _draw_panel(ax: Axes, panel: Panel, labels: Sequence[str], sizes: Sequence[int | None]) -> None:
    ax.axhline(0.0, color="0.35", linewidth=0.7, zorder=1)
    if panel.margin is not None:
        ax.axhline(-panel.margin, color="0.35", linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
        ax.annotate(
            "margin", (0, -panel.margin), xycoords=("axes fraction", "data"), xytext=(3, -1.5),
            textcoords="offset points", va="top", fontsize=6.5, color="0.25",
        )  # fmt: skip
    for label, points in panel.curves.items():
        _draw_curve(ax, labels, label, points)
    ax.set_xticks(range(len(sizes) + 1), ["0", *map(size_text, sizes)])
    ax.set_xlim(-0.3, len(sizes) + 0.5)
    ax.yaxis.set_major_formatter(_tick)
    ax.spines[["top", "right"]].set_visible(False)


def _tick(value: float, _: object) -> str:
    return f"{round(value, 9):+g}".replace("-", MINUS) if round(value, 9) else "0"


def _draw_curve(ax: Axes, labels: Sequence[str], label: str, points: Sequence[Point]) -> None:
    number, curves = labels.index(label), len(labels)
    apart = min(_APART, _SPREAD / max(curves - 1, 1))
    shift = apart * (number - (curves - 1) / 2)
    look = _look(labels, label)
    at = [point.at + 1 + shift for point in points]
    for place, point in zip(at, points, strict=True):
        beside = [place - _BESIDE] * len(point.seeds)
        ax.plot(
            beside, point.seeds, linestyle="", marker=".", markersize=3.5, markeredgewidth=0,
            color=look["color"], alpha=0.5, zorder=3,
        )  # fmt: skip
    below = [point.value - point.lower for point in points]
    above = [point.upper - point.value for point in points]
    values = [point.value for point in points]
    ax.errorbar(
        at, values, yerr=[below, above], fmt="none", ecolor=look["color"], elinewidth=0.8,
        capsize=2, capthick=0.8, zorder=3,
    )  # fmt: skip
    # From the base, which is at 0 by definition: there is nothing to mark or to doubt.
    ax.plot([0, *at], [0, *values], markevery=slice(1, None), zorder=4, **look)


def _look(labels: Sequence[str], label: str) -> dict[str, Any]:
    """Of a curve, the same in all panels."""
    number = labels.index(label)
    return {
        "color": _COLOURS[number % len(_COLOURS)],
        "linestyle": _DASHES[number % len(_DASHES)],
        "marker": _MARKERS[number % len(_MARKERS)],
        "linewidth": 0.9,
        "markersize": 4.2,
        "markerfacecolor": "white",
        "markeredgewidth": 0.9,
    }


def _handle(labels: Sequence[str], label: str) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], **_look(labels, label))
