"""Where rules leave open whether an answer says what it should, something weighs it.

The reference judge weighs words (`WordsWeigh`), the semantic judge meaning. All else, from polarity
to penalties, is in `accuracy` and `completeness`, and the same under both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pytest_ragft.judging.lexical.match_features import MatchFeatures
from pytest_ragft.judging.lexical.overlap import Coverage, cover
from pytest_ragft.judging.lexical.reading import ReadAnswer
from pytest_ragft.judging.lexical.statements import StatementMatch
from pytest_ragft.judging.lexical.target import Fact, Target
from pytest_ragft.judging.lexical.trees import Trees

_SHOWN = ("recall", "precision", "other_numbers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """How sure it is that an answer gives a reference."""

    value: float
    """In [0, 1]."""
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict)


class Weighing(Protocol):
    """What `accuracy` and `completeness` ask where form does not tell."""

    @property
    def holds_numbers(self) -> bool:
        """Whether it holds a statement's numbers against the answer's one by one."""
        ...

    def named(self, target: Target, read: ReadAnswer, measured: MatchFeatures) -> Weight:
        """How sure it is that an answer gives a brief reference.

        Args:
            target: Its `short` holds.
            read: The answer.
            measured: Its features.
        """
        ...

    def right(
        self, target: Target, read: ReadAnswer, reference: str, found: StatementMatch
    ) -> Weight:
        """How sure it is that what an answer says of `reference`, a statement, is right.

        Args:
            target: What the answer is held against.
            read: The answer.
            reference: One of the target's.
            found: How words bear answer and reference out.
        """
        ...

    def whole(
        self,
        target: Target,
        read: ReadAnswer,
        reference: str,
        found: StatementMatch,
        accuracy: float,
    ) -> float:
        """How much of `reference` an answer states, in [0, 1].

        Args:
            target: As of `right`, like the next three.
            read: The answer.
            reference: One of the target's.
            found: How words bear answer and reference out.
            accuracy: The answer's, in [0, 1].
        """
        ...

    def fact(self, target: Target, read: ReadAnswer, fact: Fact) -> Coverage:
        """How far an answer states a fact that is no yes or no."""
        ...


class WordsWeigh:
    """Weighs by words alone.

    Args:
        model: Gives the probability that people call an answer to a short question right.
    """

    holds_numbers = False

    def __init__(self, model: Trees) -> None:
        self._model = model

    def named(self, target: Target, read: ReadAnswer, measured: MatchFeatures) -> Weight:
        """See `Weighing`."""
        if not measured["recall"] and not measured["initials"]:
            return Weight(value=0.0, reason="states nothing of a reference")
        return Weight(
            value=self._model.probability(measured.vector),
            reason=_why(measured),
            evidence={name: round(measured[name], 3) for name in _SHOWN},
        )

    def right(
        self, target: Target, read: ReadAnswer, reference: str, found: StatementMatch
    ) -> Weight:
        """See `Weighing`."""
        return Weight(
            value=found.right,
            reason=f"states {found.recall:.0%} of a reference, which bears out "
            f"{found.precision:.0%}",
            evidence={
                "precision": round(found.precision, 3),
                "recall": round(found.recall, 3),
            },
        )

    def whole(
        self,
        target: Target,
        read: ReadAnswer,
        reference: str,
        found: StatementMatch,
        accuracy: float,
    ) -> float:
        """See `Weighing`."""
        return found.completeness

    def fact(self, target: Target, read: ReadAnswer, fact: Fact) -> Coverage:
        """See `Weighing`."""
        return cover(fact.words, read.words, strict=fact.strict)


def _why(measured: MatchFeatures) -> str:
    among = ", among others in a list" if measured["rivals"] else ""
    if measured["negated"]:
        return f"negates a reference{among}"
    if measured["contained"] or measured["covered"] > 0:
        return f"states a reference{among}"
    if measured["initials"]:
        return f"states a reference by its initials{among}"
    return f"states {measured['recall']:.0%} of a reference{among}"
