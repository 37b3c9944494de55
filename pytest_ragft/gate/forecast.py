"""What a gate is likely to say before there are any scores: the rule itself, put to drawn ones.

A closed form would have to guess what the guarded bounds, the long tail and the floors do to small
suites and large documents; the rule takes a tenth of a millisecond, so that it is asked instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from math import ceil, floor, log10, sqrt

import numpy as np

from pytest_ragft.gate.decision import verdict_on
from pytest_ragft.stats.clusters import Codes, Floats
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds
from pytest_ragft.stats.planning import (
    PASS_CLUSTERS,
    POWER,
    blocked_drop,
    can_regress,
    fewest_questions,
    may_pass,
    questions_for,
    vetoed_drop,
)

DRAWS = 2000
"""Runs that are drawn for a probability, which is so known within about 0.02."""

_SEARCH_DRAWS = 1000
_MOST = 50_000
# Probabilities that tell how they grow with n, and the smallest that counts as one.
_BAND = (0.55, 0.95)
_TINY = 0.5 / _SEARCH_DRAWS
# How close two numbers are that need no third one between them.
_NARROW = 1.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the scores of two models that are equally good differ on a question, in score units."""

    values: tuple[float, ...]
    """Differences that occur; each occurs with its sign turned just as often."""
    weights: tuple[float, ...] | None = None
    """How often; None where all do equally."""
    within: float = 0.0
    """Correlation between the differences of two questions of one document, in [0, 1]."""

    @property
    def variance(self) -> float:
        """Of one question's difference."""
        return float(np.average(np.square(self.values), weights=self.weights))

    @property
    def changed(self) -> float:
        """Share of the questions that have another score, in [0, 1]."""
        moved = np.asarray(self.values, dtype=float) != 0.0
        return float(np.average(moved, weights=self.weights))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a gate decides by, in score units."""

    margin: float
    alpha: float
    """At which it decides, after any split."""
    scale: float = 1.0

    @property
    def needed(self) -> int:
        """Independent questions without which nothing can PASS."""
        return fewest_questions(self.alpha, self.margin, self.scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a gate over so many questions and documents is worth if nothing changed."""

    passes: float
    """Probability that an unchanged variant is a PASS."""
    can_pass: bool
    """Whether any data could be a PASS."""
    blocked_drop: float | None
    """True drop that is no PASS with a probability of 80 %; None where nothing can PASS."""
    can_veto: bool
    """Whether any data could be a REGRESSION."""
    vetoed_drop: float | None
    """True drop that is a REGRESSION with a probability of 80 %; None where none is."""


def forecast(
    spread: Spread, codes: Codes, rule: Rule, rng: np.random.Generator, draws: int = DRAWS
) -> Forecast:
    """What a gate over documents is worth.

    Args:
        spread: of the differences.
        codes: of each question's document, shape [n], from 0 without gaps.
        rule: of the gate.
        rng: what is drawn with.
        draws: runs that are drawn.
    """
    n, kish = codes.size, kish_clusters(codes)
    able = n >= rule.needed and kish >= PASS_CLUSTERS
    bounds = [
        mean_bounds(row, codes, alpha=rule.alpha, scale=rule.scale)
        for row in drawn(spread, codes, rng, draws)
    ]
    if not bounds or n < 2:
        return Forecast(
            passes=0.0, can_pass=False, blocked_drop=None, can_veto=False, vetoed_drop=None
        )
    veto = float(np.median([vetoed_drop(b, margin=rule.margin) for b in bounds]))
    enough = [b for b in bounds if may_pass(b, rule.needed)]
    blocked = [blocked_drop(b, margin=rule.margin) for b in enough]
    return Forecast(
        passes=_passing(bounds, rule),
        can_pass=able,
        # Below the floor everything is blocked, which has no drop.
        blocked_drop=float(np.median(blocked)) if 2 * len(blocked) > len(bounds) else None,
        can_veto=can_regress(bounds[0]),
        vetoed_drop=veto if can_regress(bounds[0]) and veto <= rule.scale else None,
    )


