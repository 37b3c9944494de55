"""Chance-corrected agreement of raters, such as people and a judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_ragft.stats.clusters import Floats

Level = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(ratings: ArrayLike, *, level: Level) -> float | None:
    """Krippendorff's alpha: 1 for perfect agreement, 0 for agreement by chance.

    Args:
        ratings: Numbers, shape [raters, units]; NaN where a rater gave none.
        level: What differs more: ``nominal`` all differences alike, ``ordinal`` by the ratings
            that lie between, ``interval`` by the square of the distance.

    Returns:
        At most 1; None where it is undefined: no unit has two ratings, or all ratings are equal.

    Raises:
        ValueError: Not two-dimensional, or an infinite rating.

    Source:
        Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), coincidence matrices.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"ratings: expected shape [raters, units], got {table.shape!r}")
    if np.isinf(table).any():
        raise ValueError("ratings: an infinite rating; use NaN where there is none")
    values = np.unique(table[~np.isnan(table)])
    counts = (table[:, :, None] == values).sum(axis=0).astype(np.float64)
    counts = counts[counts.sum(axis=1) >= 2]
    if not counts.size:
        return None
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs -= counts[:, :, None] * np.eye(values.size)
    observed = (pairs / (counts.sum(axis=1) - 1)[:, None, None]).sum(axis=0)
    marginal = observed.sum(axis=1)
    total = float(marginal.sum())
    distance = _DISTANCES[level](values, marginal)
    expected = float((np.outer(marginal, marginal) * distance).sum()) / (total - 1)
    if expected == 0.0:
        return None
    return 1.0 - float((observed * distance).sum()) / expected


def cohen_kappa(first: ArrayLike, second: ArrayLike) -> float | None:
    """Cohen's kappa of two raters over the same units, unweighted.

    Args:
        first: Labels of one rater, shape [n].
        second: Labels of the other, shape [n].

    Returns:
        At most 1; None where it is undefined: no units, or both raters gave one and the same
        label throughout.

    Raises:
        ValueError: Shapes that differ.

    Source:
        Cohen (1960).
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"expected two rows of labels of one length, got {a.shape!r}, {b.shape!r}")
    if not a.size:
        return None
    labels: NDArray[Any] = np.unique(np.concatenate([a, b]))
    if labels.size == 1:
        return None
    chance = sum(float(np.mean(a == label) * np.mean(b == label)) for label in labels)
    return (float(np.mean(a == b)) - chance) / (1 - chance)


def _nominal(values: Floats, marginal: Floats) -> Floats:
    return 1.0 - np.eye(values.size)


def _ordinal(values: Floats, marginal: Floats) -> Floats:
    middle = np.cumsum(marginal) - marginal / 2
    return np.asarray(np.subtract.outer(middle, middle) ** 2)


def _interval(values: Floats, marginal: Floats) -> Floats:
    return np.asarray(np.subtract.outer(values, values) ** 2)


_DISTANCES: dict[Level, Callable[[Floats, Floats], Floats]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
}
