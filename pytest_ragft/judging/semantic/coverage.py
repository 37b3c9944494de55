"""Does an answer state a statement, in other words too?

Where words decide, they do: the statement's words stand close together (stated) or are negated
(contradicted), or one of its numbers is nowhere in the answer (not stated). Otherwise a short
statement, such as a name, is judged as a short reference is, and a longer one is weighed by
how near the answer's sentences come to it. The weights are fitted on the physicians' labels of
K-QA (Manes et al. 2024) by ``studies/judge/fit_semantic.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.judging.lexical.features import FEATURES
from pytest_ragft.judging.semantic.segments import words

SIGNALS = ("cosine", "recall")
"""What the weights of a longer statement are for, in order."""

_SHORT = 5
"""Words of a statement that is judged as a short reference is."""
_AT = {name: FEATURES.index(name) for name in ("covered", "numbers_right", "recall")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """How far an answer states a statement."""

    credit: float
    """In [0, 1]; at least 0.5 when it counts as stated."""
    contradicted: bool = False

    @property
    def covered(self) -> bool:
        """Whether it counts as stated."""
        return self.credit >= 0.5


class Weights:
    """The fitted weights of a longer statement's signals.

    Args:
        data: ``intercept`` and one weight for each of `SIGNALS`.

    Raises:
        KeyError: one of them is missing.
    """

    def __init__(self, data: Mapping[str, float]) -> None:
        self._intercept = float(data["intercept"])
        self._weights = np.array([float(data[name]) for name in SIGNALS])

    def credit(self, signals: NDArray[np.float64]) -> float:
        """The probability that physicians call a statement covered; signals of shape (2,)."""
        return logistic(self._intercept + float(self._weights @ signals))


def stated_in(
    statement: str,
    features: NDArray[np.float64],
    fitted: Weights,
    *,
    cosine: Callable[[], float],
    probability: Callable[[], float],
) -> Stated:
    """How far an answer states `statement`.

    Args:
        statement: What is looked for.
        features: Of the answer, with the statement as the reference; see `FEATURES`.
        fitted: For longer statements.
        cosine: The nearest sentence's cosine; asked for only where a sentence is weighed.
        probability: That an answer is right whose reference the statement is; asked for only
            where the statement is short.
    """
    if features[_AT["covered"]] > 0:
        return Stated(credit=1.0)
    if features[_AT["covered"]] < 0:
        return Stated(credit=0.0, contradicted=True)
    if features[_AT["numbers_right"]] < 1:
        return Stated(credit=0.0)
    if len(words(statement)) <= _SHORT:
        return Stated(credit=probability())
    return Stated(credit=fitted.credit(signals(features, cosine())))


def signals(features: NDArray[np.float64], cosine: float) -> NDArray[np.float64]:
    """The values that `SIGNALS` names."""
    return np.array([cosine, features[_AT["recall"]]])


def logistic(log_odds: float) -> float:
    """The probability with these log odds."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))
