"""What a reference states, clause by clause, and how far an answer and it bear each other out.

Words weigh by how rare they are (`informativeness`), those of the question nothing: any answer
repeats them. So an answer of two rare words may be right where a sentence of common ones is not.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

from pytest_ragft.judging.lexical.overlap import cover
from pytest_ragft.judging.lexical.spelling import likeness
from pytest_ragft.judging.lexical.text import Reader, Text

# Share of a clause's weight from which an answer states it: people say the rest in other words.
_STATED = 0.6
# Share of a sentence's new weight that must be borne out, for it to be about the matter.
_RELEVANT = 0.2
# Weight below which a clause says nothing by itself.
_LIGHTEST = 0.5
# A number tells nearly what the rarest word does: its digits are frequent, the number is not.
_NUMBER = 0.9
_CLAUSE = re.compile(
    r";\s+|\n+|,\s+(?=(?:and|but|which|who|although|though|while|whereas|because|so|whose|where)\b)"
    r"|\s+(?=(?:whereas|although|though)\b)"
)
_CITATION = re.compile(
    r"\s?\[(?:[0-9]{1,3}(?:\s?[,;–-]\s?[0-9]{1,3})*|citation needed)\]|[⁰¹²³⁴-⁹]+(?=[\s.,;]|$)"
)
_MARK = re.compile(
    r"(?<=[^\s\[(,=])\s?\[(?:[0-9]{1,3}(?:\s?[,;–-]\s?[0-9]{1,3}){0,20}|citation needed)\]"
)
# The logistic's shape was chosen, as `_STATED` was, on RAGChecker's half.
_STEEPNESS, _MIDDLE = 6.0, 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A clause of a reference."""

    text: str
    words: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMatch:
    """How an answer and a reference's clauses bear each other out; all in [0, 1]."""

    shares: tuple[float, ...]
    """For each clause: 1 stated, 0 contradicted or not touched, in between by the words found."""
    completeness: float
    """The shares' mean, by weight."""
    recall: float
    """Share of the reference's new weight that stands anywhere in the answer."""
    precision: float
    """Share of the answer's new weight that the reference holds, over its relevant sentences."""
    contradicted: float
    """Share of the clauses that the answer negates, or negates where the reference does not."""

    @property
    def right(self) -> float:
        """How sure it is that what the answer says is right and answers the question.

        A logistic of precision and recall together: a brief answer is right by what it says, a
        long one by what it covers.
        """
        if not self.precision and not self.recall:
            return 0.0
        odds = _STEEPNESS * (self.precision + self.recall - _MIDDLE)
        return (1 - self.contradicted) / (1 + math.exp(-odds))


def without_citations(text: str) -> str:
    """`text` without the marks of sources, such as ``[1]`` and ``[2, 3]``."""
    return _CITATION.sub("", text)


def without_marks(text: str) -> str:
    """`text` without marks of sources in square brackets behind a word; see `without_citations`.

    What a text begins with is no mark: "[1]" may be what a function returns.
    """
    return _MARK.sub("", text)


def split_statements(text: str, reader: Reader) -> tuple[Statement, ...]:
    """The clauses of `text` that have words of content; `text` as a whole where none has."""
    from sentencex import segment

    parts = [
        Statement(text=part, words=words)
        for sentence in segment("en", without_citations(text))
        for piece in _CLAUSE.split(sentence)
        if (part := piece.strip()) and (words := reader.read(part)).content
    ]
    kept = [part for part in parts if _weight(part.words.content) >= _LIGHTEST]
    return tuple(kept or parts) or (Statement(text=text, words=reader.read(text)),)


def places_of(words: Text) -> dict[str, list[int]]:
    """Where each distinct stem stands."""
    places: dict[str, list[int]] = {}
    for at, stem in enumerate(words.stems):
        places.setdefault(stem, []).append(at)
    return places


def match_statements(
    statements: Sequence[Statement], words: Text, known: Collection[str]
) -> StatementMatch:
    """How the answer `words` and the clauses `statements`, at least one, bear each other out.

    Words in `known` (those of the question) count for nothing, unless a clause has no others.
    """
    wanted = [_new(statement.words, known) for statement in statements]
    sentences = _sentences(words, known)
    said = frozenset[str]().union(*sentences)
    found = _Likeness(said)
    # A clause may be stated over two neighbouring sentences.
    windows = [
        *sentences,
        *(one | other for one, other in pairwise(sentences)),
    ]
    shares = []
    negated = 0
    for statement, weights in zip(statements, wanted, strict=True):
        coverage = cover(statement.words, words)
        negated += coverage.contradicted
        if coverage.contradicted or coverage.covered:
            shares.append(float(coverage.covered))
        else:
            shares.append(min(1.0, _best(weights, windows, found) / _STATED))
    reversed_ = 0.0
    if not any(statement.words.negations for statement in statements):
        reversed_ = _reversed(words, frozenset[str]().union(*wanted))
    total = [sum(weights.values()) for weights in wanted]
    everything: dict[str, float] = {}
    for weights in wanted:
        everything.update(weights)
    return StatementMatch(
        shares=tuple(shares),
        completeness=_mean(shares, total),
        recall=found.share(everything),
        precision=_precision(everything, sentences),
        contradicted=max(negated / len(statements), reversed_),
    )


