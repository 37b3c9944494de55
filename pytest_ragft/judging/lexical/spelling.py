"""How like two words are, so that a spelling or an ending does not part them."""

from __future__ import annotations

from functools import lru_cache

from pytest_ragft.judging.lexical.numbers import is_number, rounds

# Shorter words are like each other by chance.
_SHORTEST = 4
# From .6 on "correct" was "collect", and of 14,649 attacks on wrong answers 85 raised a score by
# more than .05; now 6 do (studies/judge/README.md, what was left out).
_LIKE, _BEGUN = 0.7, 0.6
# Letters of a common beginning that count: "mark" and "mare" share three by chance.
_BEGINNING = 4
_WORDS_KEPT = 1 << 16


@lru_cache(_WORDS_KEPT)
def likeness(one: str, other: str) -> float:
    """1 for the same word, else Dice's coefficient of bigrams or the share of a common beginning.

    0 below 0.7 of the first and 0.6 of the second, for words and beginnings shorter than four
    letters, and where the first letters differ: misspellings and endings seldom touch those.
    Numbers are alike (1) when they are the same but for rounding, else not at all.
    """
    if one == other:
        return 1.0
    if is_number(one) or is_number(other):
        return float(is_number(one) and is_number(other) and rounds(one, other))
    if min(len(one), len(other)) < _SHORTEST or one[0] != other[0]:
        return 0.0
    shared = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    beginning = shared / max(len(one), len(other)) if shared >= _BEGINNING else 0.0
    letters = dice(one, other, 2)
    return max(letters if letters >= _LIKE else 0.0, beginning if beginning >= _BEGUN else 0.0)


def dice(one: str, other: str, size: int) -> float:
    """Dice's coefficient of the distinct runs of `size` characters, ends marked; in [0, 1]."""
    left, right = _grams(one, size), _grams(other, size)
    return 2 * len(left & right) / (len(left) + len(right))


@lru_cache(_WORDS_KEPT)
def _grams(text: str, size: int) -> frozenset[str]:
    marked = f" {text} "
    return frozenset(marked[at : at + size] for at in range(len(marked) - size + 1))
