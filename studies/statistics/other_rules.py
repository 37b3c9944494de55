"""How often rules let a variant pass, by its true change: simulated pairs, and recorded ones.

    python -m studies.statistics.other_rules [--gates 4000] [--out studies/statistics]

Simulated pairs are those of the family ``binary`` of `tests/statistical`. Recorded ones are labels
by people (right or wrong) of five systems' answers to the questions of EVOUNA-NQ, where
`RAGFT_DATA` has them: for each two systems some n questions are drawn, and on each of these a coin,
biased so that the true change is the wanted one, says which of the two is the variant. Writes
``results.json``, from which `studies.statistics.figures` draws, and prints the tables of
``docs/statistics.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from studies.judge.labelled import EVOUNA_SYSTEMS, evouna
from studies.statistics.rules import MARGIN, RULES, Runs
from tests.statistical.gate_simulation import FAMILIES, equal_documents

RIGHT = 0.7
"""Share of right answers among those on which simulated arms agree."""
CURVE = [round(-0.12 + 0.01 * step, 2) for step in range(17)]
SIZES = (100, 200, 400, 800)
PER_DOCUMENT = (1, 2, 5, 10, 20)
DEPENDENCE = 0.5
"""Latent correlation within documents where it is the question."""
TABLE = ((200, -MARGIN), (800, -MARGIN), (200, 0.0), (800, 0.0))


def main() -> int:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--gates", type=int, default=4000, help="runs a cell")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    gates: int = arguments.gates
    rng = np.random.default_rng([2026, 28])
    results = {
        "gates": gates,
        "size": [_row(simulated(rng, gates, n, c), n=n, change=c) for n in SIZES for c in CURVE],
        "documents": [
            _row(
                simulated(rng, gates, 400, -MARGIN, per_document=k, correlation=DEPENDENCE),
                per_document=k,
            )
            for k in PER_DOCUMENT
        ],
        "recorded": list(_recorded(rng, gates)),
    }
    (arguments.out / "results.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print("\n".join(tables(results)))
    return 0


def simulated(
    rng: np.random.Generator,
    gates: int,
    n: int,
    change: float,
    *,
    per_document: int = 1,
    correlation: float = 0.0,
) -> Runs:
    """Runs whose true mean difference is `change`."""
    documents = equal_documents(n, per_document)
    d = FAMILIES["binary"].draw(rng, gates, documents, mean=change, correlation=correlation)
    agreed = (rng.random(d.shape) < RIGHT).astype(float)
    baseline = np.where(d == 0, agreed, (d < 0).astype(float))
    return Runs(baseline, baseline + d, documents)


def _recorded(rng: np.random.Generator, gates: int) -> Iterator[dict[str, float]]:
    pairs = list(recorded_pairs())
    apart = [float((better != worse).mean()) for better, worse in pairs]
    for n, change in TABLE if pairs else ():
        drawn = [draw(rng, pair, max(1, gates // len(pairs)), n, change) for pair in pairs]
        rows = [_shares(runs) for runs in drawn]
        yield {
            "n": n,
            "change": change,
            "pairs": len(pairs),
            "questions": pairs[0][0].size,
            "least_apart": min(apart),
            "most_apart": max(apart),
            **{rule: float(np.mean([row[rule] for row in rows])) for rule in RULES},
        }


def recorded_pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Labels of a better and a worse system for the same questions, of all that are far apart."""
    data = os.environ.get("RAGFT_DATA")
    if not data:
        return
    right: dict[str, dict[str, float]] = {system: {} for system in EVOUNA_SYSTEMS}
    for row in evouna(Path(data)):
        right[row.system][row.example.id] = float(row.right)
    for two in combinations(EVOUNA_SYSTEMS, 2):
        shared = sorted(right[two[0]].keys() & right[two[1]].keys())
        arms = [np.array([right[system][i] for i in shared]) for system in two]
        better, worse = sorted(arms, key=lambda arm: -arm.mean())
        if better.mean() - worse.mean() > MARGIN:
            yield better, worse


def draw(
    rng: np.random.Generator,
    pair: tuple[np.ndarray, np.ndarray],
    gates: int,
    n: int,
    change: float,
) -> Runs:
    """Runs on recorded questions; the coin makes the true mean difference `change`."""
    better, worse = pair
    heads = (1 - change / (better.mean() - worse.mean())) / 2
    # Without replacement, as a suite holds a question once.
    at = np.argsort(rng.random((gates, better.size)), axis=1)[:, : min(n, better.size)]
    coin = rng.random(at.shape) < heads
    first, second = better[at], worse[at]
    baseline, variant = np.where(coin, first, second), np.where(coin, second, first)
    return Runs(baseline, variant, np.arange(at.shape[1]))


def _shares(runs: Runs) -> dict[str, float]:
    return {rule: float(passes(runs).mean()) for rule, passes in RULES.items()}


def _row(runs: Runs, **cell: float) -> dict[str, float]:
    return cell | _shares(runs)


def tables(results: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the page."""
    head = " | ".join(f"n = {n}, {'no change' if not c else '−5 points'}" for n, c in TABLE)
    for name, pairs in (("size", "simulated"), ("recorded", "recorded")):
        rows = {(row["n"], row["change"]): row for row in results[name]}
        if rows:
            yield f"| {pairs} pairs | {head} |"
            yield "| --- " * (len(TABLE) + 1) + "|"
            for rule in RULES:
                shares = " | ".join(f"{100 * rows[cell][rule]:.1f} %" for cell in TABLE)
                yield f"| {rule} | {shares} |"
            yield ""


if __name__ == "__main__":
    sys.exit(main())
