"""Total failures at the rate of the margin: the error rate is computed, not simulated."""

from __future__ import annotations

from math import ceil, log

import numpy as np
import pytest
from scipy.stats import binom

from pytest_ragft.gate import decide

MARGIN = 0.05
LARGEST_N = 600

# The rule exceeds alpha at four n only, all at alpha = 0.1, by six in a thousand of it.
TOLERATED = {0.1: 1.006}


@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.025, 0.0125, 0.005])
def test_a_pass_is_wrong_with_probability_of_at_most_alpha(alpha: float) -> None:
    fewest = ceil(log(alpha) / log(1 - MARGIN))
    shares = []
    for n in range(fewest, LARGEST_N + 1):
        differences = np.zeros(n)
        failures, lower = 0, np.inf
        while (verdict := decide(differences, margin=MARGIN, alpha=alpha)).outcome == "PASS":
            assert verdict.lower < lower, "one more failure must lower the bound"
            lower = verdict.lower
            differences[failures] = -1.0
            failures += 1
        assert verdict.lower < lower
        # The last look had one failure too many: PASS below it, never above, as L only falls.
        shares.append(binom.cdf(failures - 1, n, MARGIN) / alpha)

    assert max(shares) <= TOLERATED.get(alpha, 1.0)
    assert max(shares) > 0.9, "far below alpha: the bound gives questions away"


@pytest.mark.parametrize("n", [59, 60, 97, 200, 331, 600])
def test_bound_falls_with_every_failure_up_to_all(n: int) -> None:
    differences = np.zeros(n)
    bounds = []
    for failures in range(n + 1):
        differences[:failures] = -1.0
        bounds.append(decide(differences, margin=MARGIN).lower)

    assert (np.diff(bounds) <= 0).all()
    assert bounds[-1] == -1.0


@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.0125])
def test_fewest_questions_are_enough_and_one_fewer_is_not(alpha: float) -> None:
    fewest = ceil(log(alpha) / log(1 - MARGIN))

    assert decide(np.zeros(fewest), margin=MARGIN, alpha=alpha).outcome == "PASS"
    short = decide(np.zeros(fewest - 1), margin=MARGIN, alpha=alpha)
    assert (short.outcome, short.reason) == ("INCONCLUSIVE", "floor")
    assert (1 - MARGIN) ** fewest <= alpha < (1 - MARGIN) ** (fewest - 1)
