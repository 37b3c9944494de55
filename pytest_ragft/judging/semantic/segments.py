"""An answer cut into segments, and the few of them that speak to the question.

What the trained model reads is short: the segments nearest to question and references. So a
hundred words about something else neither hide an answer nor help it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

# Words of a segment; a longer sentence is cut into even pieces.
_LONGEST = 36
# Words that a window may hold.
_BUDGET = 60
# How far below the best one a segment may be and still belong to the window.
_REACH = 0.25
# The relevance that a segment besides the best one needs in any case.
_ABOUT = 0.25
# What a segment gains that holds all words of a reference.
_NAMED = 0.5
# Segments that are looked at; of a longer text, the first and last halves of that.
_MOST = 240
_LONGEST_WORD = 60
# Distinct words of a question from which all of them stand in a segment as an echo only.
_ECHO = 4
_ENDS = " .,;:!?\"'()-"
_YEAR = re.compile(r"(?<![\w.,])(?:1[0-9]{3}|20[0-9]{2})(?![0-9%]|s\b|[.,][0-9])")
_WORD = re.compile(r"\w+")
_MARKUP = re.compile(r"<[^<>]{0,40}>|[*_`#|~=<>{}\[\]\\]+")
_FENCE = re.compile(r"^[ ]*[-=]{3,}.*[-=]{3,}[ ]*$", re.MULTILINE)
_SPACE = re.compile(r"[^\S\n]+")


def without_markup(text: str) -> str:
    """`text` without control, format, private and unassigned characters, markup and fences.

    Compatibility forms are folded (NFKC); line ends stay, other white space becomes one blank;
    words of more than 60 characters are cut there, and one repeated in a row stands once.
    """
    text = "".join(
        character if character == "\n" or character.isspace() or character.isprintable() else ""
        for character in unicodedata.normalize("NFKC", text)
    )
    text = _SPACE.sub(" ", _MARKUP.sub(" ", _FENCE.sub("", text)))
    lines = (
        " ".join(word[:_LONGEST_WORD] for word, _ in groupby(line.split(" ")))
        for line in text.splitlines()
    )
    return "\n".join(line.strip() for line in lines).strip()


def segments(text: str) -> list[str]:
    """Sentences and lines of a cleaned text, the same one once, long ones cut into even pieces."""
    from sentencex import segment

    pieces = (
        piece
        for line in without_markup(text).split("\n")
        for sentence in segment("en", line)
        for piece in _pieces(sentence)
    )
    distinct = list(dict.fromkeys(pieces))
    if len(distinct) <= _MOST:
        return distinct
    return distinct[: _MOST // 2] + distinct[-_MOST // 2 :]


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.casefold())


def share_named(segment: str, references: Iterable[str]) -> float:
    """The largest share of a reference's words that a segment holds, in [0, 1]."""
    held = set(words(segment))
    wanted = [set(words(reference)) for reference in references]
    return max((len(held & some) / len(some) for some in wanted if some), default=0.0)


def segments_beyond_question(answer: str, question: str, references: Sequence[str]) -> list[str]:
    """The segments of an answer that say something beyond the question; all where none does.

    In a segment that holds every word of the question, as an echo does and an answer does not,
    the question's words are left out, but for references that the question itself names.
    """
    pieces = segments(answer)
    asked = set(words(question))
    offered = {
        word
        for reference in references
        for word in words(reference)
        if asked.issuperset(words(reference))
    }
    if len(asked) >= _ECHO:
        pieces = [_without_echo(piece, asked - offered) for piece in pieces]
    kept = [
        piece
        for piece in dict.fromkeys(pieces)
        if (said := set(words(piece))) and (said - asked or share_named(piece, references) == 1)
    ]
    return kept or segments(answer)


def joined(pieces: Iterable[str]) -> str:
    """Segments as one text, without punctuation at its ends, which must not matter."""
    text = " ".join(pieces)
    return text.strip(_ENDS) or text


def other_year(text: str, references: Sequence[str]) -> bool:
    """Whether `text` names years, but none of a reference, each of which names some."""
    years = set(_YEAR.findall(text))
    wanted = [set(_YEAR.findall(reference)) for reference in references]
    return bool(years) and all(wanted) and not any(some & years for some in wanted)


def window(
    pieces: Sequence[str], cosines: NDArray[np.float64], references: Sequence[str]
) -> list[int]:
    """Positions of the segments that belong to the window, in the order of the text.

    Args:
        pieces: From `segments`, at least one.
        cosines: Of each with question and references, in [-1, 1].
        references: What a right answer may name.
    """
    relevance = [
        float(cosine) + _NAMED * share_named(piece, references)
        for piece, cosine in zip(pieces, cosines, strict=True)
    ]
    ranked = sorted(range(len(pieces)), key=lambda at: (-relevance[at], at))
    least = max(_ABOUT, relevance[ranked[0]] - _REACH)
    kept: list[int] = []
    room = _BUDGET
    for at in ranked:
        size = len(pieces[at].split())
        if kept and (relevance[at] < least or size > room):
            break
        kept.append(at)
        room -= size
    return sorted(kept)


def _pieces(sentence: str) -> Iterator[str]:
    tokens = sentence.split()
    if not any(_WORD.search(token) for token in tokens):
        return
    count = -(-len(tokens) // _LONGEST)
    size = -(-len(tokens) // count)
    for start in range(0, len(tokens), size):
        yield " ".join(tokens[start : start + size])


def _without_echo(piece: str, asked: set[str]) -> str:
    if not asked.issubset(words(piece)):
        return piece
    return " ".join(token for token in piece.split() if not asked.issuperset(words(token)))
