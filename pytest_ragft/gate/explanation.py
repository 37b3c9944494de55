"""A verdict in one sentence: what was found, and what would change it.

Numbers are rounded as everywhere in a report (`pytest_ragft.numbers`), so that none contradicts the
verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pytest_ragft.numbers import (
    MINUS,
    bound_texts,
    count,
    exact,
    fixed,
    level,
    places_apart,
    verdict_texts,
)
from pytest_ragft.records import Correction, Gate, Verdict
from pytest_ragft.stats.noninferiority import ROUNDING
from pytest_ragft.stats.planning import PASS_CLUSTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a verdict's sentence depends on besides the verdict."""

    gate: Gate
    missing: int
    """Applicable pairs without all that decides."""
    applicable: int
    worst_case: tuple[float, float] | None
    """Bounds with every missing score at its worst; None when none is missing."""
    needed: int | None
    """About how many questions would decide; None when more would not help."""
    documents: int | None
    """That they would come in."""
    most: int | None
    """So many questions could be labelled; None where the judge decides, for whom more can be
    written."""
    next_look: int | None
    """Announced size that is still ahead."""

    @property
    def noun(self) -> str:
        """What the verdict's n counts."""
        return "question" if self.most is None else "labelled question"


def explain(verdict: Verdict, of: Circumstances) -> str:
    """One plain sentence about a verdict."""
    text = _REASONS[verdict.reason] if verdict.reason else _DECIDED[verdict.outcome]
    return text(verdict, of)


def explain_labels(correction: Correction) -> str:
    """What is added to a verdict's sentence where human labels bear on it; never empty."""
    questions = count(correction.labelled, "labelled question")
    alone, corrected = correction.judged, correction.corrected
    if correction.decided_by == "judge":
        return (
            f"; by the judge alone, to which {questions} are too few to object{_lacking(corrected)}"
        )
    judge = f"{alone.outcome} {alone.reason}".rstrip()
    return f"; corrected by {questions}, where the judge alone says {judge}"


def _lacking(verdict: Verdict) -> str:
    """What a PASS would need that there is not; empty where there is enough."""
    parts = []
    needed, independent = verdict.questions_needed, verdict.independent
    if independent < needed * (1 - ROUNDING):
        places = places_apart(independent, needed, places=0)
        parts.append(f"worth {fixed(independent, places)} independent ones of the {needed} needed")
    if verdict.kish_clusters < PASS_CLUSTERS:
        places = places_apart(verdict.kish_clusters, PASS_CLUSTERS, places=0)
        parts.append(
            f"in effectively {fixed(verdict.kish_clusters, places)} documents of the "
            f"{PASS_CLUSTERS} needed"
        )
    return f" ({', '.join(parts)})" if parts else ""


def _found(verdict: Verdict, of: Circumstances) -> str:
    lower, estimate, upper = verdict_texts(verdict)
    size = estimate.lstrip(f"+{MINUS}")
    if float(size) != 0.0:
        text = f"{'fell' if verdict.estimate < 0 else 'rose'} by {size}"
    elif verdict.estimate == 0.0:
        text = "did not move"
    else:
        text = f"moved by less than {size[:-1]}1"
    return f"{of.gate.metric} {text} (one-sided {level(verdict.alpha)} bounds {lower} to {upper})"


def _margin(of: Circumstances, value: float) -> str:
    """``the margin 0.05``; in the judge's units where it is one of people's."""
    gate = of.gate
    stated = gate.margin * gate.scale
    name = f"the {'default ' if gate.margin_is_default else ''}margin"
    if value == stated:
        return f"{name} {exact(stated)}"
    return f"{exact(value)} (what {name} {exact(stated)} to people comes to)"


def _passed(verdict: Verdict, of: Circumstances) -> str:
    margin = _margin(of, verdict.margin)
    return f"{_found(verdict, of)}, so that a drop by {margin} or more is excluded"


def _regressed(verdict: Verdict, of: Circumstances) -> str:
    return f"{_found(verdict, of)}, more than {_margin(of, verdict.regression_margin)}"


def _missing(verdict: Verdict, of: Circumstances) -> str:
    text = f"{of.gate.metric} is missing for {of.missing:,} of {count(of.applicable, 'question')}"
    if of.worst_case is not None:
        low, high = bound_texts(*of.worst_case, verdict)
        text += (
            f" (one-sided {level(verdict.alpha)} bounds {low} to {high} with these at their worst)"
        )
    unsure = "" if of.most is None else ", settle what people cannot say"
    return (
        f"{text}, which may hide a drop by {_margin(of, verdict.margin)}; "
        f"repair what failed{unsure}, more would not help"
    )


def _limited(verdict: Verdict, of: Circumstances) -> str:
    return (
        f"{_found(verdict, of)} over the first {count(verdict.n, of.noun)} only; "
        "a verdict needs a run without --ragft-limit"
    )


def _past(verdict: Verdict, of: Circumstances) -> str:
    last = of.gate.looks[-1] if of.gate.looks else 0
    return (
        f"{_found(verdict, of)}, but the announced looks ended at {last:,} and past the last "
        "nothing passes: one more would be peeking; a new comparison needs questions of its own"
    )


def _floor(verdict: Verdict, of: Circumstances) -> str:
    if not verdict.n:
        return (
            f"{of.gate.metric} applies to no {of.noun} that was asked; "
            f"a verdict needs at least {verdict.questions_needed}"
        )
    questions = count(verdict.n, of.noun)
    are = "is" if verdict.n == 1 else "are"
    return (
        f"{_found(verdict, of)}, but {questions} {are} too few{_lacking(verdict)}; "
        f"{_outlook(verdict, of)}"
    )


def _worse(verdict: Verdict, of: Circumstances) -> str:
    return (
        f"{_found(verdict, of)}, surely worse but not surely by more than "
        f"{_margin(of, verdict.regression_margin)}; {_outlook(verdict, of)}"
    )


def _underpowered(verdict: Verdict, of: Circumstances) -> str:
    drop = _margin(of, verdict.margin)
    if verdict.margin == verdict.regression_margin:
        claim = f"neither excludes nor proves a drop by {drop}"
    else:
        proven = _margin(of, verdict.regression_margin)
        claim = f"neither excludes a drop by {drop} nor proves one by {proven}"
    return f"{_found(verdict, of)}, which {claim}; {_outlook(verdict, of)}"


def _outlook(verdict: Verdict, of: Circumstances) -> str:
    if of.gate.looks is not None:
        if of.next_look is None:
            return "the announced looks are over, and one more would be peeking"
        noun = "question" if of.most is None else "labelled question"
        return f"the next announced look is at {count(of.next_look, noun)}"
    if of.needed is None:
        if of.most is not None:
            return f"labels for all {count(of.most, 'question')} would hardly decide"
        return f"more {of.noun}s would hardly help, since the drop is about as large as the margin"
    documents = "" if of.documents is None else f" in {count(of.documents, 'document')}"
    return (
        f"about {count(of.needed, of.noun)}{documents} would decide (with 80 % probability, if the "
        "estimate is the truth); announce that size with `looks` before adding any"
    )


_DECIDED: dict[str, Callable[[Verdict, Circumstances], str]] = {
    "PASS": _passed,
    "REGRESSION": _regressed,
}
_REASONS: dict[str, Callable[[Verdict, Circumstances], str]] = {
    "missing": _missing,
    "limited": _limited,
    "looks": _past,
    "floor": _floor,
    "worse": _worse,
    "underpowered": _underpowered,
}
