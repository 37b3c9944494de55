"""What a study will take, before anything is computed: pairs, tokens, steps, answers, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pytest_ragft.errors import RagftError
from pytest_ragft.finetuning.recipe import PEOPLE
from pytest_ragft.finetuning.run import Prepared
from pytest_ragft.finetuning.training import seconds_a_step, steps_of
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.timing import Timing, measure
from pytest_ragft.progress import NoProgress
from pytest_ragft.records import BASELINE
from pytest_ragft.study.evaluating import plan_of, wanted_of
from pytest_ragft.study.opened import OpenedStudy
from pytest_ragft.study.reading import spec_of
from pytest_ragft.study.records import Cell
from pytest_ragft.study.running import Selection
from pytest_ragft.study.training import is_trained, prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class CellForecast:
    """What a cell, or a base by itself, will take."""

    name: str
    there: bool = False
    """Whether its model is."""
    pairs: int = 0
    """That are trained on; 0 where nothing is to be trained, or for a base."""
    tokens: int = 0
    """Of one epoch."""
    steps: int = 0
    training: float = 0.0
    """Seconds."""
    answers: int = 0
    """That are not there."""
    answering: float = 0.0
    """Seconds, judging included."""
    error: str = ""
    """Why it cannot be trained."""

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.training + self.answering


@dataclass(slots=True)
class _Speeds:
    """Seconds a step and an answer, each measured once for all that are alike."""

    study: OpenedStudy
    steps: dict[tuple[str, ...], float] = field(default_factory=dict)
    answers: dict[tuple[str, str], Timing] = field(default_factory=dict)

    def step(self, cell: Cell, made: Prepared) -> float:
        recipe = cell.recipe
        key = (cell.data, cell.base, recipe.method, recipe.form, recipe.target, str(recipe.batch))
        if key not in self.steps:
            self.steps[key] = seconds_a_step(made.rows, recipe, self.study.base(cell.base))
        return self.steps[key]

    def answer(self, pair: tuple[str, str]) -> float:
        """Of an answer with retrieved passages, by the base, with its judgement."""
        if pair not in self.answers:
            spec = spec_of(self.study.plan, pair[1])
            # The base stands for a model of it: an adapter adds little.
            plan = plan_of(self.study, *pair, [], model=(f"model={spec}",), knowledge=())
            self.answers[pair] = measure(plan)
        return self.answers[pair].answering + self.answers[pair].judging


def forecast(study: OpenedStudy, wanted: Selection) -> list[CellForecast]:
    """What each base and each cell of a part of a study will take; nothing is kept.

    A step is timed once for each data set, base, method, form, target and batch; answers with
    retrieved passages by the base, which others are taken to be like. Targets that a model is to
    write are taken to be as long as the references, and no time for writing them.

    Args:
        study: Opened for reading alone.
        wanted: The part.

    Raises:
        RagftError: a suite or a base cannot be used.
    """
    speeds = _Speeds(study)
    found = []
    for pair in study.plan.bases:
        cells = [cell for cell in study.group(*pair) if cell in wanted.cells]
        if not cells and pair not in wanted.bases:
            continue
        there = {cell.name: _there(study, cell) for cell in cells}
        kept = _kept(study, pair, [cell for cell in cells if there[cell.name] is True])
        rows = [_base(study, pair), *(_cell(study, c, there[c.name], speeds) for c in cells)]
        arms = [BASELINE, *(cell.name for cell in cells)]
        found += [
            _answered(row, pair, _asked(study, pair[0]) - kept.get(arm, 0), speeds)
            for row, arm in zip(rows, arms, strict=True)
        ]
    return found


def _there(study: OpenedStudy, cell: Cell) -> bool | str:
    """Whether a model is there, or why that cannot be said."""
    try:
        return is_trained(study, cell)
    except RagftError as error:
        return str(error)


def _base(study: OpenedStudy, pair: tuple[str, str]) -> CellForecast:
    return CellForecast(name=f"{pair[1]} on {pair[0]}", there=True)


def _cell(study: OpenedStudy, cell: Cell, there: bool | str, speeds: _Speeds) -> CellForecast:
    if there is True:
        return CellForecast(name=cell.name, there=True)
    if there:
        return CellForecast(name=cell.name, error=str(there))
    try:
        made = prepared(study, _as_people(cell))
        faults = [fault.line for fault in made.faults if fault.severity == "error"]
        steps = steps_of(len(made.rows), cell.recipe)
        return CellForecast(
            name=cell.name,
            pairs=len(made.rows),
            tokens=made.tokens,
            steps=steps,
            training=0.0 if faults else steps * speeds.step(cell, made),
            error="; ".join(faults),
        )
    except RagftError as error:
        return CellForecast(name=cell.name, error=str(error))


def _as_people(cell: Cell) -> Cell:
    """A cell whose targets nobody has to write: that may take longer than the training."""
    if cell.recipe.target.endswith(".jsonl"):
        return cell
    return replace(cell, recipe=replace(cell.recipe, target=PEOPLE))


def _answered(
    row: CellForecast, pair: tuple[str, str], answers: int, speeds: _Speeds
) -> CellForecast:
    if row.error or not answers:
        return row
    return replace(row, answers=answers, answering=answers * speeds.answer(pair))


def _asked(study: OpenedStudy, data: str) -> int:
    """Answers that each model of a data set gives."""
    gated = study.suites(study.plan.data[data].gated)
    found = 0
    for suite in study.asked(data):
        if not suite.judged:
            continue
        kinds = study.plan.knowledge if suite in gated else ("retrieved",)
        if all(example.checks for example in suite.examples):
            kinds = ("retrieved",)
        questions = sum(
            kind != "gold" or bool(example.relevant) for kind in kinds for example in suite.examples
        )
        found += questions * suite.generation.samples
    return found


def _kept(study: OpenedStudy, pair: tuple[str, str], cells: Sequence[Cell]) -> Mapping[str, int]:
    """Answers that the store holds, by arm."""
    run = GatingRun(plan_of(study, *pair, cells, offline=True, cache="ro"), NoProgress())
    try:
        gated = [suite.name for suite in study.suites(study.plan.data[pair[0]].gated)]
        run.evaluate(wanted_of(run), further=True, only=gated)
        every = [run.evaluation, *run.evaluator.further.evaluations.values()]
        found: dict[str, int] = {}
        for evaluation in every:
            for arm in evaluation.answers:
                found[arm[0]] = found.get(arm[0], 0) + len(evaluation.every_answer(arm))
        return found
    finally:
        run.close()
