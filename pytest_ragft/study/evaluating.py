"""One gating run over the trained cells of a data set and a base: one load answers for all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_ragft.errors import RagftError, described
from pytest_ragft.gating.gates import GateSpec
from pytest_ragft.gating.plan import Plan, Wanted
from pytest_ragft.gating.preflight import check
from pytest_ragft.gating.result import run_result
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.settings import Settings
from pytest_ragft.gating.verdicts import gate_key
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import VariantSpec
from pytest_ragft.records import BASELINE, RunResult
from pytest_ragft.study.measuring import GroupResult, measured_group
from pytest_ragft.study.opened import OpenedStudy
from pytest_ragft.study.reading import spec_of
from pytest_ragft.study.records import Cell
from pytest_ragft.study.training import facts_of

OnRun = Callable[[str, RunResult], None]
"""Gets the result of each run over at least one model, with the name of its group."""


def group_name(study: OpenedStudy, data: str, base: str) -> str:
    """Names the reports of a group."""
    bases = list(dict.fromkeys(of for each, of in study.plan.bases if each == data))
    if len(bases) == 1:
        return data
    return f"{data}-{bases.index(base) + 1}-{Path(base).name}"


def check_group(study: OpenedStudy, data: str, base: str) -> None:
    """Find what would keep the models of a group from being measured, before any is trained.

    Raises:
        RagftError: a suite, its retriever or checks, the base or the judge cannot be used.
    """
    # The base stands for a model of it.
    model = f"model={spec_of(study.plan, base)}"
    run = GatingRun(plan_of(study, data, base, [], model=(model,)), study.progress)
    try:
        check(run)
    finally:
        run.close()


def evaluate_group(
    study: OpenedStudy, data: str, base: str, cells: Sequence[Cell], on_run: OnRun
) -> GroupResult:
    """Answer, judge and measure what the store lacks of a base and models of it.

    Args:
        study: With the models of the cells.
        data: The data set.
        base: The base.
        cells: Trained ones.
        on_run: Gets the result of the run.
    """
    unusable = {c.name: why for c in cells if (why := _why_unusable(study, c))}
    usable = [cell for cell in cells if cell.name not in unusable]
    run = GatingRun(plan_of(study, data, base, usable), study.progress)
    try:
        check(run)
        gated = [suite.name for suite in study.suites(study.plan.data[data].gated)]
        run.evaluate(wanted_of(run), further=True, only=gated)
        found = _measured(study, run, (data, base), usable, on_run)
    except RagftError as error:
        note = f"{base} on {data}: {error}"
        found = GroupResult(failed={c.name: str(error) for c in usable}, notes=(note,))
    finally:
        run.close()
    return GroupResult(
        base=found.base,
        cells=found.cells,
        luck=found.luck,
        failed={**unusable, **found.failed},
        notes=found.notes,
    )


def plan_of(study: OpenedStudy, data: str, base: str, cells: Sequence[Cell], **over: Any) -> Plan:
    """The gating plan of a group, perhaps with some settings as `over` gives them.

    Raises:
        RagftError: a suite or its rules cannot be used.
    """
    plan, asked = study.plan, study.asked(data)
    spec = spec_of(plan, base)
    settings = Settings(
        model=tuple(f"{cell.name}={study.model(cell).absolute()}" for cell in cells),
        model_from="option",
        baseline=spec,
        baseline_from="option",
        # An adapter names its base as seen from its own folder, which a merged study has moved.
        base=Path(spec) if os.path.isdir(spec) else None,
        judge=plan.judge,
        es_url=study.es_url,
        margin={},
        knowledge=plan.knowledge,
    )
    return Plan(
        replace(settings, **over),
        study.out.absolute(),
        [suite.path for suite in asked],
        rootdir=plan.file.parent.absolute(),
        identities={suite.path: suite.identity for suite in asked},
    )


def wanted_of(run: GatingRun) -> Wanted:
    """Everything, and all that the base is asked where there is no model to compare it with."""
    suites = [suite.name for group in run.plan.given_groups for suite in group.suites]
    return run.plan.arms(BASELINE, suites) | run.plan.everything()


def _why_unusable(study: OpenedStudy, cell: Cell) -> str:
    """Why a model cannot be opened, which would stop all others of its run; empty if it can."""
    spec = spec_of(study.plan, cell.base)
    try:
        open_generators(
            [VariantSpec(name=cell.name, spec=str(study.model(cell).absolute()))],
            baseline=spec,
            wants_baseline=True,
            base=Path(spec) if os.path.isdir(spec) else None,
            options={"": GenerationSettings()},
            offline=False,
            store=study.store,
        )
    except RagftError as error:
        return described(error)
    return ""


def _measured(
    study: OpenedStudy,
    run: GatingRun,
    pair: tuple[str, str],
    cells: Sequence[Cell],
    on_run: OnRun,
) -> GroupResult:
    node_ids = {
        gate_key(spec, variant): _node_id(study, spec, variant)
        for spec, variant in run.plan.configured()
    }
    result = run_result(run, node_ids)
    report = group_name(study, *pair) if cells else ""
    if report:
        on_run(report, result)
    return measured_group(
        run,
        result,
        pair=pair,
        cells=cells,
        gated=study.suites(study.plan.data[pair[0]].gated),
        facts={cell.name: facts_of(study.model(cell)) for cell in cells},
        report=report,
    )


def _node_id(study: OpenedStudy, spec: GateSpec, variant: str) -> str:
    place = os.path.relpath(spec.path, study.plan.file.parent.absolute())
    return f"{Path(place).as_posix()}::{variant}::{spec.name}"
