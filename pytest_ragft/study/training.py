"""The models of a study: which are there, and how one that is not is trained."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pytest_ragft.atomic import whole_folder
from pytest_ragft.errors import InputError, TrainingError, reason_of
from pytest_ragft.finetuning.card import render_card
from pytest_ragft.finetuning.run import Prepared, finetune, prepare
from pytest_ragft.finetuning.writing import CARD
from pytest_ragft.generation.adapter import IDENTITY
from pytest_ragft.quiet import tell
from pytest_ragft.store import fingerprint
from pytest_ragft.study.opened import OpenedStudy
from pytest_ragft.study.records import Cell

_KIND = "pairs"


def is_trained(study: OpenedStudy, cell: Cell) -> bool:
    """Whether the model of a cell is there, as its `ragft.json` says: same base, recipe and data.

    What the data is has to be known: pairs of a cell that was never prepared here are not there.

    Raises:
        InputError: another model stands in its place.
    """
    folder = study.model(cell)
    if not folder.exists():
        return False
    facts = facts_of(folder)
    known = study.store.get([_key(study, cell)])
    data = known.get(_key(study, cell)) or _remembered(study, cell, prepared(study, cell))
    wanted = _wanted(study, cell, data)
    for what, value in _made_of(facts).items():
        if value != wanted[what]:
            raise InputError(
                f"{str(folder)!r} holds a model of another training: its {what} is "
                f"{str(value)[:8]}… and not {wanted[what][:8]}…; move it away, or take another "
                "--out"
            )
    return True


def _wanted(study: OpenedStudy, cell: Cell, data: str) -> dict[str, str]:
    """What the model of a cell is made of; `data` is the fingerprint of its pairs."""
    weights = study.identities[cell.base]["weights"]
    return {"base weights": weights, "recipe": cell.recipe.fingerprint, "data": data}


def _made_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a model that is there."""
    return {
        "base weights": facts["base"]["weights"],
        "recipe": facts["training"]["recipe"],
        "data": facts["data"]["fingerprint"],
    }


def facts_of(folder: Path) -> dict[str, Any]:
    """What the `ragft.json` of a trained model says.

    Raises:
        InputError: there is none, or it is not that of `ragft finetune`.
    """
    file = folder / IDENTITY
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        _made_of(facts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(folder)!r} is no model that `ragft finetune` has written ({IDENTITY}: "
            f"{error!r}); move it away, or take another --out"
        ) from error
    return dict(facts)


def prepared(study: OpenedStudy, cell: Cell) -> Prepared:
    """The pairs of a cell.

    Raises:
        RagftError: they cannot be made.
    """
    suite, base = study.training(cell.data), study.base(cell.base)
    gated = study.asked(cell.data)
    return prepare(suite, cell.recipe, base, study.retrieve, gated, ask=study.ask)


def train_cell(study: OpenedStudy, cell: Cell) -> None:
    """Train the model of a cell, or take it from one that was trained alike.

    A training that was stopped goes on.

    Raises:
        RagftError: its pairs have errors, or the training fails.
    """
    made = prepared(study, cell)
    if faults := [fault.line for fault in made.faults if fault.severity == "error"]:
        raise TrainingError(f"nothing was trained: {'; '.join(faults)}")
    if (twin := _twin(study, cell, made)) is not None:
        tell(f"{cell.name} is {twin.name}, which is there")
        _copy(study.model(twin), study.model(cell))
        _remembered(study, cell, made)
        return
    source = f"{study.training(cell.data).name} (suite)"
    finetune(
        made,
        cell.recipe,
        study.base(cell.base),
        study.model(cell),
        source=source,
        progress=study.progress,
        on_familiarity=(lambda found: tell(found.line)) if study.plan.familiarity else None,
    )
    _remembered(study, cell, made)
    # The trainer's cycles keep a whole model until somebody looks, and the next one is loaded now.
    gc.collect()


def _twin(study: OpenedStudy, cell: Cell, made: Prepared) -> Cell | None:
    """A cell of another data set with the same base, recipe and pairs, whose model is there."""
    wanted = _wanted(study, cell, made.parts.training.fingerprint)
    training = study.plan.data[cell.data].training
    for other in study.plan.cells:
        same = other.base == cell.base and study.plan.data[other.data].training == training
        # The part that ends a training early is cut from the same suite by the same recipe.
        model = study.model(other)
        there = other != cell and same and (model / IDENTITY).is_file()
        if there and wanted == _made_of(facts_of(model)):
            return other
    return None


def _copy(source: Path, target: Path) -> None:
    try:
        with whole_folder(target) as part:
            shutil.copytree(source, part, dirs_exist_ok=True)
            text = render_card(target.name, facts_of(source))
            (part / CARD).write_text(text, encoding="utf-8")
    except OSError as error:
        raise TrainingError(f"{str(target)!r} cannot be written: {reason_of(error)}") from error


def _remembered(study: OpenedStudy, cell: Cell, made: Prepared) -> str:
    data = made.parts.training.fingerprint
    study.store.put(_KIND, {_key(study, cell): data})
    return data


def _key(study: OpenedStudy, cell: Cell) -> str:
    """Of the pairs of a cell: all that they are made of."""
    return fingerprint(
        _KIND,
        version("pytest-ragft"),
        dict(study.identities[cell.base]),
        cell.recipe.plain(),
        study.training(cell.data).fingerprint,
        [suite.fingerprint for suite in study.asked(cell.data)],
    )
