"""The gates of one variant as a picture and as numbers, for the terminal. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ragft.records import GateResult
from pytest_ragft.reporting import ruler
from pytest_ragft.reporting.conclusion import gate_name, stops
from pytest_ragft.reporting.numbers import count, exact, fixed, percent, places_apart
from pytest_ragft.reporting.text import (
    Line,
    Style,
    pad,
    shorten_name,
    table,
    width_of,
    wrap,
)

_HEADER = ("gate", "baseline", "variant", "diff", "lower", "upper", "n", "clusters")
_ALIGN = "<>>>>>>>"
_GAP = "  "
_LEAST_NAME = 24
_MARK_WIDTH = 3


def gate_lines(gates: Sequence[GateResult], width: int) -> list[Line]:
    """Picture and numbers, in one row a gate where the width allows, else in two blocks."""
    if not gates:
        return [Line("   no gate was evaluated", "bad")]
    one = _one_block(gates, width)
    lines = one if one is not None else _two_blocks(gates, width)
    return [*lines, *_legend(width)]


def mark(result: GateResult) -> str:
    """What the gate does to the deploy, readable without colour."""
    if stops(result):
        return "✗"
    return "✓" if result.verdict.outcome == "PASS" else "·"


def style_of(result: GateResult) -> Style:
    """Colour of a gate's row."""
    if stops(result):
        return "bad"
    if result.verdict.outcome == "PASS":
        return "good"
    return "warn" if result.gate.role == "primary" else "plain"


def verdict_text(result: GateResult) -> str:
    """Verdict and reason, such as ``INCONCLUSIVE underpowered``."""
    return f"{result.verdict.outcome} {result.verdict.reason}".rstrip()


def interval_text(lower: float, upper: float, margin: float) -> tuple[str, str]:
    """Both bounds with as many decimals as tell them from -margin."""
    return tuple(  # type: ignore[return-value]
        fixed(bound, places_apart(bound, -margin), signed=True) for bound in (lower, upper)
    )


def _numbers(result: GateResult) -> tuple[str, ...]:
    verdict = result.verdict
    return (
        fixed(result.baseline_mean),
        fixed(result.variant_mean),
        fixed(verdict.estimate, signed=True),
        *interval_text(verdict.lower, verdict.upper, verdict.margin),
        count(verdict.n),
        count(verdict.clusters),
    )


def _one_block(gates: Sequence[GateResult], width: int) -> list[Line] | None:
    names = [gate_name(result) for result in gates]
    cells = table(
        [_HEADER, *((n, *_numbers(g)) for n, g in zip(names, gates, strict=True))], _ALIGN
    )
    verdicts = max(width_of(verdict_text(result)) for result in gates)
    used = _MARK_WIDTH + max(map(width_of, cells)) + verdicts + 2 * len(_GAP)
    if width - used < ruler.LEAST_COLUMNS:
        return None
    axis = _axis(gates, min(width - used, ruler.MOST_COLUMNS))
    edge = max(map(width_of, cells))
    lines = [Line(f"   {pad(cells[0], edge)}{_GAP}{ruler.scale(axis)}".rstrip(), "dim")]
    for row, result in zip(cells[1:], gates, strict=True):
        text = f" {mark(result)} {pad(row, edge)}{_GAP}{_picture(result, axis)}{_GAP}"
        lines.append(Line(text + verdict_text(result), style_of(result)))
    return lines


def _two_blocks(gates: Sequence[GateResult], width: int) -> list[Line]:
    verdicts = max(width_of(verdict_text(result)) for result in gates)
    room = width - _MARK_WIDTH - verdicts - 2
    numbers = [_HEADER[1:], *map(_numbers, gates)]
    names, gap = _fitted_names(gates, numbers, room - ruler.LEAST_COLUMNS, width)
    edge = max(map(width_of, names))
    axis = _axis(gates, min(room - edge, ruler.MOST_COLUMNS))
    lines = [Line(f"   {pad('', edge)} {ruler.scale(axis)}".rstrip(), "dim")]
    for name, result in zip(names, gates, strict=True):
        text = f" {mark(result)} {pad(name, edge)} {_picture(result, axis)} {verdict_text(result)}"
        lines.append(Line(text, style_of(result)))
    rows = [(name, *row) for name, row in zip((_HEADER[0], *names), numbers, strict=True)]
    header, *body = table(rows, _ALIGN, gap)
    lines += [Line(""), Line(f"   {header}", "dim")]
    return lines + [Line(f"   {row}") for row in body]


def _fitted_names(
    gates: Sequence[GateResult], numbers: Sequence[Sequence[str]], room: int, width: int
) -> tuple[list[str], str]:
    """Names short enough for both blocks, and the widest gap between numbers that allows it."""
    names = [gate_name(result) for result in gates]
    edge = 0
    for gap in (_GAP, " "):
        side = max(map(width_of, table(numbers, _ALIGN[1:], gap)))
        edge = max(min(room, width - _MARK_WIDTH - side - len(gap)), _LEAST_NAME)
        if max(map(width_of, names)) <= edge:
            break
    return [shorten_name(name, edge) for name in names], gap


def _axis(gates: Sequence[GateResult], columns: int) -> ruler.Axis:
    intervals = ((g.verdict.lower, g.verdict.upper, g.verdict.margin) for g in gates)
    return ruler.fit_axis(intervals, columns)


def _picture(result: GateResult, axis: ruler.Axis) -> str:
    v = result.verdict
    return ruler.draw(v.lower, v.estimate, v.upper, margin=v.margin, axis=axis)


def _legend(width: int) -> list[Line]:
    text = (
        "● estimate   ├─┤ bounds   ╎ -margin: a lower bound to its right passes   "
        "✓ passes   ✗ blocks   · shown only"
    )
    return [Line(line, "dim") for line in wrap(text, width, first="   ")]


def rule_lines(gates: Sequence[GateResult], width: int) -> list[Line]:
    """Which margins and error rates the gates of one variant are held to."""
    seen = dict.fromkeys(
        f"{g.gate.role} {g.gate.metric}: margin {exact(g.verdict.margin)}, "
        f"{percent(1 - g.verdict.alpha)} bounds"
        for g in gates
    )
    text = "; ".join(seen)
    return [Line(line, "dim") for line in wrap(text, width, first="   ")] if text else []
