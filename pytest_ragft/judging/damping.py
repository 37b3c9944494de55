"""What an answer that says everything keeps of its accuracy."""

from __future__ import annotations

from itertools import groupby
from math import prod

from pytest_ragft.judging.target import Target
from pytest_ragft.judging.text import Text

_BUDGET_WORDS = 40
_BUDGET_FACTOR = 4
_SHORT_ITEM = 3
_LONG_LIST = 5
_OTHER_NUMBERS = 3
# "5 or more" hedges nothing.
_AFTER_OR = frozenset(
    {"more", "less", "fewer", "later", "earlier", "higher", "lower", "so", "over"}
)


def damping(target: Target, words: Text, match: range | None) -> tuple[float, str]:
    """The factor, in (0, 1], and why it is below 1.

    Args:
        target: What was asked for.
        words: The answer.
        match: Where in the answer a whole reference stands; None when none does.
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
    items = _enumerated(words)
    if items >= _LONG_LIST > max(_enumerated(reference) for _, reference in target.references):
        dampings.append((2 / items, f"enumerates {items} items"))
    if match and _beside_or(words, match) and "or" not in target.question.stems:
        dampings.append((0.5, "offers an alternative"))
    asked = target.question.numbers
    named = asked.union(*(reference.numbers for _, reference in target.references))
    others = len(words.numbers - named)
    if named > asked and others > _OTHER_NUMBERS:
        dampings.append((_OTHER_NUMBERS / others, f"{others} other numbers"))
    return dampings


def _enumerated(words: Text) -> int:
    """Length of the longest row of clauses of at most three words."""
    short = (sum(1 for _ in members) <= _SHORT_ITEM for _, members in groupby(words.clauses))
    return max((sum(1 for _ in row) for is_short, row in groupby(short) if is_short), default=0)


def _beside_or(words: Text, match: range) -> bool:
    before = words.stems[match.start - 1] if match.start else ""
    after = words.stems[match.stop : match.stop + 2]
    return before == "or" or (after[:1] == ("or",) and not _AFTER_OR.intersection(after[1:]))
