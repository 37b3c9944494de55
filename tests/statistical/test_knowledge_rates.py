"""Intervals of the knowledge axis hold their level, and the worst part is no false alarm."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_ragft.stats.simultaneous import (
    can_be_named,
    simultaneous_bounds,
    two_sided_bounds,
    worst_part,
)
from tests.statistical.gate_simulation import FAMILIES, Family, equal_documents

RUNS = 1_000
INCREMENTS = Family((-1, -0.5, 0, 0.5, 1), (0.1, 0.1, 0.5, 0.15, 0.15), scale=1, margin=0.05)
CHANGES = Family(
    (-2, -1, -0.5, 0, 0.5, 1, 2), (0.01, 0.09, 0.1, 0.6, 0.1, 0.09, 0.01), scale=2, margin=0.05
)
RARE = Family((-1, 0), (0.5, 0.5), scale=1, margin=0.05)

CELLS = [
    pytest.param(INCREMENTS, 200, 5, 0.2, 0.3, id="increment"),
    pytest.param(INCREMENTS, 100, 5, 0.5, 0.3, id="increment-20-documents"),
    pytest.param(INCREMENTS, 60, 1, 0.0, 0.0, id="increment-no-documents"),
    pytest.param(INCREMENTS, 400, 10, 0.8, 0.6, id="increment-nearly-one-a-document"),
    pytest.param(CHANGES, 200, 5, 0.2, -0.15, id="change-of-increments"),
    pytest.param(CHANGES, 100, 5, 0.5, 0.0, id="change-20-documents"),
    pytest.param(RARE, 200, 5, 0.2, -0.03, id="rare-losses"),
    pytest.param(RARE, 60, 1, 0.0, -0.03, id="rare-losses-60"),
]


@pytest.mark.parametrize(("family", "n", "size", "correlation", "mean"), CELLS)
def test_two_sided_bounds_cover(
    family: Family,
    n: int,
    size: int,
    correlation: float,
    mean: float,
    request: pytest.FixtureRequest,
) -> None:
    documents = equal_documents(n, size)
    rng = np.random.default_rng([2029, [p.id for p in CELLS].index(request.node.callspec.id)])
    drawn = family.draw(rng, RUNS, documents, mean=mean, correlation=correlation)
    found = [two_sided_bounds(row, documents, scale=family.scale) for row in drawn]
    covered = float(np.mean([of.lower <= mean <= of.upper for of in found]))
    width = float(np.mean([of.upper - of.lower for of in found]))
    request.node.user_properties += [("covered", covered), ("width", width)]
    assert covered >= 0.93, (covered, width)


def _parts(n: int, size: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """By retrieval, type and tag: which questions are in each; some parts lie in few documents."""
    documents = equal_documents(n, size)
    hit = rng.random(n) < 0.7
    kind = np.arange(n) % 4
    tag = documents % 5
    small = np.arange(n) < 3 * size
    parts = {"hit": hit, "miss": ~hit, "small": small}
    parts |= {f"type {k}": kind == k for k in range(4)}
    return parts | {f"tag {k}": tag == k for k in range(5)}


def _worst(drawn: list[np.ndarray], size: int, rng: np.random.Generator, alpha: float) -> bool:
    n = drawn[0].size
    documents = equal_documents(n, size)
    arrays = {
        (metric, name): (values[part], np.unique(documents[part], return_inverse=True)[1])
        for metric, values in enumerate(drawn)
        for name, part in _parts(n, size, rng).items()
    }
    bounds, _ = simultaneous_bounds(arrays, alpha=alpha)
    worst = worst_part({key: of for key, of in bounds.items() if can_be_named(*arrays[key])})
    assert worst is not None
    return worst[1]


@pytest.mark.parametrize(
    ("family", "n", "correlation"),
    [("binary", 200, 0.2), ("binary", 200, 0.8), ("left-tail", 200, 0.2)],
)
def test_no_part_is_called_worse_where_nothing_differs(
    family: str, n: int, correlation: float, request: pytest.FixtureRequest
) -> None:
    of = FAMILIES[family]
    rng = np.random.default_rng([2030, n, int(correlation * 10), len(family)])
    runs, documents = 400, equal_documents(n, 5)
    drawn = [
        of.draw(rng, runs, documents, mean=0.0, correlation=correlation) / of.scale for _ in "ac"
    ]
    alarms = np.mean([_worst([m[i] for m in drawn], 5, rng, 0.05) for i in range(runs)])
    request.node.user_properties += [("alarms", float(alarms))]
    assert alarms <= 0.05


def test_the_control_each_part_at_5_percent_by_itself_is_a_false_alarm_often() -> None:
    rng, of = np.random.default_rng([2032, 1]), FAMILIES["binary"]
    drawn = [of.draw(rng, 100, equal_documents(200, 5), mean=0.0) for _ in "ac"]
    # 22 parts × metrics share an alpha of 1.
    alarms = np.mean([_worst([m[i] for m in drawn], 5, rng, 1.0) for i in range(100)])
    assert alarms > 0.08


def test_a_part_that_lost_much_is_called_so() -> None:
    rng = np.random.default_rng([2031, 1])
    documents, runs = equal_documents(300, 5), 60
    drawn = FAMILIES["binary"].draw(rng, runs, documents, mean=0.0)
    found = []
    for row in drawn:
        lost = np.where((documents % 5 == 0) & (rng.random(300) < 0.5), -1.0, row)
        found.append(_worst([lost], 5, rng, 0.05))
    assert np.mean(found) >= 0.8
