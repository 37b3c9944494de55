"""A comparison corrected by human labels for a random part of its pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pytest_ragft.gate.pairs import difference, pair_bounds
from pytest_ragft.records import PairedScore, PairLabels
from pytest_ragft.stats.clusters import Codes, Floats
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds
from pytest_ragft.stats.prediction_powered import corrected_bounds, tuned_weight

# corrected_bounds needs two pairs on both sides; without others the labels alone speak.
_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Bounds with what they rest on."""

    bounds: Bounds
    labelled: int = 0
    others: int = 0
    weight: float = 1.0
    """Of the judge; 1 without labels, where it alone speaks."""


def judged_bounds(pairs: Sequence[PairedScore], *, alpha: float, scale: float) -> Measured:
    """Bounds by the judge's scores alone."""
    bounds = pair_bounds(pairs, alpha=alpha, scale=scale)
    return Measured(bounds=bounds, others=len(pairs))


def labelled_bounds(
    pairs: Sequence[PairedScore], labels: PairLabels, *, alpha: float, scale: float
) -> Measured:
    """Bounds of the human mean difference, by prediction-powered inference.

    Args:
        pairs: A missing score counts at its worst, as everywhere; leave such pairs out for the
            complete cases.
        labels: Of a simple random part of the questions.
        alpha: One-sided error rate of each bound.
        scale: Width of the metric's scale.

    Source:
        `pytest_ragft.stats.prediction_powered`. Where all pairs are labelled, or only one is not,
        the labels alone count; with fewer than two labels nothing is known.
    """
    split = _Split.of(pairs, labels, scale)
    labelled, others = split.human.size, split.others.size
    if labelled < _FEWEST or others < _FEWEST:
        bounds = mean_bounds(split.human, split.codes, alpha=alpha, scale=scale)
        return Measured(bounds=bounds, labelled=labelled, others=others, weight=0.0)
    weight = tuned_weight(split.human, split.judged, split.others)
    bounds = corrected_bounds(
        split.human,
        split.judged,
        split.others,
        alpha=alpha,
        scale=scale,
        clusters=split.codes,
        other_clusters=split.other_codes,
        weight=weight,
    )
    return Measured(bounds=bounds, labelled=labelled, others=others, weight=weight)


def judge_bias(pairs: Sequence[PairedScore], labels: PairLabels, *, scale: float) -> Bounds:
    """Judged less labelled difference over the labelled pairs, with two-sided 95 % bounds."""
    split = _Split.of(pairs, labels, scale)
    # Either difference lies within the scale, so theirs within twice of it.
    return mean_bounds(split.judged - split.human, split.codes, alpha=0.025, scale=2 * scale)


@dataclass(frozen=True, slots=True)
class _Split:
    """Differences of the labelled pairs and of the others."""

    human: Floats
    judged: Floats
    others: Floats
    codes: Codes
    other_codes: Codes

    @classmethod
    def of(cls, pairs: Sequence[PairedScore], labels: PairLabels, scale: float) -> _Split:
        human: list[float] = []
        judged: tuple[list[float], list[float]] = ([], [])
        codes: tuple[list[int], list[int]] = ([], [])
        known: dict[tuple[str, ...], int] = {}
        for pair in pairs:
            label = labels.pairs.get((pair.suite, pair.id))
            side = int(label is None)
            if label is not None:
                human.append((label[1] - label[0]) * scale)
            judged[side].append(difference(pair, scale))
            codes[side].append(known.setdefault(pair.document, len(known)))
        values, labelled, rest = (np.array(x, dtype=np.float64) for x in (human, *judged))
        inside, outside = (np.array(of, dtype=np.intp) for of in codes)
        return cls(values, labelled, rest, inside, outside)
