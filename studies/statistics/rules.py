"""Rules by which people call a variant "not worse", each over many runs at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, ndtri, stdtrit

from pytest_ragft.gate import decide

MARGIN = 0.05
ALPHA = 0.05
_TOLERATED = 0.02


@dataclass(frozen=True)
class Runs:
    """Right (1) and wrong (0) answers of two arms to the same questions, a run a row."""

    baseline: np.ndarray
    variant: np.ndarray
    documents: np.ndarray

    @property
    def differences(self) -> np.ndarray:
        return self.variant - self.baseline


def gate(runs: Runs) -> np.ndarray:
    """This project's gate with its defaults."""
    outcomes = [
        decide(d, runs.documents, margin=MARGIN, alpha=ALPHA).outcome for d in runs.differences
    ]
    return np.array(outcomes) == "PASS"


def not_lower(runs: Runs) -> np.ndarray:
    return runs.differences.mean(axis=1) >= 0


def not_two_points_lower(runs: Runs) -> np.ndarray:
    return runs.differences.mean(axis=1) > -_TOLERATED


def overlap(runs: Runs) -> np.ndarray:
    """The 95 % intervals of both means overlap, each by the normal distribution."""
    shares = [arm.mean(axis=1) for arm in (runs.baseline, runs.variant)]
    n = runs.baseline.shape[1]
    widths = [ndtri(1 - ALPHA / 2) * np.sqrt(p * (1 - p) / n) for p in shares]
    return np.abs(shares[0] - shares[1]) <= widths[0] + widths[1]


def no_mcnemar(runs: Runs) -> np.ndarray:
    """McNemar's exact test, two-sided, finds no difference."""
    lost = (runs.differences < 0).sum(axis=1)
    changed = (runs.differences != 0).sum(axis=1)
    fewer = np.minimum(lost, changed - lost)
    return np.minimum(1, 2 * bdtr(fewer, changed, 0.5)) >= ALPHA


def no_paired_t(runs: Runs) -> np.ndarray:
    """The paired t-test, two-sided, finds no difference."""
    mean, error, freedom = _t(runs)
    return np.abs(mean) <= stdtrit(freedom, 1 - ALPHA / 2) * error


def question_bound(runs: Runs) -> np.ndarray:
    """The paired t-test's bound excludes the margin, with every question on its own."""
    mean, error, freedom = _t(runs)
    return mean - stdtrit(freedom, 1 - ALPHA) * error > -MARGIN


def _t(runs: Runs) -> tuple[np.ndarray, np.ndarray, int]:
    d = runs.differences
    n = d.shape[1]
    return d.mean(axis=1), d.std(axis=1, ddof=1) / np.sqrt(n), n - 1


RULES: Mapping[str, Callable[[Runs], np.ndarray]] = {
    "pytest-ragft, margin 0.05": gate,
    "mean not lower": not_lower,
    "mean not 2 points lower": not_two_points_lower,
    "95 % intervals overlap": overlap,
    "no significant McNemar": no_mcnemar,
    "no significant paired t": no_paired_t,
    "t bound above −0.05, documents ignored": question_bound,
}
