"""The gates of one variant as a picture and as numbers, for the terminal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pytest_ragft.records import GateResult
from pytest_ragft.reporting import ruler
from pytest_ragft.reporting.conclusion import gate_name, stops
from pytest_ragft.reporting.numbers import MINUS, count, exact, fixed, percent, places_apart
from pytest_ragft.reporting.text import Line, Style, cut, pad, table, width_of, wrap

_HEADER = ("gate", "baseline", "variant", "diff", "lower", "upper", "n", "clusters")
_ALIGN = "<>>>>>>>"
_GAP = "  "
_INDENT = "   "
_LEAST_NAME = 18


def gate_lines(gates: Sequence[GateResult], width: int) -> list[Line]:
    """Picture and numbers, in one row a gate where the width allows, else in two blocks."""
    if not gates:
        return [Line("   no gate was evaluated", "bad")]
    gates = sorted(gates, key=_group)
    return [
        *(_one_block(gates, width) or _two_blocks(gates, width)),
        *(Line(row, "dim") for row in _legend(gates, width)),
    ]


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


def interval_texts(lower: float, upper: float, margin: float) -> tuple[str, str]:
    """Both bounds, with as many decimals as tell them from -margin."""
    return _bound(lower, margin), _bound(upper, margin)


def _bound(value: float, margin: float) -> str:
    return fixed(value, places_apart(value, -margin), signed=True)


def _verdict(result: GateResult) -> str:
    return f"{result.verdict.outcome} {result.verdict.reason}".rstrip()


def _numbers(result: GateResult) -> tuple[str, ...]:
    verdict = result.verdict
    return (
        fixed(result.baseline_mean),
        fixed(result.variant_mean),
        fixed(verdict.estimate, signed=True),
        *interval_texts(verdict.lower, verdict.upper, verdict.margin),
        count(verdict.n),
        count(verdict.clusters),
    )


def _group(result: GateResult) -> tuple[bool, bool]:
    return result.gate.role != "primary", not result.pooled


def _group_title(result: GateResult) -> str:
    return f"{'pooled, ' if result.pooled else ''}{result.gate.role}"


def _short_name(result: GateResult) -> str:
    return gate_name(result).partition(" (")[0]


def _one_block(gates: Sequence[GateResult], width: int) -> list[Line]:
    """Empty where the width does not allow it."""
    rows = [(gate_name(result), *_numbers(result)) for result in gates]
    header, *body = table([_HEADER, *rows], _ALIGN)
    used = len(_INDENT) + width_of(header) + _verdict_width(gates) + 2 * len(_GAP)
    if width - used < ruler.LEAST_COLUMNS:
        return []
    axis = _axis(gates, width - used)
    lines = [Line(f"{_INDENT}{header}{_GAP}{ruler.scale(axis)}".rstrip(), "dim")]
    for row, result in zip(body, gates, strict=True):
        picture = _GAP.join((row, _picture(result, axis), _verdict(result)))
        lines.append(Line(f" {mark(result)} {picture}", style_of(result)))
    return lines


def _two_blocks(gates: Sequence[GateResult], width: int) -> list[Line]:
    """Names are short here: what gates have in common stands in a line above them."""
    numbers = [_HEADER[1:], *map(_numbers, gates)]
    room = width - len(_INDENT)
    names, gap = _fitted(gates, numbers, room)
    edge = max(map(width_of, names))
    axis = _axis(gates, room - edge - _verdict_width(gates) - 2)
    rows = [(name, *row) for name, row in zip((_HEADER[0], *names), numbers, strict=True)]
    header, *body = table(rows, _ALIGN, gap)
    pictures = [
        Line(
            f" {mark(result)} {pad(name, edge)} {_picture(result, axis)} {_verdict(result)}",
            style_of(result),
        )
        for name, result in zip(names, gates, strict=True)
    ]
    return [
        *_grouped(gates, pictures, f"{pad('', edge)} {ruler.scale(axis)}"),
        Line(""),
        *_grouped(gates, [Line(_INDENT + row) for row in body], header),
    ]


def _grouped(gates: Sequence[GateResult], rows: Sequence[Line], header: str) -> list[Line]:
    """Rows under their groups' titles; the first title takes the place left of the header."""
    lines: list[Line] = []
    for _, group in groupby(zip(gates, rows, strict=True), key=lambda pair: _group(pair[0])):
        members = list(group)
        title = _group_title(members[0][0])
        text = title if lines else title + header[width_of(title) :].rstrip()
        lines.append(Line(_INDENT + text, "dim"))
        lines += [line for _, line in members]
    return lines


def _fitted(
    gates: Sequence[GateResult], numbers: Sequence[Sequence[str]], width: int
) -> tuple[list[str], str]:
    """Names short enough for both blocks, and the widest gap between numbers that allows it."""
    names = [_short_name(result) for result in gates]
    titles = [_group_title(result) for result in gates]
    room = width - ruler.LEAST_COLUMNS - _verdict_width(gates) - 2
    edge = _LEAST_NAME
    for gap in (_GAP, " "):
        side = width_of(table(numbers, _ALIGN[1:], gap)[0]) + len(gap)
        edge = max(min(room, width - side), _LEAST_NAME)
        if max(map(width_of, [*names, *titles])) <= edge:
            break
    wanted = max(map(width_of, titles))
    return [pad(_cut_suite(name, edge), min(wanted, edge)) for name in names], gap


def _cut_suite(name: str, width: int) -> str:
    """The suite's name gives way, the metric stays."""
    suite, space, metric = name.rpartition(" ")
    room = width - width_of(metric) - 1
    return f"{cut(suite, room)} {metric}" if space and room > 2 else cut(name, width)


def _axis(gates: Sequence[GateResult], columns: int) -> ruler.Axis:
    intervals = ((g.verdict.lower, g.verdict.upper, g.verdict.margin) for g in gates)
    return ruler.fit_axis(intervals, min(columns, ruler.MOST_COLUMNS))


def _picture(result: GateResult, axis: ruler.Axis) -> str:
    v = result.verdict
    return ruler.draw(v.lower, v.estimate, v.upper, margin=v.margin, axis=axis)


def _verdict_width(gates: Sequence[GateResult]) -> int:
    return max(width_of(_verdict(result)) for result in gates)


def _legend(gates: Sequence[GateResult], width: int) -> list[str]:
    marks = f"● estimate  ├ ┤ bounds  ╎ {MINUS}margin  │ 0   ✓ passes  ✗ blocks  · shown only"
    return [_INDENT + marks, *wrap(_rules(gates), width, first=_INDENT)]


def _rules(gates: Sequence[GateResult]) -> str:
    """Which margins and error rates the gates are held to."""
    margins = {g.gate.metric: exact(g.verdict.margin) for g in gates}
    if len(set(margins.values())) == 1:
        margin = next(iter(margins.values()))
    else:
        margin = ", ".join(f"{value} ({metric})" for metric, value in margins.items())
    levels: dict[str, list[str]] = {}
    for result in gates:
        roles = levels.setdefault(percent(1 - result.verdict.alpha), [])
        roles += [result.gate.role] if result.gate.role not in roles else []
    level = ", ".join(
        percentage if len(levels) == 1 else f"{percentage} ({', '.join(roles)})"
        for percentage, roles in levels.items()
    )
    return f"margin {margin}; a bound holds with {level}"
