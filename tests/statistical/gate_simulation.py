"""Score differences with a known true mean: categories, tilted; documents, by a Gaussian copula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

LATENT_CORRELATION = 0.2


@dataclass(frozen=True)
class Family:
    """Possible differences with their probabilities before tilting, the scale and the margin."""

    values: tuple[float, ...]
    weights: tuple[float, ...]
    scale: float
    margin: float

    def tilted(self, mean: float) -> np.ndarray:
        """Probabilities proportional to weight * exp(theta * value), with the given mean."""
        values, weights = np.array(self.values), np.array(self.weights)

        def at(theta: float) -> np.ndarray:
            raised = weights * np.exp(theta * values)
            return raised / raised.sum()

        return at(brentq(lambda theta: at(theta) @ values - mean, -20, 20, xtol=1e-14))

    def draw(
        self, rng: np.random.Generator, gates: int, n: int, *, mean: float, per_document: int = 1
    ) -> np.ndarray:
        """Differences of shape [gates, n]; questions of one document stand side by side."""
        latent = rng.standard_normal((gates, n))
        if per_document > 1:
            shared = rng.standard_normal((gates, n // per_document)).repeat(per_document, axis=1)
            rest = np.sqrt(1 - LATENT_CORRELATION)
            latent = np.sqrt(LATENT_CORRELATION) * shared + rest * latent
        thresholds = ndtri(np.cumsum(self.tilted(mean))[:-1])
        return np.array(self.values)[np.searchsorted(thresholds, latent)]


FAMILIES = {
    "typical": Family((-2, -1, 0, 1, 2), (0.06, 0.14, 0.60, 0.14, 0.06), scale=4, margin=0.2),
    "left-tail": Family((-4, -1, 0, 1), (0.02, 0.01, 0.86, 0.11), scale=4, margin=0.2),
    "binary": Family((-1, 0, 1), (0.1, 0.8, 0.1), scale=1, margin=0.05),
}


def biased_judge(rng: np.random.Generator, human: np.ndarray, scale: float) -> np.ndarray:
    """A noisy judge whose differences favour the variant by about a twentieth of the scale."""
    error = rng.choice([-1.0, 0.0, 1.0], p=[0.08, 0.64, 0.28], size=human.shape)
    return np.clip(human + error * scale / 4, -scale, scale)
