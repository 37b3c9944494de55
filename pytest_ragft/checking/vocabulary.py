"""Known words, and which of them a word may be that is misspelt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from pytest_ragft.checking.wording import Places, Words, weight_of

_FEWEST_LETTERS = 4
_LIGHT = 0.35
_KEPT = 1 << 17
_WORDS_KEPT = 1 << 20
_SHORTEST, _LONGEST = 2, 40


@lru_cache(_KEPT)
def is_misspelt(one: str, other: str) -> bool:
    """Whether two different words may be one: an edit apart.

    An edit is a letter changed, left out, put in, or two neighbours swapped (Damerau). Numerals
    are apart when a digit differs, since 2018 and 2019 are two questions; swapped or doubled
    digits are a slip.
    """
    if any(map(str.isdigit, one + other)):
        return _is_slip(one, other)
    short = min(len(one), len(other))
    if short < _FEWEST_LETTERS:
        # A letter of "sun" that is another makes another word, as "son"; "rhe" is "the".
        apart = len(one) != len(other) or sorted(one) == sorted(other)
        light = min(weight_of(one), weight_of(other)) < _LIGHT
        return short > 1 and (apart or light) and edits(one, other, 1) is not None
    return edits(one, other, 1) is not None


def _is_slip(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _FEWEST_LETTERS or edits(one, other, 1) is None:
        return False
    return sorted(one) == sorted(other) or (len(one) != len(other) and set(one) == set(other))


def edits(one: str, other: str, limit: int) -> int | None:
    """The edits between two words (optimal string alignment); None where more than `limit`."""
    if abs(len(one) - len(other)) > limit:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        last, before, row = before, row, [i]
        for j, its in enumerate(other, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
    return row[-1] if row[-1] <= limit else None


class Vocabulary:
    """Known words, and which of them a word is or may be.

    Words of which one letter is left out meet in what is left (Garbe's symmetric delete).

    Args:
        known: The words.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._deletes: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._known):
            for rest in _deletes(word):
                self._deletes[rest].append(word)
        self._kept: dict[str, Words] = {}

    def near(self, word: str) -> Words:
        """The known words that a word is or may be, itself first."""
        if word not in self._kept:
            if len(self._kept) >= _WORDS_KEPT:
                self._kept.clear()
            self._kept[word] = self._near(word)
        return self._kept[word]

    def places(self, words: Words) -> Places:
        """Where in a text each known word stands or may stand."""
        found: dict[str, list[int]] = {}
        for at, word in enumerate(words):
            for known in self.near(word):
                found.setdefault(known, []).append(at)
        return found

    def _near(self, word: str) -> Words:
        near = {one for rest in _deletes(word) for one in self._deletes.get(rest, ())}
        found = sorted(one for one in near if one != word and is_misspelt(one, word))
        return (word, *found) if word in self._known else tuple(found)


def _deletes(word: str) -> set[str]:
    if not _SHORTEST <= len(word) <= _LONGEST:
        return set()
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