def look_forecasts(
    spread: Spread,
    sizes: Sequence[int],
    levels: Sequence[float],
    documents: Sequence[int],
    rule: Rule,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> tuple[float, ...]:
    """Probability that an unchanged variant has passed by each of the announced looks.

    Args:
        spread: of the differences.
        sizes: announced, in questions, ascending.
        levels: at which each look decides.
        documents: sizes of the documents at hand; more come as these do.
        rule: of the gate; its alpha is not used.
        rng: what is drawn with.
        draws: runs that are drawn.
    """
    codes = codes_like(documents, sizes[-1])
    passed = np.zeros((draws, len(sizes)), dtype=bool)
    for run, row in enumerate(drawn(spread, codes, rng, draws)):
        for look, (size, alpha) in enumerate(zip(sizes, levels, strict=True)):
            bounds = mean_bounds(row[:size], codes[:size], alpha=alpha, scale=rule.scale)
            now = Rule(margin=rule.margin, alpha=alpha, scale=rule.scale)
            if _passing([bounds], now):
                passed[run, look:] = True
                break
    return tuple(float(share) for share in passed.mean(axis=0))


def questions_to_pass(
    spread: Spread,
    documents: Sequence[int],
    rule: Rule,
    rng: np.random.Generator,
    power: float = POWER,
) -> int | None:
    """About how many questions in all an unchanged variant needs to PASS with some probability.

    Args:
        spread: of the differences.
        documents: sizes of the documents at hand; more come as these do.
        rule: of the gate.
        rng: what is drawn with.
        power: that probability, in (alpha, 1).

    Returns:
        Rounded up to two digits; None beyond 50,000.
    """
    sizes = np.asarray(documents, dtype=float)
    per_document = float((sizes**2).sum() / sizes.sum())
    least = max(rule.needed, ceil(PASS_CLUSTERS * per_document))
    variance = spread.variance * (1 + (per_document - 1) * spread.within)
    first = least
    if variance:
        first = max(first, questions_for(rule.margin, variance, alpha=rule.alpha, power=power))

    def share(n: int) -> float:
        codes = codes_like(documents, n)
        rows = drawn(spread, codes, rng, _SEARCH_DRAWS)
        found = [mean_bounds(r, codes, alpha=rule.alpha, scale=rule.scale) for r in rows]
        return _passing(found, rule)

    n = _near(share, first, least, power)
    return None if n is None else _rounded(n)


def _near(share: Callable[[int], float], n: int, least: int, power: float) -> int | None:
    """The number from which `share` reaches `power`; None beyond the most."""
    from scipy.special import ndtri

    below, above = least - 1, None
    while n <= _MOST:
        found = share(n)
        if found < power:
            below = n
        elif n == least:
            return n
        else:
            above = n
        if _BAND[0] < found < _BAND[1]:
            # Drawn shares scatter; their normal scores grow with the root of n, which a line shows.
            points = {n: found} | {m: share(m) for m in (max(least, n * 5 // 6), n * 6 // 5)}
            scores = [float(ndtri(min(max(p, _TINY), 1 - _TINY))) for p in points.values()]
            slope, start = np.polyfit(np.sqrt(list(points)), scores, 1)
            if slope > 0:
                root = max((float(ndtri(power)) - float(start)) / float(slope), 0.0)
                return max(least, ceil(root**2))
        if above is not None and above <= below * _NARROW:
            return above
        n = n * 2 if above is None else ceil(sqrt(max(below, 1) * above))
    return None


def drawn(spread: Spread, codes: Codes, rng: np.random.Generator, draws: int) -> list[Floats]:
    """Differences of runs in which nothing changed, shape [n] each.

    A question takes the draw that its document shares with the root of `within` for probability,
    and else one of its own: so any two of a document correlate by `within`, whatever the values.

    Source:
        Lunn and Davies (1998), "A note on generating correlated binary variables".
    """
    values = np.asarray(spread.values, dtype=float)
    chances = None
    if spread.weights is not None:
        chances = np.asarray(spread.weights, dtype=float)
        chances = chances / chances.sum()
    groups = int(codes.max()) + 1 if codes.size else 0
    share = sqrt(spread.within)
    rows = []
    for _ in range(draws):
        size = codes.size + (groups if share else 0)
        signed = rng.choice(values, size, p=chances) * rng.choice((-1.0, 1.0), size)
        row = signed[: codes.size]
        if share:
            common = signed[codes.size :][codes]
            row = np.where(rng.random(codes.size) < share, common, row)
        rows.append(row)
    return rows


def codes_like(documents: Sequence[int], n: int) -> Codes:
    """Codes of `n` questions on documents that come in the given sizes, over and over."""
    sizes: list[int] = []
    total = 0
    for size in cycle(documents):
        if total >= n:
            break
        sizes.append(size)
        total += size
    return np.fromiter(
        islice((code for code, size in enumerate(sizes) for _ in range(size)), n), dtype=np.intp
    )


def kish_clusters(codes: Codes) -> float:
    """Number of equally large documents that would be worth as much, for codes of shape [n]."""
    sizes = np.bincount(codes).astype(float)
    return float(codes.size**2 / (sizes**2).sum()) if codes.size else 0.0


def correlation_within(differences: Floats, codes: Codes) -> float | None:
    """Correlation between the differences of two questions of one document, in [0, 1].

    None where fewer than 5 documents of several questions hold a difference: then it is unknown.

    Source:
        The moment estimate of one-way analysis of variance (Donner 1986).
    """
    sizes = np.bincount(codes).astype(float)
    moved = np.bincount(codes, weights=(differences != 0).astype(float), minlength=sizes.size)
    n, groups = differences.size, int((sizes > 0).sum())
    if ((sizes > 1) & (moved > 0)).sum() < 5 or groups < 2 or n == groups:
        return None
    sums = np.bincount(codes, weights=differences, minlength=sizes.size)
    means = sums / np.maximum(sizes, 1)
    between = float((sizes * (means - differences.mean()) ** 2).sum()) / (groups - 1)
    inside = float(((differences - means[codes]) ** 2).sum()) / (n - groups)
    per_document = (n - float((sizes**2).sum()) / n) / (groups - 1)
    whole = between + (per_document - 1) * inside
    return min(max((between - inside) / whole, 0.0), 1.0) if whole > 0 else None


def _passing(bounds: Sequence[Bounds], rule: Rule) -> float:
    outcomes = (
        verdict_on(b, margin=rule.margin, alpha=rule.alpha, scale=rule.scale).outcome
        for b in bounds
    )
    return sum(outcome == "PASS" for outcome in outcomes) / len(bounds)


def _rounded(n: int) -> int:
    """Up to two digits: more would claim what was drawn is known so well."""
    unit = int(10 ** max(floor(log10(n)) - 1, 0))
    return ceil(n / unit) * unit
