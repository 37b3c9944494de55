"""Another name that shares a word with the right one: "Theodore" for "Franklin Roosevelt"."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = re.compile(r"[^\W\d_a-z][\w'’.-]*(?:\s+(?:(?:of|the|de|von|van|der|la|and|al)\s+){0,2}[^\W\d_a-z][\w'’.-]*)+")
_WORD = re.compile(r"[^\W_]+")
_TITLES = frozenset(
    {"the", "of", "de", "von", "van", "der", "la", "and", "al", "mr", "mrs", "ms", "dr", "sir", "lord", "lady",
     "president", "king", "queen", "prince", "princess", "professor", "prof", "saint", "st", "jr", "sr", "ii",
     "iii", "iv", "general", "captain", "in", "it", "is", "was"}
)  # fmt: skip
_BEGINNING = 3


def names_another(references: Sequence[str], answer: str) -> bool:
    """Whether a brief answer's name shares a word with each reference and replaces another.

    Words count as another's when neither begins like the other: "Kate" is Katherine, and an
    initial is whom it begins.

    Args:
        references: As written; none counts that is no name of two words or more.
        answer: As written.
    """
    wanted = [_words(reference) for reference in references if _is_name(reference)]
    if len(wanted) < len(references):
        return False
    found = [_words(match[0]) for match in _NAME.finditer(answer)]
    return bool(found) and all(
        any(_rivals(name, words) for name in found)
        and not any(_covers(name, words) for name in [_words(answer)])
        for words in wanted
    )


def _is_name(text: str) -> bool:
    words = [word for word in _WORD.findall(text) if word.casefold() not in _TITLES]
    return len(words) > 1 and all(word[0].isupper() for word in words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _WORD.findall(text.casefold()) if word not in _TITLES)


def _rivals(name: Sequence[str], wanted: Sequence[str]) -> bool:
    missing = [word for word in wanted if not any(_alike(word, other) for other in name)]
    foreign = [word for word in name if not any(_alike(word, other) for other in wanted)]
    return bool(missing and foreign) and len(missing) < len(wanted)


def _covers(name: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(any(_alike(word, other) for other in name) for word in wanted)


def _alike(one: str, other: str) -> bool:
    short = min(len(one), len(other))
    return one[: min(short, _BEGINNING)] == other[: min(short, _BEGINNING)]

