"""Does an answer state a statement, in other words too?

Where words decide, they do: the statement's words stand close together (stated) or are negated
(contradicted), or one of its numbers is nowhere in the answer (not stated). Otherwise it is weighed
by the share of its words that the answer holds, how near the others come to the answer's, and how
much of it is said behind a negation. The weights are fitted on the physicians' labels of K-QA
(Manes et al. 2024) by ``studies/judge/fit_semantic.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

SIGNALS = ("recall", "nearness", "contradicted")
"""What the weights of a statement are for, in order."""


class Weights:
    """The fitted weights of a statement's signals.

    Args:
        data: ``intercept`` and one weight for each of `SIGNALS`.

    Raises:
        KeyError: one of them is missing.
    """

    def __init__(self, data: Mapping[str, float]) -> None:
        self._intercept = float(data["intercept"])
        self._weights = np.array([float(data[name]) for name in SIGNALS])

    def probability(self, *, recall: float, nearness: float, contradicted: float) -> float:
        """The probability that physicians call a statement covered; all signals in [0, 1]."""
        signals = np.array([recall, nearness, contradicted])
        return logistic(self._intercept + float(self._weights @ signals))


def logistic(log_odds: float) -> float:
    """The probability with these log odds."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))
