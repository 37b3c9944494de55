"""A gate with a biased judge and some human labels keeps its error rate, from scores to verdict."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from pytest_ragft.gate import evaluate_gate
from pytest_ragft.records import Comparison, Gate, GateResult, PairedScore, PairLabels, Score
from tests.statistical.gate_simulation import FAMILIES, biased_judge

GATES = 1_000
QUESTIONS = 300
LABELLED = 100
FAMILY = FAMILIES["binary"]


def gates(seed: int, *, mean: float, per_document: int = 1, labelled: int = LABELLED):
    """Gates whose judge favours the variant by a margin or so, with a random part labelled."""
    rng = np.random.default_rng([2026, seed])
    documents = np.arange(QUESTIONS) // per_document
    human = FAMILY.draw(rng, GATES, documents, mean=mean * FAMILY.margin)
    judged = biased_judge(rng, human, FAMILY.scale)
    scores = {
        value: (
            Score(metric="accuracy", value=(1 - value) / 2),
            Score(metric="accuracy", value=(1 + value) / 2),
        )
        for value in np.unique(judged)
    }
    gate = Gate(metric="accuracy", role="primary", margin=FAMILY.margin)
    ids = [f"q{i}" for i in range(QUESTIONS)]
    for truth, values in zip(human, judged, strict=True):
        pairs = tuple(
            PairedScore(
                suite="s",
                id=name,
                cluster=f"d{i // per_document}",
                baseline=scores[values[i]][0],
                variant=scores[values[i]][1],
            )
            for i, name in enumerate(ids)
        )
        comparison = Comparison(
            metric="accuracy", baseline="b", variant="v", suites=("s",), pairs=pairs
        )
        drawn = rng.choice(QUESTIONS, labelled, replace=False)
        labels = {("s", ids[i]): ((1 - truth[i]) / 2, (1 + truth[i]) / 2) for i in drawn}
        yield evaluate_gate(
            gate,
            comparison,
            node_id="",
            pooled=False,
            labels=PairLabels(metric="accuracy", pairs=labels),
        )


def passes(results: list[GateResult]) -> float:
    return float(np.mean([result.verdict.outcome == "PASS" for result in results]))


@pytest.mark.parametrize(("seed", "per_document"), [(60, 1), (61, 5)])
def test_false_pass(seed: int, per_document: int, request: pytest.FixtureRequest) -> None:
    results = list(gates(seed, mean=-1, per_document=per_document))
    judged = [result.correction.judged.outcome == "PASS" for result in results if result.correction]
    share = passes(results)
    request.node.user_properties += [("share", share), ("judge alone", float(np.mean(judged)))]
    assert len(judged) == GATES
    assert np.mean(judged) > 0.35, "the judge alone is wrong many times as often"
    assert share <= 0.06 + 0.014  # two standard errors of a share of .05 in 1,000 gates


def test_pass_when_nothing_changed(request: pytest.FixtureRequest) -> None:
    share = passes(list(gates(62, mean=0, labelled=200)))
    request.node.user_properties.append(("share", share))
    assert share >= 0.5


def test_too_few_labels_never_pass() -> None:
    assert passes(list(islice(gates(63, mean=0, labelled=58), 50))) == 0
