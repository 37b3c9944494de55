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
        pairs: A missing score counts at its worst, as everywhere, and so does a label that people
            cannot give; leave such pairs out for the complete cases.
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


def people_means(
    pairs: Sequence[PairedScore], labels: PairLabels, *, scale: float, weight: float
) -> tuple[float | None, float | None]:
    """Baseline's and variant's mean by people, for all questions; None without labels.

    Both are corrected as their difference is, with the same weight, so that it is theirs.
    """
    labelled = [pair for pair in pairs if pair_id(pair) in labels.pairs]
    others = [pair for pair in pairs if pair_id(pair) not in labels.pairs]
    if not labelled:
        return None, None
    human = np.array([labels.pairs[pair_id(pair)] for pair in labelled]) * scale
    judged = np.array([_values(pair) for pair in labelled])
    means = (human - weight * judged).mean(axis=0)
    if weight:
        means += weight * np.array([_values(pair) for pair in others]).mean(axis=0)
    return float(means[0]), float(means[1])


def labelled_difference(labels: PairLabels, pair: PairedScore, scale: float) -> float | None:
    """Variant less baseline by people, the lowest that it can be; None where not labelled."""
    sides = labels.pairs.get(pair_id(pair)) or labels.unsure.get(pair_id(pair))
    if sides is None:
        return None
    baseline = 1.0 if sides[0] is None else sides[0]
    variant = 0.0 if sides[1] is None else sides[1]
    return (variant - baseline) * scale


def pair_id(pair: PairedScore) -> tuple[str, str]:
    """By which labels name a pair."""
    return pair.suite, pair.id


def _values(pair: PairedScore) -> tuple[float, float]:
    assert pair.baseline.value is not None
    assert pair.variant.value is not None
    return pair.baseline.value, pair.variant.value


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
            label = labelled_difference(labels, pair, scale)
            side = int(label is None)
            if label is not None:
                human.append(label)
            judged[side].append(difference(pair, scale))
            codes[side].append(known.setdefault(pair.document, len(known)))
        values, labelled, rest = (np.array(x, dtype=np.float64) for x in (human, *judged))
        inside, outside = (np.array(of, dtype=np.intp) for of in codes)
        return cls(values, labelled, rest, inside, outside)
