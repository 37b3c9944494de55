"""From an evaluated run over one data set and base to the results of its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_ragft.gate.knowledge import effects_of
from pytest_ragft.gate.suite_moves import suite_moves
from pytest_ragft.gating.answer_differences import refusals_over, style_over
from pytest_ragft.gating.knowledge import Measured
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.verdicts import run_errors
from pytest_ragft.records import BASELINE, Knowledge, RunResult
from pytest_ragft.stats.multiplicity import any_of
from pytest_ragft.study.records import (
    BaseResult,
    Cell,
    CellResult,
    Increment,
    Kept,
    Luck,
    Measure,
)
from pytest_ragft.suite import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """What a run over one data set and base has found."""

    base: BaseResult | None = None
    """None where the base itself could not be measured."""
    cells: tuple[CellResult, ...] = ()
    luck: Luck | None = None
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why, by cell."""
    notes: tuple[str, ...] = ()


def measured_group(
    run: GatingRun,
    result: RunResult,
    *,
    pair: tuple[str, str],
    cells: Sequence[Cell],
    gated: Sequence[Suite],
    facts: Mapping[str, Mapping[str, Any]],
    report: str,
) -> GroupResult:
    """The results of a group; a cell that lacks anything it was asked for has failed.

    Args:
        run: Evaluated, over the cells as variants.
        result: Of the run.
        pair: Data set and base.
        cells: Of the run.
        gated: The suites of the data set.
        facts: By cell, what its `ragft.json` says.
        report: Name of the run's reports; empty for none.
    """
    data, base = pair
    if lost := list(dict.fromkeys(_errors(run, BASELINE))):
        why = f"the base could not be measured: {'; '.join(lost)}"
        note = f"{base} on {data}: {why.removeprefix('the base ')}"
        return GroupResult(failed={cell.name: why for cell in cells}, notes=(note,))
    measured = Measured(run, gated)
    failed = {c.name: why for c in cells if (why := _why_failed(run, result, c.name))}
    whole = [cell for cell in cells if cell.name not in failed]
    found = tuple(
        _cell_result(run, result, measured, cell, gated, facts[cell.name]) for cell in whole
    )
    return GroupResult(
        base=_base_result(run, measured, pair, gated, report),
        cells=found,
        luck=_luck(pair, found),
        failed=failed,
    )


def _errors(run: GatingRun, name: str) -> Iterator[str]:
    for evaluation in (run.evaluation, *run.evaluator.further.evaluations.values()):
        yield from (error for (arm, _), error in evaluation.errors.items() if arm == name)


def _why_failed(run: GatingRun, result: RunResult, name: str) -> str:
    """Why a cell has no result; empty where all of it is there."""
    found = [*_errors(run, name), *result.errors_of.get(name, ())]
    for spec, variant in run.plan.configured():
        if variant == name:
            found += run_errors(run, spec, variant)
    return "; ".join(dict.fromkeys(found))


def _base_result(
    run: GatingRun,
    measured: Measured,
    pair: tuple[str, str],
    gated: Sequence[Suite],
    report: str,
) -> BaseResult:
    data, base = pair
    clusters = {
        question(suite.name, e.id): "\0".join(suite.cluster_of(e).key(suite.name))
        for suite in gated
        for e in suite.examples
    }
    texts = [
        answer.text
        for suite in gated
        for answer in run.evaluation.answers[BASELINE, suite.name].values()
    ]
    return BaseResult(
        data=data,
        base=base,
        means={
            (score.metric, score.knowledge): score.mean
            for score in measured.scores([BASELINE])
            if score.mean is not None
        },
        increments=_increments(run, measured, BASELINE),
        run=report,
        questions=len(clusters),
        documents=len(set(clusters.values())),
        words=sum(len(text.split()) for text in texts) / max(len(texts), 1),
        clusters=clusters,
    )


def question(suite: str, example_id: str) -> str:
    """How results name a question."""
    return f"{suite}/{example_id}"


def _cell_result(
    run: GatingRun,
    result: RunResult,
    measured: Measured,
    cell: Cell,
    gated: Sequence[Suite],
    facts: Mapping[str, Any],
) -> CellResult:
    name, known = cell.name, {suite.name for suite in gated}
    rows = measured.beside_baseline(name, "retrieved")
    return CellResult(
        cell=cell,
        facts=facts,
        gates=tuple(gate for gate in result.gates if gate.variant == name),
        measures=tuple(
            measure
            for kind in run.plan.settings.knowledge
            for measure in _measures(measured, name, kind)
        ),
        increments=_increments(run, measured, name),
        style=style_over(gated, run.evaluation, name),
        refusals=refusals_over(gated, run.evaluation, name),
        retention=tuple(
            Kept(
                suite=move.suite,
                metric=move.metric,
                base=move.baseline,
                cell=move.variant,
                n=move.n,
                trained=move.suite in known,
                gate=move.gate,
            )
            for move in suite_moves(result, name)
        ),
        differences={
            metric: {
                question(row.pair.suite, row.pair.id): row.after - row.before for row in of.rows
            }
            for metric, of in rows.items()
        },
    )


def _measures(measured: Measured, name: str, kind: Knowledge) -> Iterator[Measure]:
    effects, _ = effects_of(name, "baseline_difference", measured.beside_baseline(name, kind))
    for effect in effects:
        yield Measure(
            metric=effect.metric,
            knowledge=kind,
            base=effect.before,
            cell=effect.after,
            difference=effect.interval,
            missing=effect.missing,
        )


def _increments(run: GatingRun, measured: Measured, name: str) -> tuple[Increment, ...]:
    if "none" not in run.plan.settings.knowledge:
        return ()
    effects, _ = effects_of(name, "increment", measured.rows(name, "increment"))
    changes = {}
    if name != BASELINE:
        rows = measured.rows(name, "increment_difference")
        found, _ = effects_of(name, "increment_difference", rows)
        changes = {effect.metric: effect.interval for effect in found}
    return tuple(
        Increment(
            metric=effect.metric,
            without=effect.before,
            retrieved=effect.after,
            difference=effect.interval,
            change=changes.get(effect.metric),
        )
        for effect in effects
    )


def _luck(pair: tuple[str, str], cells: Sequence[CellResult]) -> Luck | None:
    """What passing is worth among these models; None where none of them can be passed."""
    primary = [[g for g in cell.gates if g.gate.role == "primary"] for cell in cells]
    levels = [gate.verdict.alpha for gates in primary for gate in gates]
    if not levels:
        return None
    data, base = pair
    passed = sum(
        bool(of) and not any(gate.blocks for gate in cell.gates)
        for of, cell in zip(primary, cells, strict=True)
    )
    return Luck(
        data=data,
        base=base,
        tried=len(cells),
        passed=passed,
        chance=any_of(max(levels), len(cells)),
    )
