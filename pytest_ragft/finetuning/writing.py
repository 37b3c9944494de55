"""A trained model on disk: whole, with what it is made of beside it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytest_ragft.atomic import whole_folder
from pytest_ragft.errors import TrainingError, reason_of
from pytest_ragft.finetuning.base import Base
from pytest_ragft.finetuning.card import render_card
from pytest_ragft.finetuning.familiarity import Familiarity
from pytest_ragft.finetuning.pairs import Parts
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.finetuning.training import Trained
from pytest_ragft.generation.adapter import IDENTITY
from pytest_ragft.models.files import (
    ADAPTER_WEIGHTS,
    GENERATION_CONFIG,
    tokenizer_files,
    weight_files,
)
from pytest_ragft.quiet import quiet_libraries

CARD = "README.md"


def write_trained(
    trained: Trained,
    recipe: Recipe,
    base: Base,
    parts: Parts,
    source: str,
    out: Path,
    suites: Sequence[str] = (),
    familiarity: Familiarity | None = None,
) -> None:
    """Write adapter or weights, `ragft.json` and the card; the folder is there whole or not at all.

    Args:
        trained: The model, changed: its weights take the dtype of the base.
        recipe: How it was trained.
        base: What it was made of.
        parts: What it was trained on.
        source: Where the pairs come from, for the card.
        out: The folder; what stands there is replaced.
        suites: Names of those whose questions or prompt were taught.
        familiarity: Of what was taught, where it was looked at.

    Raises:
        TrainingError: it cannot be written.
    """
    facts = facts_of(trained, recipe, base, parts, source, suites, familiarity)
    try:
        with quiet_libraries(), whole_folder(out) as part:
            if recipe.method == "full":
                save_full(trained.model, part, base)
            else:
                save_adapter(trained.model, part, base.named_from(out), base.dtype)
            (part / IDENTITY).write_text(
                json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
            (part / CARD).write_text(render_card(out.name, facts), encoding="utf-8")
    except OSError as error:
        raise TrainingError(
            f"{str(out)!r} cannot be written: {reason_of(error)}; the same command goes on from "
            "the last checkpoint"
        ) from error


def facts_of(
    trained: Trained,
    recipe: Recipe,
    base: Base,
    parts: Parts,
    source: str,
    suites: Sequence[str] = (),
    familiarity: Familiarity | None = None,
) -> dict[str, Any]:
    """What `ragft.json` says."""
    known = {} if familiarity is None else {"familiarity": _rounded(asdict(familiarity))}
    return {
        "base": {"name": base.name, "weights": base.weights},
        "recipe": recipe.plain(),
        "data": {
            "source": source,
            "suites": list(suites),
            "pairs": len(parts.training.pairs),
            "development": len(parts.development.pairs),
            "fingerprint": parts.training.fingerprint,
            "notes": list(parts.training.notes),
            **known,
        },
        "training": {
            "recipe": recipe.fingerprint,
            "steps": trained.steps,
            "planned": trained.planned,
            "kept_step": trained.kept_step,
            "loss_start": round(trained.loss_start, 4),
            "loss_end": round(trained.loss_end, 4),
            "dtype": trained.dtype,
            "platform": trained.platform,
            "curve": [_rounded(asdict(point)) for point in trained.curve],
        },
    }


def _rounded(point: Mapping[str, Any]) -> dict[str, Any]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in point.items()}


def save_adapter(model: Any, folder: Path, base_name: str, dtype: str) -> None:
    """Write an adapter of peft in the dtype that its base is saved in.

    Args:
        model: peft's, changed: its weights take that dtype.
        folder: To be written to.
        base_name: Of the base, as the configuration is to say it.
        dtype: float32, bfloat16 or float16.
    """
    import torch

    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(getattr(torch, dtype))
    for config in model.peft_config.values():
        config.base_model_name_or_path = base_name
        config.inference_mode = True
    # "auto" would look for the base by its name, on the Hub, to see whether its vocabulary grew.
    model.save_pretrained(folder, save_embedding_layers=False)
    (folder / ADAPTER_WEIGHTS).chmod(0o644)
    # peft's own card says nothing.
    (folder / CARD).unlink(missing_ok=True)


def save_full(model: Any, folder: Path, base: Base) -> None:
    """Write all weights in the dtype of the base, with its tokenizer as it is."""
    import torch

    model.config.use_cache = True
    model.to(getattr(torch, base.dtype)).save_pretrained(folder)
    for file in weight_files(folder):
        file.chmod(0o644)
    copied = [*tokenizer_files(base.folder), base.folder / GENERATION_CONFIG]
    for file in filter(Path.is_file, copied):
        target = folder / file.relative_to(base.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
