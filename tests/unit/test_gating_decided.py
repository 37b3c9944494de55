"""A gate is decided once over what is evaluated, and anew over what is evaluated later."""

from __future__ import annotations

import gc
from io import StringIO
from pathlib import Path

import pytest

from pytest_ragft.garbage import no_collection
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.settings import Settings
from pytest_ragft.gating.verdicts import gate_result
from pytest_ragft.records import GateResult
from pytest_ragft.reporting.progress import progress_to
from tests.example import Example


def test_what_is_evaluated_later_counts(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")
    settings = Settings(
        model=(str(example.folder / "variant.jsonl"),),
        baseline=str(example.folder / "baseline.jsonl"),
        margin={},
    )
    suite = Path(example.folder, "suites", "demo", "suite.toml")
    run = GatingRun(Plan(settings, example.folder, [suite]), progress_to(StringIO()))
    spec = next(spec for spec, _ in run.plan.configured() if spec.gate.metric == "accuracy")

    def asked(node_id: str) -> GateResult:
        return gate_result(run, spec, "variant", node_id)

    run.evaluate(run.plan.arms("variant", ["demo"], frozenset(["q0-0", "q0-1"])))
    before = asked("first")
    run.evaluate(run.plan.everything())
    after, again = asked("second"), asked("third")
    run.close()

    assert (before.verdict.outcome, before.verdict.reason) == ("INCONCLUSIVE", "missing")
    assert after.verdict.outcome == "PASS"
    # What both hold is one object; each has the id of its item.
    assert again.verdict is after.verdict
    assert (before.node_id, after.node_id, again.node_id) == ("first", "second", "third")


def test_the_collector_goes_on_after_a_pause() -> None:
    with no_collection():
        with no_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_goes_on_after_an_error() -> None:
    with pytest.raises(KeyError), no_collection():
        raise KeyError
    assert gc.isenabled()


def test_a_collector_that_somebody_turned_off_stays_off() -> None:
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
