"""Questions as words, and how like two of them are: what a copy keeps when it is written anew.

A copy in training data may be misspelt, its clauses in another order, behind a preface. A question
of the same form about something else is no copy: what tells it apart are rare words, numbers, the
question word and negations.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from pytest_ragft.judging.lexical.statements import informativeness
from pytest_ragft.judging.lexical.text import STOP_WORDS

if TYPE_CHECKING:
    from pytest_ragft.checking.vocabulary import Vocabulary

Words = tuple[str, ...]
Near = Callable[[str], Words]
Places = Mapping[str, Sequence[int]]

_APOSTROPHES = re.compile(r"['\u2019\u02bc`]")
# A character of a script without spaces is a word; a numeral keeps its point.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[0-9]+(?:[.,][0-9]+)+|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_SENTENCE_END = re.compile(r"(?<=[.?!:;。？！])\s+|\n+|(?<=[。？！])")
_KEPT = 1 << 17
_STRETCHES = 2

_ASKING = {
    "who": "who", "whom": "who", "whose": "who", "when": "when", "where": "where", "why": "why",
    "how": "how",
}  # fmt: skip
_NEGATIONS = frozenset({"not", "no", "never", "without", "except", "dont", "doesnt", "isnt",
                        "cannot", "cant", "didnt", "wasnt", "arent"})  # fmt: skip
# What introduces a question and tells nothing of it.
_PREFACE = frozenset(
    {"please", "kindly", "answer", "answers", "respond", "reply", "following", "follows",
     "question", "questions", "query", "tell", "explain", "know", "knowing", "wondering", "wonder",
     "curious", "help", "thanks", "hello", "hi", "hey", "dear", "could", "would", "can", "you",
     "me", "i", "my", "we", "us", "your", "q", "user", "instruction", "input", "context",
     "briefly", "concisely", "carefully", "below", "here", "want", "like", "need", "asked", "ask"}
)  # fmt: skip

_NEAR = 0.9
"""What a word is worth that is misspelt."""
_CONFLICT = 0.6
"""What is left where question words, numbers or negations contradict each other."""
_LEAST, _CONTENT = 0.25, 0.6
_INSIDE, _BEFORE, _AFTER = 1.0, 0.1, 0.4
_REPLACED = 2.0
_SLACK = 2


def words_of(text: str) -> Words:
    """The words of a text: no case, no accents, no punctuation, numerals without separators."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
        plain = unicodedata.normalize("NFC", plain)
    plain = _APOSTROPHES.sub("", plain)
    return tuple(
        word.replace(",", "") if word[0].isdigit() else word for word in _WORD.findall(plain)
    )


def sentences_of(text: str) -> Iterator[str]:
    """The lines of a text, and their sentences; also what a colon introduces."""
    return (part for part in _SENTENCE_END.split(text) if part and not part.isspace())


