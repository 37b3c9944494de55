"""A judge's scores beside human labels: agreement, bias, reliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.calibration.labelled_answers import RIGHT, LabelledAnswer
from pytest_ragft.calibration.slope import slope_of
from pytest_ragft.records import BASELINE, Slope
from pytest_ragft.stats.agreement import (
    agreement_of,
    auc_of,
    cluster_intervals,
    kappa_of,
    krippendorff_alpha,
    pearson_of,
    spearman_of,
)
from pytest_ragft.stats.clusters import Codes, Floats, cluster_codes
from pytest_ragft.stats.noninferiority import mean_bounds
from pytest_ragft.stats.threshold import best_threshold, held_out_predictions

BINS = 10
SEED = 2026
_LENGTHS = ("short answers", "middle", "long answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its 95 % interval, clustered by question."""

    value: float | None
    """None where it is undefined."""
    lower: float | None = None
    """None, as `upper`, where no interval can be given."""
    upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """Mean of judge less people over a part of the answers."""

    name: str
    n: int
    words: float
    """Mean length of its answers."""
    bias: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterPair:
    """Two raters over the answers that both labelled."""

    raters: tuple[str, str]
    n: int
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers that the judge scores alike."""

    low: float
    high: float
    n: int
    judge: float
    """Mean score."""
    people: float
    """Mean label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How a judge's scores of one metric go along with people's labels."""

    metric: str
    n: int
    questions: int
    right: float
    """Share of answers that people label 0.5 or more."""
    not_applicable: int
    """Labelled answers that the judge says the metric does not apply to; not among `n`."""
    raters: int
    figures: Mapping[str, Figure]
    """`accuracy` and `kappa` with the cut at 0.5, `accuracy_cv` and `kappa_cv` with a threshold
    from other questions, `pearson`, `spearman`, `auc`; `alpha` between raters."""
    threshold: float
    """The best cut on all labels; what it is worth is `kappa_cv`. No score is changed by it."""
    rater_pairs: tuple[RaterPair, ...]
    bias: tuple[Bias, ...]
    """Of all answers, first."""
    favours: Figure
    """Bias on the variant less bias on the baseline, over questions with both."""
    slope: Slope
    """Of the judge's score on people's."""
    differences: Figure
    """Pearson's correlation of the judge's and people's difference, variant less baseline, over
    questions with both; undefined where the labels name no variants."""
    by_length: tuple[Bias, ...]
    reliability: tuple[Bin, ...]


def measure_agreement(
    units: Sequence[LabelledAnswer], scores: Floats, *, not_applicable: int = 0, seed: int = SEED
) -> Agreement:
    """Compare a judge with people on the labelled answers of one metric.

    Labels are averaged over raters; for accuracy and kappa 0.5 and more is right.

    Args:
        units: Labelled answers, checked.
        scores: The judge's, in [0, 1], shape [n].
        not_applicable: Labelled answers that have no score because the metric does not apply.
        seed: Of the folds and the intervals.
    """
    labels = np.array([unit.label for unit in units])
    right = labels >= RIGHT
    codes = _dense([unit.question for unit in units])
    rng = np.random.default_rng(seed)
    held_out = held_out_predictions(scores, right, codes, rng)
    cut = scores >= RIGHT
    statistics = {
        "accuracy": agreement_of(cut, right),
        "kappa": kappa_of(cut, right),
        "accuracy_cv": agreement_of(held_out, right),
        "kappa_cv": kappa_of(held_out, right),
        "pearson": pearson_of(scores, labels),
        "spearman": spearman_of(scores, labels),
        "auc": auc_of(scores, right),
    }
    ranges = cluster_intervals(statistics, codes, rng)
    once = np.ones(len(units))
    figures = {name: _figure(of(once), ranges[name]) for name, of in statistics.items()}
    for name, predicted in (("accuracy", cut), ("accuracy_cv", held_out)):
        # Guarded bounds: perfect agreement on few answers is no certainty.
        figures[name] = _mean((predicted == right).astype(np.float64), codes, least=0.0)
    between = _between_variants(units, scores, labels)
    return Agreement(
        metric=units[0].metric,
        n=len(units),
        questions=int(codes.max()) + 1,
        right=float(right.mean()),
        not_applicable=not_applicable,
        raters=len({rater for unit in units for rater in unit.ratings}),
        figures=figures | _between_raters(units, codes, rng),
        threshold=best_threshold(scores, right),
        rater_pairs=_rater_pairs(units),
        bias=_bias_by_variant(units, scores - labels, codes),
        favours=_favours(between),
        slope=slope_of(scores, labels, right, codes),
        differences=_correlated(between, rng),
        by_length=_bias_by_length(units, scores - labels, codes),
        reliability=_reliability(scores, labels),
    )


def words(text: str) -> int:
    """Length of an answer in words."""
    return len(text.split())


def _dense(labels: Sequence[str]) -> Codes:
    return np.unique(cluster_codes(labels, len(labels)), return_inverse=True)[1]


def _figure(value: float | None, interval: tuple[float, float] | None) -> Figure:
    lower, upper = (None, None) if interval is None else interval
    return Figure(value=value, lower=lower, upper=upper)


def _mean(values: Floats, codes: Codes, *, least: float = -1.0, scale: float = 1.0) -> Figure:
    # One-sided at 2.5 % each: an interval of 95 %.
    bounds = mean_bounds(values, codes, alpha=0.025, scale=scale)
    if bounds.clusters < 2:
        return Figure(value=bounds.estimate)
    return Figure(value=bounds.estimate, lower=max(bounds.lower, least), upper=bounds.upper)


def _ratings(units: Sequence[LabelledAnswer]) -> tuple[list[str], Floats]:
    raters = sorted({rater for unit in units for rater in unit.ratings})
    table = [[unit.ratings.get(rater, np.nan) for unit in units] for rater in raters]
    return raters, np.array(table)


def _between_raters(
    units: Sequence[LabelledAnswer], codes: Codes, rng: np.random.Generator
) -> dict[str, Figure]:
    raters, table = _ratings(units)
    if len(raters) < 2:
        return {"alpha": Figure(value=None)}

    def alpha(weights: Floats) -> float | None:
        drawn = np.repeat(table, weights.astype(np.intp), axis=1)
        return krippendorff_alpha(drawn, level="interval")

    intervals = cluster_intervals({"alpha": alpha}, codes, rng, repeats=400)
    return {"alpha": _figure(alpha(np.ones(len(units))), intervals["alpha"])}


def _rater_pairs(units: Sequence[LabelledAnswer]) -> tuple[RaterPair, ...]:
    raters, table = _ratings(units)
    pairs = []
    for a, b in combinations(range(len(raters)), 2):
        both = ~np.isnan(table[a]) & ~np.isnan(table[b])
        if both.any():
            n = int(both.sum())
            kappa = kappa_of(table[a][both] >= RIGHT, table[b][both] >= RIGHT)(np.ones(n))
            pairs.append(RaterPair(raters=(raters[a], raters[b]), n=n, kappa=kappa))
    return tuple(sorted(pairs, key=lambda pair: -pair.n))


def _bias(
    name: str,
    units: Sequence[LabelledAnswer],
    errors: Floats,
    codes: Codes,
    chosen: NDArray[np.bool_],
) -> Bias:
    length = [words(unit.case.answer) for unit, in_it in zip(units, chosen, strict=True) if in_it]
    return Bias(
        name=name,
        n=int(chosen.sum()),
        words=float(np.mean(length)),
        bias=_mean(errors[chosen], codes[chosen]),
    )


def _bias_by_variant(
    units: Sequence[LabelledAnswer], errors: Floats, codes: Codes
) -> tuple[Bias, ...]:
    found = [_bias("all", units, errors, codes, np.ones(len(units), dtype=bool))]
    for name in dict.fromkeys(name for unit in units for name in unit.variants):
        chosen = np.array([name in unit.variants for unit in units])
        found.append(_bias(name, units, errors, codes, chosen))
    return tuple(found)


def _bias_by_length(
    units: Sequence[LabelledAnswer], errors: Floats, codes: Codes
) -> tuple[Bias, ...]:
    """Thirds by number of words; fewer where many answers are of one length."""
    length = np.array([words(unit.case.answer) for unit in units])
    low, high = np.quantile(length, [1 / 3, 2 / 3])
    parts = (length <= low, (length > low) & (length <= high), length > high)
    return tuple(
        _bias(name, units, errors, codes, chosen)
        for name, chosen in zip(_LENGTHS, parts, strict=True)
        if chosen.any()
    )


def _between_variants(units: Sequence[LabelledAnswer], scores: Floats, labels: Floats) -> Floats:
    """Judge's and people's difference, variant less baseline, by question; shape [m, 2].

    By question, so that hard ones count the same on both sides.
    """
    sides: dict[str, dict[bool, list[tuple[float, float]]]] = {}
    for unit, score, label in zip(units, scores, labels, strict=True):
        for name in unit.variants:
            of = sides.setdefault(unit.question, {})
            of.setdefault(name == BASELINE, []).append((float(score), float(label)))
    both = [of for of in sides.values() if len(of) == 2]
    found = [np.mean(of[False], axis=0) - np.mean(of[True], axis=0) for of in both]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _favours(between: Floats) -> Figure:
    if len(between) < 2:
        return Figure(value=None)
    values = between[:, 0] - between[:, 1]
    return _mean(values, np.arange(values.size), least=-2.0, scale=2.0)


def _correlated(between: Floats, rng: np.random.Generator) -> Figure:
    if len(between) < 2:
        return Figure(value=None)
    pearson = pearson_of(between[:, 0], between[:, 1])
    intervals = cluster_intervals({"pearson": pearson}, np.arange(len(between)), rng)
    return _figure(pearson(np.ones(len(between))), intervals["pearson"])


def _reliability(scores: Floats, labels: Floats) -> tuple[Bin, ...]:
    position = np.minimum((scores * BINS).astype(np.intp), BINS - 1)
    return tuple(
        Bin(
            low=i / BINS,
            high=(i + 1) / BINS,
            n=int((position == i).sum()),
            judge=float(scores[position == i].mean()),
            people=float(labels[position == i].mean()),
        )
        for i in map(int, np.unique(position))
    )
