"""An answer as the judges read it against what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.lexical.assertion import asserted
from pytest_ragft.judging.lexical.echo import without_echo
from pytest_ragft.judging.lexical.elements import Named, named
from pytest_ragft.judging.lexical.naming import names_another, names_the_same
from pytest_ragft.judging.lexical.options import Choice, chosen
from pytest_ragft.judging.lexical.polarity import PolarityReader, opening_polarity
from pytest_ragft.judging.lexical.statements import without_marks
from pytest_ragft.judging.lexical.target import Target, target_reader
from pytest_ragft.judging.lexical.text import Reader, Text
from pytest_ragft.records import QAExample

_KEPT = 16
# Words of content up to which an answer is a name and little else.
_BRIEF = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAnswer:
    """An answer, read."""

    text: str
    """What it asserts: as it was written, or normalised where it also takes something back."""
    words: Text
    """The same, read, without the question that it repeats."""
    denied: str
    """What it takes back, normalised; empty where nothing."""
    declines: bool
    """Whether a clause of it says that the answer is not known."""
    said: bool | None = None
    """Its yes or no, where one is asked for."""
    chosen: float | None = None
    """What it chooses, where something is offered; see `options.chosen`."""
    renames: bool = False
    """It is brief and names another than the one that is right; see `names_another`."""
    same: bool = False
    """It is brief and names the right one in other words; see `names_the_same`."""
    named: Named | None = None
    """The elements that it names, where a list is asked for."""


class AnswerReader:
    """Reads examples and answers; keeps what it read of the examples.

    Args:
        reader: Shares a stemmer with other readers.
    """

    def __init__(self, reader: Reader | None = None) -> None:
        self.reader = reader or Reader()
        self.abstention = AbstentionRecogniser(self.reader)
        self.polarity = PolarityReader(self.reader)
        self._target = target_reader(self.reader, self.polarity)
        self.words = lru_cache(_KEPT)(self.reader.read)
        """The words of a text; an answer is read for what it is, and for what it asserts."""

    def target(self, example: QAExample) -> Target:
        """What an example's answers are held against; it has a reference."""
        return self._target(example)

    def read(self, target: Target, answer: str) -> ReadAnswer:
        """An answer, any text."""
        whole = self.words(without_marks(answer))
        says = asserted(
            whole.plain, target.stems, asked=target.question.stems, may_deny=target.denies
        )
        words = self.reader.read(says.text) if says.denied else whole
        words = without_echo(words, target)
        names = [text for text, _ in target.keys]
        named = target.kind == "name"
        brief = len(words.content) <= _BRIEF
        return ReadAnswer(
            text=says.text if says.denied else answer,
            words=words,
            denied=says.denied,
            declines=self.abstention.declines(answer),
            said=self._said(target, whole),
            renames=named and names_another(names, answer),
            same=named
            and brief
            and not (says.denied or words.negations)
            and names_the_same(names, answer),
            chosen=None
            if target.choice is None
            else self._chosen(target.choice, words, says.denied),
            named=self._named(target, words),
        )

    def _chosen(self, choice: Choice, words: Text, taken_back: str) -> float | None:
        says = chosen(choice, words, self.polarity.synonyms)
        if says is not None or words.stems or len(choice.others) > 1:
            return says
        # Of two options, "not the one" is the other.
        rejected = chosen(choice, self.reader.read(taken_back), self.polarity.synonyms)
        return None if rejected is None else 1 - rejected

    def _said(self, target: Target, whole: Text) -> bool | None:
        if target.polarity is None or target.polar is None:
            return None
        says = asserted(whole.plain, asked=target.question.stems, contrasts=False)
        said = self.polarity.said(says.text, target.polar)
        if said and not target.polarity and opening_polarity(says.text) is None:
            reason = frozenset(target.references[0][1].content) - target.polar.content
            said = not self.polarity.replaces(says.text, target.polar, reason)
        if said is None and says.denied:
            taken_back = self.polarity.said(says.denied, target.polar)
            return None if taken_back is None else not taken_back
        return said

    def _named(self, target: Target, words: Text) -> Named | None:
        read = (named(each, words, target.known, self.reader) for each in target.elements)
        return max(read, key=lambda one: one.f1, default=None)
