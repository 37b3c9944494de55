"""Usual methods on the same data: what the gate's corrections are there for, seen to fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp, wilcoxon

from pytest_ragft.gate import decide
from tests.statistical.gate_simulation import FAMILIES, Family, biased_judge, equal_documents

GATES = 4_000


def passes(rows: np.ndarray, documents: np.ndarray | None, family: Family) -> float:
    verdicts = [decide(row, documents, margin=family.margin, scale=family.scale) for row in rows]
    return float(np.mean([verdict.outcome == "PASS" for verdict in verdicts]))


def test_t_over_questions_ignores_that_documents_share_their_fate(
    request: pytest.FixtureRequest,
) -> None:
    family = FAMILIES["typical"]
    rng = np.random.default_rng([2026, 18])
    differences = family.draw(rng, GATES, equal_documents(500, 5), mean=-family.margin)

    test = ttest_1samp(differences, -family.margin, axis=1, alternative="greater")

    share = float(np.mean(test.pvalue < 0.05))
    request.node.user_properties.append(("share", share))
    assert share > 0.09


@pytest.mark.parametrize(("seed", "name"), [(19, "typical"), (20, "left-tail")])
def test_wilcoxon_tests_a_median_not_the_mean(
    seed: int, name: str, request: pytest.FixtureRequest
) -> None:
    family = FAMILIES[name]
    rng = np.random.default_rng([2026, seed])
    differences = family.draw(rng, GATES, equal_documents(500, 1), mean=-family.margin)

    test = wilcoxon(differences + family.margin, axis=1, alternative="greater", method="asymptotic")

    share = float(np.mean(test.pvalue < 0.05))
    request.node.user_properties.append(("share", share))
    assert share > 0.5


@pytest.mark.parametrize(
    ("seed", "name", "least"), [(21, "typical", 0.95), (22, "left-tail", 0.95), (23, "binary", 0.9)]
)
def test_no_error_bar_shows_that_the_judge_favours_the_variant(
    seed: int, name: str, least: float, request: pytest.FixtureRequest
) -> None:
    family = FAMILIES[name]
    rng = np.random.default_rng([2026, seed])
    human = family.draw(rng, GATES, equal_documents(1_100, 1), mean=-family.margin)

    share = passes(biased_judge(rng, human, family.scale), None, family)
    request.node.user_properties.append(("share", share))
    assert share > least


def test_a_sheet_counted_row_by_row_is_biased_towards_no_change(
    request: pytest.FixtureRequest,
) -> None:
    """Identical answers share a row: their pair is complete with probability f, others with f²."""
    rng = np.random.default_rng([2026, 60])
    family, n, filled = FAMILIES["failures"], 1_000, 0.5
    changed = rng.random((GATES, n)) < 0.3
    lost = changed & (rng.random((GATES, n)) < family.margin / 0.3)
    first, second = rng.random((2, GATES, n)) < filled
    row_by_row = first & (second | ~changed)
    by_question = np.broadcast_to(rng.permutation(n) < filled * n, changed.shape)

    def share(labelled: np.ndarray) -> float:
        pairs = zip(-lost.astype(float), labelled, strict=True)
        outcomes = [decide(row[kept], margin=family.margin).outcome for row, kept in pairs]
        return outcomes.count("PASS") / GATES

    shares = share(row_by_row), share(by_question)
    request.node.user_properties += [("row by row", shares[0]), ("by question", shares[1])]
    assert shares[0] > 0.1
    assert shares[1] <= 0.06


def test_a_document_of_three_suites_is_one_document(request: pytest.FixtureRequest) -> None:
    """40 documents, 5 questions on each in every suite."""
    family, documents = FAMILIES["typical"], equal_documents(600, 15)
    rng = np.random.default_rng([2026, 61])
    differences = family.draw(rng, GATES, documents, mean=-family.margin, correlation=0.6)

    apart = passes(differences, equal_documents(600, 5), family)
    together = passes(differences, documents, family)
    request.node.user_properties += [("apart", apart), ("together", together)]
    assert apart > 0.1
    assert together <= 0.06
