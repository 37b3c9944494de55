"""What a reference requires, statement by statement, and which share of it an answer states."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pytest_ragft.judging.alignment import align, weights
from pytest_ragft.judging.overlap import cover
from pytest_ragft.judging.text import Reader, Text

_STRAY = 0.2
"""Below this share of its words a statement is not touched: any text holds a word or two."""
_RELEVANT = 0.2
"""Share of a sentence's new words that must be wanted, for the sentence to be about the matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence of a reference."""

    text: str
    words: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """How much of a reference an answer states."""

    shares: tuple[float, ...]
    """For each statement: 1 stated, 0 contradicted, else the share of its words found together."""
    contradicted: bool
    """Every statement is."""

    @property
    def recall(self) -> float:
        """Mean share over the statements, in [0, 1]."""
        return math.fsum(self.shares) / len(self.shares)


def split_statements(text: str, reader: Reader) -> tuple[Statement, ...]:
    """The sentences of `text` that have words; `text` as a whole where none has."""
    from sentencex import segment

    sentences = [(part.strip(), reader.read(part)) for part in segment("en", text)]
    kept = tuple(Statement(text=part, words=words) for part, words in sentences if words.content)
    return kept or (Statement(text=text, words=reader.read(text)),)


def places_of(words: Text) -> dict[str, list[int]]:
    """Where each distinct stem stands."""
    places: dict[str, list[int]] = {}
    for at, stem in enumerate(words.stems):
        places.setdefault(stem, []).append(at)
    return places


def stated(statements: Sequence[Statement], words: Text, known: Collection[str]) -> Stated:
    """How much of `statements`, at least one, the answer `words` states.

    Words in `known` (those of the question) count for nothing, unless a statement has no others.
    """
    places = places_of(words)
    shares: list[float] = []
    contradictions = 0
    for statement in statements:
        coverage = cover(statement.words, words)
        contradictions += coverage.contradicted
        if coverage.covered or coverage.contradicted:
            shares.append(float(coverage.covered))
        else:
            found = align(weights(statement.words, known, asked=0.0), places).recall
            shares.append(found if found >= _STRAY else 0.0)
    return Stated(shares=tuple(shares), contradicted=contradictions == len(shares))


def precision(statements: Sequence[Statement], words: Text, known: Collection[str]) -> float:
    """Share of the answer's new words that `statements` hold, over its relevant sentences."""
    wanted = {stem for statement in statements for stem in statement.words.keywords}
    content = set(words.content).difference(known)
    sentences: dict[int, set[str]] = {}
    for stem, sentence in zip(words.stems, words.sentences, strict=True):
        if stem in content:
            sentences.setdefault(sentence, set()).add(stem)
    relevant = [new for new in sentences.values() if len(new & wanted) >= _RELEVANT * len(new)]
    said = frozenset[str]().union(*relevant)
    return len(said & wanted) / len(said) if said else 0.0
