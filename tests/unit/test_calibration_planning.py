"""How many questions people must label: never more than there are, and fewer with a good judge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ragft.calibration.planning import plan_labels
from pytest_ragft.records import Comparison, Gate
from tests.unit.gate_rows import pairs

GATE = Gate(metric="accuracy", role="primary")


def comparison(n: int, changed: float, per_document: int = 1, seed: int = 0) -> Comparison:
    rng = np.random.default_rng(seed)
    share = [changed / 2, 1 - changed, changed / 2]
    moved = rng.choice([-1.0, 0.0, 1.0], p=share, size=n)
    values = [((1 - d) / 2, (1 + d) / 2) for d in moved]
    return Comparison(
        metric="accuracy",
        baseline="b",
        variant="v",
        suites=("s",),
        pairs=tuple(pairs(values, documents=[f"d{i // per_document}" for i in range(n)])),
    )


@settings(max_examples=60)
@given(
    n=st.integers(2, 600),
    changed=st.floats(0, 0.6),
    per_document=st.sampled_from([1, 4, 20]),
    correlation=st.none() | st.floats(-1, 1),
)
def test_it_never_exceeds_what_the_suite_could_label(
    n: int, changed: float, per_document: int, correlation: float | None
) -> None:
    plan = plan_labels(GATE, comparison(n, changed, per_document), correlation=correlation)
    assert 1 <= plan.suggested <= n
    for number in (plan.alone, plan.helped):
        assert number is None or plan.fewest <= number <= n


def test_a_judge_that_goes_along_with_people_saves_labels() -> None:
    of = comparison(1_000, 0.1)
    found = [plan_labels(GATE, of, correlation=r).helped for r in (0.0, 0.5, 0.9)]
    assert None not in found
    assert found == sorted(found, reverse=True)
    assert found[0] == plan_labels(GATE, of, correlation=None).alone
    assert found[0] > 1.3 * found[2]


@pytest.mark.parametrize(("documents", "passes"), [(300, True), (15, False)])
def test_too_few_documents_are_never_enough_labels(documents: int, passes: bool) -> None:
    plan = plan_labels(GATE, comparison(300, 0.05, 300 // documents), correlation=None)
    assert (plan.alone is not None) is passes
    assert plan.suggested <= 300
