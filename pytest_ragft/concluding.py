"""The result of a run, from its evaluation, what was selected, and what the reports said."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pytest_ragft.fixtures import COMPARED
from pytest_ragft.gating.ignored_suites import not_wanted, ungated_suites
from pytest_ragft.gating.missing_suites import missing_suite_remarks
from pytest_ragft.gating.result import below_floor, run_result
from pytest_ragft.gating.verdicts import GateKey, gate_key
from pytest_ragft.hooks import CollectionHooks
from pytest_ragft.invocation import narrowing
from pytest_ragft.items import is_question
from pytest_ragft.numbers import count
from pytest_ragft.records import HandWrittenGate, RunResult


@dataclass(slots=True)
class Heard:
    """What the reports of all processes said about tests that are no gates of files."""

    failed_questions: set[str] = field(default_factory=set)
    below_floor: dict[str, str] = field(default_factory=dict)
    """Variants by the node id of a question."""
    hand_written: dict[str, HandWrittenGate] = field(default_factory=dict)
    broken: str | None = None
    """Why the evaluation ended before its time."""
    crashed: bool = False
    """Whether a worker ended without saying what it selected."""

    def report(self, report: pytest.TestReport) -> None:
        """Take in a report."""
        properties = dict(report.user_properties)
        if report.failed and is_question(report.nodeid):
            if properties.get("ragft.failed") == "question_floor":
                self.below_floor[report.nodeid] = report.nodeid.split("::")[1]
            else:
                self.failed_questions.add(report.nodeid)
        if COMPARED in properties and report.when == "call" and not report.skipped:
            self.hand_written[report.nodeid] = HandWrittenGate(
                node_id=report.nodeid, variant=str(properties[COMPARED]), passed=report.passed
            )


def result_of(of: CollectionHooks, heard: Heard, *, interrupted: bool) -> RunResult:
    """The result of a run whose items have ended.

    Args:
        of: the controller, which knows what was selected.
        heard: what its reports said.
        interrupted: whether the items ended before their time.
    """
    absent = left_out(of)
    configured = {gate_key(spec, name): spec for spec, name in of.run.plan.configured()}
    counted = {
        key: of.selected.get(key) or of.collected.get(key) or _node_id(of, key, spec.name)
        for key, spec in configured.items()
        if key not in absent
    }
    by_hand, failed = tuple(heard.hand_written.values()), _failed(heard)
    result = run_result(of.run, counted, errors=_errors(of, heard, interrupted))
    return replace(
        result,
        narrowed=narrowing(of.config),
        ungated=_ungated(of, {test.variant for test in by_hand}),
        hand_written=by_hand,
        below_floor=_all_below_floor(of, heard),
        errors_of={
            name: (*result.errors_of.get(name, ()), *failed.get(name, ()))
            for name in (*result.errors_of, *failed)
        },
        remarks=(
            *result.remarks,
            *missing_suite_remarks(of.run),
            *_remarks(of, len(counted.keys() - of.selected.keys())),
        ),
    )


def left_out(of: CollectionHooks) -> set[GateKey]:
    """Gates that the user's own narrowing of the run leaves out.

    Those which a conftest or a plugin drops count: nobody asked for that.
    """
    if not narrowing(of.config):
        return set()
    configured = {gate_key(spec, name): spec for spec, name in of.run.plan.configured()}
    unwanted = {key for key, spec in configured.items() if not_wanted(of.run.plan, spec)}
    dropped = of.collected.keys() - of.deselected
    return unwanted | (configured.keys() - of.selected.keys() - dropped)


def _node_id(of: CollectionHooks, key: GateKey, name: str) -> str:
    file, variant, _ = key
    path = Path(os.path.relpath(file, of.config.rootpath)).as_posix()
    return f"{path}::{variant}::{name}"


def _ungated(of: CollectionHooks, by_hand: set[str]) -> tuple[str, ...]:
    """Why gates could not be put to the variants, beside those that a filter left out."""
    unwanted = tuple(
        f"{by} leaves out {path}, which gates pool" for path, by in of.run.plan.unwanted.items()
    )
    return unwanted + _nothing_to_put(of, by_hand)


def _nothing_to_put(of: CollectionHooks, by_hand: set[str]) -> tuple[str, ...]:
    without = [v.name for v in of.run.plan.variants if v.name not in by_hand]
    if of.run.plan.configured() or not of.settings.gated or not without:
        return ()
    if of.run.plan.given:
        return ("the files configure no gate that this run could put to a variant",)
    suites = list(of.run.plan.suites.values())
    folder = os.path.relpath(suites[0].path.parent.parent, of.config.invocation_params.dir)
    here = ", ".join(map(str, of.config.args))
    return (
        f"no suite lies under the paths of this run ({here}), and no hand-written test "
        f"compared {', '.join(without)}; give the suites' folder, such as `pytest {folder}`",
    )


def _all_below_floor(of: CollectionHooks, heard: Heard) -> dict[str, int]:
    if not narrowing(of.config):
        return below_floor(of.run)
    variants = list(heard.below_floor.values())
    return {name: variants.count(name) for name in dict.fromkeys(variants)}


def _errors(of: CollectionHooks, heard: Heard, interrupted: bool) -> list[str]:
    """What takes a PASS away although every gate may have passed."""
    errors = [] if heard.broken is None else [heard.broken]
    errors += (error for of_variant in _failed(heard).values() for error in of_variant)
    if interrupted:
        errors.append("the run was interrupted")
    if heard.crashed:
        errors.append("a worker of pytest-xdist ended without a report")
    return errors + ungated_suites(of.run.plan)


def _failed(heard: Heard) -> dict[str, tuple[str, ...]]:
    """By variant: that questions of it failed by themselves."""
    found: dict[str, list[str]] = {}
    for node_id in sorted(heard.failed_questions):
        found.setdefault(node_id.split("::")[1], []).append(node_id)
    return {
        variant: (f"{count(len(ids), 'question')} failed by themselves, such as {ids[0]!r}",)
        for variant, ids in found.items()
    }


def _remarks(of: CollectionHooks, itemless: int) -> list[str]:
    remarks = [
        f"{each.path} is not asked: it lies under {each.by}"
        for each in of.ignored
        if each.kind == "folder"
    ]
    if itemless:
        remarks.append(
            f"{count(itemless, 'gate')} had no test item in this run, which a conftest, a "
            "plugin or `addopts` took away; decided all the same"
        )
    return remarks
