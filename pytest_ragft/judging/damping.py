"""What an answer that says everything keeps of its accuracy."""

from __future__ import annotations

from math import prod

from pytest_ragft.judging.listing import beside_or, listing
from pytest_ragft.judging.target import Target
from pytest_ragft.judging.text import Text

_BUDGET_WORDS = 150
_BUDGET_FACTOR = 8
_RIVALS = 4
_OTHER_NUMBERS = 3
_NEAR = 12
"""Words around a match in which other numbers count; far from it they are other matters."""


def damping(target: Target, words: Text, match: range | None) -> tuple[float, str]:
    """The factor, in (0, 1], and why it is below 1.

    Args:
        target: What was asked for.
        words: The answer.
        match: Where in the answer a reference stands; None when the value rests on all of it.
    """
    longest = max(len(reference.content) for _, reference in target.references)
    budget = max(_BUDGET_WORDS, _BUDGET_FACTOR * longest)
    dampings: list[tuple[float, str]] = []
    if len(words.content) > budget:
        dampings.append((budget / len(words.content), "long"))
    if not target.open:
        dampings += _hedges(target, words, match)
    return prod(share for share, _ in dampings), ", ".join(why for _, why in dampings)


def _hedges(target: Target, words: Text, match: range | None) -> list[tuple[float, str]]:
    dampings: list[tuple[float, str]] = []
    row = listing(words, match, accepted=target.accepted, known=target.known)
    # Whoever adds an "or" to a sentence explains more often than not; a bare "A or B" bets.
    bets = row.bare or "either" in words.stems
    if match and bets and beside_or(words, match) and "or" not in target.question.stems:
        dampings.append((0.5, "offers an alternative"))
    if row.bare and row.rivals >= _RIVALS and row.rivals > 2 * row.held:
        dampings.append((2 / row.items, f"enumerates {row.items} items"))
    # The model weighs other numbers itself.
    if target.short:
        return dampings
    asked = target.question.numbers
    named = asked.union(*(reference.numbers for _, reference in target.references))
    others = len(_numbers(words, match) - named)
    if named > asked and others > _OTHER_NUMBERS:
        dampings.append((_OTHER_NUMBERS / others, f"{others} other numbers"))
    return dampings


def _numbers(words: Text, match: range | None) -> frozenset[str]:
    if match is None:
        return words.numbers
    near = words.stems[max(0, match.start - _NEAR) : match.stop + _NEAR]
    return words.numbers.intersection(near)
