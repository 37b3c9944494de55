"""Times `decide` against scipy's paired t-test and a bare mean, in one run.

    python bench/decide.py [--calls 200]

Median of so many calls each, in turn, with the ratios to the other two. Exit code 1 when 10,000
questions with integer labels take longer than the bar.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
from scipy.stats import ttest_rel

from pytest_ragft.gate import decide

BAR_MS = 1.0
SIZES = (100, 1_000, 10_000)
PER_DOCUMENT = 5


def main() -> int:
    """Prints the table; 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=200)
    calls = parser.parse_args().calls
    rng = np.random.default_rng(2026)
    missed = False
    print(f"median of {calls} calls, {PER_DOCUMENT} questions a document")
    print(f"{'n':>6}  {'clusters':<18} {'decide ms':>9}  {'/ ttest_rel':>11}  {'/ mean':>6}")
    for n in SIZES:
        baseline = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], n)
        variant = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], n)
        for kind, labels in _labels(rng, n).items():
            ours, ttest, mean = _times(baseline, variant, labels, calls)
            print(
                f"{n:>6}  {kind:<18} {1e3 * ours:>9.3f}  {ours / ttest:>11.2f}  {ours / mean:>6.0f}"
            )
            missed |= n == max(SIZES) and kind.startswith("integer") and 1e3 * ours > BAR_MS
    print(f"bar for {max(SIZES)} questions with integer labels: {BAR_MS} ms")
    return int(missed)


def _labels(rng: np.random.Generator, n: int) -> dict[str, object]:
    documents = rng.permutation(np.arange(n) // PER_DOCUMENT)
    return {
        "none": None,
        "integers": documents,
        "integers, sparse": documents * 1_000_003,
        "integers, list": documents.tolist(),
        "strings, list": [f"document-{label}" for label in documents],
        "strings, array": np.array([f"document-{label}" for label in documents]),
    }


def _times(
    baseline: np.ndarray, variant: np.ndarray, labels: object, calls: int
) -> tuple[float, float, float]:
    differences = variant - baseline
    contestants: tuple[Callable[[], object], ...] = (
        lambda: decide(differences, labels, margin=0.05),  # type: ignore[arg-type]
        lambda: ttest_rel(variant, baseline),
        lambda: np.mean(differences),
    )
    times: list[list[float]] = [[] for _ in contestants]
    for _ in range(calls):
        for taken, call in zip(times, contestants, strict=True):
            start = perf_counter()
            call()
            taken.append(perf_counter() - start)
    ours, ttest, mean = (median(taken) for taken in times)
    return ours, ttest, mean


if __name__ == "__main__":
    sys.exit(main())
