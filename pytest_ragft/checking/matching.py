"""Which questions of suites stand among other texts: candidates by rare words, then a likeness."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from pytest_ragft.checking.vocabulary import Vocabulary
from pytest_ragft.checking.wording import (
    Asked,
    Places,
    Words,
    likeness,
    sentences_of,
    weight_of,
    words_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = 0.75
"""Likeness from which two texts count as one question; see studies/leakage."""

# Words of more questions than these, as a share and as a number, are no way to find one …
_COMMON, _FEW = 0.02, 50
# … but a question is always looked for by its rarest.
_RAREST = 4
# … and by so much of them at least, whatever else it holds.
_CANDIDATE = 0.2
# Words to which a stretch of text is read as one, at least.
_STRETCH = 80
_LONGEST_STRETCH = 400
# Words to which two sentences may be one question.
_PAIR = 40
# Words that several sentences may have beyond those of the question.
_BESIDES = 10


def stretches(
    sentences: Sequence[Words], longest: int, spans: Mapping[int, int]
) -> Iterator[Words]:
    """What of a text may be a question: its sentences, neighbours together, a short text whole.

    Longer sentences are cut into overlapping parts.

    Args:
        sentences: Of the text.
        longest: Words to which a stretch is read as one.
        spans: How many neighbours may be one question, with how many words they may have.
    """
    seen: set[Words] = set()
    for stretch in _stretches(sentences, longest, spans):
        if stretch and stretch not in seen:
            seen.add(stretch)
            yield stretch


def _stretches(
    sentences: Sequence[Words], longest: int, spans: Mapping[int, int]
) -> Iterator[Words]:
    for words in sentences:
        if len(words) <= longest:
            yield words
        else:
            starts = range(0, len(words) - longest // 2, longest // 2)
            yield from (words[at : at + longest] for at in starts)
    ends = list(accumulate(map(len, sentences), initial=0))
    joined: Words = tuple(word for words in sentences for word in words)
    for count, most in spans.items():
        for start, end in zip(ends, ends[count:], strict=False):
            if end - start <= most:
                yield joined[start:end]
    if len(joined) <= longest:
        yield joined


class QuestionIndex:
    """Questions, found in texts.

    Args:
        questions: As they were written.
    """

    def __init__(self, questions: Sequence[str]) -> None:
        self._asked = [Asked.of(words_of(text)) for text in questions]
        self._exact: dict[Words, list[int]] = defaultdict(list)
        for at, asked in enumerate(self._asked):
            if asked.words:
                self._exact[asked.words].append(at)
        frequency = Counter(word for asked in self._asked for word in asked.counts)
        common = max(_FEW, _COMMON * len(self._asked))
        postings: dict[str, list[int]] = defaultdict(list)
        wanted = np.zeros(len(self._asked))
        for at, asked in enumerate(self._asked):
            order = sorted(asked.counts, key=lambda word: (frequency[word], word))
            for place, word in enumerate(order):
                if place < _RAREST or frequency[word] <= common:
                    postings[word].append(at)
                    wanted[at] += asked.weights[word]
        self._postings: dict[str, NDArray[np.intp]] = {
            word: np.array(found, dtype=np.intp) for word, found in postings.items()
        }
        # Without less than that nothing else that a text holds makes it the question.
        lost = (1 - NEAR) * np.array([asked.weight for asked in self._asked])
        self._least = np.maximum(wanted - lost, _CANDIDATE * wanted).clip(min=1e-9)
        self._known = Vocabulary(frequency)
        longest = max((len(asked.words) for asked in self._asked), default=0)
        self.stretch = min(max(_STRETCH, 2 * longest), _LONGEST_STRETCH)
        """Words to which a text is read as one question."""
        self.spans: dict[int, int] = {2: _PAIR}
        """How many sentences questions have, or a question and its preface, with their words."""
        for text, asked in zip(questions, self._asked, strict=True):
            count = sum(bool(words_of(part)) for part in sentences_of(text))
            if count > 1:
                most = self.spans.get(count, 0)
                self.spans[count] = max(most, len(asked.words) + _BESIDES)

    def matches(self, words: Words) -> list[tuple[int, float]]:
        """The questions that a stretch of text is, with their likeness; 1 for an exact one."""
        exact = self._exact.get(words, [])
        found = [(at, 1.0) for at in exact]
        places = self._known.places(words)
        for at in self._candidates(places):
            if at not in exact:
                like = likeness(self._asked[at], words, self._known, places, least=NEAR)
                if like >= NEAR:
                    found.append((at, like))
        return found

    def is_exact(self, question: int, words: Words) -> bool:
        """Whether a stretch of text is a question word for word."""
        return self._asked[question].words == words

    def _candidates(self, held: Places) -> Iterator[int]:
        """Questions of which a text holds enough words, misspelt or not, to be one at all."""
        looked_for = [word for word in held if word in self._postings]
        if not looked_for:
            return
        found = [self._postings[word] for word in looked_for]
        weights = np.repeat([weight_of(word) for word in looked_for], list(map(len, found)))
        shared = np.bincount(np.concatenate(found), weights=weights, minlength=len(self._asked))
        for at in np.flatnonzero(shared >= self._least):
            asked = self._asked[at]
            stands = sum(weight * (word in held) for word, weight in asked.weights.items())
            if stands >= NEAR * asked.weight:
                yield int(at)