def _reversed(words: Text, wanted: Collection[str]) -> float:
    """Share of what an answer says of a reference that stands behind a negation in its clause.

    Args:
        words: The answer.
        wanted: The new words of a reference that negates nothing.
    """
    first: dict[int, int] = {}
    for at in sorted(words.negations):
        first.setdefault(words.clauses[at], at)
    said = [
        (informativeness(stem), first.get(clause, at) < at)
        for at, (stem, clause) in enumerate(zip(words.stems, words.clauses, strict=True))
        if stem in wanted
    ]
    total = math.fsum(weight for weight, _ in said)
    return math.fsum(weight for weight, denied in said if denied) / total if total else 0.0


def _new(words: Text, known: Collection[str]) -> dict[str, float]:
    """Weights of a text's words beyond the question; of all where it has no others."""
    new = {stem: informativeness(stem) for stem in words.content if stem not in known}
    return new or {stem: informativeness(stem) for stem in words.content or words.stems}


def _sentences(words: Text, known: Collection[str]) -> list[frozenset[str]]:
    content = set(words.content).difference(known)
    sentences: dict[int, set[str]] = {}
    for stem, sentence in zip(words.stems, words.sentences, strict=True):
        if stem in content:
            sentences.setdefault(sentence, set()).add(stem)
    return [frozenset(stems) for stems in sentences.values()]


class _Likeness:
    """How like each of a text's words another word is, by its first letter.

    Args:
        words: Of the text.
    """

    def __init__(self, words: Collection[str]) -> None:
        self._words = frozenset(words)
        self._by_letter: dict[str, list[str]] = {}
        for word in self._words:
            self._by_letter.setdefault(word[0], []).append(word)
        self._nearest: dict[str, dict[str, float]] = {}

    def like(self, word: str) -> Mapping[str, float]:
        """The text's words that are like `word`, with how much."""
        if word not in self._nearest:
            near = ((other, likeness(word, other)) for other in self._by_letter.get(word[0], ()))
            self._nearest[word] = {other: like for other, like in near if like}
        return self._nearest[word]

    def share(self, weights: Mapping[str, float]) -> float:
        """Share of the weight of `weights` that stands in the text."""
        total = sum(weights.values())
        found = math.fsum(
            weight * max(self.like(word).values(), default=0.0) for word, weight in weights.items()
        )
        return min(1.0, found / total) if total else 0.0


def _best(
    weights: Mapping[str, float], windows: Sequence[frozenset[str]], found: _Likeness
) -> float:
    """Largest share of the weight that one sentence, or two neighbours, hold."""
    total = sum(weights.values()) or 1.0
    best = 0.0
    for window in windows:
        share = math.fsum(
            weight
            * max(
                (like for other, like in found.like(word).items() if other in window), default=0.0
            )
            for word, weight in weights.items()
        )
        best = max(best, share / total)
    return min(1.0, best)


def _precision(wanted: Mapping[str, float], sentences: Sequence[frozenset[str]]) -> float:
    borne_out = _Likeness(wanted)
    relevant = [
        sentence
        for sentence in sentences
        if borne_out.share({stem: informativeness(stem) for stem in sentence}) >= _RELEVANT
    ]
    said = frozenset[str]().union(*relevant)
    return borne_out.share({stem: informativeness(stem) for stem in sorted(said)})


def _mean(shares: Sequence[float], weights: Sequence[float]) -> float:
    total = math.fsum(weights)
    if not total:
        return math.fsum(shares) / len(shares)
    return math.fsum(share * weight for share, weight in zip(shares, weights, strict=True)) / total


def _weight(stems: Collection[str]) -> float:
    return sum(map(informativeness, set(stems)))


@lru_cache(1 << 16)
def informativeness(stem: str) -> float:
    """How much a word tells, in (0, 1]: its inverse document frequency over its largest value."""
    documents, counts = _frequencies()
    if any(map(str.isdecimal, stem)):
        return _NUMBER
    return math.log(documents / max(counts.get(stem, 2), 2)) / math.log(documents / 2)


@cache
def _frequencies() -> tuple[int, Mapping[str, int]]:
    """Passages that were counted, and in how many of them a stem stands (`studies/judge`)."""
    text = resources.files("pytest_ragft.judging").joinpath("data", "frequencies.json")
    data = json.loads(text.read_text("utf-8"))
    return int(data["passages"]), dict(data["stems"])
