"""How often the gate errs and how often it finds the truth, on simulated comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from pytest_ragft.gate import decide
from tests.statistical.gate_simulation import FAMILIES

GATES = 10_000


@dataclass(frozen=True)
class Cell:
    """A row of the acceptance table; the true mean is a multiple of the margin."""

    seed: int
    family: str
    n: int
    per_document: int
    mean: float
    outcome: str
    at_most: float = 1.0
    at_least: float = 0.0

    def __str__(self) -> str:
        return f"{self.seed}-{self.family}-{self.n}x{self.per_document}-{self.outcome}"


CELLS = [
    Cell(0, "typical", 100, 1, -1, "PASS", at_most=0.06),
    Cell(1, "typical", 100, 1, -1, "REGRESSION", at_most=0.06),
    Cell(2, "typical", 100, 5, -1, "PASS", at_most=0.06),
    Cell(3, "typical", 500, 5, -1, "PASS", at_most=0.06),
    Cell(4, "typical", 200, 5, -1, "REGRESSION", at_most=0.06),
    Cell(5, "left-tail", 100, 1, -1, "PASS", at_most=0.06),
    Cell(6, "left-tail", 500, 1, -1, "PASS", at_most=0.06),
    Cell(7, "left-tail", 100, 5, -1, "PASS", at_most=0.065),
    Cell(8, "left-tail", 500, 5, -1, "PASS", at_most=0.065),
    Cell(9, "binary", 100, 1, -1, "PASS", at_most=0.06),
    Cell(10, "binary", 500, 1, -1, "PASS", at_most=0.06),
    Cell(11, "binary", 500, 5, -1, "PASS", at_most=0.06),
    Cell(12, "typical", 200, 1, 0, "PASS", at_least=0.91),
    Cell(13, "typical", 200, 5, 0, "PASS", at_least=0.70),
    Cell(14, "typical", 500, 5, 0, "PASS", at_least=0.975),
    Cell(15, "typical", 200, 5, -2, "REGRESSION", at_least=0.74),
    Cell(16, "binary", 500, 1, 0, "PASS", at_least=0.76),
]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_share_of_outcomes(cell: Cell, request: pytest.FixtureRequest) -> None:
    family = FAMILIES[cell.family]
    differences = family.draw(
        np.random.default_rng([2026, cell.seed]),
        GATES,
        cell.n,
        mean=cell.mean * family.margin,
        per_document=cell.per_document,
    )
    documents = np.arange(cell.n) // cell.per_document

    outcomes = [
        decide(row, documents, margin=family.margin, scale=family.scale).outcome
        for row in differences
    ]

    share = outcomes.count(cell.outcome) / GATES
    request.node.user_properties.append(("share", share))
    assert cell.at_least <= share <= cell.at_most


@pytest.mark.parametrize(
    ("looks", "low", "high"), [(4, 0.0, 0.06), (1, 0.07, 1.0)], ids=["announced", "peeking"]
)
def test_looks_at_growing_data(
    looks: int, low: float, high: float, request: pytest.FixtureRequest
) -> None:
    family = FAMILIES["typical"]
    rng = np.random.default_rng([2026, 17])
    differences = family.draw(rng, GATES, 400, mean=-family.margin, per_document=5)
    documents = np.arange(400) // 5

    def passes(row: np.ndarray, n: int) -> bool:
        verdict = decide(
            row[:n], documents[:n], margin=family.margin, alpha=0.05 / looks, scale=family.scale
        )
        return verdict.outcome == "PASS"

    share = np.mean([any(passes(row, n) for n in (100, 200, 300, 400)) for row in differences])
    request.node.user_properties.append(("share", float(share)))
    assert low <= share <= high
