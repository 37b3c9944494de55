"""What is planned comes true: against the gate's rule on scores that are drawn another way."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_ragft.gate.decision import decide
from pytest_ragft.gate.forecast import (
    Rule,
    Spread,
    codes_like,
    correlation_within,
    drawn,
    forecast,
    kish_clusters,
    look_forecasts,
    questions_to_pass,
)
from pytest_ragft.stats.planning import questions_for
from pytest_ragft.stats.spending import look_levels
from tests.statistical.gate_simulation import FAMILIES, Family, equal_documents

RULE = Rule(margin=0.05, alpha=0.05)
DRAWS = 2_000
FIFTH = Spread(values=(0.0, 1.0), weights=(0.8, 0.2))


def spread_of(family: Family, within: float = 0.0) -> Spread:
    """In a scale of 1."""
    values = tuple(value / family.scale for value in family.values)
    return Spread(values=values, weights=family.weights, within=within)


def passed(rows: np.ndarray, documents: np.ndarray, scale: float, margin: float) -> float:
    """Share of gates that `decide` lets pass."""
    outcomes = [
        decide(row, documents, margin=margin, alpha=0.05, scale=scale).outcome for row in rows
    ]
    return float(np.mean([outcome == "PASS" for outcome in outcomes]))


def error(share: float, *draws: int) -> float:
    """Three standard errors of the difference of two shares of so many draws each."""
    return 3 * np.sqrt(max(share * (1 - share), 0.01) * sum(1 / n for n in draws))


@pytest.mark.parametrize(
    ("name", "n"), [("typical", 100), ("typical", 200), ("binary", 200), ("binary", 500)]
)
def test_an_unchanged_variant_passes_as_often_as_planned(name: str, n: int) -> None:
    family = FAMILIES[name]
    documents = equal_documents(n, 1)
    rows = family.draw(np.random.default_rng([2031, n]), DRAWS, documents, mean=0.0)
    real = passed(rows, documents, family.scale, family.margin)

    rng = np.random.default_rng([2032, n])
    planned = forecast(spread_of(family), documents, RULE, rng, DRAWS)

    assert planned.passes == pytest.approx(real, abs=error(real, DRAWS, DRAWS))


@pytest.mark.parametrize(("name", "n"), [("typical", 200), ("binary", 500)])
def test_documents_that_hang_together_by_another_law_pass_as_often(name: str, n: int) -> None:
    """A Gaussian copula, whose correlation is estimated from one large sample."""
    family = FAMILIES[name]
    documents = equal_documents(n, 5)
    rng = np.random.default_rng([2033, n])
    large = equal_documents(50_000, 5)
    sample = family.draw(rng, 1, large, mean=0.0, correlation=0.5)[0]
    within = correlation_within(sample, large)
    assert within is not None
    rows = family.draw(rng, DRAWS, documents, mean=0.0, correlation=0.5)
    real = passed(rows, documents, family.scale, family.margin)

    planned = forecast(spread_of(family, within), documents, RULE, rng, DRAWS)

    assert planned.passes == pytest.approx(real, abs=error(real, DRAWS, DRAWS))


@pytest.mark.parametrize(("within", "per_document"), [(0.0, 1), (0.15, 3), (0.4, 10)])
def test_with_so_many_questions_it_passes_with_80_percent(within: float, per_document: int) -> None:
    spread = Spread(values=(0.0, 1.0), weights=(0.8, 0.2), within=within)
    n = questions_to_pass(spread, [per_document], RULE, np.random.default_rng(1))
    assert n is not None
    documents = codes_like([per_document], n)
    rng = np.random.default_rng(2)
    rows = np.array(drawn(spread, documents, rng, DRAWS))

    real = passed(rows, documents, 1.0, 0.05)

    # Besides drawing, the number is rounded up to two digits.
    assert 0.8 - error(0.8, DRAWS, 1000) <= real <= 0.83 + error(0.8, DRAWS, 1000)


def test_with_many_questions_it_is_the_textbooks_number() -> None:
    spread = Spread(values=(0.0, 0.5), weights=(0.6, 0.4))
    rule = Rule(margin=0.02, alpha=0.05)

    n = questions_to_pass(spread, [1], rule, np.random.default_rng(1))

    assert n == pytest.approx(questions_for(0.02, spread.variance, alpha=0.05), rel=0.06)


@pytest.mark.parametrize(("documents", "least"), [([1], 59), ([3], 180), ([10], 590)])
def test_where_nothing_changes_the_floor_decides(documents: list[int], least: int) -> None:
    """n₀ documents, since dependence within them is then taken as complete."""
    ties = Spread(values=(0.0,))

    assert questions_to_pass(ties, documents, RULE, np.random.default_rng(1)) == pytest.approx(
        least, rel=0.04
    )
    enough, few = (codes_like(documents, 59 * documents[0] - less) for less in (0, documents[0]))
    assert forecast(ties, enough, RULE, np.random.default_rng(1), 10).passes == 1.0
    assert forecast(ties, few, RULE, np.random.default_rng(1), 10).passes == 0.0


def test_what_can_never_be_is_said() -> None:
    rng = np.random.default_rng(1)

    few = forecast(FIFTH, codes_like([4], 76), RULE, rng, 50)
    assert (few.passes, few.can_pass, few.blocked_drop) == (0.0, False, None)
    assert few.can_veto

    tiny = forecast(FIFTH, codes_like([2], 8), RULE, rng, 50)
    assert not tiny.can_veto
    assert tiny.vetoed_drop is None
    assert forecast(FIFTH, codes_like([1], 0), RULE, rng, 50).passes == 0.0


def test_looks_are_planned_as_they_are_taken() -> None:
    sizes = (200, 400, 800)
    levels = look_levels(0.05, sizes)
    family, documents = FAMILIES["binary"], equal_documents(800, 4)
    rows = family.draw(np.random.default_rng(5), DRAWS, documents, mean=0.0, correlation=0.0)
    real = [
        np.mean([
            any(
                decide(row[:n], documents[:n], margin=0.05, alpha=a).outcome == "PASS"
                for n, a in zip(sizes[: look + 1], levels, strict=False)
            )
            for row in rows
        ])
        for look in range(3)
    ]  # fmt: skip

    planned = look_forecasts(FIFTH, sizes, levels, [4], RULE, np.random.default_rng(6), DRAWS)

    for share, said in zip(real, planned, strict=True):
        assert said == pytest.approx(share, abs=error(share, DRAWS, DRAWS))


def test_questions_of_one_document_correlate_as_asked() -> None:
    spread = Spread(values=(0.0, 0.3, 1.0), weights=(0.5, 0.3, 0.2), within=0.3)
    documents = codes_like([4, 1, 7], 60_000)

    row = drawn(spread, documents, np.random.default_rng(3), 1)[0]

    assert correlation_within(row, documents) == pytest.approx(0.3, abs=0.02)
    assert row.mean() == pytest.approx(0.0, abs=0.02)
    assert row.var() == pytest.approx(spread.variance, rel=0.03)
    assert spread.changed == pytest.approx(0.5)


def test_a_correlation_that_cannot_be_known_is_none() -> None:
    assert correlation_within(np.zeros(40), equal_documents(40, 4)) is None
    assert correlation_within(np.ones(40), equal_documents(40, 1)) is None


def test_more_documents_come_as_those_at_hand() -> None:
    assert codes_like([2, 1], 7).tolist() == [0, 0, 1, 2, 2, 3, 4]
    assert kish_clusters(equal_documents(60, 3)) == pytest.approx(20.0)
    assert kish_clusters(codes_like([1], 0)) == 0.0


def test_a_plan_says_the_same_twice() -> None:
    documents = equal_documents(120, 3)
    said = [forecast(FIFTH, documents, RULE, np.random.default_rng(9), 200) for _ in range(2)]

    assert said[0] == said[1]
