"""Bounds from a biased judge and a few human labels keep their error rate."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_ragft.stats.planning import PASS_CLUSTERS, fewest_questions
from pytest_ragft.stats.prediction_powered import corrected_bounds
from tests.statistical.gate_simulation import FAMILIES, biased_judge

GATES = 10_000
OTHERS = 1_000
ALPHA = 0.05


def share_of_passes(seed: int, name: str, labelled: int, mean: float) -> float:
    family = FAMILIES[name]
    rng = np.random.default_rng([2026, seed])
    human = family.draw(rng, GATES, labelled + OTHERS, mean=mean * family.margin)
    judged = biased_judge(rng, human, family.scale)
    passes = 0
    for truth, verdict in zip(human, judged, strict=True):
        bounds = corrected_bounds(
            truth[:labelled],
            verdict[:labelled],
            verdict[labelled:],
            alpha=ALPHA,
            scale=family.scale,
        )
        passes += bounds.lower > -family.margin
    # The floors count the labelled part, which is large enough in every cell.
    assert labelled >= fewest_questions(ALPHA, family.margin, family.scale) > PASS_CLUSTERS
    return passes / GATES


@pytest.mark.parametrize(
    ("seed", "name", "labelled", "bar"),
    [
        (24, "typical", 60, 0.06),
        (25, "typical", 100, 0.06),
        (26, "typical", 200, 0.06),
        (27, "left-tail", 60, 0.08),
        (28, "left-tail", 100, 0.08),
        (29, "left-tail", 200, 0.08),
        (30, "binary", 60, 0.06),
        (31, "binary", 100, 0.06),
        (32, "binary", 200, 0.06),
    ],
)
def test_false_pass(
    seed: int, name: str, labelled: int, bar: float, request: pytest.FixtureRequest
) -> None:
    share = share_of_passes(seed, name, labelled, mean=-1)
    request.node.user_properties.append(("share", share))
    assert share <= bar


@pytest.mark.parametrize(
    ("seed", "name", "bar"),
    [(33, "typical", 0.94), (34, "left-tail", 0.96), (35, "binary", 0.76)],
)
def test_pass_when_nothing_changed(
    seed: int, name: str, bar: float, request: pytest.FixtureRequest
) -> None:
    share = share_of_passes(seed, name, 100, mean=0)
    request.node.user_properties.append(("share", share))
    assert share >= bar
