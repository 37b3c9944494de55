"""What the learned judges see of an answer: a vector of features over the best matching stretch.

Each feature speaks of the stretch of the answer that holds most of a reference, or of the sentence
around it, never of the answer's length, so that text elsewhere changes little. `FEATURES` names
them in order; `DIRECTIONS` says which way each may move a score.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pytest_ragft.judging.lexical.alignment import Alignment, align, weights
from pytest_ragft.judging.lexical.listing import beside_or, listing
from pytest_ragft.judging.lexical.numbers import is_number, share_stated
from pytest_ragft.judging.lexical.overlap import affirmed_run, cover, negated
from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.judging.lexical.spelling import dice
from pytest_ragft.judging.lexical.statements import places_of
from pytest_ragft.judging.lexical.target import Target
from pytest_ragft.judging.lexical.text import STOP_WORDS, Text
from pytest_ragft.records import QAExample

# Left out were the answer's length, by which padding moves scores, and the share of the question's
# words, by which repeating the question buys up to .35 of score (studies/judge/README.md).
_SIGNS: dict[str, int] = {
    # A whole reference stands in the answer, not negated.
    "contained": 1,
    # Weighted share of the reference's words in the stretch, spelling forgiven, and exactly.
    "recall": 1,
    "exact_recall": 1,
    # Share of the stretch that those words fill, and likeness of its letters to the reference.
    "density": 1,
    "similarity": 1,
    # 1 covered, −1 contradicted, 0 neither: see `overlap.cover`.
    "covered": 1,
    # Initials stand for the reference, or the reference for the answer's initials.
    "initials": 1,
    # Share of the reference's numbers that the answer states; numbers beside them.
    "numbers_right": 1,
    "other_numbers": -1,
    # Share of the sentence's new words that match the reference.
    "precision": 1,
    # The stretch is negated and the reference is not, or the reverse.
    "negated": -1,
    # New words directly beside the stretch where the reference has another: "Empire State
    # Building" for "Chrysler Building". An "or" there.
    "replaced": -1,
    "alternative": -1,
    # Other candidates in the enumeration that the stretch is an item of, three or more.
    "rivals": -1,
    # A clause says that the answer is not known.
    "declines": -1,
    # Share of the references contained, and with a recall of .8 or more.
    "agreement": 1,
    "agreement_recall": 1,
    # The reference says nothing beyond the question; it holds a number.
    "reference_known": 0,
    "reference_numeric": 0,
    # What is asked for.
    "asks_person": 0,
    "asks_time": 0,
    "asks_number": 0,
    "asks_place": 0,
}
FEATURES: tuple[str, ...] = tuple(_SIGNS)
"""Names of the features, in the order of the vector."""
DIRECTIONS: tuple[int, ...] = tuple(_SIGNS.values())
"""1 where more can only help an answer, −1 where more can only hurt, 0 for what is neither."""
_AGREED = 0.8
# Words around a stretch that still count as its sentence, for texts without full stops.
_REACH = 20
_MOST_NUMBERS = 5
_FEWEST_RIVALS, _MOST_RIVALS = 3, 6
_INITIALS = range(2, 7)
# Words, and stems of words, that are no initials.
_COMMON = STOP_WORDS | {
    "ar", "becaus", "doe", "ha", "hardli", "hi", "howev", "mai", "thei", "thi", "wa", "ye"
}  # fmt: skip
_ASKING = {
    "asks_person": frozenset({"who", "whom", "whose"}),
    "asks_time": frozenset({"when", "year", "date", "dai"}),
    "asks_number": frozenset({"mani", "much", "long", "old", "far", "tall", "often"}),
    "asks_place": frozenset({"where", "citi", "countri", "state"}),
}

_TYPES = {"asks_time": "date", "asks_number": "number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFeatures:
    """An answer's features, with the reference that they speak of."""

    vector: npt.NDArray[np.float64]
    """One value for each name in `FEATURES`; most in [0, 1], all finite."""
    reference: str
    match: range | None
    """Where in the answer it stands best; None where no word of it does."""

    def __getitem__(self, name: str) -> float:
        """The feature of that name."""
        return float(self.vector[FEATURES.index(name)])


class FeatureReader:
    """Reads features of answers; keeps what it read of the examples.

    Args:
        answers: Reads examples and answers.
    """

    def __init__(self, answers: AnswerReader | None = None) -> None:
        self._answers = answers or AnswerReader()
        self.reader = self._answers.reader
        """Reads words."""
        self.target = self._answers.target
        """What an example's answers are held against."""

    def vector(self, example: QAExample, answer: str) -> npt.NDArray[np.float64]:
        """The features of `answer`, shape ``(len(FEATURES),)``, finite.

        Args:
            example: An answerable question with at least one reference.
            answer: Any text; an empty one has no match and nothing else.

        Raises:
            ValueError: `example` has no reference.
        """
        if not example.references:
            raise ValueError(f"{example.id}: features need a reference, there is none")
        _, seen = self.measured(self.target(example), answer)
        return seen.vector

    def measured(self, target: Target, answer: str) -> tuple[Text, MatchFeatures]:
        """The words that `answer` asserts beyond the question, and their features."""
        read = self._answers.read(target, answer)
        return read.words, measure_match(target, read.words, declines=read.declines)


