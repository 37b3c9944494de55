"""What a run over models becomes as results of a study, and what is said of what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.preflight import check
from pytest_ragft.gating.result import run_result
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.settings import Settings
from pytest_ragft.gating.verdicts import gate_key
from pytest_ragft.progress import NoProgress
from pytest_ragft.records import BASELINE, Score
from pytest_ragft.stats.multiplicity import any_of
from pytest_ragft.study.measuring import GroupResult, measured_group
from pytest_ragft.study.records import Cell
from tests.example import Example

N, DOCUMENTS = 120, 60
CELLS = [Cell(name=name, data="demo", base="org/base", recipe=Recipe()) for name in ("same", "bad")]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[GatingRun]:
    example = Example(tmp_path).suite(documents=DOCUMENTS, per_document=2)
    for name, wrong in (("base", 0.2), ("same", 0.2), ("bad", 0.6)):
        example.recorded(f"{name}.jsonl", wrong=wrong)
    settings = Settings(
        model=tuple(f"{cell.name}={tmp_path / cell.name}.jsonl" for cell in CELLS),
        baseline=str(tmp_path / "base.jsonl"),
        margin={},
        knowledge=("retrieved",),
    )
    made = GatingRun(Plan(settings, tmp_path, [tmp_path / "suites/demo/suite.toml"]), NoProgress())
    check(made)
    made.evaluate(made.plan.everything(), further=True)
    yield made
    made.close()


def measured(run: GatingRun) -> GroupResult:
    run.decided.clear()
    ids = {gate_key(spec, name): spec.name for spec, name in run.plan.configured()}
    return measured_group(
        run,
        run_result(run, ids),
        pair=("demo", "org/base"),
        cells=CELLS,
        gated=list(run.plan.suites.values()),
        facts={cell.name: {} for cell in CELLS},
        report="demo",
    )


def test_means_differences_and_gates_are_those_of_the_run(run: GatingRun) -> None:
    found = measured(run)

    assert found.base is not None
    assert (found.base.questions, found.base.documents, found.base.run) == (N, DOCUMENTS, "demo")
    assert len(set(found.base.clusters.values())) == DOCUMENTS
    same, bad = found.cells
    (accuracy, completeness) = bad.measures
    assert (accuracy.metric, completeness.metric) == ("accuracy", "completeness")
    assert found.base.means["accuracy", "retrieved"] == accuracy.base
    differences = bad.differences["accuracy"]
    assert differences.keys() == found.base.clusters.keys()
    assert sum(differences.values()) / N == pytest.approx(accuracy.difference.estimate)
    assert accuracy.cell - accuracy.base == pytest.approx(accuracy.difference.estimate)
    assert accuracy.difference.lower < -0.4 < accuracy.difference.upper < 0
    assert (accuracy.difference.n, accuracy.missing) == (N, 0)
    assert not any(same.differences["accuracy"].values())
    assert [gate.verdict.outcome for gate in same.gates] == ["PASS", "PASS"]
    assert [gate.verdict.outcome for gate in bad.gates] == ["REGRESSION", "REGRESSION"]
    assert [(kept.suite, kept.metric, kept.trained) for kept in bad.retention] == [
        ("demo", "accuracy", True), ("demo", "completeness", True),
    ]  # fmt: skip


def test_passing_among_several_is_worth_less(run: GatingRun) -> None:
    luck = measured(run).luck

    assert luck is not None
    assert (luck.tried, luck.passed, luck.chance) == (2, 1, any_of(0.05, 2))


def test_a_score_that_is_missing_is_counted_and_no_mean_of_fewer_unsaid(run: GatingRun) -> None:
    lost = Score(metric="accuracy", value=None, status="missing", reason="the judge was away")
    scores = run.evaluation.scores["bad", "demo"]
    scores["q0-0"] = {**scores["q0-0"], "accuracy": lost}

    _, bad = measured(run).cells

    assert (bad.measures[0].missing, bad.measures[0].difference.n) == (1, N - 1)
    assert "demo/q0-0" not in bad.differences["accuracy"]
    assert bad.gates[0].variant_missing == 1


def test_an_arm_that_failed_costs_its_cell_alone(run: GatingRun) -> None:
    run.evaluation.errors["bad", "demo"] = "out of memory"

    found = measured(run)

    assert found.failed == {"bad": "out of memory"}
    assert [of.cell.name for of in found.cells] == ["same"]
    assert found.luck is not None
    assert found.luck.tried == 1


def test_without_its_base_no_cell_is_measured(run: GatingRun) -> None:
    run.evaluation.errors[BASELINE, "demo"] = "out of memory"

    found = measured(run)

    assert found.base is None
    assert found.cells == ()
    why = "the base could not be measured: out of memory"
    assert found.failed == {"same": why, "bad": why}
    assert found.notes == ("org/base on demo: could not be measured: out of memory",)
