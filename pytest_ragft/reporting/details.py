"""What people look at next after a verdict: movers, strata, power, missing scores. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ragft.records import GateResult, Mover, Stratum
from pytest_ragft.reporting.conclusion import gate_name, stops
from pytest_ragft.reporting.gate_table import interval_text, mark, style_of
from pytest_ragft.reporting.numbers import count, fixed, percent
from pytest_ragft.reporting.text import Line, Style, beside, cut, table, width_of, wrap

_SHOWN = (5, 10)
"""Movers listed without and with `-v`; more than that is for the JSON report."""
_INDENT = "   "
_NARROW = 100


def explanation_lines(gates: Sequence[GateResult], width: int, verbose: int) -> list[Line]:
    """The sentence of each gate that stops the variant; with `-v`, of every gate."""
    lines = []
    for result in gates:
        if (stops(result) or verbose) and result.explanation:
            first = f" {mark(result)} "
            style: Style = "bad" if stops(result) else "plain"
            text = f"{gate_name(result)}: {result.explanation}"
            lines += [Line(row, style) for row in wrap(text, width, first=first)]
    return lines


def detail_lines(result: GateResult, width: int, verbose: int) -> list[Line]:
    """One gate's movers, strata and what bounds rest on, under a heading."""
    body = [
        *_movers(result, width, verbose),
        *(Line(_INDENT + row) for row in _strata(result.strata)),
        *(Line(row) for fact in _facts(result) for row in wrap(fact, width, first=_INDENT)),
    ]
    return [Line(f" {mark(result)} {gate_name(result)}", style_of(result)), *body] if body else []


def _movers(result: GateResult, width: int, verbose: int) -> list[Line]:
    shown = _SHOWN[min(verbose, 1)]
    side_by_side = width >= _NARROW
    room = (width // 2 if side_by_side else width) - len(_INDENT) - 4
    blocks = [
        _block("questions that moved most", result.questions, shown, room),
        _block("documents that moved most", result.documents, shown, room),
    ]
    if side_by_side and all(blocks):
        return [Line(_INDENT + row) for row in beside(*blocks)]
    return [Line(_INDENT + row) for block in blocks for row in block]


def _block(title: str, movers: Sequence[Mover], shown: int, width: int) -> list[str]:
    moved = [mover for mover in movers if mover.difference != 0][:shown]
    if not moved:
        return []
    rows = []
    for mover in moved:
        aside = f" ({count(mover.n, 'question')})" if mover.n > 1 else ""
        name = cut(f"{mover.suite}::{mover.id}", width - 8 - width_of(aside))
        rows.append((fixed(mover.difference, signed=True), name + aside))
    return [title, *table(rows, "><")]


def _strata(strata: Sequence[Stratum]) -> list[str]:
    rows = [
        (
            cut(stratum.name, 40),
            count(stratum.n),
            fixed(stratum.baseline),
            fixed(stratum.variant),
            fixed(stratum.variant - stratum.baseline, signed=True),
        )
        for stratum in strata
        if stratum.n
    ]
    return table(
        [("part of the questions", "n", "baseline", "variant", "diff"), *rows], "<>>>>"
    ) * (bool(rows))


def _facts(result: GateResult) -> list[str]:
    facts = [_missing(result), _power(result), _severe(result)]
    if result.not_applicable:
        facts.append(f"{count(result.not_applicable, 'question')} not applicable, outside n")
    return [fact for fact in facts if fact]


def _missing(result: GateResult) -> str:
    if not (result.baseline_missing or result.variant_missing):
        return ""
    text = (
        f"missing scores: baseline {count(result.baseline_missing)}, "
        f"variant {count(result.variant_missing)}"
    )
    if result.worst_case is None:
        return text
    lower, upper = interval_text(*result.worst_case, result.verdict.margin)
    return f"{text}; with each at its worst the bounds are [{lower}, {upper}]"


def _power(result: GateResult) -> str:
    parts = []
    if result.detectable_drop is not None:
        drop = fixed(result.detectable_drop)
        parts.append(f"smallest true drop that this run would find (80 % power): {drop}")
    if result.questions_to_decide is not None:
        needed = count(result.questions_to_decide, "question")
        parts.append(f"about {needed} would decide, {count(result.verdict.n)} were compared")
    if result.verdict.n < result.verdict.questions_needed:
        needed = count(result.verdict.questions_needed, "question")
        parts.append(f"fewer than {needed} can never pass")
    return "; ".join(parts)


def _severe(result: GateResult) -> str:
    if not result.verdict.n:
        return ""
    return (
        f"severe drops (half of the scale or more): {percent(result.severe_share)} of questions, "
        f"at most {percent(result.severe_upper)}"
    )
