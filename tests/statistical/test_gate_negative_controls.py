"""Usual methods on the same data: what the gate's corrections are there for, seen to fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp, wilcoxon

from pytest_ragft.gate import decide
from tests.statistical.gate_simulation import FAMILIES, biased_judge

GATES = 4_000


def test_t_over_questions_ignores_that_documents_share_their_fate() -> None:
    family = FAMILIES["typical"]
    rng = np.random.default_rng([2026, 18])
    differences = family.draw(rng, GATES, 500, mean=-family.margin, per_document=5)

    test = ttest_1samp(differences, -family.margin, axis=1, alternative="greater")

    assert np.mean(test.pvalue < 0.05) > 0.09


@pytest.mark.parametrize(("seed", "name"), [(19, "typical"), (20, "left-tail")])
def test_wilcoxon_tests_a_median_not_the_mean(seed: int, name: str) -> None:
    family = FAMILIES[name]
    rng = np.random.default_rng([2026, seed])
    differences = family.draw(rng, GATES, 500, mean=-family.margin)

    test = wilcoxon(differences + family.margin, axis=1, alternative="greater", method="asymptotic")

    assert np.mean(test.pvalue < 0.05) > 0.5


@pytest.mark.parametrize(("seed", "name"), [(21, "typical"), (22, "left-tail"), (23, "binary")])
def test_no_error_bar_shows_that_the_judge_favours_the_variant(seed: int, name: str) -> None:
    family = FAMILIES[name]
    rng = np.random.default_rng([2026, seed])
    human = family.draw(rng, GATES, 1_100, mean=-family.margin)
    judged = biased_judge(rng, human, family.scale)

    verdicts = [decide(row, margin=family.margin, scale=family.scale) for row in judged]

    assert np.mean([verdict.outcome == "PASS" for verdict in verdicts]) > 0.95
