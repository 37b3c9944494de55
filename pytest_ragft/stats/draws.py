"""How much of the spread of differences comes from within questions, and what more draws buy.

Question q with S_q draws has differences d_qs and their mean m_q, which is what a gate sees. In the
one-way random effects model d_qs = μ + b_q + w_qs the variance of one draw is B + W, that of a mean
of S draws B + W / S. B and W are estimated by the method of moments (Searle, Casella & McCulloch,
Variance Components, 1992, section 3.3); in question-weighted form, as questions and not draws are
what a gate counts: W = Σ_q Σ_s (d_qs - m_q)² / Σ_q (S_q - 1) and B = Var(m) - W · mean(1 / S_q), at
least 0.

It is about questions of their own: what more draws buy is less where documents hang together, as
draws leave that untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawSpread:
    """Components of the variance of a difference."""

    between: float
    """B, of questions."""
    within: float
    """W, of draws of one question."""
    questions: int
    """Those with at least two draws, on which the components rest."""
    draws: int
    """Most draws of a question."""

    @property
    def share(self) -> float:
        """Of the variance of one draw, in [0, 1], what lies within questions."""
        return self.within / (self.between + self.within)

    def worth(self, draws: float, than: float = 1) -> float:
        """How many questions with `than` draws one question with `draws` draws is worth.

        It is 1 or more for more draws, and infinite where all variance lies within questions and
        `draws` is infinite, too.
        """
        new = self.between + self.within / draws
        return (self.between + self.within / than) / new if new else inf


def draw_spread(differences: Sequence[Sequence[float]]) -> DrawSpread | None:
    """Components of the variance of questions' differences.

    Args:
        differences: Of each question, those of its draws; a question with fewer than two says
            nothing about them and is left out.

    Returns:
        None where fewer than two questions have several draws, or no difference varies.
    """
    drawn = [np.asarray(of, dtype=np.float64) for of in differences if len(of) > 1]
    if len(drawn) < 2:
        return None
    means = np.array([of.mean() for of in drawn])
    squares = sum(float(((of - mean) ** 2).sum()) for of, mean in zip(drawn, means, strict=True))
    within = squares / sum(len(of) - 1 for of in drawn)
    noise = within * float(np.mean([1 / len(of) for of in drawn]))
    between = max(0.0, float(means.var(ddof=1)) - noise)
    if between + within <= _NOTHING:
        return None
    return DrawSpread(
        between=between, within=within, questions=len(drawn), draws=max(map(len, drawn))
    )


# Variance of rounding errors of differences on a scale of 1.
_NOTHING = 1e-24