@lru_cache(1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("porter")


@lru_cache(_KEPT)
def weight_of(word: str) -> float:
    """How much a word tells of a question, in (0, 1]; numerals nearly as much as the rarest."""
    if any(map(str.isdigit, word)):
        return 1.0
    if word in STOP_WORDS:
        return _LEAST
    return max(informativeness(_stemmer().stemWord(word) or word), _CONTENT)


@lru_cache(_KEPT)
def extra_weight(word: str) -> float:
    """What a word beyond a question tells of another one; a preface nothing."""
    return 0.0 if word in _PREFACE else weight_of(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question's words with what they weigh."""

    words: Words
    counts: Counter[str]
    weights: dict[str, float]
    """Of each distinct word, times how often it stands there."""
    weight: float
    asking: frozenset[str]
    negations: int

    @classmethod
    def of(cls, words: Words) -> Asked:
        """Read a question."""
        counts = Counter(words)
        weights = {word: weight_of(word) * times for word, times in counts.items()}
        return cls(
            words=words,
            counts=counts,
            weights=weights,
            weight=sum(weights.values()),
            asking=_asking(words),
            negations=_negations(words),
        )


def _asking(words: Sequence[str]) -> frozenset[str]:
    return frozenset(_ASKING[word] for word in words if word in _ASKING)


def _negations(words: Sequence[str]) -> int:
    return sum(word in _NEGATIONS for word in words)


def likeness(
    asked: Asked, words: Words, known: Vocabulary, places: Places | None = None, *, least: float = 0
) -> float:
    """How like a text is to a question, in [0, 1]; 1 for the same words in any order.

    The share of the question's weight that stands in the best stretch of the text, which costs
    what else stands in it, around it less, and before it least.

    Args:
        asked: The question.
        words: Of the text.
        known: Holds the question's words, and perhaps others.
        places: Of the text in it, where they are at hand.
        least: Below which the exact value does not matter, and 0 may be given.
    """
    weight = asked.weight
    if not weight:
        return 0.0
    # What each word is worth at most; no stretch holds more than their sum.
    gains = _gains(asked, known.places(words) if places is None else places, len(words))
    best = 0.0
    for start, end in _best_stretches(gains, len(asked.words) + _SLACK, least * weight):
        cost = _BEFORE * _extra(words[:start]) + _AFTER * _extra(words[end:])
        found = sum(gains[start:end])
        stray = sum(
            extra_weight(word)
            for word, gain in zip(words[start:end], gains[start:end], strict=True)
            if not gain
        )
        if found >= max(least, best) * (weight + cost + _INSIDE * stray):
            best = max(best, _likeness(asked, words[start:end], cost, known.near))
    return best


def _gains(asked: Asked, places: Places, length: int) -> list[float]:
    gains = [0.0] * length
    for word in asked.counts:
        for at in places.get(word, ()):
            gains[at] = max(gains[at], weight_of(word))
    return gains


def _extra(words: Words) -> float:
    return sum(map(extra_weight, words))


def _best_stretches(
    gains: Sequence[float], length: int, enough: float
) -> Iterator[tuple[int, int]]:
    """The whole of a short text; of a longer one the two best stretches, bare of strange ends."""
    if len(gains) <= length:
        if sum(gains) >= enough:
            yield 0, len(gains)
        return
    sums = list(accumulate(gains, initial=0.0))
    totals = [sums[at + length] - sums[at] for at in range(len(gains) - length + 1)]
    for at in sorted(range(len(totals)), key=lambda at: -totals[at])[:_STRETCHES]:
        # A hair below, since sums of other orders differ in their last digits.
        if totals[at] < enough - 1e-9:
            return
        inside = [place for place in range(at, at + length) if gains[place]]
        if inside:
            yield inside[0], inside[-1] + 1
    if sums[-1] >= enough:
        yield 0, len(gains)


def _likeness(asked: Asked, within: Words, cost: float, near: Near) -> float:
    found, missing, extra = _aligned(asked.counts, Counter(within), near)
    cost += _INSIDE * sum(map(extra_weight, extra)) + _REPLACED * _replaced(missing, extra)
    like = found / (asked.weight + cost)
    asking = _asking(within)
    if asked.asking and asking and asked.asking.isdisjoint(asking):
        like *= _CONFLICT
    if asked.negations != _negations(within):
        like *= _CONFLICT
    if _numbers(missing) and _numbers(extra):
        like *= _CONFLICT
    return like


def _replaced(missing: Sequence[str], extra: Sequence[str]) -> float:
    """The weight of words in whose place others stand: "the last name Gomez", "… Sinead"."""
    lost, instead = (sorted(map(weight_of, words), reverse=True) for words in (missing, extra))
    return sum(map(min, lost, instead))


def _numbers(words: Sequence[str]) -> bool:
    return any(any(map(str.isdigit, word)) for word in words)


def _aligned(
    asked: Counter[str], within: Counter[str], near: Near
) -> tuple[float, list[str], list[str]]:
    """The weight of the question's words that are there, those that are not, and the others."""
    found = 0.0
    missing: list[str] = []
    extra: list[str] = []
    for word, times in asked.items():
        there = min(times, within.get(word, 0))
        found += weight_of(word) * there
        missing += [word] * (times - there)
    for word, times in within.items():
        extra += [word] * (times - asked.get(word, 0))
    for word in missing.copy():
        other = next((one for one in extra if word in near(one)), None)
        if other is not None:
            found += _NEAR * weight_of(word)
            missing.remove(word)
            extra.remove(other)
    return found, missing, extra
