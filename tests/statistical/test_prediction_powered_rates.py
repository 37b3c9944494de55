"""Gates on a biased judge and a few human labels keep their error rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from pytest_ragft.gate.decision import verdict_on
from pytest_ragft.stats.prediction_powered import corrected_bounds
from tests.statistical.gate_simulation import FAMILIES, biased_judge, equal_documents

GATES = 4_000
ALPHA = 0.05

# Same seeds, generators and number of gates as in the table of record.
CLOSE = 0.01


@dataclass(frozen=True)
class Row:
    """A row of the acceptance table; the true mean is a multiple of the margin."""

    seed: int
    family: str
    labelled: int
    others: int
    mean: float
    measured: float
    at_most: float = 1.0
    at_least: float = 0.0
    per_document: int = 1
    correlation: float = 0.0
    apart: bool = False
    """Documents of labelled pairs counted as others than those of the rest."""

    def __str__(self) -> str:
        return f"{self.seed}-{self.family}-{self.labelled}-of-{self.labelled + self.others}"

    def share_of_passes(self) -> float:
        rng = np.random.default_rng([2027, self.seed])
        return sum(self._passes(rng) for _ in range(GATES)) / GATES

    def _passes(self, rng: np.random.Generator) -> bool:
        family, total = FAMILIES[self.family], self.labelled + self.others
        documents = equal_documents(total, self.per_document)
        human = family.draw(
            rng, 1, documents, mean=self.mean * family.margin, correlation=self.correlation
        )[0]
        judged = biased_judge(rng, human, family.scale)
        order = rng.permutation(total)
        drawn, rest = order[: self.labelled], order[self.labelled :]
        clustered = self.per_document > 1
        bounds = corrected_bounds(
            human[drawn],
            judged[drawn],
            judged[rest],
            alpha=ALPHA,
            scale=family.scale,
            clusters=documents[drawn] if clustered else None,
            other_clusters=documents[rest] + total * self.apart if clustered else None,
        )
        verdict = verdict_on(bounds, margin=family.margin, alpha=ALPHA, scale=family.scale)
        return verdict.outcome == "PASS"


ROWS = [
    Row(0, "typical", 60, 1000, -1, 0.014, at_most=0.06),
    Row(1, "typical", 200, 1000, -1, 0.028, at_most=0.06),
    Row(2, "left-tail", 60, 1000, -1, 0.049, at_most=0.08),
    Row(3, "left-tail", 100, 1000, -1, 0.066, at_most=0.08),
    Row(4, "left-tail", 200, 1000, -1, 0.059, at_most=0.08),
    Row(5, "binary", 60, 1000, -1, 0.030, at_most=0.06),
    Row(6, "binary", 200, 1000, -1, 0.046, at_most=0.06),
    Row(7, "typical", 100, 1000, 0, 0.958, at_least=0.94),
    Row(8, "left-tail", 100, 1000, 0, 0.981, at_least=0.96),
    Row(9, "binary", 100, 1000, 0, 0.783, at_least=0.76),
    Row(10, "binary", 100, 700, -1, 0.022, at_most=0.06, per_document=20, correlation=0.3),
    Row(11, "binary", 100, 700, -1, 0.007, at_most=0.06, per_document=20, correlation=0.8),
    Row(12, "typical", 100, 700, -1, 0.004, at_most=0.06, per_document=20, correlation=0.6),
    Row(13, "left-tail", 100, 700, -1, 0.011, at_most=0.06, per_document=20, correlation=0.6),
    Row(14, "binary", 200, 600, -1, 0.046, at_most=0.06, per_document=5, correlation=0.2),
    Row(15, "binary", 200, 600, 0, 0.742, at_least=0.70, per_document=5, correlation=0.2),
    Row(16, "failures", 100, 700, -1, 0.001, at_most=0.10, per_document=20, correlation=0.8),
    Row(17, "failures", 200, 600, -1, 0.054, at_most=0.10, per_document=10, correlation=0.9),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_share_of_passes(row: Row, request: pytest.FixtureRequest) -> None:
    share = row.share_of_passes()
    request.node.user_properties.append(("share", share))
    assert row.at_least <= share <= row.at_most
    assert share == pytest.approx(row.measured, abs=CLOSE)
