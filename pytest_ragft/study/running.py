"""A study from its plan to its results: block after block, whatever is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from pytest_ragft.errors import described
from pytest_ragft.study.evaluating import OnRun, evaluate_group
from pytest_ragft.study.measuring import GroupResult
from pytest_ragft.study.opened import OpenedStudy
from pytest_ragft.study.records import Cell, StudyResult
from pytest_ragft.study.training import is_trained, train_cell

OnResult = Callable[[StudyResult], None]
"""Gets the results after each block that changed them."""


@dataclass(slots=True, kw_only=True)
class _State:
    """What has been found so far."""

    trained: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    groups: dict[tuple[str, str], GroupResult] = field(default_factory=dict)


def run_study(
    study: OpenedStudy,
    selected: Collection[str],
    *,
    on_run: OnRun,
    on_result: OnResult,
    trains: bool = True,
) -> StudyResult:
    """Train and evaluate what is not there; what fails is recorded, and the others go on.

    Args:
        study: Opened for writing.
        selected: Names of the cells that may be trained; of the others, those that are there take
            part in the results.
        on_run: Gets the result of each gating run.
        on_result: Gets the results whenever a block has changed them.
        trains: Whether anything is trained.

    Returns:
        All results.
    """
    state = _State()
    todo = _sorted_out(study, selected if trains else (), state)
    for block in range(study.plan.blocks):
        changed = False
        for pair in study.plan.bases:
            mine = [c for c in todo if c.block == block and (c.data, c.base) == pair]
            for cell in mine:
                _train(study, cell, state)
            # What needs no training is answered at once: one load serves all that is there.
            if mine or (pair not in state.groups and study.plan.first_block[pair] <= block):
                trained = [cell for cell in study.group(*pair) if cell.name in state.trained]
                state.groups[pair] = evaluate_group(study, *pair, trained, on_run)
                changed = True
        if changed:
            on_result(_result(study, state))
    return _result(study, state)


def _sorted_out(study: OpenedStudy, selected: Collection[str], state: _State) -> list[Cell]:
    """The cells that are to be trained; those that are there are noted."""
    todo = []
    for cell in study.plan.cells:
        try:
            if is_trained(study, cell):
                state.trained.add(cell.name)
            elif cell.name in selected:
                todo.append(cell)
        except Exception as error:
            state.failed[cell.name] = described(error)
    return todo


def _train(study: OpenedStudy, cell: Cell, state: _State) -> None:
    try:
        train_cell(study, cell)
        state.trained.add(cell.name)
    # Trainers and models are foreign code: what one raises must not cost the other cells.
    except Exception as error:
        state.failed[cell.name] = described(error)


def _result(study: OpenedStudy, state: _State) -> StudyResult:
    """The results in the order of the plan, whatever order they were found in."""
    groups = [state.groups[pair] for pair in study.plan.bases if pair in state.groups]
    failed = dict(state.failed)
    for group in groups:
        failed |= group.failed
    # What is said in results holds wherever the folder lies.
    failed = {name: why.replace(f"{study.out.absolute()}/", "") for name, why in failed.items()}
    by_name = {found.cell.name: found for group in groups for found in group.cells}
    names = [cell.name for cell in study.plan.cells]
    cells = tuple(by_name[name] for name in names if name in by_name)
    return StudyResult(
        plan=study.plan,
        bases=tuple(group.base for group in groups if group.base is not None),
        cells=cells,
        spreads=(),
        luck=tuple(group.luck for group in groups if group.luck is not None),
        not_run=tuple(name for name in names if name not in by_name and name not in failed),
        failed={name: failed[name] for name in names if name in failed},
        notes=tuple(note for group in groups for note in group.notes),
    )
