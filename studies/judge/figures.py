"""Figures of agreement with people, with intervals clustered by question."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from pytest_ragft.stats.agreement import kappa_of
from studies.judge.labelled import EVOUNA_SYSTEMS
from studies.judge.training import Rows

Values = npt.NDArray[np.float64]
_THRESHOLDS = np.linspace(0.1, 0.9, 81)


def system_auc(rows: Rows, given: Values) -> float:
    """Mean of the systems' areas under the ROC curve."""
    return float(
        np.mean([_auc(rows.right[s], given[s]) for s in _systems(rows)]),
    )


def _systems(rows: Rows) -> list[npt.NDArray[np.bool_]]:
    return [rows.system == system for system in EVOUNA_SYSTEMS]


def _auc(right: npt.NDArray[np.bool_], given: Values) -> float:
    return float(roc_auc_score(right, given))


def kappa(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Cohen's κ, as `ragft calibrate` reports it; NaN where it is undefined."""
    value = kappa_of(one, other)(np.ones(np.shape(one)))
    return float("nan") if value is None else value


def best_threshold(right: npt.NDArray[np.bool_], given: Values) -> float:
    """The threshold in [.1, .9] with the highest κ."""
    return float(max(_THRESHOLDS, key=lambda at: kappa(right, given >= at)))


def differences_slope(
    right: npt.NDArray[np.bool_],
    given: Values,
    systems: npt.NDArray[np.str_],
    sets: npt.NDArray[np.str_] | None = None,
) -> float:
    """Slope, through the origin, of the judge's differences between systems on people's.

    Args:
        right: What people say of each answer.
        given: What the judge says.
        systems: Whose answer each is.
        sets: Where each answer's question is from: only systems of one set are compared.
    """
    names, at = np.unique(systems, return_index=True)
    people = np.array([right[systems == name].mean() for name in names])
    ours = np.array([given[systems == name].mean() for name in names])
    one, other = np.triu_indices(len(names), 1)
    if sets is not None:
        same = sets[at][one] == sets[at][other]
        one, other = one[same], other[same]
    theirs, mine = people[one] - people[other], ours[one] - ours[other]
    return float((theirs * mine).sum() / (theirs * theirs).sum())


def interval(
    groups: npt.NDArray[np.str_],
    figure: Callable[[npt.NDArray[np.intp]], float],
    *,
    repeats: int = 500,
) -> tuple[float, float]:
    """The 95 % percentile interval of `figure` over rows, by bootstrap of whole questions."""
    rng = np.random.default_rng(7)
    names, which = np.unique(groups, return_inverse=True)
    order = np.argsort(which, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(which))[:-1])
    drawn = [
        figure(np.concatenate([members[at] for at in rng.integers(len(names), size=len(names))]))
        for _ in range(repeats)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
