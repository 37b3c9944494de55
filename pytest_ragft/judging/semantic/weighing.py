"""Meaning, where rules do not tell: what the semantic judge puts in the place of words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from pytest_ragft.judging.lexical.echo import says_more
from pytest_ragft.judging.lexical.match_features import MatchFeatures
from pytest_ragft.judging.lexical.overlap import Coverage
from pytest_ragft.judging.lexical.reading import AnswerReader, ReadAnswer
from pytest_ragft.judging.lexical.statements import StatementMatch
from pytest_ragft.judging.lexical.target import Fact, Target
from pytest_ragft.judging.lexical.weighing import Weighing, Weight
from pytest_ragft.judging.semantic.models import SemanticModels, sharpened, short_references
from pytest_ragft.judging.semantic.nearness import credit
from pytest_ragft.judging.semantic.segments import segments, words
from pytest_ragft.records import QAExample

# How far meaning moves what words say of a statement. Words that are missing may stand there in
# others, and those that are there mean little else; chosen on RAGChecker's half.
_RAISED, _LOWERED = 0.5, 0.2
_STATED = 0.5
_ECHO = Weight(value=0.0, reason="says nothing beyond the question")
# Words of a fact that is weighed as a name is.
_BRIEF = 5


class MeaningWeighs:
    """Weighs names and statements by meaning, and leaves values and choices to words.

    Args:
        load: Gives what was fitted; called when it is needed first.
        answers: Reads examples and answers.
        by_words: Weighs the rest.
    """

    holds_numbers = True

    def __init__(
        self, load: Callable[[], SemanticModels], answers: AnswerReader, by_words: Weighing
    ) -> None:
        self._load = load
        self._answers = answers
        self._by_words = by_words

    @cached_property
    def _models(self) -> SemanticModels:
        return self._load()

    def named(self, target: Target, read: ReadAnswer, measured: MatchFeatures) -> Weight:
        """The fitted models' probability, for a name that an answer may give in other words."""
        # Meaning does not tell one person from another of that family.
        if target.kind != "name" or read.renames:
            return self._by_words.named(target, read, measured)
        if not segments(read.text):
            return Weight(value=0.0, reason="says nothing")
        if not says_more(read.words, target):
            return _ECHO
        found = self._models.opinion(target, short_references(target), read.text)
        # Else a name of the question would be right by what an answer says of other matters.
        if not says_more(self._answers.words(found.window), target):
            return _ECHO
        return Weight(
            value=found.value,
            reason="right by meaning" if found.value >= _STATED else "not right by meaning",
            evidence={
                "probability": found.probability,
                "log_odds": found.log_odds,
                "window": found.window,
            },
        )

    def right(
        self, target: Target, read: ReadAnswer, reference: str, found: StatementMatch
    ) -> Weight:
        """Words and meaning together, either by what is covered or by what is borne out."""
        worded = self._by_words.right(target, read, reference, found)
        if target.kind != "statement":
            return worded
        near = self._models.nearness(target, reference, read.text)
        meant = credit(max(near.recall, near.precision)) * (1 - found.contradicted)
        return replace(
            worded,
            value=_moved(worded.value, meant),
            reason=f"{worded.reason}; {meant:.0%} by meaning",
            evidence={**worded.evidence, "meaning": round(meant, 3)},
        )

    def whole(
        self,
        target: Target,
        read: ReadAnswer,
        reference: str,
        found: StatementMatch,
        accuracy: float,
    ) -> float:
        """As `right`, by what is covered; a name is given as far as it is right."""
        worded = self._by_words.whole(target, read, reference, found, accuracy)
        if target.kind == "name":
            return max(worded, accuracy)
        if target.kind != "statement" or worded == 1:
            return worded
        meant = credit(self._models.nearness(target, reference, read.text).recall)
        return _moved(worded, meant * (1 - found.contradicted))

    def fact(self, target: Target, read: ReadAnswer, fact: Fact) -> Coverage:
        """Stated or contradicted where words tell; else by what was fitted for it."""
        worded = self._by_words.fact(target, read, fact)
        if worded.covered or worded.contradicted or not fact.words.numbers <= read.words.numbers:
            return worded
        asked = self._answers.target(
            QAExample(id="fact", question=target.asked, references=(fact.text,))
        )
        if not segments(read.text) or not says_more(read.words, asked):
            return Coverage(covered=False, credit=0.0)
        if len(words(fact.text)) <= _BRIEF:
            value = self._models.opinion(asked, [fact.text], read.text).value
        else:
            signals = self._models.signals(target, fact.text, read)
            value = sharpened(self._models.weights.probability(**signals))
        return Coverage(covered=value >= _STATED, credit=value)


def _moved(worded: float, meant: float) -> float:
    """What words say, moved towards what meaning does."""
    return worded + (_RAISED if meant > worded else _LOWERED) * (meant - worded)
