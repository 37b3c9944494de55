"""The score from which an answer counts as right, chosen on questions other than the tested."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.stats.clusters import Codes, Floats

FOLDS = 5
NEUTRAL = 0.5


def best_threshold(scores: Floats, right: NDArray[np.bool_]) -> float:
    """The threshold with the largest Cohen's kappa between ``scores >= threshold`` and `right`.

    It lies in the middle between two neighbouring scores; of equally good ones, that nearest to
    0.5. With one score only, 0.5.

    Args:
        scores: In [0, 1], shape [n >= 1].
        right: Human labels as truth values, shape [n].
    """
    values, code = np.unique(scores, return_inverse=True)
    if values.size < 2:
        return NEUTRAL
    sizes = np.bincount(code).astype(np.float64)
    rights = np.bincount(code, weights=right.astype(np.float64))
    n, yes = float(sizes.sum()), float(rights.sum())
    above = (np.cumsum(sizes[::-1])[::-1])[1:]
    hits = (np.cumsum(rights[::-1])[::-1])[1:]
    observed = (n - yes - above + 2 * hits) / n
    chance = (above * yes + (n - above) * (n - yes)) / n**2
    kappa = (observed - chance) / np.maximum(1 - chance, 1e-12)
    middles = (values[1:] + values[:-1]) / 2
    best = middles[kappa >= kappa.max() - 1e-12]
    return float(best[np.argmin(np.abs(best - NEUTRAL))])


def held_out_predictions(
    scores: Floats,
    right: NDArray[np.bool_],
    codes: Codes,
    rng: np.random.Generator,
    *,
    folds: int = FOLDS,
) -> NDArray[np.bool_]:
    """Which answers count as right, each by the threshold of the other folds' questions.

    Args:
        scores: In [0, 1], shape [n].
        right: Human labels as truth values, shape [n].
        codes: Question of each row, shape [n], integers from 0 without gaps, at least 2 of them.
        rng: What assigns questions to folds.
        folds: At most the number of questions is used.
    """
    groups = int(codes.max()) + 1
    fold_of = (rng.permutation(groups) % min(folds, groups))[codes]
    predicted = np.zeros(scores.size, dtype=bool)
    for fold in np.unique(fold_of):
        held = fold_of == fold
        predicted[held] = scores[held] >= best_threshold(scores[~held], right[~held])
    return predicted
