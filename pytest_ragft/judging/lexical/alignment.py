"""Where in an answer a reference stands best, word by word, spelling forgiven."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_ragft.judging.lexical.spelling import likeness
from pytest_ragft.judging.lexical.text import Text

# Weight of a reference's word that the question already says; the others weigh 1.
_ASKED = 0.25
# What a word more of width costs, so that the closest of equal stretches is taken.
_SPREAD = 0.002

# Place in the answer, which of the reference's words, likeness.
_Hit = tuple[int, int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """The stretch of an answer that holds most of a reference."""

    recall: float
    """Weighted share of the reference's words found there, each by its likeness; in [0, 1]."""
    exact: float
    """The same, counting only words that are the same."""
    weight: float
    """The sum behind `recall`, before it is divided."""
    places: tuple[int, ...]
    """Where the words stand, ascending; empty when none was found."""
    which: tuple[int, ...]
    """Which of the reference's distinct words stands at each place."""
    found: int
    """How many of the reference's distinct words were found."""

    @property
    def width(self) -> int:
        """Words from the first to the last place."""
        return self.places[-1] - self.places[0] + 1 if self.places else 0


def weights(reference: Text, known: Collection[str], *, asked: float = _ASKED) -> dict[str, float]:
    """Weight of each distinct word of content, in order; words of the question weigh `asked`.

    A reference that says nothing beyond the question has weights of 1 throughout.
    """
    words = dict.fromkeys(reference.content or reference.stems)
    fresh = any(word not in known for word in words)
    return {word: asked if fresh and word in known else 1.0 for word in words}


def align(wanted: Mapping[str, float], places: Mapping[str, Sequence[int]]) -> Alignment:
    """The stretch with the greatest weighted likeness to the words of `wanted`.

    It spans at most twice as many words as are wanted, and eight.

    Args:
        wanted: Words with their weights, from `weights`.
        places: Where each distinct stem of the answer stands.
    """
    limit = 2 * len(wanted) + 8
    best, inside = -1.0, _Stretch(list(wanted.values()))
    kept: tuple[_Hit, ...] = ()
    for hit in sorted(_hits(wanted, places)):
        inside.add(hit)
        inside.trim(hit[0] - limit)
        value = inside.total - _SPREAD * (hit[0] - inside.start)
        if value > best + 1e-9:
            best, kept = value, inside.hits()
    return _alignment(tuple(wanted.values()), kept)


def _alignment(weight: tuple[float, ...], hits: tuple[_Hit, ...]) -> Alignment:
    top: dict[int, tuple[float, int]] = {}
    for place, which, like in hits:
        if like > top.get(which, (0.0, 0))[0]:
            top[which] = (like, place)
    total = sum(weight) or 1.0
    found = sum(weight[which] * like for which, (like, _) in top.items())
    exact = sum(weight[which] for which, (like, _) in top.items() if like == 1)
    at = {place: which for which, (_, place) in top.items()}
    return Alignment(
        recall=min(1.0, found / total),
        exact=min(1.0, exact / total),
        weight=found,
        places=tuple(sorted(at)),
        which=tuple(at[place] for place in sorted(at)),
        found=len(top),
    )


def _hits(wanted: Collection[str], places: Mapping[str, Sequence[int]]) -> Iterator[_Hit]:
    for which, word in enumerate(wanted):
        for stem, at in places.items():
            # Words of different first letters are never alike; most end here.
            if stem[0] == word[0] and (like := likeness(word, stem)):
                yield from ((place, which, like) for place in at)


class _Stretch:
    """A window over hits that keeps its weighted sum while it moves."""

    def __init__(self, weight: Sequence[float]) -> None:
        self._weight = weight
        self._hits: list[_Hit] = []
        self._first = 0
        self._likes: defaultdict[int, Counter[float]] = defaultdict(Counter)
        self.total = 0.0

    @property
    def start(self) -> int:
        """Where the first hit stands."""
        return self._hits[self._first][0]

    def hits(self) -> tuple[_Hit, ...]:
        """The hits inside."""
        return tuple(self._hits[self._first :])

    def add(self, hit: _Hit) -> None:
        """Takes in the next hit."""
        self._hits.append(hit)
        self._change(hit, 1)

    def trim(self, earliest: int) -> None:
        """Drops hits before `earliest`, then first hits that a later one makes needless."""
        while self.start < earliest or self._needless():
            self._change(self._hits[self._first], -1)
            self._first += 1

    def _needless(self) -> bool:
        _, which, like = self._hits[self._first]
        likes = self._likes[which]
        return likes[like] > 1 or max(likes) > like

    def _change(self, hit: _Hit, step: int) -> None:
        _, which, like = hit
        likes = self._likes[which]
        before = max(likes, default=0.0)
        likes[like] += step
        if not likes[like]:
            del likes[like]
        self.total += self._weight[which] * (max(likes, default=0.0) - before)
