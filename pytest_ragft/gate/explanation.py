"""A verdict in one sentence: what was found, and what would change it."""

from __future__ import annotations

from pytest_ragft.records import Correction, Gate, Verdict


def explain(
    gate: Gate,
    verdict: Verdict,
    *,
    missing: int,
    applicable: int,
    worst_case: tuple[float, float] | None,
    needed: int | None,
    noun: str = "question",
) -> str:
    """One plain sentence about a verdict.

    Args:
        gate: The rule.
        verdict: What it came to.
        missing: Number of applicable pairs without both scores.
        applicable: Number of applicable pairs.
        worst_case: Bounds with every missing score at its worst; None when none is missing.
        needed: About how many questions would decide; None when more would not help.
        noun: What the verdict's n counts.
    """
    margin = f"the {'default ' if gate.margin_is_default else ''}margin {verdict.margin:g}"
    found = f"{gate.metric} {_movement(verdict)}"
    if verdict.outcome == "PASS":
        return f"{found}, so that a drop by {margin} or more is excluded"
    if verdict.outcome == "REGRESSION":
        return f"{found}, more than {margin}"
    if verdict.reason == "missing":
        return _explain_missing(gate.metric, missing, applicable, worst_case, margin)
    if verdict.reason == "limited":
        return (
            f"{found} over the first {verdict.n} {noun}s only; "
            f"a verdict needs a run without --ragft-limit"
        )
    if verdict.reason == "floor":
        return _explain_floor(gate.metric, verdict, needed, noun)
    if verdict.reason == "worse":
        return (
            f"{found}, surely worse but not surely by more than {margin}; {_outlook(needed, noun)}"
        )
    return (
        f"{found}, which neither excludes nor proves a drop by {margin}; {_outlook(needed, noun)}"
    )


def _movement(verdict: Verdict) -> str:
    moved = round(verdict.estimate, 3)
    if moved == 0:
        text = "did not move"
    else:
        text = f"{'fell' if moved < 0 else 'rose'} by {abs(moved):.3f}"
    level = f"{100 * (1 - verdict.alpha):.5g} %"
    return f"{text} ({level} bounds {_signed(verdict.lower)} to {_signed(verdict.upper)})"


def _explain_missing(
    metric: str,
    missing: int,
    applicable: int,
    worst_case: tuple[float, float] | None,
    margin: str,
) -> str:
    text = f"{metric} is missing for {missing} of {applicable} questions"
    if worst_case is not None:
        low, high = worst_case
        text += f" (bounds {_signed(low)} to {_signed(high)} with these at their worst)"
    return f"{text}, which may hide a drop by {margin}; repair what failed, more would not help"


def explain_labels(correction: Correction) -> str:
    """What is added to a verdict's sentence where human labels bear on it; never empty."""
    questions = f"{correction.labelled} labelled question{'' if correction.labelled == 1 else 's'}"
    alone, needed = correction.judged, correction.corrected.questions_needed
    if correction.decided_by == "judge":
        return (
            f"; by the judge alone, to which {questions} are too few to object: "
            f"at least {needed} are needed"
        )
    judge = f"{alone.outcome} {alone.reason}".rstrip()
    return f"; corrected by {questions}, where the judge alone says {judge}"


def _explain_floor(metric: str, verdict: Verdict, needed: int | None, noun: str) -> str:
    if not verdict.n:
        return (
            f"{metric} applies to no {noun} that was asked; "
            f"a verdict needs at least {verdict.questions_needed}"
        )
    questions = f"{verdict.n} {noun}{'s' if verdict.n > 1 else ''}"
    documents = f"{verdict.kish_clusters:.3g} equal documents"
    return (
        f"{metric} {_movement(verdict)}, but {questions} in effectively {documents} are too few; "
        f"{_outlook(needed, noun)}"
    )


def _outlook(needed: int | None, noun: str) -> str:
    if needed is None:
        return f"more {noun}s would hardly help, since the drop is about as large as the margin"
    return f"about {needed:,} {noun}s would decide"


def _signed(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}".replace("-", "\N{MINUS SIGN}")
