"""What people look at next after a verdict: movers, strata, power, missing scores. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ragft.numbers import bound_texts, count, exact, fixed, level, percent, places_apart
from pytest_ragft.records import GateResult, Mover
from pytest_ragft.reporting.conclusion import gate_name, stops
from pytest_ragft.reporting.draws import draws_text
from pytest_ragft.reporting.gate_table import mark, style_of
from pytest_ragft.reporting.human_labels import by_people, correction_text, people_margin_text
from pytest_ragft.reporting.text import Line, beside, cut, table, width_of, wrap
from pytest_ragft.stats.planning import PASS_CLUSTERS

_FEW, _SOME, _MANY = 3, 5, 10
_STRATA, _ALL = 8, 1000
# Columns of a stratum's numbers, at most.
_STRATUM_NUMBERS = 36
_INDENT = "   "
_GAP = 4
_BESIDE = 72
_QUESTIONS = "questions that moved most"
_DOCUMENTS = "documents that moved most (questions)"


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
    facts, inner = fact_texts(result, in_full), width - len(_INDENT)
    return [
        *(Line(row, style_of(result)) for row in head),
        *(Line(_INDENT + row) for row in _movers(result, shown, inner)),
        *(Line(_INDENT + row) for row in _strata(result, _ALL if verbose else _STRATA, inner)),
        *(Line(row) for fact in facts for row in wrap(fact, width, first=_INDENT)),
    ]


def fact_texts(result: GateResult, in_full: bool = True) -> list[str]:
    """What stands behind a verdict, one sentence each."""
    facts = [
        correction_text(result),
        _missing(result),
        worth_text(result),
        draws_text(result),
        people_margin_text(result),
        _severe(result),
        _spread(result),
        _not_applicable(result) if in_full else "",
    ]
    return [fact for fact in facts if fact]


def _movers(result: GateResult, shown: int, width: int) -> list[str]:
    """Questions and documents side by side where they fit."""
    if width < _BESIDE:
        documents = _block(_DOCUMENTS, result.documents, shown, width)
        return _block(_QUESTIONS, result.questions, shown, width) + documents
    half = (width - _GAP) // 2
    questions = _block(_QUESTIONS, result.questions, shown, half)
    documents = _block(_DOCUMENTS, result.documents, shown, width - _GAP - half)
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


def _strata(result: GateResult, shown: int, width: int) -> list[str]:
    """Parts of the questions; of many, the first ones and those that lost most."""
    strata = [stratum for stratum in result.strata if stratum.n]
    if len(strata) > shown:
        lost = sorted(strata, key=lambda of: of.n * (of.variant - of.baseline))[: shown // 2]
        others = [of for of in strata if of not in lost][: shown - len(lost)]
        strata = [of for of in strata if of in lost or of in others]
    rows = [
        (
            cut(stratum.name, min(40, width - _STRATUM_NUMBERS)),
            count(stratum.n),
            fixed(stratum.baseline),
            fixed(stratum.variant),
            fixed(stratum.variant - stratum.baseline, signed=True),
        )
        for stratum in strata
    ]
    where = "where (by the judge)" if by_people(result) else "where"
    left = len(result.strata) - len(strata)
    more = [f"and {left} more parts in the JSON report"] if left else []
    header = (where, "n", "baseline", "variant", "diff")
    return [*table([header, *rows], "<>>>>"), *more] if rows else []


def _missing(result: GateResult) -> str:
    if not (result.baseline_missing or result.variant_missing):
        return ""
    text = (
        f"missing scores: baseline {count(result.baseline_missing)}, "
        f"variant {count(result.variant_missing)}"
    )
    if result.worst_case is None:
        return text
    lower, upper = bound_texts(*result.worst_case, result.verdict)
    return f"{text}; with each at its worst the one-sided bounds are [{lower}, {upper}]"


def _severe(result: GateResult) -> str:
    if not result.verdict.n:
        return ""
    questions = "labelled questions" if by_people(result) else "questions"
    return (
        f"severe drops (half of the scale or more): {percent(result.severe_share)} of {questions}, "
        f"at most {percent(result.severe_upper)} (one-sided {level(result.severe_alpha)})"
    )


def _apart(value: float, needed: int) -> str:
    return fixed(value, places_apart(value, needed, places=1))


def _spread(result: GateResult) -> str:
    verdict = result.verdict
    independent = _apart(verdict.independent, verdict.questions_needed)
    kish = _apart(verdict.kish_clusters, PASS_CLUSTERS)
    return (
        f"standard error {fixed(verdict.standard_error, 4)}, design effect "
        f"{fixed(verdict.design_effect, 2)}: worth {independent} independent questions of the "
        f"{count(verdict.questions_needed)} needed, and {kish} equal documents of the "
        f"{PASS_CLUSTERS} needed"
    )


def _not_applicable(result: GateResult) -> str:
    if not result.not_applicable:
        return ""
    return f"not applicable, outside n: {count(result.not_applicable, 'question')}"


def worth_text(result: GateResult) -> str:
    """What a gate of this size can tell; empty where scores are missing or were left out."""
    if result.verdict.reason in ("missing", "limited"):
        return ""
    role = _primary(result) if result.gate.role == "primary" else _guard(result)
    return "; ".join([*role, *_decide(result)])


def _primary(result: GateResult) -> list[str]:
    if result.blocked_drop is None:
        return ["with so few questions, or past the last look, nothing can pass"]
    parts = [
        f"worth: a truly unchanged variant passes with probability {_chance(result.pass_unchanged)}"
    ]
    if result.blocked_drop > 0:
        drop = fixed(result.blocked_drop, places_apart(result.blocked_drop, 0.0))
        parts.append(f"a true drop by {drop} is blocked with 80 % probability")
    else:
        parts.append("even an unchanged variant is blocked with more than 80 % probability")
    return parts


def _guard(result: GateResult) -> list[str]:
    if not result.can_veto:
        return ["this guard cannot veto: it has too few questions or documents"]
    if result.vetoed_drop is None:
        return ["no drop within the scale would be vetoed with 80 % probability"]
    return [f"a true drop by {fixed(result.vetoed_drop)} is vetoed with 80 % probability"]


def _decide(result: GateResult) -> list[str]:
    if result.questions_to_decide is None or result.gate.looks is not None:
        return []
    noun = "labelled question" if by_people(result) else "question"
    text = f"to decide: about {count(result.questions_to_decide, noun)}"
    if result.documents_to_decide is not None:
        text += f" in {count(result.documents_to_decide, 'document')}"
    return [f"{text} (with 80 % probability, if the estimate is the truth)"]


def _chance(probability: float) -> str:
    """Two decimals; what is not sure shows neither as 0 nor as 1."""
    if probability in (0.0, 1.0):
        return exact(probability)
    text = fixed(probability, 2)
    return {"0.00": "below 0.01", "1.00": "above 0.99"}.get(text, text)
