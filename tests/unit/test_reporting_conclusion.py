"""The last word on a variant fails closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_ragft.records import GateResult, RunResult
from pytest_ragft.reporting.conclusion import conclude, gate_name
from tests.unit.test_reporting_examples import (
    DESELECTED,
    EMPTY,
    FULL,
    LIMITED,
    LOST,
    OPEN,
    PASSING,
    REGRESSED,
    SOFTENED,
    gate,
    guards,
    run,
    suites,
    variants,
)


def texts(result: RunResult) -> list[str]:
    return [conclusion.text for conclusion in conclude(result)]


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (PASSING, "PASS – 2 of 2 primary gates passed"),
        (REGRESSED, "BLOCK – accuracy regressed"),
        (OPEN, "BLOCK – accuracy is inconclusive (worse)"),
        (LOST, "BLOCK – accuracy is inconclusive (missing), 1 error"),
        (LIMITED, "BLOCK – a limited run does not gate"),
        (DESELECTED, "NOT GATED – 1 gate deselected"),
        (EMPTY, "NOT GATED – no gate is configured"),
        (
            SOFTENED,
            "WARN – accuracy is inconclusive (worse), let through by --ragft-on-inconclusive=warn",
        ),
    ],
)
def test_one_variant(result: RunResult, text: str) -> None:
    assert texts(result) == [f"ft-ckpt: {text}"]


def test_each_variant_has_its_own_line() -> None:
    assert texts(FULL) == [
        "rag-format: PASS – 2 of 2 primary gates passed, no guard vetoed (6 inconclusive)",
        "short-answers: BLOCK – accuracy, completeness, papers accuracy and papers completeness "
        "regressed",
    ]


def test_many_findings_become_a_count_and_regressions_come_first() -> None:
    gates = [
        gate(bounds=(-0.3, -0.2, -0.1), outcome="REGRESSION", suites=(f"s{i}",), role="guard")
        for i in range(6)
    ]
    result = run(gate(outcome="INCONCLUSIVE", reason="floor"), gate("completeness"), *gates)
    assert texts(result) == [
        "ft-ckpt: BLOCK – s0 accuracy, s1 accuracy, s2 accuracy and 3 more regressed, "
        "accuracy is inconclusive (floor)"
    ]


@pytest.mark.parametrize(
    ("spoilt", "decision"),
    [
        (replace(PASSING, errors=("the judge did not answer",)), "ERROR"),
        (replace(PASSING, gates_deselected=1, gates_configured=3), "NOT GATED"),
        (replace(PASSING, gates_configured=3), "NOT GATED"),
        (replace(PASSING, gates=()), "NOT GATED"),
        (run(*guards()), "NOT GATED"),
        (replace(PASSING, limit=10), "NOT GATED"),
        (run(gate(bounds=(-0.3, -0.2, -0.1), outcome="REGRESSION", blocks=False)), "BLOCK"),
        (run(gate(outcome="INCONCLUSIVE", reason="missing", blocks=False)), "BLOCK"),
        (run(gate(outcome="INCONCLUSIVE", reason="limited", blocks=False)), "BLOCK"),
    ],
)
def test_whatever_is_lost_takes_pass_away(spoilt: RunResult, decision: str) -> None:
    assert [conclusion.decision for conclusion in conclude(spoilt)] == [decision]


def test_a_limit_that_cuts_nothing_takes_nothing_away() -> None:
    assert texts(replace(PASSING, limit=160)) == ["ft-ckpt: PASS – 2 of 2 primary gates passed"]


def test_a_variant_without_a_gate_is_not_passed_over() -> None:
    result = replace(FULL, gates=tuple(g for g in FULL.gates if g.variant == "rag-format"))
    decisions = {c.variant: c.decision for c in conclude(result)}
    assert decisions == {"rag-format": "NOT GATED", "short-answers": "NOT GATED"}


def test_one_pooled_suite_is_still_the_pooled_gate() -> None:
    pooled = replace(gate(suites=("biomedical",)), pooled=True)
    assert gate_name(pooled) == "accuracy (pooled, primary)"
    assert gate_name(guards()[0]) == "biomedical accuracy (guard)"
    assert texts(run(pooled, suites=suites("biomedical"))) == [
        "ft-ckpt: PASS – 1 of 1 primary gate passed"
    ]


RECALL = gate("recall@5", variant="retrieval", role="guard", suites=("papers",))
OPEN_RECALL = gate(
    "recall@5", outcome="INCONCLUSIVE", reason="floor", variant="retrieval", role="guard"
)
REGRESSED_RECALL = gate(
    "recall@5", (-0.3, -0.2, -0.1), "REGRESSION", variant="retrieval", role="guard"
)


@pytest.mark.parametrize(
    ("gates", "text"),
    [
        ([RECALL], "PASS – no guard vetoed"),
        ([RECALL, OPEN_RECALL], "PASS – no guard vetoed (1 inconclusive)"),
        ([OPEN_RECALL], "NOT GATED – no guard passed, and there is no primary gate"),
        ([gate("mrr", variant="retrieval")], "PASS – 1 of 1 primary gate passed"),
        ([], "NOT GATED – no gate was evaluated"),
    ],
)
def test_retrieval_has_a_conclusion_of_its_own(gates: list[GateResult], text: str) -> None:
    """No default primary gate stands behind it, unlike behind a variant."""
    result = run(
        *PASSING.gates,
        *gates,
        variants=variants("ft-ckpt"),
        gates_configured=2 + len(gates),
        retrieval_gates=max(len(gates), 1),
    )
    assert texts(result) == ["ft-ckpt: PASS – 2 of 2 primary gates passed", f"retrieval: {text}"]


def test_worse_retrieval_blocks_retrieval_and_no_variant() -> None:
    result = run(*PASSING.gates, REGRESSED_RECALL, variants=variants("ft-ckpt"), retrieval_gates=1)
    assert [c.decision for c in conclude(result)] == ["PASS", "BLOCK"]


def test_a_lost_retrieval_gate_takes_pass_away_from_all() -> None:
    result = replace(PASSING, gates_configured=3, retrieval_gates=1)
    assert [c.decision for c in conclude(result)] == ["NOT GATED", "NOT GATED"]
