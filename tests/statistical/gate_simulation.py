"""Score differences with a known true mean: categories, tilted; documents, by a Gaussian copula."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

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
    noise: float = 0.0
    """Standard deviation of what is added to every difference, as a fraction of the scale."""

    def draw(
        self,
        rng: np.random.Generator,
        gates: int,
        documents: np.ndarray,
        *,
        mean: float,
        correlation: float = LATENT_CORRELATION,
    ) -> np.ndarray:
        """Differences of shape [gates, n] for questions on `documents`, codes without gaps."""
        groups = int(documents.max()) + 1
        shared = groups if correlation and groups < documents.size else 0
        # Gate after gate, what a document's questions share before what is their own.
        normal = rng.standard_normal((gates, shared + documents.size))
        latent = normal[:, shared:]
        if shared:
            common = normal[:, :shared][:, documents]
            latent = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * latent
        thresholds = ndtri(np.cumsum(tilted(self, mean))[:-1])
        drawn = np.array(self.values, dtype=float)[np.searchsorted(thresholds, latent)]
        if self.noise:
            noise = self.noise * self.scale * rng.standard_normal(drawn.shape)
            drawn = np.clip(drawn + noise, -self.scale, self.scale)
        return drawn


@cache
def tilted(family: Family, mean: float) -> np.ndarray:
    """Probabilities proportional to weight * exp(theta * value), with the given mean."""
    values, weights = np.array(family.values), np.array(family.weights)

    def at(theta: float) -> np.ndarray:
        raised = weights * np.exp(theta * values)
        return raised / raised.sum()

    return at(brentq(lambda theta: at(theta) @ values - mean, -20, 20, xtol=1e-14))


FAMILIES = {
    "typical": Family((-2, -1, 0, 1, 2), (0.06, 0.14, 0.60, 0.14, 0.06), scale=4, margin=0.2),
    "left-tail": Family((-4, -1, 0, 1), (0.02, 0.01, 0.86, 0.11), scale=4, margin=0.2),
    "binary": Family((-1, 0, 1), (0.1, 0.8, 0.1), scale=1, margin=0.05),
    "failures": Family((-1, 0), (0.5, 0.5), scale=1, margin=0.05),
    "noisy failures": Family((-1, 0), (0.5, 0.5), scale=1, margin=0.05, noise=0.02),
    "style": Family((-0.08, 1), (0.5, 0.5), scale=1, margin=0.05, noise=0.005),
}


def equal_documents(n: int, per_document: int) -> np.ndarray:
    """Codes of documents of the same size, whose questions stand side by side."""
    return np.arange(n) // per_document


def one_large_document(n: int, size: int) -> np.ndarray:
    """A document of `size` questions, all others of one."""
    return np.maximum(np.arange(n) - size + 1, 0)


def biased_judge(rng: np.random.Generator, human: np.ndarray, scale: float) -> np.ndarray:
    """A noisy judge whose differences favour the variant by about a twentieth of the scale."""
    error = rng.choice([-1.0, 0.0, 1.0], p=[0.08, 0.64, 0.28], size=human.shape)
    return np.clip(human + error * scale / 4, -scale, scale)
