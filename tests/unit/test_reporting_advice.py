"""What to do next follows from what a run found, and is said for every conclusion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_ragft.gate.suite_moves import suite_moves, worst_move
from pytest_ragft.records import AnswerStyle, HandWrittenGate, Refusals, RunResult, Stratum
from pytest_ragft.reporting.advice import advice, headline, overall
from pytest_ragft.reporting.conclusion import Conclusion, conclude
from tests.unit.test_reporting_examples import (
    DESELECTED,
    EMPTY,
    EXAMPLES,
    FULL,
    LIMITED,
    LOST,
    OPEN,
    PASSING,
    REGRESSED,
    SOFTENED,
    gate,
    run,
    variants,
)


def advised(result: RunResult, variant: str | None = None) -> list[str]:
    (conclusion,) = (c for c in conclude(result) if variant in (None, c.variant))
    return advice(result, conclusion)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_conclusion_has_a_headline_and_advice(name: str) -> None:
    for conclusion in conclude(EXAMPLES[name]):
        assert conclusion.variant in headline(conclusion)
        lines = advice(EXAMPLES[name], conclusion)
        assert lines
        assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    ("result", "first"),
    [
        (PASSING, "deploy it, and keep it as the next baseline"),
        (REGRESSED, "keep the model that is deployed"),
        (LIMITED, "gate without --ragft-limit"),
        (LOST, "repair what the errors name"),
        (DESELECTED, "gate again with everything selected"),
        (EMPTY, "give it a gate"),
        (OPEN, "accuracy: it did get worse, so rather train again"),
        (SOFTENED, "accuracy: it did get worse"),
    ],
)
def test_the_most_urgent_comes_first(result: RunResult, first: str) -> None:
    assert advised(result)[0].startswith(first)


def test_nothing_that_is_not_a_pass_is_to_be_deployed() -> None:
    for result in EXAMPLES.values():
        for conclusion in conclude(result):
            deploys = any(line.startswith("deploy") for line in advice(result, conclusion))
            assert deploys == (conclusion.decision == "PASS")


def test_a_regression_names_the_suite_that_lost_most() -> None:
    (line, *_) = advised(FULL, "short-answers")
    assert "read the questions of papers that lost most: accuracy 0.412 → 0.192 (−0.220)" in line


def test_too_few_questions_say_how_many_would_decide() -> None:
    lines = advised(run(gate(bounds=(-0.07, -0.02, 0.03), outcome="INCONCLUSIVE",
                             reason="underpowered")))  # fmt: skip
    assert lines == [
        "accuracy: too few questions to tell; about 1,250 questions in 344 documents would decide: "
        "announce that size with `looks`, then write them"
    ]


def test_what_more_questions_cannot_settle_is_not_sent_for_more() -> None:
    open_gate = gate(bounds=(-0.07, -0.05, -0.03), outcome="INCONCLUSIVE", reason="underpowered")
    (line,) = advised(run(replace(open_gate, questions_to_decide=None)))
    assert "too close to the margin for any number of questions" in line


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("floor", "add questions: a verdict needs 59 independent ones from at least 20 documents"),
        ("looks", "the announced looks are used up"),
        ("missing", "scores are missing (accuracy)"),
    ],
)
def test_other_reasons_for_no_verdict(reason: str, said: str) -> None:
    lines = advised(run(gate(outcome="INCONCLUSIVE", reason=reason)))
    assert any(said in line for line in lines)


def test_the_answers_say_what_to_train_on() -> None:
    lost = gate(
        bounds=(-0.143, -0.108, -0.072),
        outcome="REGRESSION",
        strata=(Stratum(name="relevant passage retrieved", n=402, baseline=0.5, variant=0.38),),
    )
    before, after = variants("ft-ckpt", cut=200)
    style = AnswerStyle(
        variant="ft-ckpt", n=480, baseline_words=25.0, variant_words=3.1, lower=-24.0, upper=-19.0,
        baseline_markup=0.0, variant_markup=0.0, notable=True,
    )  # fmt: skip
    refused = Refusals(
        variant="ft-ckpt", answerable=400, baseline_refused=10, variant_refused=60,
        unanswerable=80, baseline_abstained=70, variant_abstained=20,
    )  # fmt: skip
    lines = advised(
        run(lost, variants=(before, after), styles=(style,), refusals=(refused,)),
    )
    text = "\n".join(lines)

    assert "its answers have 3.1 words, the baseline's 25.0" in text
    assert "41.7 % of its answers are cut at max_new_tokens" in text
    assert "it declines 60 answerable questions, the baseline 10" in text
    assert "it declines 20 unanswerable questions, the baseline 70" in text
    assert "where a relevant passage was retrieved it lost 0.120 of accuracy" in text


def test_a_failed_test_of_ones_own_is_named() -> None:
    failed = HandWrittenGate(node_id="test_own.py::test_it", variant="ft-ckpt", passed=False)
    assert "see why test_own.py::test_it failed" in advised(run(gate(), hand_written=(failed,)))


def test_moves_come_from_a_suites_own_gate_or_its_part_of_a_pooled_one() -> None:
    part = Stratum(name="suite papers", n=160, baseline=0.4, variant=0.3)
    pooled = gate(strata=(part,))
    own = gate(bounds=(-0.09, -0.02, 0.05), suites=("biomedical",), role="guard", n=160)
    moves = {move.suite: move for move in suite_moves(run(pooled, own), "ft-ckpt")}

    assert set(moves) == {"papers", "biomedical"}
    assert moves["biomedical"].gate == own
    assert moves["papers"].gate is None
    assert moves["papers"].difference == pytest.approx(-0.1)
    assert worst_move(moves.values()) == moves["papers"]
    assert worst_move([]) is None


def conclusion(variant: str, decision: Any, *, blocks: bool = False) -> Conclusion:
    return Conclusion(variant=variant, decision=decision, reasons=("so",), blocks=blocks)


@pytest.mark.parametrize(
    ("conclusions", "said"),
    [
        ([conclusion("a", "PASS"), conclusion("b", "BLOCK")], "1 of 2 variants can be deployed"),
        ([conclusion("a", "PASS"), conclusion("retrieval", "PASS")], "a can be deployed"),
        (
            [conclusion("a", "PASS"), conclusion("retrieval", "BLOCK", blocks=True)],
            "Do not deploy today's index: its retrieval is not shown to be as good",
        ),
        (
            [conclusion("a", "NOT GATED", blocks=True), conclusion("retrieval", "PASS")],
            "a was not gated, so that nothing is proven",
        ),
        (
            [conclusion("retrieval", "PASS")],
            "Today's retrieval is not worse than the saved baseline's",
        ),
    ],
)
def test_retrieval_is_no_variant_to_deploy(conclusions: list[Conclusion], said: str) -> None:
    assert overall(conclusions) == said


def test_what_retrieval_lost_is_nothing_to_train_on() -> None:
    (of,) = [g for g in REGRESSED.gates if g.pooled and g.gate.metric == "accuracy"]
    run = replace(REGRESSED, gates=(replace(of, variant="retrieval"),), retrieval_gates=1)
    told = " ".join(advice(run, conclusion("retrieval", "BLOCK", blocks=True)))
    assert "keep the index that is deployed" in told
    assert "train" not in told
