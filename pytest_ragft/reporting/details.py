"""What people look at next after a verdict: movers, strata, power, missing scores. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ragft.records import GateResult, Mover, Stratum
from pytest_ragft.reporting.conclusion import gate_name, stops
from pytest_ragft.reporting.gate_table import interval_texts, mark, style_of
from pytest_ragft.reporting.numbers import count, fixed, percent
from pytest_ragft.reporting.people import correction_text
from pytest_ragft.reporting.text import Line, beside, cut, table, width_of, wrap

_FEW, _SOME, _MANY = 3, 5, 10
_INDENT = "   "
_GAP = 4


def detail_lines(gates: Sequence[GateResult], width: int, verbose: bool) -> list[Line]:
    """Explanation and background of each gate that matters, those that block first.

    Without `verbose` these are the primary gates and those that block, and of what passed only
    the essentials are shown; more than that stands in the JSON report.
    """
    chosen = [g for g in gates if verbose or g.gate.role == "primary" or stops(g)]
    lines = []
    for result in sorted(chosen, key=lambda g: not stops(g)):
        lines += [Line(""), *_gate(result, width, verbose)]
    return lines


def _gate(result: GateResult, width: int, verbose: bool) -> list[Line]:
    primary = result.gate.role == "primary"
    in_full = verbose or (primary and result.verdict.outcome != "PASS")
    shown = _MANY if verbose else _SOME if in_full else _FEW
    name = f" {mark(result)} {gate_name(result)}"
    head = wrap(
        f"{name}: {result.explanation}" if result.explanation else name, width, rest=_INDENT
    )
    facts = [correction_text(result), _missing(result), _power(result)]
    if in_full:
        facts += [_severe(result), _not_applicable(result)]
    if verbose:
        facts.append(_spread(result))
    return [
        *(Line(row, style_of(result)) for row in head),
        *(Line(_INDENT + row) for row in _movers(result, shown, width - len(_INDENT))),
        *(Line(_INDENT + row) for row in (_strata(result.strata) if in_full else [])),
        *(Line(row) for fact in facts if fact for row in wrap(fact, width, first=_INDENT)),
    ]


def _movers(result: GateResult, shown: int, width: int) -> list[str]:
    """Questions and documents side by side where they fit."""
    half = (width - _GAP) // 2
    questions = _block("questions that moved most", result.questions, shown, half)
    documents = _block(
        "documents that moved most (questions)", result.documents, shown, width - _GAP - half
    )
    if questions and documents:
        return beside(questions, documents, gap=_GAP)
    return questions + documents


def _block(title: str, movers: Sequence[Mover], shown: int, width: int) -> list[str]:
    moved = [mover for mover in movers if mover.difference != 0][:shown]
    if not moved:
        return []
    rows = []
    for mover in moved:
        aside = f" ({count(mover.n)})" if "(" in title else ""
        move = f"{fixed(mover.baseline, 2)} → {fixed(mover.variant, 2)}"
        room = width - width_of(move) - 2 - width_of(aside)
        rows.append((move, cut(f"{mover.suite}::{mover.id}", room) + aside))
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
    header = ("where", "n", "baseline", "variant", "diff")
    return table([header, *rows], "<>>>>") if rows else []


def _missing(result: GateResult) -> str:
    if not (result.baseline_missing or result.variant_missing):
        return ""
    text = (
        f"missing scores: baseline {count(result.baseline_missing)}, "
        f"variant {count(result.variant_missing)}"
    )
    if result.worst_case is None:
        return text
    lower, upper = interval_texts(*result.worst_case, result.verdict.margin)
    return f"{text}; with each at its worst the bounds are [{lower}, {upper}]"


def _power(result: GateResult) -> str:
    parts = []
    by_people = result.correction is not None and result.correction.decided_by == "labels"
    noun = "labelled question" if by_people else "question"
    if result.detectable_drop is not None:
        drop = fixed(result.detectable_drop)
        parts.append(f"smallest true drop that this run would find (80 % power): {drop}")
    if result.questions_to_decide is not None:
        parts.append(f"to decide: about {count(result.questions_to_decide, noun)}")
    if result.verdict.n < result.verdict.questions_needed:
        needed = count(result.verdict.questions_needed, noun)
        parts.append(f"fewer than {needed} can never pass")
    return "; ".join(parts)


def _severe(result: GateResult) -> str:
    if not result.verdict.n:
        return ""
    return (
        f"severe drops (half of the scale or more): {percent(result.severe_share)} of questions, "
        f"at most {percent(result.severe_upper)}"
    )


def _spread(result: GateResult) -> str:
    verdict = result.verdict
    return (
        f"standard error {fixed(verdict.standard_error, 4)}, "
        f"design effect {fixed(verdict.design_effect, 2)}, "
        f"clusters of equal size that would say as much: {fixed(verdict.kish_clusters, 1)}"
    )


def _not_applicable(result: GateResult) -> str:
    if not result.not_applicable:
        return ""
    return f"not applicable, outside n: {count(result.not_applicable, 'question')}"
