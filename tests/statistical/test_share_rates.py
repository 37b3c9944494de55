"""The upper bound of a share holds its level where documents share their fate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaincinv

from pytest_ragft.stats.means import upper_share
from tests.statistical.gate_simulation import Family, equal_documents, one_large_document

QUESTION_SETS = 2_000
ALPHA = 0.05
SHARES = (0.03, 0.05, 0.1, 0.2, 0.4)
DROPS = Family((-1, 0), (0.5, 0.5), scale=1, margin=0.05)

LAYOUTS = [
    pytest.param(equal_documents(100, 5), 0.999, 0.3, id="20-documents-together"),
    pytest.param(equal_documents(200, 5), 0.999, 0.2, id="40-documents-together"),
    pytest.param(equal_documents(200, 10), 0.5, 0.15, id="20-documents"),
    pytest.param(equal_documents(300, 5), 0.2, 0.06, id="60-documents"),
    pytest.param(one_large_document(400, 80), 0.5, 0.2, id="one-large-document"),
    pytest.param(equal_documents(200, 1), 0.0, 0.0, id="no-documents"),
]


@pytest.mark.parametrize(("documents", "correlation", "naive"), LAYOUTS)
def test_the_bound_is_too_low_no_more_often_than_it_says(
    documents: np.ndarray, correlation: float, naive: float, request: pytest.FixtureRequest
) -> None:
    worst, worst_naive = 0.0, 0.0
    for number, share in enumerate(SHARES):
        rng = np.random.default_rng([2028, documents.size, number])
        hits = -DROPS.draw(rng, QUESTION_SETS, documents, mean=-share, correlation=correlation)
        bounds = np.array([upper_share(row, documents, alpha=ALPHA) for row in hits])
        found = hits.sum(axis=1)
        exact = betaincinv(found + 1, np.maximum(documents.size - found, 1e-9), 1 - ALPHA)
        worst = max(worst, float(np.mean(bounds < share)))
        worst_naive = max(worst_naive, float(np.mean(exact < share)))
    request.node.user_properties += [("share", worst), ("counting questions", worst_naive)]
    assert worst <= 0.06
    assert worst_naive >= naive, "the control: questions counted one by one"
