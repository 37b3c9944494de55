"""What holds for every comparison, whatever its scores."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ragft.gate import decide
from pytest_ragft.records import Verdict

RANK = {"REGRESSION": 0, "INCONCLUSIVE": 1, "PASS": 2}
TOLERANCE = 1e-9

alphas = st.sampled_from([0.1, 0.05, 0.025, 0.0125, 0.005, 0.05 / 24])
margins = st.sampled_from([0.01, 0.05, 0.1, 0.3])
anything = st.one_of(
    st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]),
    st.floats(-1, 1, allow_subnormal=False),
)


@dataclass(frozen=True)
class Sample:
    differences: np.ndarray
    clusters: np.ndarray | None

    def decide(self, *, margin: float = 0.05, alpha: float = 0.05) -> Verdict:
        return decide(self.differences, self.clusters, margin=margin, alpha=alpha)


@st.composite
def samples(
    draw: st.DrawFn,
    values: st.SearchStrategy[float] = anything,
    smallest: int = 0,
    largest: int = 80,
) -> Sample:
    differences = draw(st.lists(values, min_size=smallest, max_size=largest))
    n = len(differences)
    kind = draw(st.sampled_from(["none", "even", "uneven"]))
    clusters: np.ndarray | None = None
    if kind == "even":
        clusters = np.arange(n) // draw(st.integers(1, 5))
    elif kind == "uneven":
        clusters = np.array(draw(st.lists(st.integers(0, 60), min_size=n, max_size=n)), dtype=int)
    return Sample(np.array(differences, dtype=float), clusters)


def bounds(verdict: Verdict) -> np.ndarray:
    return np.array([verdict.estimate, verdict.lower, verdict.upper])


@given(samples(), alphas, margins)
def test_bounds_are_finite_and_ordered(sample: Sample, alpha: float, margin: float) -> None:
    verdict = sample.decide(alpha=alpha, margin=margin)

    assert np.isfinite(bounds(verdict)).all()
    assert -1 <= verdict.lower <= verdict.estimate + TOLERANCE
    assert verdict.estimate - TOLERANCE <= verdict.upper <= 1
    assert verdict.standard_error >= 0
    assert 1 <= verdict.design_effect <= max(1, verdict.n / (verdict.kish_clusters or 1)) + 1e-9
    assert verdict.independent * verdict.design_effect == pytest.approx(verdict.n)
    assert verdict.kish_clusters <= verdict.clusters + TOLERANCE
    assert (verdict.reason == "") == (verdict.outcome != "INCONCLUSIVE")


@given(samples(), st.randoms(use_true_random=False))
def test_row_order_and_cluster_names_do_not_matter(sample: Sample, random: object) -> None:
    n = sample.differences.size
    order = np.array(random.sample(range(n), n), dtype=int)  # type: ignore[attr-defined]
    renamed = None
    if sample.clusters is not None:
        renamed = [f"document {7 * label % 61}" for label in sample.clusters[order]]

    there = decide(sample.differences[order], renamed, margin=0.05)

    here = sample.decide()
    assert np.allclose(bounds(here), bounds(there), atol=TOLERANCE)
    assert (here.outcome, here.reason) == (there.outcome, there.reason)


@given(samples(), st.sampled_from([0.01, 0.5, 4.0, 5.0, 100.0]), alphas)
def test_scaling_everything_scales_the_bounds(sample: Sample, scale: float, alpha: float) -> None:
    one = sample.decide(alpha=alpha)
    scaled = decide(
        sample.differences * scale, sample.clusters, margin=0.05 * scale, alpha=alpha, scale=scale
    )

    assert np.allclose(bounds(scaled), scale * bounds(one), atol=scale * TOLERANCE)
    assert (scaled.outcome, scaled.reason) == (one.outcome, one.reason)


@given(samples(), st.tuples(st.floats(0.001, 0.99), st.floats(0.001, 0.99)))
def test_a_larger_margin_never_worsens_the_verdict(
    sample: Sample, pair: tuple[float, float]
) -> None:
    small, large = sorted(pair)
    assert RANK[sample.decide(margin=small).outcome] <= RANK[sample.decide(margin=large).outcome]


@given(samples(), st.tuples(st.floats(1e-6, 0.1), st.floats(1e-6, 0.1)))
def test_intervals_nest(sample: Sample, pair: tuple[float, float]) -> None:
    strict, loose = sorted(pair)
    outer, inner = sample.decide(alpha=strict), sample.decide(alpha=loose)

    assert outer.lower <= inner.lower + TOLERANCE
    assert inner.upper <= outer.upper + TOLERANCE


@given(
    st.lists(
        st.one_of(st.sampled_from([-0.5, 0.0, 0.25]), st.floats(-0.5, 0.5)),
        min_size=20,
        max_size=80,
    ),
    st.floats(0, 0.5),
    alphas,
)
def test_adding_a_constant_lowers_neither_bound(
    differences: list[float], constant: float, alpha: float
) -> None:
    """Without documents: with them the move may make it known that questions hang together."""
    before = decide(differences, margin=0.05, alpha=alpha)
    after = decide(np.array(differences) + constant, margin=0.05, alpha=alpha)

    assert after.lower >= before.lower - TOLERANCE
    assert after.upper >= before.upper - TOLERANCE


@given(samples(smallest=1), st.integers(2, 4))
def test_repeating_rows_inside_clusters_is_no_new_evidence(sample: Sample, times: int) -> None:
    clusters = sample.clusters
    if clusters is None:
        clusters = np.arange(sample.differences.size)
    once = decide(sample.differences, clusters, margin=0.05)
    again = decide(sample.differences.repeat(times), clusters.repeat(times), margin=0.05)

    assert np.isclose(again.estimate, once.estimate, atol=TOLERANCE)
    assert again.clusters == once.clusters
    assert np.isclose(again.kish_clusters, once.kish_clusters)
    assert np.isclose(again.standard_error, once.standard_error, atol=TOLERANCE)


@given(st.integers(2, 700), st.data(), alphas)
def test_one_more_total_failure_never_raises_the_bound(
    n: int, data: st.DataObject, alpha: float
) -> None:
    failures = data.draw(st.integers(0, n - 1))
    differences = np.zeros(n)
    differences[:failures] = -1.0
    before = decide(differences, margin=0.05, alpha=alpha).lower
    differences[failures] = -1.0

    assert decide(differences, margin=0.05, alpha=alpha).lower <= before


@settings(max_examples=50)
@given(st.data(), alphas, margins)
def test_fewer_than_the_needed_questions_never_pass(
    data: st.DataObject, alpha: float, margin: float
) -> None:
    needed = ceil(log(alpha) / log(1 - margin))
    n = data.draw(st.integers(0, needed - 1))
    value = data.draw(st.sampled_from([0.0, 0.5, 1.0]))

    assert decide(np.full(n, value), margin=margin, alpha=alpha).outcome != "PASS"


@given(samples(), st.floats(0.01, 0.5), st.floats(0.01, 0.5), alphas)
def test_two_margins_agree_with_one_of_either(
    sample: Sample, low: float, high: float, alpha: float
) -> None:
    """PASS by the one, REGRESSION by the other, and neither where the other way is excluded."""
    small, large = sorted((low, high))
    verdict = decide(
        sample.differences, sample.clusters, margin=small, alpha=alpha, regression_margin=large
    )

    one, other = sample.decide(margin=small, alpha=alpha), sample.decide(margin=large, alpha=alpha)
    assert (verdict.outcome == "PASS") == (one.outcome == "PASS")
    assert (verdict.outcome == "REGRESSION") == (other.outcome == "REGRESSION")
    assert verdict.questions_needed == one.questions_needed


@given(st.integers(20, 60), st.integers(1, 6), alphas, margins)
def test_fewer_than_the_needed_documents_never_pass_on_ties(
    documents: int, per_document: int, alpha: float, margin: float
) -> None:
    """Nothing moved, so nothing is known of how the questions of a document hang together."""
    codes = np.arange(documents).repeat(per_document)
    verdict = decide(np.zeros(codes.size), codes, margin=margin, alpha=alpha)

    assert verdict.independent == pytest.approx(documents)
    needed = ceil(log(alpha) / log(1 - margin))
    passes = documents >= needed and verdict.lower > -margin
    assert (verdict.outcome == "PASS") == passes
