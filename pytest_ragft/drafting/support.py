"""Which passages bear a reference out, where that is clear; nothing is guessed where it is not.

By words alone, as the reference judge reads them: a passage holds a short reference that stands in
it word for word, and a longer one of which it has most words by weight and all numbers. Among those
that do, the question's words decide; where two documents are close, neither is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import log

from pytest_ragft.judging.lexical.overlap import runs
from pytest_ragft.judging.lexical.text import Reader, Text
from pytest_ragft.records import Passage

# Words of content up to which a reference must stand as it is.
_SHORT = 3
# Share of a longer reference's words, by weight, that a passage must have.
_HELD = 0.8
# Share of the question's words, by weight, that it must have besides; where the document is known,
# chance is less likely.
_ASKED, _ASKED_WITHIN = 0.5, 0.2
# By how much of that share the best document must lead, and its best passages may differ.
_LEAD, _NEAR = 0.15, 0.1
# Where others hold the reference, too, and the question's words are nearly all on one side, so
# much of them suffices: "makes" is not the word "made".
_FAR_AHEAD, _ASKED_AHEAD = 0.3, 0.35
# Documents that are named where several are close.
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What was found of a reference."""

    passages: tuple[str, ...] = ()
    """Ids of the passages that bear it out best, all of one document; empty where none does."""
    document: str | None = None
    """Of these passages."""
    how: str
    """What was found, or why nothing was, in a few words."""


class Supports:
    """Looks for references in a corpus.

    Args:
        passages: with their documents.
    """

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._reader = Reader()
        self._passages = list(passages)
        self._texts = [self._reader.read(passage.text) for passage in self._passages]
        titles = (self._reader.read(passage.title) for passage in self._passages)
        self._words = [
            frozenset(text.content).union(title.content)
            for text, title in zip(self._texts, titles, strict=True)
        ]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for at, words in enumerate(self._words):
            for word in words:
                self._holders[word].append(at)

    def find(
        self, question: str, references: Sequence[str], documents: Collection[str] = ()
    ) -> Support:
        """The passages that bear out one of the references of a question.

        Args:
            question: what is asked.
            references: right answers, any of which may be the one that is borne out.
            documents: where to look; everywhere without any.
        """
        asked = frozenset(self._reader.read(question).content)
        read = [self._reader.read(text) for text in references]
        # Names that the question itself holds, a yes or a number of one digit prove nothing.
        telling = [text for text in read if _tells(text, asked)]
        if not telling:
            return Support(how="the reference says too little to be looked for")
        holding = sorted({at for text in telling for at in self._holding(text, documents)})
        if not holding:
            return Support(how="no passage holds the reference")
        shares = {at: self._share(asked, self._words[at]) for at in holding}
        best = max(holding, key=lambda at: shares[at])
        document = self._passages[best].document
        rivals = {at: shares[at] for at in holding if self._passages[at].document != document}
        lead = shares[best] - max(rivals.values(), default=shares[best])
        least = _ASKED_WITHIN if documents else _ASKED_AHEAD if lead >= _FAR_AHEAD else _ASKED
        if shares[best] < least:
            return Support(how="the reference stands where nothing else of the question does")
        if rivals and lead < _LEAD:
            close = {document, *(self._passages[at].document for at in rivals)}
            names = sorted(map(str, close))
            more = ", …" if len(names) > _SHOWN else ""
            return Support(
                how=f"several documents hold the reference: {', '.join(names[:_SHOWN])}{more}"
            )
        found = [
            self._passages[at].id
            for at in holding
            if self._passages[at].document == document and shares[at] >= shares[best] - _NEAR
        ]
        return Support(
            passages=tuple(found), document=document, how="found: the passage holds the reference"
        )

    def quoting(self, text: str) -> tuple[str, ...]:
        """Ids of the passages that hold a text of some length, whole or nearly so."""
        read = self._reader.read(text)
        if len(set(read.content)) <= _SHORT:
            return ()
        return tuple(self._passages[at].id for at in sorted(self._holding(read, ())))

    def _holding(self, reference: Text, documents: Collection[str]) -> list[int]:
        wanted = frozenset(reference.content)
        near: dict[int, int] = defaultdict(int)
        for word in wanted:
            for at in self._holders.get(word, ()):
                near[at] += 1
        if documents:
            near = {at: n for at, n in near.items() if self._passages[at].document in documents}
        if len(wanted) <= _SHORT:
            whole = (at for at, n in near.items() if n == len(wanted))
            return [at for at in whole if next(runs(reference, self._texts[at]), None) is not None]
        return [
            at
            for at in near
            if self._share(wanted, self._words[at]) >= _HELD
            and reference.numbers <= self._texts[at].numbers
        ]

    def _share(self, wanted: Collection[str], words: Collection[str]) -> float:
        """Of words, by how rare they are, that a passage has, in [0, 1]."""
        weights = {word: self._weight(word) for word in wanted}
        total = sum(weights.values())
        return sum(w for word, w in weights.items() if word in words) / total if total else 0.0

    def _weight(self, word: str) -> float:
        # A word that no passage has weighs as one that a single passage has: what a question is
        # about may be missing altogether.
        return log(1 + len(self._passages) / max(1, len(self._holders.get(word, ()))))


def _tells(reference: Text, asked: Collection[str]) -> bool:
    new = set(reference.content) - set(asked)
    bare = reference.polarity is not None and len(reference.content) <= 1
    return not bare and (len(new) > 1 or any(len(word) > 1 for word in new))