def measure_match(target: Target, words: Text, *, declines: bool) -> MatchFeatures:
    """Features of the answer `words` against the reference that it matches best.

    Args:
        target: What it is held against.
        words: The answer.
        declines: Whether a clause of it says that the answer is not known.
    """
    places = places_of(words)
    found = [_aligned(reference, target.known, places) for _, reference in target.keys]
    rows = [
        _of_reference(target, reference, words, one)
        for (_, reference), one in zip(target.keys, found, strict=True)
    ]
    best = max(range(len(rows)), key=lambda at: (max(rows[at][0], rows[at][5]), *rows[at][1:3]))
    reference = target.keys[best][1]
    vector = [
        *rows[best],
        float(declines),
        sum(row[0] for row in rows) / len(rows),
        sum(row[1] >= _AGREED for row in rows) / len(rows),
        float(target.known.issuperset(reference.content)),
        float(bool(reference.numbers)),
        *_asks(target),
    ]
    assert len(vector) == len(FEATURES)
    return MatchFeatures(
        vector=np.array(vector, dtype=np.float64),
        reference=target.keys[best][0],
        match=_match(reference, words, found[best]),
    )


def _aligned(reference: Text, known: frozenset[str], places: dict[str, list[int]]) -> Alignment:
    """The best stretch; none where only the question's words were found."""
    wanted = weights(reference, known)
    # A word of the question is like another word by no merit of the answer's.
    said = {stem: at for stem, at in places.items() if stem in wanted or stem not in known}
    found = align(wanted, said)
    fresh = [word not in known for word in wanted]
    if any(fresh) and not any(fresh[which] for which in found.which):
        return align({}, {})
    return found


def _match(reference: Text, words: Text, found: Alignment) -> range | None:
    if (at := affirmed_run(reference, words)) is not None:
        return range(at, at + len(reference.stems))
    return range(found.places[0], found.places[-1] + 1) if found.places else None


def _of_reference(target: Target, reference: Text, words: Text, found: Alignment) -> list[float]:
    around = _sentence(words, found)
    new = around.difference(target.known, target.accepted, (words.stems[at] for at in found.places))
    coverage = cover(reference, words)
    return [
        float(affirmed_run(reference, words) is not None),
        found.recall,
        found.exact,
        found.found / found.width if found.width else 0.0,
        _letters(reference, words, found),
        float(coverage.covered) - float(coverage.contradicted),
        float(_initials(reference, words)),
        share_stated(reference.numbers, words.numbers),
        min(_MOST_NUMBERS, sum(map(is_number, new))),
        found.weight / (found.weight + len(new)) if found.weight else 0.0,
        float(bool(found.places) and _negated(reference, words, found)),
        float(_replaced(reference, words, found, new)),
        float(_alternative(target, words, found)),
        _rivals(target, words, found),
    ]


def _asks(target: Target) -> Iterator[float]:
    for kind, words in _ASKING.items():
        yield float(
            target.type == _TYPES.get(kind, "") or not words.isdisjoint(target.question.stems)
        )


def _sentence(words: Text, found: Alignment) -> frozenset[str]:
    """Content of the sentence that the stretch stands in, at most `_REACH` words either side.

    Without a stretch it is all of the answer's, for then nothing says where to look.
    """
    if not found.places:
        return frozenset(words.content)
    low, high = found.places[0], found.places[-1]
    start = max(low - _REACH, bisect_left(words.sentences, words.sentences[low]))
    stop = min(high + _REACH + 1, bisect_right(words.sentences, words.sentences[high]))
    return frozenset(words.stems[start:stop]).intersection(words.content)


def _letters(reference: Text, words: Text, found: Alignment) -> float:
    if not found.places:
        return 0.0
    stretch = words.stems[found.places[0] : found.places[-1] + 1]
    return dice(" ".join(dict.fromkeys(reference.content or reference.stems)), " ".join(stretch), 3)


def _initials(reference: Text, words: Text) -> bool:
    """Whether a word of one text is made of the initials of words of the other."""
    short = "".join(stem[0] for stem in reference.content)
    if len(short) in _INITIALS and short not in _COMMON and short in words.stems:
        return True
    if len(reference.stems) != 1 or len(reference.stems[0]) not in _INITIALS[2:]:
        return False
    return reference.stems[0] in "".join(stem[0] for stem in words.content)


def _negated(reference: Text, words: Text, found: Alignment) -> bool:
    return negated(words, found.places) != bool(reference.negations)


def _beside(words: Text, found: Alignment) -> tuple[str, str]:
    """The words of the same clause directly before and behind the stretch; empty where none is."""

    def word(inner: int, at: int) -> str:
        here = 0 <= at < len(words.stems) and words.clauses[at] == words.clauses[inner]
        return words.stems[at] if here else ""

    if not found.places:
        return "", ""
    first, last = found.places[0], found.places[-1]
    return word(first, first - 1), word(last, last + 1)


def _replaced(reference: Text, words: Text, found: Alignment, new: frozenset[str]) -> int:
    if not found.places:
        return 0
    before, behind = _beside(words, found)
    last = len(set(reference.content or reference.stems)) - 1
    return (before in new and min(found.which) > 0) + (behind in new and max(found.which) < last)


def _alternative(target: Target, words: Text, found: Alignment) -> bool:
    if not found.places or "or" in target.question.stems:
        return False
    return beside_or(words, range(found.places[0], found.places[-1] + 1))


def _rivals(target: Target, words: Text, found: Alignment) -> float:
    if not found.places:
        return 0.0
    match = range(found.places[0], found.places[-1] + 1)
    row = listing(words, match, accepted=target.accepted, known=target.known)
    return float(min(_MOST_RIVALS, row.rivals)) if row.rivals >= _FEWEST_RIVALS else 0.0
