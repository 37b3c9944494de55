"""A sentence-transformers folder: what it says, and what it is by content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.encoding.port import SETTING
from pytest_ragft.store import fingerprint

Pooling = Literal["mean", "cls"]

_ALGORITHM = "hf-encoder/1"
_CONFIG = "config.json"
_SINGLE = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_MODULES = ("Transformer", "Pooling", "Normalize")
_TOKENIZER = (
    "added_tokens.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "special_tokens_map.json",
    "spiece.model",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderFiles:
    """What a folder's configuration says about encoding."""

    folder: Path
    """Of the transformer: weights, config.json and tokenizer."""
    pooling: Pooling
    lower: bool
    """Texts are lower-cased before they are tokenized."""
    longest: int | None
    """Tokens that are read of a text; None: as many as the model has positions."""
    dimensions: int

    def fingerprint(self) -> str:
        """Weights, tokenizer, configuration and algorithm version, by content."""
        names = [_CONFIG, *_TOKENIZER, *(file.name for file in _weights(self.folder))]
        parts = {
            name: _digest(self.folder / name) for name in names if (self.folder / name).is_file()
        }
        return fingerprint(_ALGORITHM, self.pooling, self.lower, self.longest, parts)


def read_encoder_files(folder: Path) -> EncoderFiles:
    """Read the configuration of a sentence-transformers folder, or of a plain transformer.

    Mean pooling where nothing is configured, as sentence-transformers does.

    Raises:
        RetrievalError: the folder is no encoder, is damaged, or wants what is not done here.
    """
    modules = _modules(folder)
    inner = folder / modules.get("Transformer", "")
    if not (inner / _CONFIG).is_file():
        raise _unusable(
            folder, f"there is no {_CONFIG!r} in {str(inner)!r}",
            "give the folder of a sentence-transformers model",
        )  # fmt: skip
    _weights(inner)
    if not any((inner / name).is_file() for name in _TOKENIZER):
        raise _unusable(folder, "it has no tokenizer", "save the model again, with its tokenizer")
    _refuse_prompts(folder)
    settings = _settings(inner)
    config = _object(inner / _CONFIG)
    return EncoderFiles(
        folder=inner,
        pooling=_pooling(folder, modules),
        lower=settings.get("do_lower_case") is True,
        longest=_count(inner, settings.get("max_seq_length")),
        dimensions=_dimensions(inner, config),
    )


def _modules(folder: Path) -> dict[str, str]:
    """Folders of the modules by kind."""
    file = folder / "modules.json"
    if not file.is_file():
        return {}
    content = _json(file)
    modules: dict[str, str] = {}
    for module in content if isinstance(content, list) else [None]:
        match module:
            case {"type": str(kind), "path": str(path)}:
                modules[kind.rpartition(".")[2]] = path
            case _:
                raise _unusable(folder, f"{file.name!r} lists no modules", "save the model again")
    for kind in modules:
        if kind not in _MODULES:
            raise _unusable(
                folder,
                f"it has a module {kind!r}, and only {', '.join(_MODULES)} are done here",
                "choose another, or serve it and use openai:MODEL@URL",
            )
    return modules


def _pooling(folder: Path, modules: Mapping[str, str]) -> Pooling:
    if "Pooling" not in modules:
        return "mean"
    config = _object(folder / modules["Pooling"] / _CONFIG)
    named = config.get("pooling_mode")
    modes = {
        name.removeprefix("pooling_mode_") for name, on in config.items()
        if name.startswith("pooling_mode_") and on is True
    } | ({named} if isinstance(named, str) else set())  # fmt: skip
    if modes in ({"mean_tokens"}, {"mean"}):
        return "mean"
    if modes in ({"cls_token"}, {"cls"}):
        return "cls"
    raise _unusable(
        folder, f"it pools by {sorted(modes)!r}, and only mean or cls are done here",
        "choose another, or serve it and use openai:MODEL@URL",
    )  # fmt: skip


def _refuse_prompts(folder: Path) -> None:
    file = folder / "config_sentence_transformers.json"
    prompts = _object(file).get("prompts") if file.is_file() else None
    if isinstance(prompts, dict) and any(prompts.values()):
        raise _unusable(
            folder, f"it wants prompts before its texts ({', '.join(map(repr, prompts))})",
            "choose one without, or serve it and use openai:MODEL@URL",
        )  # fmt: skip


def _settings(folder: Path) -> Mapping[str, Any]:
    file = folder / "sentence_bert_config.json"
    return _object(file) if file.is_file() else {}


def _dimensions(folder: Path, config: Mapping[str, Any]) -> int:
    for key in ("hidden_size", "dim", "d_model"):
        if (size := _count(folder, config.get(key))) is not None:
            return size
    raise _unusable(folder, f"{_CONFIG!r} gives no hidden_size", "save the model again")


def _count(folder: Path, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _unusable(folder, f"a size in its configuration is {value!r}", "save the model again")
    return value


def _weights(folder: Path) -> list[Path]:
    if (folder / _SINGLE).is_file():
        return [folder / _SINGLE]
    if (folder / _INDEX).is_file():
        shards = _object(folder / _INDEX).get("weight_map")
        names = sorted(set(shards.values())) if isinstance(shards, dict) else []
        files = [folder / name for name in names if Path(name).name == name]
        if names and len(files) == len(names) and all(file.is_file() for file in files):
            return [folder / _INDEX, *files]
        raise _unusable(folder, f"shards that {_INDEX!r} names are missing", "copy it again")
    raise _unusable(
        folder, f"it has no {_SINGLE!r}",
        "save the model again with safetensors; pickled weights can run code and are not loaded",
    )  # fmt: skip


def _object(file: Path) -> Mapping[str, Any]:
    content = _json(file)
    if not isinstance(content, dict):
        raise _unusable(file.parent, f"{file.name!r} holds no JSON object", "save the model again")
    return content


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(
            file.parent, f"{file.name!r} cannot be read: {error}", "save the model again"
        ) from None


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise _unusable(
            file.parent, f"{file.name!r} cannot be read: {error}", "make it readable"
        ) from None


def _unusable(folder: Path, what: str, remedy: str) -> RetrievalError:
    return RetrievalError(f"{SETTING}: {str(folder)!r} cannot be used: {what}; {remedy}")
