"""What a run is worth: what it would do with an unchanged variant, and with a worse one. Pure."""

from __future__ import annotations

from pytest_ragft.numbers import count, exact, fixed, places_apart
from pytest_ragft.records import GateResult
from pytest_ragft.reporting.human_labels import by_people


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
