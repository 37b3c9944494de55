"""How far two systems of about the same quality lie apart: what `ragft plan` calls typical.

    RAGFT_DATA=… python -m studies.statistics.spread

Labels by people (right or wrong) of recorded systems: EVOUNA-NQ's five on Natural Questions, and
FinanceBench's on annual reports, which are the documents. For each two systems whose means lie at
most .15 apart: the share of the questions that one gets right and the other wrong, and how far such
differences correlate within a document, by analysis of variance.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from pytest_ragft.gate.forecast import correlation_within
from pytest_ragft.gating.spreads import CHANGED, WITHIN
from studies.judge.labelled import Labelled, evouna, financebench

APART = 0.15
"""Largest difference of means between systems of about the same quality."""


def main() -> None:
    """Print a row a set."""
    data = Path(os.environ["RAGFT_DATA"])
    print("| set | pairs | answers that change (10, 50, 90 %) | correlation within documents |")
    print("| --- | --- | --- | --- |")
    for name, rows in (("EVOUNA-NQ", evouna(data)), ("FinanceBench", financebench(data))):
        found = list(_pairs(rows))
        shares = ", ".join(f"{s:.2f}" for s in np.percentile([s for s, _ in found], [10, 50, 90]))
        known = [within for _, within in found if within is not None]
        within = f"mean {np.mean(known):.2f}, median {np.median(known):.2f}" if known else "–"
        print(f"| {name} | {len(found)} | {shares} | {within} |")
    print(f"typical: {CHANGED} change, {WITHIN} within documents")


def _pairs(rows: Sequence[Labelled]) -> Iterator[tuple[float, float | None]]:
    labels: dict[str, dict[str, float]] = defaultdict(dict)
    documents = {}
    for row in rows:
        labels[row.system][row.example.id] = float(row.right)
        documents[row.example.id] = row.example.document or row.example.id
    for one, other in combinations(sorted(labels), 2):
        ids = sorted(labels[one].keys() & labels[other].keys())
        differences = np.array([labels[other][i] - labels[one][i] for i in ids])
        if not ids or abs(differences.mean()) > APART:
            continue
        codes = np.unique([documents[i] for i in ids], return_inverse=True)[1].astype(np.intp)
        yield float(np.abs(differences).mean()), correlation_within(differences, codes)


if __name__ == "__main__":
    main()
