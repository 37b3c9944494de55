"""A training by transformers' Trainer: resumable, watched, stopped where it fails or has enough."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.errors import RagftError, TrainingError, reason_of
from pytest_ragft.finetuning.base import Base
from pytest_ragft.finetuning.loss import Row, answer_loss, collate, mean_loss
from pytest_ragft.finetuning.methods import dtype_of, trainable
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.finetuning.trainer import answer_trainer, arguments_of, watch
from pytest_ragft.models.loading import available_device, is_out_of_memory, platform_of
from pytest_ragft.models.tensorfile import read_entries
from pytest_ragft.progress import Progress
from pytest_ragft.quiet import quiet_libraries

MEASURED_PAIRS = 64
"""Pairs that the reported loss is the mean of: a few steps' own losses would be mostly noise."""

_STATE = "trainer_state.json"
# Bytes a trained number: it and two moments of the optimizer in float32, in two checkpoints and one
# that is being written; a tenth for what stands beside.
_BYTES = 3 * 3 * 4 * 1.1
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place on the loss curve."""

    step: int
    loss: float
    """Mean of the steps since the point before, on training pairs with dropout."""
    development: float | None = None
    """Mean over the development part; None without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model after its training, and how that went."""

    model: Any
    steps: int
    planned: int
    """Steps without an early end."""
    kept_step: int
    """Of the weights that are kept: those with the lowest loss on the development part."""
    loss_start: float
    loss_end: float
    curve: tuple[Point, ...]
    seconds: float
    """Of this process; without what it resumed from."""
    dtype: str
    platform: str


def steps_of(pairs: int, recipe: Recipe) -> int:
    """Steps of a whole training."""
    return recipe.epochs * math.ceil(pairs / recipe.batch)


def is_unmoved(step: int, recipe: Recipe) -> bool:
    """Whether the weights after a step are still those before the first: warm-up begins at 0."""
    return step <= 1 and recipe.warmup > 0


def train(
    rows: Sequence[Row],
    development: Sequence[Row],
    recipe: Recipe,
    base: Base,
    *,
    work: Path,
    progress: Progress,
    before: Callable[[Any], None] | None = None,
) -> Trained:
    """Train, from the last whole checkpoint in `work` where there is one.

    Args:
        rows: To train on.
        development: Whose loss ends the training early; empty for none.
        recipe: How.
        base: What.
        work: A folder for checkpoints, of this base, recipe and data alone.
        progress: Shows steps and loss.
        before: Gets the model, on its device, before anything is trained.

    Raises:
        TrainingError: the base does not load, memory or disk run out, the loss is no number, or
            nothing was learnt.
    """
    from transformers import set_seed

    with quiet_libraries(), _errors(work):
        set_seed(recipe.seed)
        model = trainable(base, recipe)
        _expect_space(model, work)
        arguments = arguments_of(recipe, base, work, len(rows), development=bool(development))
        trainer = answer_trainer(
            model, arguments, rows, base.pad, development=development, patience=recipe.patience
        )
        if before is not None:
            before(model)
        measured = rows[:MEASURED_PAIRS]
        start = _start(model, measured, base.pad, work)
        if not math.isfinite(start):
            raise TrainingError(
                f"the loss of {str(base.folder)!r} is no number before the first step, so that "
                "nothing can be learnt: take --dtype float32, or another base"
            )
        resumed = last_checkpoint(work)
        started = time.monotonic()
        planned = steps_of(len(rows), recipe)
        with progress.phase(f"training ({recipe.method})", planned, "steps") as phase:
            trainer.add_callback(watch(phase.advance))
            trainer.train(resume_from_checkpoint=None if resumed is None else str(resumed))
        spent = time.monotonic() - started
        state = trainer.state
        kept_step = _kept_step(state) if development else state.global_step
        if is_unmoved(kept_step, recipe):
            raise TrainingError(
                "nothing was learnt: the weights with the lowest development loss are those after "
                "step 1, at which the learning rate is 0 in warm-up; take --warmup 0, another "
                "--learning-rate or more questions"
                if state.global_step > 1
                else "nothing was learnt in the one step, at which the learning rate is 0 in "
                "warm-up; take --warmup 0, more --epochs or a smaller --batch"
            )
        return Trained(
            model=model,
            steps=state.global_step,
            planned=planned,
            kept_step=kept_step,
            loss_start=start,
            loss_end=mean_loss(model, measured, base.pad),
            curve=_curve(state.log_history),
            seconds=spent,
            dtype=dtype_of(recipe, base),
            platform=platform_of(next(model.parameters()).device),
        )


def seconds_a_step(
    rows: Sequence[Row],
    recipe: Recipe,
    base: Base,
    before: Callable[[Any], None] | None = None,
) -> float:
    """How long a step of average length takes here, measured on two after an uncounted one.

    Args:
        rows: To train on.
        recipe: How.
        base: What.
        before: Gets the model, on its device, before anything is measured.

    Raises:
        TrainingError: the base does not load, or memory runs out.
    """
    with quiet_libraries(), _errors(None):
        model = trainable(base, recipe).to(available_device())
        if before is not None:
            before(model)
        ordered = sorted(rows, key=lambda row: len(row["input_ids"]))
        middle = max(0, (len(ordered) - recipe.batch) // 2)
        batch = collate(ordered[middle : middle + recipe.batch], base.pad)
        batch = {name: value.to(available_device()) for name, value in batch.items()}
        model.train()
        times = []
        for _ in range(3):
            begun = time.monotonic()
            answer_loss(model, batch).backward()
            times.append(time.monotonic() - begun)
    return sum(times[1:]) / 2


def _expect_space(model: Any, work: Path) -> None:
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    needed, free = trained * _BYTES, shutil.disk_usage(work).free
    if free < needed:
        raise TrainingError(
            f"{str(work.parent)!r} has {free / _MEGABYTE:,.0f} MB free, and checkpoints of "
            f"{trained:,} trained numbers may take {needed / _MEGABYTE:,.0f} MB; make room, or "
            "write to another disk with --out"
        )


def last_checkpoint(work: Path) -> Path | None:
    """The newest checkpoint that was written to its end; None where there is none.

    Trainer writes its state last, and what a killed process left of the others does not open.
    """
    found = [
        (int(folder.name.rpartition("-")[2]), folder)
        for folder in work.glob("checkpoint-*")
        if folder.name.rpartition("-")[2].isdecimal()
    ]
    for _, folder in sorted(found, reverse=True):
        if _is_whole(folder):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
    return None


def _is_whole(folder: Path) -> bool:
    try:
        json.loads((folder / _STATE).read_text(encoding="utf-8"))
        weights = sorted(folder.glob("*.safetensors"))
        for file in weights:
            read_entries(file)
    except (OSError, ValueError, RagftError):
        return False
    return bool(weights)


def _start(model: Any, measured: Sequence[Row], pad: int, work: Path) -> float:
    """The loss before the first step, kept for when the training is resumed."""
    kept = work / "loss_start.json"
    try:
        return float(json.loads(kept.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        start = mean_loss(model, measured, pad)
        kept.write_text(json.dumps(start), encoding="utf-8")
        return start


def _kept_step(state: Any) -> int:
    best = getattr(state, "best_global_step", None)
    return int(best) if best else int(state.global_step)


def _curve(history: Sequence[dict[str, Any]]) -> tuple[Point, ...]:
    """The losses between looks at the development part, or of about twenty stretches."""
    losses = {int(entry["step"]): float(entry["loss"]) for entry in history if "loss" in entry}
    looks = {int(e["step"]): float(e["eval_loss"]) for e in history if "eval_loss" in e}
    if not losses:
        return ()
    last = max(losses)
    stretch = max(1, math.ceil(last / 20))
    ends = sorted({*range(stretch, last + 1, stretch), *looks, last})
    points, begin = [], 0
    for end in ends:
        inside = [loss for step, loss in losses.items() if begin < step <= end]
        if inside:
            mean = sum(inside) / len(inside)
            points.append(Point(step=end, loss=mean, development=looks.get(end)))
        begin = end
    return tuple(points)


@contextmanager
def _errors(work: Path | None) -> Iterator[None]:
    """What libraries raise in a training, as one message that says what stays."""
    try:
        yield
    except RagftError:
        raise
    except Exception as error:
        again = ""
        if work is not None and last_checkpoint(work) is not None:
            again = "; the same command goes on from the last checkpoint"
        if is_out_of_memory(error):
            raise TrainingError(
                "the training does not fit into memory; lower --batch, add --checkpointing, or "
                f"show fewer passages{again}"
            ) from error
        what = "cannot be kept" if isinstance(error, OSError) else "failed"
        raise TrainingError(f"the training {what}: {reason_of(error)}{again}") from error
