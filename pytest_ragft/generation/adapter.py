"""What can be known about a LoRA adapter from its files, without torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.source import ModelSource, open_source
from pytest_ragft.models.files import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    read_object,
    user_path,
    weight_files,
)
from pytest_ragft.models.identity import json_fingerprint
from pytest_ragft.models.tensorfile import TensorEntry, read_entries, read_folder_entries

IDENTITY = "ragft.json"
"""Beside the weights: which base the adapter was trained on, by content."""

UNVERIFIED = "base unverified"

_MERGE = "merge it into its base (merge_and_unload, save_pretrained) and gate that folder"
_LORA = "LORA"
# Kinds that peft's layers serve as it merges them; a test holds each against that.
_OTHERS = (
    "ADALORA", "BOFT", "FOURIERFT", "HRA", "IA3", "LN_TUNING", "LOHA", "LOKR", "OFT",
    "PREFIX_TUNING", "PROMPT_TUNING", "P_TUNING", "TRAINABLE_TOKENS", "VERA",
)  # fmt: skip
# Initialisations that leave the base as it is: all others move its weights, on every loading.
_STARTS = (None, True, False, "gaussian", "orthogonal", "eva", "mica")
# Keys of a LoRA configuration that may be set; unset ones (null, false, empty) never matter.
_SERVED = frozenset(
    (
        "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config",
        "ensure_weight_tying", "eva_config", "exclude_modules", "fan_in_fan_out",
        "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform",
        "loftq_config", "lora_alpha", "lora_bias", "lora_dropout", "lora_ga_config",
        "megatron_core", "modules_to_save", "peft_type", "peft_version", "qalora_group_size", "r",
        "rank_pattern", "revision", "runtime_config", "target_modules", "target_parameters",
        "task_type", "trainable_token_indices", "use_dora", "use_rslora", "velora_config",
    )
)  # fmt: skip
# Keys that name modules to import.
_CODE = ("megatron_config", "megatron_core", "auto_map")
# What peft writes into every configuration, and does not import.
_MEGATRON = "megatron.core"
_COSMETIC = (
    "auto_mapping",
    "base_model_name_or_path",
    "inference_mode",
    "lora_dropout",
    "peft_version",
    "revision",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """An adapter folder whose configuration can be served beside others on one base."""

    path: Path
    config: Mapping[str, Any]

    @property
    def virtual_tokens(self) -> int:
        """How many it puts before each prompt."""
        count = self.config.get("num_virtual_tokens")
        return count if isinstance(count, int) else 0


def adapter_config_fingerprint(path: Path) -> str:
    """Identity of what an adapter's configuration changes about answers.

    Raises:
        SpecError: it cannot be read.
    """
    config = read_object(path / ADAPTER_CONFIG)
    return json_fingerprint({key: value for key, value in config.items() if key not in _COSMETIC})


def read_adapter(path: Path) -> Adapter:
    """Read and check an adapter's files, all but its base.

    Raises:
        SpecError: pickled or malformed weights, a kind of adapter that cannot share a base, or
            weights that change nothing.
    """
    config = read_object(path / ADAPTER_CONFIG)
    _check_kind(path, config)
    (weights,) = weight_files(path)
    _check_effect(path, read_entries(weights))
    return Adapter(path=path, config=config)


def find_base(adapter: Adapter, given: Path | None, *, offline: bool) -> ModelSource:
    """The base model of an adapter: `given`, else the one that its configuration names.

    Raises:
        SpecError: it names none, or there is none.
    """
    if given is not None:
        return _full(open_source(str(given), offline=True), "--ragft-base")
    name = adapter.config.get("base_model_name_or_path")
    if not isinstance(name, str) or not name:
        raise SpecError(
            f"{str(adapter.path / ADAPTER_CONFIG)!r} names no base model "
            f"(base_model_name_or_path is {name!r}); say where it lies with --ragft-base=PATH"
        )
    for folder in (user_path(name), adapter.path / name):
        if os.path.isdir(folder):
            return _full(open_source(str(folder), offline=True), str(adapter.path))
    revision = adapter.config.get("revision")
    try:
        source = open_source(
            name, offline=offline, revision=revision if isinstance(revision, str) else None
        )
    except SpecError as error:
        raise SpecError(
            f"the base of the adapter {str(adapter.path)!r}: {error}; or say where the base lies "
            "with --ragft-base=PATH"
        ) from error
    return _full(source, str(adapter.path))


def check_base(adapter: Adapter, base: Path, base_weights: str) -> tuple[str, ...]:
    """Hold an adapter against a base model, by fingerprint where its `ragft.json` gives one.

    Args:
        adapter: The adapter.
        base: Folder of the base model.
        base_weights: Its `weights_fingerprint`.

    Returns:
        Notes for the report: ``base unverified`` where only shapes could be compared.

    Raises:
        SpecError: the adapter belongs to another base.
    """
    identity = adapter.path / IDENTITY
    if not identity.is_file():
        _check_shapes(adapter, base)
        return (UNVERIFIED,)
    match read_object(identity):
        case {"base": {"weights": str(expected)}}:
            pass
        case _:
            raise SpecError(
                f"{str(identity)!r} holds no fingerprint under base.weights; "
                "restore the file, or remove it to have shapes checked only"
            )
    if expected != base_weights:
        raise SpecError(
            f"the adapter {str(adapter.path)!r} was trained on a base with weights "
            f"{expected!r}, but {str(base)!r} has {base_weights!r}; "
            "say where the right base lies with --ragft-base=PATH"
        )
    return ()


def taught_by(folder: Path) -> tuple[str, ...]:
    """The suites by which a model was trained, as its `ragft.json` says; empty where none does.

    A remark for reports alone: a file that says nothing readable says nothing.
    """
    file = folder / IDENTITY
    if not os.path.isfile(file):
        return ()
    try:
        data = read_object(file).get("data")
    except SpecError:
        return ()
    suites = data.get("suites") if isinstance(data, dict) else None
    return tuple(n for n in suites if isinstance(n, str)) if isinstance(suites, list) else ()


def _full(source: ModelSource, origin: str) -> ModelSource:
    if source.kind != "full":
        raise SpecError(
            f"{origin}: the base {source.spec!r} is not a model folder with safetensors "
            f"({source.kind}); an adapter needs the full model that it was trained on"
        )
    return source


def _check_kind(path: Path, config: Mapping[str, Any]) -> None:
    where = repr(str(path / ADAPTER_CONFIG))
    for key in _CODE:
        if (value := config.get(key)) not in (None, _MEGATRON):
            raise SpecError(
                f"{where}: {key} = {value!r} names code of its own, which is never run; {_MERGE}"
            )
    kind = config.get("peft_type")
    if kind not in (_LORA, *_OTHERS):
        raise SpecError(
            f"{where}: peft_type {kind!r} is not served here, only {_LORA} and "
            f"{', '.join(_OTHERS)}; {_MERGE if kind else 'give the folder that peft saved'}"
        )
    if kind != _LORA:
        return
    start = config.get("init_lora_weights")
    if start not in _STARTS:
        raise SpecError(
            f"{where}: init_lora_weights {start!r} changes the base's weights, or is not known to "
            "leave them; convert the adapter to plain LoRA when saving (peft's "
            f"path_initial_model_for_weight_conversion), or {_MERGE}"
        )
    for key, value in config.items():
        if value and key not in _SERVED:
            raise SpecError(f"{where}: {key} = {value!r} is not served here; {_MERGE}")


def _check_effect(path: Path, entries: list[TensorEntry]) -> None:
    """A product A·B is zero when either is; weights of any other sort may have an effect."""
    if not entries:
        raise SpecError(f"{str(path / ADAPTER_WEIGHTS)!r} holds no tensors; save the adapter again")
    pairs: dict[str, list[TensorEntry]] = {}
    for entry in entries:
        marked = _pair_name(entry.name)
        if marked is None:
            return
        pairs.setdefault(marked, []).append(entry)
    if all(any(_is_zero(entry) for entry in pair) for pair in pairs.values()):
        raise SpecError(
            f"the adapter {str(path)!r} changes nothing: its weights (lora_B) are all zero, as "
            "before training; give the trained adapter"
        )


def _pair_name(tensor: str) -> str | None:
    for mark in ("lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B"):
        if f".{mark}" in tensor:
            return tensor.replace(mark, "lora")
    return None


def _is_zero(entry: TensorEntry) -> bool:
    # A negative zero's sign bit counts as an effect here; the probe at loading sees to that case.
    return not any(any(chunk) for chunk in entry.chunks())


def _check_shapes(adapter: Adapter, base: Path) -> None:
    """Inner and outer width of each A·B must be those of the weight that it is added to."""
    weights = {entry.name: entry for entry in read_folder_entries(weight_files(base))}
    widths: dict[str, dict[str, int]] = {}
    for entry in read_folder_entries(weight_files(adapter.path)):
        module, mark, _ = entry.name.partition(".lora_")
        if mark and len(entry.shape) == 2:
            kind = entry.name.removeprefix(f"{module}.lora_").removeprefix("embedding_")[:1]
            if kind in ("A", "B"):
                widths.setdefault(module, {})[kind] = entry.shape[1 if kind == "A" else 0]
    for module, sides in widths.items():
        weight = _weight_of(module, weights)
        if weight is not None and not _fits(sides, weight):
            raise SpecError(
                f"the adapter {str(adapter.path)!r} does not fit the base {str(base)!r}: at "
                f"{module!r} it is {sides.get('B')} × {sides.get('A')}, the base's weight is "
                f"{' × '.join(map(str, weight.shape))}; say where its base lies with "
                "--ragft-base=PATH"
            )


def _weight_of(module: str, weights: Mapping[str, TensorEntry]) -> TensorEntry | None:
    """The base's matrix under a peft module name, whose prefixes differ between releases."""
    parts = module.split(".")
    for start in range(len(parts) - 1):
        weight = weights.get(".".join([*parts[start:], "weight"]))
        if weight is not None and len(weight.shape) == 2:
            return weight
    return None


def _fits(sides: Mapping[str, int], weight: TensorEntry) -> bool:
    if weight.dtype == "U8":
        # bitsandbytes packs the elements of a matrix, two a byte in 4 bits.
        return weight.size in (prod(sides.values()), (prod(sides.values()) + 1) // 2)
    return sorted(sides.values()) == sorted(weight.shape)
