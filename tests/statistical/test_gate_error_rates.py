"""How often the gate errs and how often it finds the truth, on simulated comparisons."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from pytest_ragft.gate import decide
from pytest_ragft.stats.multiplicity import any_of, guard_level
from pytest_ragft.stats.spending import look_levels
from tests.statistical.gate_simulation import (
    FAMILIES,
    LATENT_CORRELATION,
    equal_documents,
    one_large_document,
)

GATES = 6_000

# Same seeds and generators as in the table of record, with fewer gates: further away is a change.
CLOSE = 0.01


@dataclass(frozen=True)
class Cell:
    """A row of the acceptance table; the true mean is a multiple of the margin."""

    seed: int
    family: str
    documents: np.ndarray = field(repr=False)
    mean: float
    outcome: str
    measured: float
    at_most: float = 1.0
    at_least: float = 0.0
    correlation: float = LATENT_CORRELATION

    def __str__(self) -> str:
        n, groups = self.documents.size, self.documents.max() + 1
        return f"{self.seed}-{self.family}-{n}-on-{groups}-{self.outcome}"

    def share(self) -> float:
        family = FAMILIES[self.family]
        differences = family.draw(
            np.random.default_rng([2026, self.seed]),
            GATES,
            self.documents,
            mean=self.mean * family.margin,
            correlation=self.correlation,
        )
        outcomes = [
            decide(row, self.documents, margin=family.margin, scale=family.scale).outcome
            for row in differences
        ]
        return outcomes.count(self.outcome) / GATES


of = equal_documents
LARGE = one_large_document(400, 80)

CELLS = [
    Cell(0, "typical", of(100, 1), -1, "PASS", 0.031, at_most=0.06),
    Cell(1, "typical", of(100, 1), -1, "REGRESSION", 0.049, at_most=0.06),
    Cell(2, "typical", of(100, 5), -1, "PASS", 0.019, at_most=0.06),
    Cell(3, "typical", of(500, 5), -1, "PASS", 0.035, at_most=0.06),
    Cell(4, "typical", of(200, 5), -1, "REGRESSION", 0.048, at_most=0.06),
    Cell(5, "left-tail", of(100, 1), -1, "PASS", 0.036, at_most=0.06),
    Cell(6, "left-tail", of(500, 1), -1, "PASS", 0.045, at_most=0.06),
    Cell(7, "left-tail", of(100, 5), -1, "PASS", 0.054, at_most=0.065),
    Cell(8, "left-tail", of(500, 5), -1, "PASS", 0.045, at_most=0.065),
    Cell(9, "binary", of(100, 1), -1, "PASS", 0.042, at_most=0.06),
    Cell(10, "binary", of(500, 1), -1, "PASS", 0.047, at_most=0.06),
    Cell(11, "binary", of(500, 5), -1, "PASS", 0.049, at_most=0.06),
    Cell(12, "typical", of(200, 1), 0, "PASS", 0.924, at_least=0.91),
    Cell(13, "typical", of(200, 5), 0, "PASS", 0.724, at_least=0.70),
    Cell(14, "typical", of(500, 5), 0, "PASS", 0.983, at_least=0.975),
    Cell(15, "typical", of(200, 5), -2, "REGRESSION", 0.765, at_least=0.74),
    Cell(16, "binary", of(500, 1), 0, "PASS", 0.782, at_least=0.76),
    Cell(17, "failures", of(100, 5), -1, "PASS", 0.0, at_most=0.01, correlation=0.999),
    Cell(18, "failures", of(200, 5), -1, "PASS", 0.0, at_most=0.01, correlation=0.999),
    Cell(19, "failures", of(855, 5), -1, "PASS", 0.033, at_most=0.06, correlation=0.999),
    Cell(20, "failures", of(200, 10), -1, "PASS", 0.010, at_most=0.03, correlation=0.5),
    Cell(21, "left-tail", of(200, 10), -1, "PASS", 0.073, at_most=0.09, correlation=0.8),
    Cell(22, "left-tail", of(400, 10), -1, "PASS", 0.066, at_most=0.08, correlation=0.5),
    Cell(23, "failures", LARGE, -1, "PASS", 0.071, at_most=0.085, correlation=0.5),
    Cell(24, "left-tail", LARGE, -1, "PASS", 0.060, at_most=0.075, correlation=0.5),
    Cell(25, "binary", of(12, 1), -1, "REGRESSION", 0.008, at_most=0.06),
    Cell(26, "typical", of(8, 1), -1, "REGRESSION", 0.0, at_most=0.06),
    Cell(27, "binary", of(60, 5), -1, "REGRESSION", 0.040, at_most=0.06),
    Cell(28, "binary", of(60, 5), -5, "REGRESSION", 0.768, at_least=0.74),
    Cell(29, "binary", of(60, 5), 0, "REGRESSION", 0.009, at_most=0.02),
    Cell(30, "noisy failures", of(100, 5), -1, "PASS", 0.0, at_most=0.01, correlation=0.999),
    Cell(31, "noisy failures", of(200, 5), -1, "PASS", 0.0, at_most=0.01, correlation=0.999),
    Cell(32, "noisy failures", of(200, 10), -1, "PASS", 0.010, at_most=0.03, correlation=0.5),
    Cell(33, "style", of(12, 1), 0, "REGRESSION", 0.0, at_most=0.02),
    Cell(34, "style", of(40, 1), 0, "REGRESSION", 0.045),
    # The default guard of unanswerable questions, from the fewest that make one: unchanged, at the
    # margin, and abstention down by half.
    Cell(35, "binary", of(8, 1), 0, "REGRESSION", 0.000, at_most=0.02),
    Cell(36, "binary", of(8, 1), -1, "REGRESSION", 0.001, at_most=0.06),
    Cell(37, "binary", of(25, 1), 0, "REGRESSION", 0.016, at_most=0.02),
    Cell(38, "binary", of(25, 1), -1, "REGRESSION", 0.045, at_most=0.06),
    Cell(39, "binary", of(25, 5), 0, "REGRESSION", 0.002, at_most=0.02),
    Cell(40, "binary", of(25, 5), -1, "REGRESSION", 0.008, at_most=0.06),
    Cell(41, "binary", of(8, 1), -10, "REGRESSION", 0.370, at_least=0.34),
    Cell(42, "binary", of(25, 1), -10, "REGRESSION", 0.996, at_least=0.98),
]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_share_of_outcomes(cell: Cell, request: pytest.FixtureRequest) -> None:
    share = cell.share()
    request.node.user_properties.append(("share", share))
    assert cell.at_least <= share <= cell.at_most
    assert share == pytest.approx(cell.measured, abs=CLOSE)


@pytest.mark.parametrize(
    ("levels", "low", "high"),
    [(look_levels(0.05, [100, 200, 300, 400]), 0.0, 0.06), ([0.05] * 4, 0.07, 1.0)],
    ids=["announced", "peeking"],
)
def test_looks_at_growing_data(
    levels: list[float], low: float, high: float, request: pytest.FixtureRequest
) -> None:
    family, documents = FAMILIES["typical"], of(400, 5)
    rng = np.random.default_rng([2026, 17])
    differences = family.draw(rng, GATES, documents, mean=-family.margin)

    def passes(row: np.ndarray, n: int, alpha: float) -> bool:
        verdict = decide(
            row[:n], documents[:n], margin=family.margin, alpha=alpha, scale=family.scale
        )
        return verdict.outcome == "PASS"

    looks = list(zip((100, 200, 300, 400), levels, strict=True))
    share = np.mean([any(passes(row, *look) for look in looks) for row in differences])
    request.node.user_properties.append(("share", float(share)))
    assert low <= share <= high


@pytest.mark.parametrize(("mean", "most"), [(0.0, 0.06), (-0.5, 0.15)])
def test_six_guards_at_alpha_veto_few_variants_that_should_pass(
    mean: float, most: float, request: pytest.FixtureRequest
) -> None:
    family, documents = FAMILIES["binary"], of(60, 5)
    rng = np.random.default_rng([2026, 50])
    runs = 1_000
    differences = family.draw(rng, 6 * runs, documents, mean=mean * family.margin)
    level = guard_level(0.05, 6)
    vetoes = [
        decide(row, documents, margin=family.margin, alpha=level).outcome == "REGRESSION"
        for row in differences
    ]
    share = float(np.reshape(vetoes, (runs, 6)).any(axis=1).mean())
    request.node.user_properties.append(("share", share))
    assert share <= most


def test_five_variants_at_the_margin_have_about_as_many_chances(
    request: pytest.FixtureRequest,
) -> None:
    """Independent ones, as the formula supposes; that alpha is not used up makes it less."""
    family, documents = FAMILIES["typical"], of(300, 1)
    rng = np.random.default_rng([2026, 51])
    runs, variants = 1_000, 5
    any_passes = 0
    for _ in range(runs):
        differences = family.draw(rng, variants, documents, mean=-family.margin)
        any_passes += any(
            decide(row, margin=family.margin, scale=family.scale).outcome == "PASS"
            for row in differences
        )
    share = any_passes / runs
    request.node.user_properties.append(("share", share))
    assert 0.6 * any_of(0.05, variants) < share < any_of(0.05, variants) + 0.03
