"""A study from its plan to its results: block after block, whatever is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pytest_ragft.errors import InputError, described
from pytest_ragft.quiet import tell
from pytest_ragft.study.evaluating import OnRun, check_group, evaluate_group
from pytest_ragft.study.measuring import GroupResult
from pytest_ragft.study.opened import OpenedStudy
from pytest_ragft.study.records import Cell, StudyPlan, StudyResult
from pytest_ragft.study.spreads import spreads
from pytest_ragft.study.training import is_trained, train_cell

OnResult = Callable[[StudyResult], object]
"""Gets the results after each block that changed them."""

# Cells that a message names.
_SHOWN = 5


@dataclass(slots=True, kw_only=True)
class _State:
    """What has been found so far."""

    trained: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    groups: dict[tuple[str, str], GroupResult] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A part of a study."""

    cells: frozenset[Cell]
    """That may be trained; of the others, those that are there take part in the results."""
    bases: frozenset[tuple[str, str]]
    """Pairs of data set and base that are measured, whether a cell of theirs is there or not."""


def selection(
    plan: StudyPlan, *, part: tuple[int, int] = (1, 1), pattern: str | None = None
) -> Selection:
    """A part of a study by number, or by the names of its cells.

    Args:
        plan: Of the study.
        part: Which, from 1, of how many; a part of so many takes every so many-th cell. Bases
            that no cell is trained of belong to the first.
        pattern: With ``*``, ``?`` and ``[…]``, for names of cells.

    Raises:
        InputError: no cell has such a name.
    """
    named = [c for c in plan.cells if pattern is None or fnmatchcase(c.name, pattern)]
    if pattern is not None and not named:
        some = ", ".join(repr(cell.name) for cell in plan.cells[:_SHOWN])
        raise InputError(f"--cells={pattern!r}: no cell has such a name; there are {some}, …")
    number, of = part
    cells = frozenset(plan.cells[number - 1 :: of]).intersection(named)
    alone = set(plan.bases) - {(cell.data, cell.base) for cell in plan.cells}
    bases = {(cell.data, cell.base) for cell in cells}
    if number == 1 and pattern is None:
        bases |= alone
    return Selection(cells=cells, bases=frozenset(bases))


def run_study(
    study: OpenedStudy,
    wanted: Selection,
    *,
    on_run: OnRun,
    on_result: OnResult,
    trains: bool = True,
) -> StudyResult:
    """Train and evaluate what is not there; what fails is recorded, and the others go on.

    Args:
        study: Opened for writing.
        wanted: The part of it.
        on_run: Gets the result of each gating run.
        on_result: Gets the results whenever a block has changed them.
        trains: Whether anything is trained.

    Returns:
        All results.

    Raises:
        RagftError: what is trained could not be measured; found before any training.
    """
    state = _State()
    todo = _sorted_out(study, wanted.cells if trains else (), state)
    for pair in dict.fromkeys((cell.data, cell.base) for cell in todo):
        check_group(study, *pair)
    there = {(c.data, c.base) for c in study.plan.cells if c.name in state.trained}
    number = 0
    for block in range(study.plan.blocks):
        changed = False
        for pair in study.plan.bases:
            mine = [c for c in todo if c.block == block and (c.data, c.base) == pair]
            for cell in mine:
                number += 1
                tell(f"cell {number} of {len(todo)}: {cell.name}")
                _train(study, cell, state)
            if mine or _is_due(study, state, pair, block, wanted.bases | there):
                trained = [cell for cell in study.group(*pair) if cell.name in state.trained]
                state.groups[pair] = evaluate_group(study, *pair, trained, on_run)
                changed = True
        if changed:
            on_result(_result(study, state))
    return _result(study, state)


def _is_due(
    study: OpenedStudy,
    state: _State,
    pair: tuple[str, str],
    block: int,
    wanted: Collection[tuple[str, str]],
) -> bool:
    """Whether a base is to be measured now with what is there: at first, and once."""
    first = study.plan.first_block.get(pair, 0)
    return pair in wanted and pair not in state.groups and first <= block


def _sorted_out(study: OpenedStudy, wanted: Collection[Cell], state: _State) -> list[Cell]:
    """The cells that are to be trained; those that are there are noted."""
    todo = []
    for cell in study.plan.cells:
        try:
            if is_trained(study, cell):
                state.trained.add(cell.name)
            elif cell in wanted:
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
    failed = {name: _portable(study, why) for name, why in failed.items()}
    by_name = {found.cell.name: found for group in groups for found in group.cells}
    names = [cell.name for cell in study.plan.cells]
    cells = tuple(by_name[name] for name in names if name in by_name)
    bases = tuple(group.base for group in groups if group.base is not None)
    return StudyResult(
        plan=study.plan,
        bases=bases,
        cells=cells,
        spreads=spreads(cells, bases),
        luck=tuple(group.luck for group in groups if group.luck is not None),
        not_run=tuple(name for name in names if name not in by_name and name not in failed),
        failed={name: failed[name] for name in names if name in failed},
        notes=tuple(_portable(study, note) for group in groups for note in group.notes),
    )


def _portable(study: OpenedStudy, text: str) -> str:
    """What is said in results, as it holds wherever the study lies."""
    for folder in (study.out, study.plan.file.parent):
        text = text.replace(f"{folder.absolute()}/", "")
    return text
