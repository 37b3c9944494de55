"""Whether all that belongs to an answer is there."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ragft.judging.lexical.finding import IDENTICAL, Finding, score_of
from pytest_ragft.judging.lexical.overlap import Coverage
from pytest_ragft.judging.lexical.reading import ReadAnswer
from pytest_ragft.judging.lexical.statements import match_statements
from pytest_ragft.judging.lexical.target import Fact, Target
from pytest_ragft.judging.lexical.weighing import Weighing
from pytest_ragft.records import Score

FactsCovered = Sequence[tuple[Fact, Coverage]]
"""Each fact with how far the answer states it."""


def cover_facts(target: Target, read: ReadAnswer, weighing: Weighing) -> FactsCovered:
    """How far an answer states each fact."""
    return [(fact, _covered(fact, read, target, weighing)) for fact in target.facts]


def completeness(
    target: Target,
    read: ReadAnswer,
    facts: FactsCovered,
    *,
    identical: bool,
    accuracy: float,
    weighing: Weighing,
) -> Score:
    """Whether all that belongs to the answer is there.

    Args:
        target: What it is held against.
        read: The answer.
        facts: How far it states the facts, from `cover_facts`.
        identical: Whether it is a reference, the first one where a list or a summary is asked for.
        accuracy: The answer's, in [0, 1].
        weighing: Asked where rules do not tell.
    """
    if facts:
        return _share(facts)
    if identical:
        return score_of("completeness", IDENTICAL)
    if read.named is not None:
        count = sum(read.named.found)
        reason = f"{count} of {len(read.named.found)} elements"
        return score_of("completeness", Finding(value=read.named.recall, reason=reason))
    held = [
        (weighing.whole(target, read, text, found, accuracy), found, text)
        for text, parts in target.statements
        for found in [match_statements(parts, read.words, target.known)]
    ]
    value, found, text = max(held, key=lambda one: one[0])
    whole = sum(share == 1 for share in found.shares)
    reason = f"{whole} of {len(found.shares)} statements whole, {value:.0%} in all"
    return score_of("completeness", Finding(value=value, reason=reason, reference=text))


def _share(facts: FactsCovered) -> Score:
    covered = [fact.text for fact, c in facts if c.covered]
    contradicted = [fact.text for fact, c in facts if c.contradicted]
    missed = [fact.text for fact, c in facts if not (c.covered or c.contradicted)]
    return Score(
        metric="completeness",
        value=len(covered) / len(facts),
        reason=f"{len(covered)} of {len(facts)} facts",
        evidence={"covered": covered, "missed": missed, "contradicted": contradicted},
    )


def _covered(fact: Fact, read: ReadAnswer, target: Target, weighing: Weighing) -> Coverage:
    if target.polarity is None or not (fact.polarity is not None or target.repeated_by(fact.words)):
        return weighing.fact(target, read, fact)
    # What only repeats the question is stated by who answers it with the right yes or no.
    wanted = target.polarity if fact.polarity is None else fact.polarity
    right = read.said is wanted
    return Coverage(covered=right, credit=float(right))
