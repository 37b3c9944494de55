"""The Trainer of transformers, set by a recipe: its loss, its callbacks, its silence."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pytest_ragft.errors import TrainingError
from pytest_ragft.finetuning.base import Base
from pytest_ragft.finetuning.loss import Row, answer_loss, collate
from pytest_ragft.finetuning.methods import dtype_of
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.models.loading import available_device

# Steps after which the development part is looked at and a checkpoint kept, where epochs are long.
_EVERY = 200
_LOWER = "lower --learning-rate, or take --dtype float32"


def arguments_of(recipe: Recipe, base: Base, work: Path, pairs: int, *, development: bool) -> Any:
    """What transformers' Trainer is told.

    Args:
        recipe: How it trains.
        base: Whose dtype decides the precision of a full training.
        work: A folder for checkpoints.
        pairs: How many are trained on.
        development: Whether there is a development part.
    """
    from transformers import TrainingArguments

    every = min(_EVERY, math.ceil(pairs / recipe.batch))
    settings: dict[str, Any] = {"group_by_length": True}
    # Its name since transformers 5.2.
    if "train_sampling_strategy" in TrainingArguments.__dataclass_fields__:
        settings = {"train_sampling_strategy": "group_by_length"}
    if development:
        settings |= {
            "eval_strategy": "steps",
            "eval_steps": every,
            "prediction_loss_only": True,
            "load_best_model_at_end": True,
            "metric_for_best_model": "eval_loss",
            "greater_is_better": False,
        }
    if recipe.checkpointing:
        settings["gradient_checkpointing_kwargs"] = {"use_reentrant": False}
    return TrainingArguments(
        output_dir=str(work),
        per_device_train_batch_size=recipe.batch,
        per_device_eval_batch_size=recipe.batch,
        num_train_epochs=recipe.epochs,
        learning_rate=recipe.rate,
        warmup_steps=recipe.warmup,
        lr_scheduler_type="linear",
        seed=recipe.seed,
        data_seed=recipe.seed,
        bf16=recipe.method == "full" and dtype_of(recipe, base) == "bfloat16",
        gradient_checkpointing=recipe.checkpointing,
        logging_steps=1,
        # Else a loss that is no number would be logged as the mean of those before.
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        restore_callback_states_from_checkpoint=True,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        use_cpu=available_device() == "cpu",
        **settings,
    )


def answer_trainer(
    model: Any,
    arguments: Any,
    rows: Sequence[Row],
    pad: int,
    *,
    development: Sequence[Row] = (),
    patience: int = 0,
) -> Any:
    """A Trainer with `answer_loss`, which prints nothing.

    Args:
        model: To train.
        arguments: TrainingArguments.
        rows: To train on.
        pad: A token to pad with.
        development: Whose loss is looked at; empty for none.
        patience: Looks without a lower one that end the training; 0: none.
    """
    from transformers import EarlyStoppingCallback, PrinterCallback, ProgressCallback, Trainer

    class AnswerTrainer(Trainer):  # type: ignore[misc]
        """Takes `answer_loss` as the loss."""

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any
        ) -> Any:
            loss = answer_loss(model, inputs)
            return (loss, {}) if return_outputs else loss

    stopping = bool(development) and patience > 0
    trainer = AnswerTrainer(
        model=model,
        args=arguments,
        train_dataset=list(rows),
        eval_dataset=list(development) or None,
        data_collator=partial(collate, pad=pad),
        callbacks=[EarlyStoppingCallback(patience)] if stopping else [],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    return trainer


def watch(advance: Callable[[int, str], None]) -> Any:
    """A callback that shows steps, and stops where the loss is no number."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        shown = 0

        def on_log(
            self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any
        ) -> None:
            if "loss" not in logs:
                return
            loss = logs["loss"]
            if not (math.isfinite(loss) and math.isfinite(logs.get("grad_norm", 0.0))):
                raise TrainingError(
                    f"the loss is no number any more at step {state.global_step} of "
                    f"{state.max_steps}; nothing was written: {_LOWER}"
                )
            advance(state.global_step - self.shown, f"loss {loss:.3f}")
            self.shown = state.global_step

    return Watch()
