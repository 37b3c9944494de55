"""Parts of a study that were run apart, put together."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from pytest_ragft.atomic import whole_folder
from pytest_ragft.errors import InputError, reason_of
from pytest_ragft.generation.adapter import IDENTITY
from pytest_ragft.models.files import ADAPTER_CONFIG
from pytest_ragft.study.begun import FILE, expect_same, plain_plan, read_begun
from pytest_ragft.study.opened import STORE, OpenedStudy
from pytest_ragft.study.records import Cell

# Fingerprints of files on the machine where a part was run.
_STAYS = ("identity",)


def merge(study: OpenedStudy, others: Sequence[Path]) -> None:
    """Take models, answers and scores of other folders of the same study; what is here stays.

    Args:
        study: Begun.
        others: Folders that its parts were run in.

    Raises:
        InputError: one is of another study, with what differs, or cannot be read.
        StoreError: a store cannot be used.
    """
    now = plain_plan(study)
    for other in others:
        before = read_begun(other) if other.is_dir() else None
        if before is None:
            raise InputError(f"--merge={str(other)!r}: no study was run there (no {FILE})")
        # It may have been run before cells were added, which it then lacks.
        expect_same(before, now, str(other / FILE), extend=True)
    for other in others:
        study.store.take(other / STORE, without=_STAYS)
        for cell in study.plan.cells:
            _take_model(study, cell, other / "models" / cell.name)


def _take_model(study: OpenedStudy, cell: Cell, source: Path) -> None:
    target = study.model(cell)
    if target.exists() or not (source / IDENTITY).is_file():
        return
    try:
        with whole_folder(target) as part:
            shutil.copytree(source, part, dirs_exist_ok=True)
            _rename_base(study, cell, part / ADAPTER_CONFIG)
    except (OSError, ValueError) as error:
        raise InputError(
            f"--merge: the model {str(source)!r} cannot be copied: {reason_of(error)}; the same "
            "command goes on"
        ) from error


def _rename_base(study: OpenedStudy, cell: Cell, file: Path) -> None:
    """Let an adapter name its base as it is seen from where it lies now."""
    if not file.is_file():
        return
    config = json.loads(file.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = study.base(cell.base).named_from(study.model(cell))
    file.write_text(json.dumps(config, indent=2, sort_keys=True), encoding="utf-8")
