"""Whether the passages that a suite calls relevant hold what its references say.

By the reference judge's own elements: the numbers and dates of a reference that its question does
not say, and its words of content, spelling forgiven. It sees a reference that belongs to another
question or passage. It does not see what is computed (a sum, a difference), said in other words, or
said of something else in the same words; a yes or a no says nothing that could be looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_ragft.judging.lexical.dates import dates
from pytest_ragft.judging.lexical.numbers import share_stated
from pytest_ragft.judging.lexical.spelling import likeness
from pytest_ragft.judging.lexical.statements import informativeness
from pytest_ragft.judging.lexical.text import Reader, Text
from pytest_ragft.records import Passage, QAExample

WORDS = 0.4
"""Share of a reference's new words, by weight, from which passages may support it; fixed on
NQ-open, see studies/leakage."""

_YES_NO = frozenset({"yes", "no", "true", "fals"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """How far passages hold a reference."""

    reference: str
    words: float
    """Share of its new words, by weight, that stand in the passages; in [0, 1]."""
    missing: tuple[str, ...]
    """Numbers of it that stand neither there nor in the question."""

    @property
    def holds(self) -> bool:
        """Whether the passages may support it."""
        return self.words >= WORDS and not self.missing


class SupportReader:
    """Reads references against passages; holds what it read of these."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._kept: dict[str, Text] = {}

    def support(self, example: QAExample, passages: Sequence[Passage]) -> Support | None:
        """How far passages hold the reference that they hold best; None where nothing can be seen.

        Args:
            example: Answerable.
            passages: Its relevant ones, with whatever stands in them.
        """
        question = self._reader.read(example.question)
        wanted = [(text, self._reader.read(text)) for text in example.references]
        new = [(text, words, _new(words, question)) for text, words in wanted]
        if not passages or not new or any(not stems for _, _, stems in new):
            return None
        read = [self._passage(passage) for passage in passages]
        # Most words stand there as they are; only the others are compared letter by letter.
        held = frozenset[str]().union(*(words.stems for words in read))
        numbers = frozenset[str]().union(*(words.numbers for words in read))
        years = {str(date.year) for words in read for date in dates(words.plain) if date.year}
        supports = [
            Support(
                reference=text,
                words=_share(stems, held),
                missing=_missing(words.numbers - question.numbers, numbers | years),
            )
            for text, words, stems in new
        ]
        return max(supports, key=lambda one: (one.holds, one.words, -len(one.missing)))

    def _passage(self, passage: Passage) -> Text:
        if passage.id not in self._kept:
            self._kept[passage.id] = self._reader.read(f"{passage.title}\n{passage.text}")
        return self._kept[passage.id]


def _new(words: Text, question: Text) -> frozenset[str]:
    """The stems of content that a question does not say; all where it says all, but yes and no."""
    content = frozenset(words.content) - _YES_NO
    return content - frozenset(question.content) or content


def _share(wanted: Iterable[str], held: frozenset[str]) -> float:
    weights = {stem: informativeness(stem) for stem in wanted}
    found = sum(
        weight * (1.0 if stem in held else max((likeness(stem, one) for one in held), default=0.0))
        for stem, weight in weights.items()
    )
    return min(1.0, found / sum(weights.values()))


def _missing(wanted: frozenset[str], stated: frozenset[str] | set[str]) -> tuple[str, ...]:
    return tuple(sorted(one for one in wanted if share_stated([one], stated) < 1))
