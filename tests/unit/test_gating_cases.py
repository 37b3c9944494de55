"""A result carries every answered question with its texts, put together when it is asked for."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.result import run_result
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.settings import Settings
from pytest_ragft.reporting.progress import progress_to
from tests.example import Example


@pytest.fixture
def run(example: Example) -> GatingRun:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.5)
    settings = Settings(
        model=(str(example.folder / "variant.jsonl"),),
        baseline=str(example.folder / "baseline.jsonl"),
        margin={},
    )
    suite = Path(example.folder, "suites", "demo", "suite.toml")
    return GatingRun(Plan(settings, example.folder, [suite]), progress_to(StringIO()))


def test_a_case_has_all_that_shows_what_got_worse(run: GatingRun) -> None:
    run.evaluate(run.plan.everything())
    cases = run_result(run, {}).cases
    run.close()

    assert len(cases) == len(run.plan.suites["demo"].examples)
    worse = [of for of in cases.values() if of.scores["accuracy"].value == 0.0]
    assert worse
    for case in worse:
        assert case.example.references
        assert case.passages
        assert [hit.passage_id for hit in case.hits] == [passage.id for passage in case.passages]
        assert case.baseline_answer is not None
        assert case.answer.text != case.baseline_answer.text
        assert case.baseline_scores["accuracy"].value == 1.0
        assert cases[case.suite, case.example.id, case.variant] == case


def test_what_was_not_answered_is_no_case(run: GatingRun) -> None:
    run.evaluate(run.plan.arms("variant", ["demo"], frozenset(["q0-0"])))
    known = {answer for arm in run.evaluation.answers.values() for answer in arm}
    run.close()

    assert {example for _, example, _ in run.cases} == known
    assert ("demo", "no such question", "variant") not in run.cases
    assert ("demo", "q0-0", "nobody") not in run.cases


def test_nothing_is_put_together_before_it_is_asked_for(
    run: GatingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.evaluate(run.plan.everything())
    monkeypatch.setattr("pytest_ragft.gating.cases.AnsweredCase", None)
    result = run_result(run, {})
    run.close()

    with pytest.raises(TypeError):
        next(iter(result.cases.values()))
