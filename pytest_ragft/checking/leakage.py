"""What of suites stands in training data: questions, references, passages.

A model that was trained on a suite's questions passes on what it remembers: the commonest way to a
false PASS. A question counts where a sentence, a line or neighbouring sentences of a row are it,
exactly or nearly, whoever says it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_ragft.checking.asked import AskedQuestion
from pytest_ragft.checking.findings import Finding, Place
from pytest_ragft.checking.matching import QuestionIndex, stretches
from pytest_ragft.checking.wording import Words, sentences_of, words_of
from pytest_ragft.datasets.training import TrainingPair
from pytest_ragft.records import Passage

# Words from which a sentence is nobody's by chance.
_SENTENCE = 8
# Share of a passage's sentences that must stand in the training data.
_MOST = 0.5
_KEPT = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A row in which a question stands."""

    pair: TrainingPair
    likeness: float
    exact: bool
    answered: bool | None
    """Whether it teaches a reference; None where it teaches nothing, or there is none."""
    stretch: str

    @property
    def rank(self) -> tuple[bool, float, bool]:
        return self.exact, self.likeness, bool(self.answered)


class Leakage:
    """Looks for questions, references and passages in rows as they come.

    Args:
        questions: Of all suites.
        index: Over their texts, in their order.
        passages: Of each suite, by id; those that are relevant to a question are looked for.
    """

    def __init__(
        self,
        questions: Sequence[AskedQuestion],
        index: QuestionIndex,
        passages: Mapping[str, Mapping[str, Passage]],
    ) -> None:
        self._questions, self._index = questions, index
        self._best: dict[int, _Seen] = {}
        self._rows: dict[int, int] = defaultdict(int)
        self._known: dict[Words, list[tuple[str, str, str]]] = defaultdict(list)
        self._sizes: dict[tuple[str, str, str], int] = {}
        self._found: dict[tuple[str, str, str], set[Words]] = defaultdict(set)
        self._first: dict[tuple[str, str, str], str] = {}
        self._matches: dict[Words, list[tuple[int, float]]] = {}
        for question in questions:
            for reference in question.example.references:
                self._know(("reference", question.suite, question.example.id), reference)
            for name in question.example.relevant:
                passage = passages.get(question.suite, {}).get(name)
                key = ("passage", question.suite, name)
                if passage is not None and key not in self._sizes:
                    self._know(key, passage.text)

    def _know(self, key: tuple[str, str, str], text: str) -> None:
        parts = {words for part in sentences_of(text) if len(words := words_of(part)) >= _SENTENCE}
        if parts:
            self._sizes[key] = self._sizes.get(key, 0) + len(parts)
            for words in parts:
                self._known[words].append(key)

    def look(self, pair: TrainingPair) -> None:
        """Take in a row."""
        hits: dict[int, tuple[float, Words]] = {}
        self._known_sentences(pair.shown, pair)
        for text in (pair.asked, pair.taught):
            sentences = self._known_sentences(text, pair)
            for words in stretches(sentences, self._index.stretch, self._index.spans):
                for at, like in self._matched(words):
                    if like > hits.get(at, (0.0, words))[0]:
                        hits[at] = (like, words)
        for at, (like, words) in hits.items():
            self._take(at, like, words, pair)

    def _known_sentences(self, text: str, pair: TrainingPair) -> list[Words]:
        """The sentences of a text, those of references and passages noted."""
        sentences = [words for part in sentences_of(text) if (words := words_of(part))]
        for words in sentences:
            for key in self._known.get(words, ()):
                self._found[key].add(words)
                self._first.setdefault(key, pair.where)
        return sentences

    def _matched(self, words: Words) -> list[tuple[int, float]]:
        # Instructions and passages come again with each row.
        if words not in self._matches:
            if len(self._matches) >= _KEPT:
                self._matches.clear()
            self._matches[words] = self._index.matches(words)
        return self._matches[words]

    def _take(self, at: int, like: float, words: Words, pair: TrainingPair) -> None:
        example = self._questions[at].example
        seen = _Seen(
            pair=pair,
            likeness=like,
            exact=self._index.is_exact(at, words),
            answered=_holds_one(words_of(pair.taught), example.references),
            stretch=" ".join(words),
        )
        self._rows[at] += 1
        if at not in self._best or seen.rank > self._best[at].rank:
            self._best[at] = seen

    def findings(self) -> Iterator[Finding]:
        """What stands in the rows that were looked at."""
        for at, seen in sorted(self._best.items()):
            yield self._question(self._questions[at], seen, self._rows[at])
        leaked = {(self._questions[at].suite, self._questions[at].example.id) for at in self._best}
        places = {(q.suite, q.example.id): q.place for q in self._questions}
        files = {q.suite: q.where.partition(", line ")[0] for q in self._questions}
        for key, found in self._found.items():
            kind, suite, name = key
            if len(found) < _MOST * self._sizes[key] or (suite, name) in leaked:
                continue
            reference = kind == "reference"
            yield Finding(
                kind=f"training-{kind}",
                severity="warning",
                suite=suite,
                here=places[suite, name] if reference else Place(where=files[suite], id=name),
                other=Place(where=self._first[key]),
                note=f"{len(found)} of {self._sizes[key]} long sentences",
            )

    @staticmethod
    def _question(question: AskedQuestion, seen: _Seen, rows: int) -> Finding:
        how = "exact" if seen.exact else f"near ({seen.likeness:.2f})"
        if seen.answered is not None:
            how += ", with a reference as its answer" if seen.answered else ", with another answer"
        elif not seen.pair.taught:
            how += ", without an answer"
        more = f"; in {rows} rows" if rows > 1 else ""
        return Finding(
            kind="training-question",
            severity="error",
            suite=question.suite,
            here=question.place,
            other=Place(where=seen.pair.where, text=seen.stretch),
            note=how + more,
            likeness=seen.likeness,
        )


def _holds_one(taught: Words, references: Collection[str]) -> bool | None:
    """Whether what is taught holds a reference word for word; None without one or the other."""
    if not (taught and references):
        return None
    text = f" {' '.join(taught)} "
    return any((words := words_of(one)) and f" {' '.join(words)} " in text for one in references)
