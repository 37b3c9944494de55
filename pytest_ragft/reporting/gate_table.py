"""The gates of one variant as a picture and as numbers, for the terminal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pytest_ragft.numbers import MINUS, count, exact, fixed, level, places_apart, verdict_texts
from pytest_ragft.records import GateResult
from pytest_ragft.reporting import ruler
from pytest_ragft.reporting.conclusion import gate_name, short_name, stops
from pytest_ragft.reporting.text import Line, Style, cut, pad, table, width_of, wrap
from pytest_ragft.stats.planning import REGRESSION_CLUSTERS, REGRESSION_QUESTIONS

_HEADER = ("gate", "baseline", "variant", "diff", "lower", "upper", "n", "clusters")
_ALIGN = "<>>>>>>>"
_SHOWN = (range(7), range(6), range(5), range(2, 5))
"""Columns of numbers, by the room there is: clusters and n give way first, and then the means."""
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


def verdict_text(result: GateResult) -> str:
    """The verdict with its reason, and whether a guard could have found otherwise."""
    text = f"{result.verdict.outcome} {result.verdict.reason}".rstrip()
    lame = result.gate.role == "guard" and not result.can_veto
    return f"{text}, cannot veto" if lame else text


def _numbers(result: GateResult) -> tuple[str, ...]:
    verdict = result.verdict
    lower, estimate, upper = verdict_texts(verdict)
    return (
        fixed(result.baseline_mean),
        fixed(result.variant_mean),
        estimate,
        lower,
        upper,
        count(verdict.n),
        count(verdict.clusters),
    )


def _group(result: GateResult) -> tuple[bool, bool]:
    return result.gate.role != "primary", not result.pooled


def _group_title(result: GateResult) -> str:
    return f"{'pooled, ' if result.pooled else ''}{result.gate.role}"


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
        picture = _GAP.join((row, _picture(result, axis), verdict_text(result)))
        lines.append(Line(f" {mark(result)} {picture}", style_of(result)))
    return lines


def _two_blocks(gates: Sequence[GateResult], width: int) -> list[Line]:
    """Names are short here: what gates have in common stands in a line above them."""
    room = width - len(_INDENT)
    names, (header, *body) = _number_rows(gates, room)
    return [
        *_verdict_block(gates, names, room),
        Line(""),
        *_grouped(gates, [Line(_INDENT + row) for row in body], header),
    ]


def _number_rows(gates: Sequence[GateResult], room: int) -> tuple[list[str], list[str]]:
    """Names, and a table with as many of the numbers as there is room for."""
    for shown in _SHOWN:
        numbers = [[row[i] for i in shown] for row in (_HEADER[1:], *map(_numbers, gates))]
        names, wide = _fitted(gates, numbers, room)
        rows = [(name, *row) for name, row in zip((_HEADER[0], *names), numbers, strict=True)]
        for gap in dict.fromkeys((wide, " ")):
            lines = table(rows, _ALIGN[: 1 + len(shown)], gap)
            if width_of(lines[0]) <= room:
                return names, lines
    return names, lines


def _verdict_block(gates: Sequence[GateResult], names: Sequence[str], room: int) -> list[Line]:
    """Each gate's picture and verdict; where there is no room for a picture, its verdict alone."""
    edge = max(map(width_of, names))
    columns = room - edge - _verdict_width(gates) - 2
    drawn = columns >= ruler.LEAST_COLUMNS
    axis = _axis(gates, columns)
    rows = [
        Line(
            f" {mark(result)} {pad(name, edge)} "
            f"{_picture(result, axis) + ' ' if drawn else ''}{verdict_text(result)}",
            style_of(result),
        )
        for name, result in zip(names, gates, strict=True)
    ]
    return _grouped(gates, rows, f"{pad('', edge)} {ruler.scale(axis) if drawn else ''}")


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
    names = [short_name(result) for result in gates]
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
    return max(width_of(verdict_text(result)) for result in gates)


def _legend(gates: Sequence[GateResult], width: int) -> list[str]:
    marks = f"● estimate  ├ ┤ bounds  ╎ {MINUS}margin  │ 0   ✓ passes  ✗ blocks  · shown only"
    facts = [_rules(gates), _vetoes(gates), *_lame(gates), _by_people(gates)]
    return [
        *wrap(marks, width, first=_INDENT),
        *(row for fact in facts if fact for row in wrap(fact, width, first=_INDENT)),
    ]


def _rules(gates: Sequence[GateResult]) -> str:
    """Which margins and error rates the gates are held to."""
    margins: dict[str, list[str]] = {}
    levels: dict[str, list[str]] = {}
    for result in gates:
        _note(margins, exact(result.verdict.margin), result.gate.metric)
        _note(levels, level(result.verdict.alpha), result.gate.role)
    return f"margin {_split(margins)}; each bound is one-sided and holds with {_split(levels)}"


def _note(texts: dict[str, list[str]], text: str, of: str) -> None:
    known = texts.setdefault(text, [])
    known += [of] if of not in known else []


def _split(texts: dict[str, list[str]]) -> str:
    """``0.05``, or which is whose: ``0.05 (accuracy), 0.1 (completeness)``."""
    if len(texts) == 1:
        return next(iter(texts))
    return ", ".join(f"{text} ({', '.join(of)})" for text, of in texts.items())


def _vetoes(gates: Sequence[GateResult]) -> str:
    """How large a drop must be for each guard to see it."""
    guards = [g for g in gates if g.gate.role == "guard" and g.can_veto]
    if not guards:
        return ""
    drops = ", ".join(
        f"{short_name(g)} {'none' if g.vetoed_drop is None else fixed(g.vetoed_drop)}"
        for g in guards
    )
    return f"true drop that a guard vetoes with 80 % probability: {drops}"


def _lame(gates: Sequence[GateResult]) -> list[str]:
    """Guards that are too small for a veto, whatever happens to their questions."""
    return [
        f"WARNING: {short_name(g)} cannot veto: {count(g.verdict.n, 'question')} in effectively "
        f"{_documents(g.verdict.kish_clusters)} documents, and a veto needs {REGRESSION_QUESTIONS} "
        f"questions and {REGRESSION_CLUSTERS} documents"
        for g in gates
        if g.gate.role == "guard" and not g.can_veto
    ]


def _documents(kish: float) -> str:
    return fixed(kish, places_apart(kish, REGRESSION_CLUSTERS, places=1))


def _by_people(gates: Sequence[GateResult]) -> str:
    """Whose means stand in the rows where people decide."""
    decided = [g for g in gates if g.correction and g.correction.decided_by == "labels"]
    if not decided:
        return ""
    judged = "; ".join(
        f"{short_name(g)} {fixed(g.correction.judged_baseline_mean)} and "
        f"{fixed(g.correction.judged_variant_mean)}"
        for g in decided
        if g.correction
    )
    return f"means by people's labels; by the judge alone they are: {judged}"
