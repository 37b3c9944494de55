"""Looking at growing data more than once, at sizes that were announced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import sqrt

import numpy as np

from pytest_ragft.stats.clusters import Floats

SLACK = 50
"""A size within one part in so many of an announced one counts as it: 2 %."""

# Gauss-Legendre points over the continuation region of one look; 1e-12 is reached with half of it.
_POINTS = 200
# Further out than this no density is left.
_FAR = -9.0
# A look whose level cannot be told from 0 still has one; nothing passes there.
_LEAST = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which of the announced sizes a number of questions is."""

    index: int | None
    """From 0; None where the number is none of them."""
    next_size: int | None
    """The smallest announced size that is still ahead; None at the last and past it."""


def look_levels(alpha: float, sizes: Sequence[int]) -> tuple[float, ...]:
    """One-sided level of each look, so that all of them together keep `alpha`.

    Args:
        alpha: One-sided error rate of all looks together, in (0, 0.5).
        sizes: Announced numbers of questions, ascending.

    Raises:
        ValueError: No sizes, or sizes that `check_sizes` refuses.

    Source:
        Lan and DeMets (1983), the spending function of O'Brien-Fleming type,
        ``2 - 2 Φ(z_{alpha/2} / sqrt(t))`` at t = size / last size; the boundary by numerical
        integration after Armitage, McPherson and Rowe (1969).
    """
    check_sizes(sizes)
    return _levels(alpha, tuple(sizes)) if len(sizes) > 1 else (alpha,)


def look_of(n: int, sizes: Sequence[int]) -> Look:
    """The look that `n` questions are: the announced size that they are within 2 % of.

    Raises:
        ValueError: Sizes that `check_sizes` refuses.
    """
    check_sizes(sizes)
    index = next((j for j, size in enumerate(sizes) if SLACK * abs(n - size) <= size), None)
    ahead = sizes[index + 1 :] if index is not None else [size for size in sizes if size > n]
    return Look(index=index, next_size=ahead[0] if ahead else None)


def check_sizes(sizes: Sequence[int]) -> None:
    """Raises ValueError unless the sizes ascend from 1 up by so much that none could be two."""
    if not sizes:
        raise ValueError("looks = []: give the sizes in ascending order, such as [300, 600, 900]")
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"looks: {size!r} is no size; give whole numbers of at least 1")
    for low, high in pairwise(sizes):
        if low * (SLACK + 1) >= high * (SLACK - 1):
            raise ValueError(
                f"looks: {high!r} does not follow {low!r} by more than 4 %; a size within 2 % "
                f"counts as the announced one, so give sizes further apart, in ascending order"
            )


@lru_cache(maxsize=64)
def _levels(alpha: float, sizes: tuple[int, ...]) -> tuple[float, ...]:
    from scipy.special import ndtr, ndtri

    bound = -float(ndtri(alpha / 2))
    spent = [2 * float(ndtr(-bound / sqrt(size / sizes[-1]))) for size in sizes]
    levels = [max(spent[0], _LEAST)]
    walk = _Walk.start(float(sizes[0]), _boundary(levels[0]))
    for before, now, size in zip(spent, spent[1:], sizes[1:], strict=False):
        boundary = walk.boundary(float(size), now - before)
        levels.append(max(float(ndtr(-boundary)), _LEAST))
        walk = walk.step(float(size), boundary)
    return tuple(levels)


def _boundary(level: float) -> float:
    from scipy.special import ndtri

    return -float(ndtri(level))


@dataclass(frozen=True, slots=True)
class _Walk:
    """Sub-density of the z statistic at one look, over the runs that did not pass so far."""

    size: float
    points: Floats
    mass: Floats
    """Density times quadrature weight at each point."""

    @classmethod
    def start(cls, size: float, boundary: float) -> _Walk:
        points, weights = _quadrature(boundary)
        return cls(size, points, weights * _density(points))

    def step(self, size: float, boundary: float) -> _Walk:
        points, weights = _quadrature(boundary)
        slope, spread = self._transition(size)
        distances = (points[:, None] - slope * self.points[None, :]) / spread
        density = (_density(distances) * self.mass[None, :]).sum(axis=1) / spread
        return _Walk(size, points, weights * density)

    def boundary(self, size: float, probability: float) -> float:
        """The z that is first reached at `size` with this probability, by bisection."""
        from scipy.special import ndtr

        slope, spread = self._transition(size)
        means = slope * self.points
        low, high = _FAR, 40.0
        for _ in range(80):
            middle = (low + high) / 2
            reached = float((self.mass * ndtr((means - middle) / spread)).sum())
            low, high = (middle, high) if reached > probability else (low, middle)
        return (low + high) / 2

    def _transition(self, size: float) -> tuple[float, float]:
        """Correlation of the z at this look with the next, and the spread of what is new."""
        shared = self.size / size
        return sqrt(shared), sqrt(1 - shared)


def _quadrature(boundary: float) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    high = min(boundary, -_FAR)
    half = (high - _FAR) / 2
    return _FAR + half * (nodes + 1.0), half * weights


def _density(z: Floats) -> Floats:
    result: Floats = np.exp(-0.5 * z * z) / sqrt(2 * np.pi)
    return result
