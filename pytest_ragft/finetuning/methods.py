"""A loaded base made ready for a method of training."""

from __future__ import annotations

from typing import Any

from pytest_ragft.errors import TrainingError, reason_of
from pytest_ragft.finetuning.base import Base
from pytest_ragft.finetuning.recipe import LOW_RANK, Recipe
from pytest_ragft.generation.engine import fold_head_input
from pytest_ragft.models.loading import available_device, load_model

_ALL_LINEAR = "all-linear"


def dtype_of(recipe: Recipe, base: Base) -> str:
    """In which type the base computes: ``bfloat16`` where it is so and the device knows it."""
    if recipe.dtype != "auto":
        return recipe.dtype
    return "bfloat16" if base.dtype == "bfloat16" and _has_bfloat16() else "float32"


def _has_bfloat16() -> bool:
    import torch

    return available_device() != "cuda" or bool(torch.cuda.is_bf16_supported())


def trainable(base: Base, recipe: Recipe) -> Any:
    """The base with what the recipe trains, in float32.

    The weights of a full training are float32 and compute in `dtype_of` by autocast; the frozen
    base of every other method is loaded in `dtype_of`.

    Raises:
        TrainingError: the base does not load, or the method does not fit it.
    """
    import torch

    full = recipe.method == "full"
    model = load_model(
        "AutoModelForCausalLM",
        base.folder,
        what=f"the base {str(base.folder)!r}",
        error=TrainingError,
        dtype=torch.float32 if full else getattr(torch, dtype_of(recipe, base)),
    )
    model.config.use_cache = False
    if full:
        return model
    fold_head_input(model)
    return _with_adapter(model, base, recipe)


def _with_adapter(model: Any, base: Base, recipe: Recipe) -> Any:
    from peft import get_peft_model

    layers = model.config.get_text_config().num_hidden_layers
    if outside := [layer for layer in recipe.layers if not 0 <= layer < layers]:
        raise TrainingError(
            f"--layers: {str(base.folder)!r} has the layers 0 to {layers - 1}, and no "
            f"{', '.join(map(str, outside))}"
        )
    try:
        made = get_peft_model(model, _config(recipe))
    except (ValueError, KeyError) as error:
        raise TrainingError(
            f"{recipe.method} does not fit {str(base.folder)!r}: {reason_of(error)}; name modules "
            f"of the model with --targets, or take --targets {_ALL_LINEAR}"
        ) from error
    if recipe.checkpointing:
        made.enable_input_require_grads()
    return made


def _config(recipe: Recipe) -> Any:
    from peft import LoraConfig, PrefixTuningConfig, PromptTuningConfig, TaskType

    task = TaskType.CAUSAL_LM
    if recipe.method in LOW_RANK:
        targets: Any = list(recipe.targets) or None
        return LoraConfig(
            task_type=task,
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            target_modules=_ALL_LINEAR if targets == [_ALL_LINEAR] else targets,
            use_rslora=recipe.rslora,
            use_dora=recipe.method == "dora",
            layers_to_transform=list(recipe.layers) or None,
        )
    if recipe.method == "prompt":
        # Words of the vocabulary, as Lester et al. (2021) found better than random numbers.
        return PromptTuningConfig(
            task_type=task,
            num_virtual_tokens=recipe.virtual_tokens,
            prompt_tuning_init="SAMPLE_VOCAB",
        )
    return PrefixTuningConfig(task_type=task, num_virtual_tokens=recipe.virtual_tokens)
