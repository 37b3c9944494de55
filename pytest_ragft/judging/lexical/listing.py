"""Answers that bet on several things: enumerations of short items, and alternatives."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pytest_ragft.judging.lexical.numbers import is_number
from pytest_ragft.judging.lexical.text import Text

_SHORT_ITEM = 4
_JOINTS = frozenset({"and", "or"})
# "5 or more" hedges nothing.
_AFTER_OR = frozenset(
    {"more", "less", "fewer", "later", "earlier", "higher", "lower", "so", "over"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An enumeration in an answer: a row of items of at most four words that ends its sentence."""

    items: int
    rivals: int
    """Items that say more that is new than they say of a reference."""
    held: int
    """Items that say something of a reference."""
    bare: bool
    """Whether the sentence says nothing else, but for the question's words before it."""


_NONE = Listing(items=0, rivals=0, held=0, bare=False)


def listing(
    words: Text,
    match: range | None,
    *,
    accepted: Collection[str],
    known: Collection[str],
) -> Listing:
    """The longest enumeration; with `match`, the longest that it is an item of.

    Items end with a clause, and at "and" and "or".

    Args:
        words: The answer.
        match: Where a reference stands in it.
        accepted: Content of the references.
        known: Content of the question.
    """
    rows = [row for row in _rows(words) if row and (match is None or _holds(row, match))]
    if not rows:
        return _NONE
    row = max(rows, key=len)
    content = frozenset(words.content)
    start = row[0].start
    rivals = held = 0
    for item in row:
        said = content.intersection(words.stems[item.start : item.stop])
        new = said.difference(known, accepted)
        # Another number is another candidate though the unit be the same, and another name is one
        # though it too be a building's.
        rival = len(new) > len(said.intersection(accepted)) or any(map(is_number, new))
        rivals += rival
        held += not rival and not said.isdisjoint(accepted)
    return Listing(
        items=len(row),
        rivals=rivals,
        held=held,
        bare=not _lead(words, start).difference(known),
    )


def _lead(words: Text, start: int) -> frozenset[str]:
    """Content before a row in its sentence; "one of these" says nothing of what follows."""
    first = bisect_left(words.sentences, words.sentences[start])
    lead = (stem for stem in words.stems[first:start] if not is_number(stem) and stem != "one")
    return frozenset(words.content).intersection(lead)


def beside_or(words: Text, match: range) -> bool:
    """Whether an "or" directly before or behind `match` offers something else."""
    before = words.stems[match.start - 1] if match.start else ""
    after = words.stems[match.stop : match.stop + 2]
    return before == "or" or (after[:1] == ("or",) and not _AFTER_OR.intersection(after[1:]))


def _holds(row: list[range], match: range) -> bool:
    return any(item.start < match.stop and match.start < item.stop for item in row)


def _rows(words: Text) -> Iterator[list[range]]:
    row: list[range] = []
    for item in _items(words):
        if row and words.sentences[item.start] != words.sentences[row[-1].start]:
            yield row
            row = []
        if len(item) <= _SHORT_ITEM:
            row.append(item)
        else:
            row = []
    yield row


def _items(words: Text) -> Iterator[range]:
    start = 0
    for at in range(1, len(words.stems) + 1):
        ends = at == len(words.stems) or words.clauses[at] != words.clauses[at - 1]
        if ends or words.stems[at] in _JOINTS:
            first = start + (words.stems[start] in _JOINTS)
            if first < at:
                yield range(first, at)
            start = at
