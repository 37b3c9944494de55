"""An answer's accuracy and completeness, once it is known to be an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_ragft.judging.damping import damping
from pytest_ragft.judging.overlap import Coverage, Overlap, affirmed_run, cover, overlap
from pytest_ragft.judging.target import POLARITIES, Fact, Target
from pytest_ragft.judging.text import Text
from pytest_ragft.records import Score

Told = Sequence[tuple[Fact, Coverage]]
"""Each fact with how far the answer states it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """A value before damping, with why and which reference it rests on."""

    value: float
    reason: str
    reference: str | None = None
    match: range | None = None
    """Where in the answer the whole reference stands."""
    tokens: Overlap | None = None


_IDENTICAL = _Finding(value=1.0, reason="is a reference")


def told(target: Target, words: Text) -> Told:
    """How far an answer states each fact."""
    return [(fact, _covered(fact, words, target)) for fact in target.facts]


def accuracy(target: Target, words: Text, facts: Told, *, identical: bool) -> Score:
    """Whether what the answer says is right.

    Args:
        target: What it is held against.
        words: The answer.
        facts: How far it states the facts, from `told`.
        identical: Whether it is a reference, word for word.
    """
    if identical:
        return _score("accuracy", _IDENTICAL)
    if target.polarity is not None and (said := _said(words, target.question)) is not None:
        spoken, right = ("yes" if said else "no"), said is target.polarity
        reason = f"says {spoken}, which is {'right' if right else 'wrong'}"
        return _score("accuracy", _Finding(value=float(right), reason=reason))
    finding = _contained(target, words) or _by_facts(target, facts) or _by_tokens(target, words)
    return _score("accuracy", finding, *damping(target, words, finding.match))


def completeness(target: Target, words: Text, facts: Told, *, identical: bool) -> Score:
    """Whether all that belongs to the answer is there; arguments as for `accuracy`."""
    if facts:
        return _share(facts)
    if identical:
        return _score("completeness", _IDENTICAL)
    pool = target.references[:1] if target.open else target.references
    recalls = [(overlap(words_, words, target.known).recall, text) for text, words_ in pool]
    value, text = max(recalls, key=lambda pair: pair[0])
    finding = _Finding(value=value, reason="token recall", reference=text)
    return _score("completeness", finding)


def _share(facts: Told) -> Score:
    covered = [fact.text for fact, c in facts if c.covered]
    contradicted = [fact.text for fact, c in facts if c.contradicted]
    missed = [fact.text for fact, c in facts if not (c.covered or c.contradicted)]
    return Score(
        metric="completeness",
        value=len(covered) / len(facts),
        reason=f"{len(covered)} of {len(facts)} facts",
        evidence={"covered": covered, "missed": missed, "contradicted": contradicted},
    )


def _covered(fact: Fact, words: Text, target: Target) -> Coverage:
    if fact.polarity is None:
        return cover(fact.words, words, strict=fact.strict)
    right = _said(words, target.question) is fact.polarity
    return Coverage(covered=right, credit=float(right))


def _said(words: Text, question: Text) -> bool | None:
    """The answer's yes or no, spoken or implied by a first sentence that repeats the question."""
    if words.polarity is not None:
        return words.polarity
    if words.asks:
        return None
    asked = set(question.content)
    repeated = asked.intersection(words.stems[: words.opening])
    if not asked or len(repeated) < 0.5 * len(asked):
        return None
    negated = any(at < words.opening for at in words.negations)
    return negated == bool(question.negations)


def _contained(target: Target, words: Text) -> _Finding | None:
    for text, reference in target.references:
        # A bare yes or no stands in many an answer that means something else.
        if target.polarity is not None and reference.stems in POLARITIES:
            continue
        if (at := affirmed_run(reference, words)) is not None:
            return _Finding(
                value=1.0,
                reason="contains a reference",
                reference=text,
                match=range(at, at + len(reference.stems)),
            )
    return None


def _by_facts(target: Target, facts: Told) -> _Finding | None:
    counted = [c for fact, c in facts if _tells(target, fact.words)]
    if not counted:
        return None
    value = sum(c.credit for c in counted) / len(counted)
    covered = sum(c.covered for c in counted)
    return _Finding(value=value, reason=f"{covered} of {len(counted)} facts")


def _by_tokens(target: Target, words: Text) -> _Finding:
    findings = [
        _token_finding(target, words, text, reference)
        for text, reference in target.keys
        if _tells(target, reference)
    ]
    neither = _Finding(value=0.0, reason="says neither yes nor no")
    return max(findings, key=lambda finding: finding.value, default=neither)


def _tells(target: Target, statement: Text) -> bool:
    """Whether a statement says more than a yes/no question that it may repeat."""
    return target.polarity is None or not target.known.issuperset(statement.content)


def _token_finding(target: Target, words: Text, text: str, reference: Text) -> _Finding:
    tokens = overlap(reference, words, target.known)
    stated = cover(reference, words)
    if stated.covered and not target.open:
        reason = "states a reference"
        return _Finding(value=1.0, reason=reason, reference=text, tokens=tokens)
    if stated.contradicted:
        return _Finding(value=0.0, reason="negates a reference", reference=text, tokens=tokens)
    numbers = reference.numbers
    right = len(numbers & words.numbers) / len(numbers) if numbers else 1.0
    return _Finding(
        value=0.5 * (tokens.f1 + tokens.recall) * right,
        reason="token overlap",
        reference=text,
        tokens=tokens,
    )


def _score(metric: str, finding: _Finding, factor: float = 1.0, why: str = "") -> Score:
    evidence: dict[str, object] = {}
    if finding.reference is not None:
        evidence["reference"] = finding.reference
    if finding.tokens is not None:
        evidence["f1"], evidence["recall"] = finding.tokens.f1, finding.tokens.recall
    if factor < 1:
        evidence["damped"] = factor
    reason = f"{finding.reason}; damped: {why}" if factor < 1 else finding.reason
    return Score(
        metric=metric, value=min(1.0, finding.value * factor), reason=reason, evidence=evidence
    )
