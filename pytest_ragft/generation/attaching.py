"""An adapter of peft on a base model, one at a time, and taken off again.

peft puts its layers into the model itself. Two adapters at once hang on their order and kind, and
one that fails half-way leaves its layers behind; so each is put on a model without any, and the
modules are put back as they were. What an adapter overwrites is copied before.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_ragft.errors import GenerationError
from pytest_ragft.models.files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, read_object
from pytest_ragft.models.loading import few, loading
from pytest_ragft.models.tensorfile import read_entries

_NAME = "default"
# What adapters change of a module; peft's layers hold the rest.
_KEPT = ("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks")
_PREFIX = "base_model.model."
# Of prompt learning: loaded, and reported as unexpected all the same.
_VIRTUAL = "prompt_embeddings"


class Attached:
    """A base model with an adapter in force.

    Args:
        model: The base; changed until `take_off`.
        folder: The adapter's.

    Raises:
        GenerationError: the adapter cannot be loaded whole; the base is then as it was.
    """

    def __init__(self, model: Any, folder: Path) -> None:
        self.folder = folder
        self._base = model
        self._before = {
            module: {name: copy.copy(module.__dict__[name]) for name in _KEPT}
            for module in model.modules()
        }
        self._words = [(config, config.vocab_size) for config in _configs(model)]
        try:
            with loading(f"the adapter {str(folder)!r}", GenerationError):
                self.model = _put_on(model, folder).eval()
        except BaseException:
            self.take_off()
            raise

    def take_off(self) -> None:
        """Make the base what it was."""
        for module, kept in self._before.items():
            module.__dict__.update(kept)
        for config, words in self._words:
            config.vocab_size = words
        for name in ("peft_config", "_hf_peft_config_loaded"):
            self._base.__dict__.pop(name, None)


def _put_on(model: Any, folder: Path) -> Any:
    """The model that answers: `model` itself, or peft's around it where that adds to the prompt."""
    from peft import PeftConfig, PeftModel, PeftModelForCausalLM

    config = PeftConfig.from_pretrained(str(folder))
    config.inference_mode = True
    _expect_known(folder, config)
    _make_room(model, {e.name: e.shape for e in read_entries(folder / ADAPTER_WEIGHTS)})
    kind = PeftModelForCausalLM if config.is_prompt_learning else PeftModel
    # Kept in the model's dtype, as adapters are served; peft's default is float32.
    peft = kind(model, config, adapter_name=_NAME, autocast_adapter_dtype=False)
    report = peft.load_adapter(
        str(folder),
        adapter_name=_NAME,
        autocast_adapter_dtype=False,
        torch_device=str(model.device),
    )
    unexpected = [key for key in report.unexpected_keys if key != _VIRTUAL]
    for what, keys in (
        ("lacks tensors", report.missing_keys),
        ("holds tensors that the base has no place for", unexpected),
    ):
        if keys:
            raise GenerationError(
                f"the adapter {str(folder)!r} {what}: {few(keys)}; it belongs to another "
                "architecture, or must be merged into its base"
            )
    return peft if config.is_prompt_learning else model


def _expect_known(folder: Path, config: Any) -> None:
    """What this release of peft does not know it leaves out, and serves another model."""
    given = read_object(folder / ADAPTER_CONFIG)
    known = type(config).__dataclass_fields__
    unknown = [key for key, value in given.items() if value and key not in known]
    if unknown:
        import peft

        raise GenerationError(
            f"{str(folder / ADAPTER_CONFIG)!r} sets {few(unknown)}, which peft {peft.__version__} "
            "does not know and would leave out; install the release that it was trained with"
        )


def _make_room(model: Any, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Give the adapter copies of the base's own tensors that it overwrites, and of their size."""
    import torch

    given = {
        name.removeprefix(_PREFIX).replace(".base_layer.", "."): shape
        for name, shape in shapes.items()
    }
    words = {
        shape[0]
        for name, shape in given.items()
        if name.endswith(".weight") and _is_embedding(model, name.removesuffix(".weight"))
    }
    own = dict(model.named_parameters(remove_duplicate=False))
    for name in given.keys() & own.keys():
        module, _, leaf = name.rpartition(".")
        kept = model.get_submodule(module)
        kept._parameters[leaf] = torch.nn.Parameter(own[name].detach().clone(), requires_grad=False)
    if len(words) == 1 and words != {model.get_input_embeddings().weight.shape[0]}:
        model.resize_token_embeddings(words.pop(), mean_resizing=False)
    elif words:
        model.tie_weights()


def _is_embedding(model: Any, module: str) -> bool:
    found = dict(model.named_modules()).get(module)
    return found is not None and found in (
        model.get_input_embeddings(),
        model.get_output_embeddings(),
    )


def _configs(model: Any) -> list[Any]:
    return list({id(c): c for c in (model.config, model.config.get_text_config())}.values())
