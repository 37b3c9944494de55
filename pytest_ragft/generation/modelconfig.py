"""What a model folder's configuration says, read without transformers."""

from __future__ import annotations

from pathlib import Path

from pytest_ragft.generation.identity import json_fingerprint, weight_files
from pytest_ragft.generation.settings import DTYPES
from pytest_ragft.generation.source import CONFIG, read_object
from pytest_ragft.generation.tensorfile import read_folder_entries

_GENERATION = "generation_config.json"
_COSMETIC = (
    "_name_or_path",
    "_model_name_or_path",
    "dtype",
    "torch_dtype",
    "transformers_version",
    "use_cache",
)
_NEUTRAL = {
    "do_sample": False,
    "repetition_penalty": 1.0,
    "encoder_repetition_penalty": 1.0,
    "no_repeat_ngram_size": 0,
    "suppress_tokens": None,
    "begin_suppress_tokens": None,
    "bad_words_ids": None,
    "num_beams": 1,
}
"""Settings of a generation config that bear on which token comes next, where they do nothing."""


def config_fingerprint(folder: Path) -> str:
    """Identity of the architecture and the end tokens: 64 hexadecimal digits."""
    config = read_object(folder / CONFIG)
    kept = {key: value for key, value in config.items() if key not in _COSMETIC}
    return json_fingerprint({"config": kept, "ends": _generation(folder).get("eos_token_id")})


def own_dtype(folder: Path) -> str:
    """The dtype that a checkpoint was saved in: float32, bfloat16 or float16."""
    config = read_object(folder / CONFIG)
    for part in (config, config.get("text_config")):
        if isinstance(part, dict):
            named = str(part.get("dtype") or part.get("torch_dtype")).removeprefix("torch.")
            if named in DTYPES and named != "auto":
                return named
    names = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}
    stored = (names.get(entry.dtype) for entry in read_folder_entries(weight_files(folder)))
    return next((name for name in stored if name is not None), "float32")


def ignored_settings(folder: Path) -> tuple[str, ...]:
    """A note where the model's own generation settings would choose other tokens."""
    given = _generation(folder)
    names = [n for n, neutral in _NEUTRAL.items() if given.get(n, neutral) not in (neutral, None)]
    if not names:
        return ()
    return (f"decoded greedily, without the model's own {', '.join(names)}",)


def _generation(folder: Path) -> dict[str, object]:
    path = folder / _GENERATION
    return dict(read_object(path)) if path.is_file() else {}
