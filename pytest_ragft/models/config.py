"""What a model folder's configuration says, read without transformers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_ragft.errors import SpecError
from pytest_ragft.models.files import (
    ADAPTER_CONFIG,
    CONFIG,
    GENERATION_CONFIG,
    TOKENIZER_CONFIG,
    read_object,
    weight_files,
)
from pytest_ragft.models.identity import json_fingerprint
from pytest_ragft.models.tensorfile import read_folder_entries

DTYPES = ("float32", "bfloat16", "float16")

_COSMETIC = (
    "_name_or_path",
    "_model_name_or_path",
    "dtype",
    "torch_dtype",
    "transformers_version",
    "use_cache",
)
# Keys by which transformers opens other files than those that a model is identified by.
_POINTERS = {
    CONFIG: ("transformers_weights", "configuration_files"),
    TOKENIZER_CONFIG: ("fast_tokenizer_files",),
}


def check_pointers(folder: Path) -> None:
    """Refuse a folder whose configuration sends the loader to other files.

    Raises:
        SpecError: it does, or cannot be read.
    """
    for name, keys in _POINTERS.items():
        file = folder / name
        given = read_object(file) if file.is_file() else {}
        for key in keys:
            if given.get(key):
                raise SpecError(
                    f"{str(file)!r} names other files by {key!r} ({given[key]!r}), which do not "
                    "belong to the identity of the model; rename the file that is meant to its "
                    "standard name, and remove the key"
                )


def check_no_adapter(folder: Path) -> None:
    """Refuse the folder of a full model in which an adapter lies, too.

    transformers would load both, and the model be identified by one of them.

    Raises:
        SpecError: there is one.
    """
    if (folder / ADAPTER_CONFIG).is_file():
        raise SpecError(
            f"{str(folder)!r} holds an adapter beside a model ({ADAPTER_CONFIG!r}), which would be "
            "put on it; merge the two, or move the adapter away"
        )


def config_fingerprint(folder: Path) -> str:
    """Identity of the architecture and the end tokens: 64 hexadecimal digits."""
    config = read_object(folder / CONFIG)
    kept = {key: value for key, value in config.items() if key not in _COSMETIC}
    return json_fingerprint({"config": kept, "ends": generation_config(folder).get("eos_token_id")})


def own_dtype(folder: Path) -> str:
    """The dtype that a checkpoint was saved in: float32, bfloat16 or float16."""
    config = read_object(folder / CONFIG)
    for part in (config, config.get("text_config")):
        if isinstance(part, dict):
            named = str(part.get("dtype") or part.get("torch_dtype")).removeprefix("torch.")
            if named in DTYPES:
                return named
    names = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}
    stored = (names.get(entry.dtype) for entry in read_folder_entries(weight_files(folder)))
    return next((name for name in stored if name is not None), "float32")


def generation_config(folder: Path) -> Mapping[str, Any]:
    """The model's own settings of generation; empty where it has none."""
    path = folder / GENERATION_CONFIG
    return read_object(path) if path.is_file() else {}
