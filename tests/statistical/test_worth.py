"""What a run says that it is worth comes true: in the mean over runs like it."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_ragft.gate.decision import verdict_on
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds
from pytest_ragft.stats.planning import (
    blocked_drop,
    fewest_questions,
    pass_probability,
    questions_to_decide,
    vetoed_drop,
)
from tests.statistical.gate_simulation import FAMILIES, Family, equal_documents

RUNS = 1_500
ALPHA = 0.05


def bounds_at(
    family: Family, seed: int, documents: np.ndarray, mean: float, runs: int = RUNS
) -> list[Bounds]:
    rows = family.draw(np.random.default_rng([2029, seed]), runs, documents, mean=mean)
    return [mean_bounds(row, documents, alpha=ALPHA, scale=family.scale) for row in rows]


def share(found: list[Bounds], family: Family, outcome: str) -> float:
    rule = {"margin": family.margin, "alpha": ALPHA, "scale": family.scale}
    return float(np.mean([verdict_on(bounds, **rule).outcome == outcome for bounds in found]))


@pytest.mark.parametrize(
    ("name", "n", "per_document"),
    [("typical", 200, 1), ("typical", 200, 5), ("binary", 500, 5), ("left-tail", 200, 1)],
)
def test_pass_probability_and_blocked_drop(
    name: str, n: int, per_document: int, request: pytest.FixtureRequest
) -> None:
    family, documents = FAMILIES[name], equal_documents(n, per_document)
    unchanged = bounds_at(family, 1, documents, 0.0)
    needed = fewest_questions(ALPHA, family.margin, family.scale)
    said = float(
        np.mean([pass_probability(b, margin=family.margin, needed=needed) for b in unchanged])
    )
    passed = share(unchanged, family, "PASS")
    drop = float(np.median([blocked_drop(b, margin=family.margin) for b in unchanged]))
    blocked = 1 - share(bounds_at(family, 2, documents, -drop), family, "PASS")
    request.node.user_properties += [("said", said), ("passed", passed), ("blocked", blocked)]
    assert said == pytest.approx(passed, abs=0.06)
    assert blocked == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(
    ("name", "n", "close"),
    [("typical", 100, 0.06), ("typical", 200, 0.06), ("binary", 300, 0.06), ("binary", 60, 0.1)],
)
def test_vetoed_drop(name: str, n: int, close: float, request: pytest.FixtureRequest) -> None:
    """Least exact where few documents ask for a large drop, since large drops spread more."""
    family, documents = FAMILIES[name], equal_documents(n, 5)
    unchanged = bounds_at(family, 3, documents, 0.0)
    drop = float(np.median([vetoed_drop(b, margin=family.margin) for b in unchanged]))
    vetoed = share(bounds_at(family, 4, documents, -drop), family, "REGRESSION")
    request.node.user_properties += [("drop", drop), ("vetoed", vetoed)]
    assert vetoed == pytest.approx(0.8, abs=close)


@pytest.mark.parametrize(
    ("name", "n", "mean", "outcome"),
    [("typical", 100, 0.0, "PASS"), ("binary", 300, 0.0, "PASS"), ("binary", 80, -3, "REGRESSION")],
)
def test_so_many_questions_decide_with_80_percent(
    name: str, n: int, mean: float, outcome: str, request: pytest.FixtureRequest
) -> None:
    """If the estimate is the truth: from a run whose estimate is."""
    family, truth = FAMILIES[name], mean * FAMILIES[name].margin
    found = bounds_at(family, 5, equal_documents(n, 5), truth, runs=400)
    near = sorted(found, key=lambda bounds: abs(bounds.estimate - truth))[:41]
    needed = [
        questions_to_decide(b, margin=family.margin, alpha=ALPHA, scale=family.scale) for b in near
    ]
    assert None not in needed
    planned = 5 * (int(np.median(needed)) // 5)
    decided = share(bounds_at(family, 6, equal_documents(planned, 5), truth), family, outcome)
    request.node.user_properties += [("planned", planned), ("decided", decided)]
    assert decided == pytest.approx(0.8, abs=0.08)
