"""The files of a model folder: which ones transformers and peft open, and JSON in them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_ragft.errors import SpecError
from pytest_ragft.reasoning import knows_markers

CONFIG = "config.json"

ADAPTER_CONFIG = "adapter_config.json"
"""Name of an adapter's configuration, as peft saves it."""

ADAPTER_WEIGHTS = "adapter_model.safetensors"
"""Name of an adapter's weights, as peft saves them."""

TOKENIZER_CONFIG = "tokenizer_config.json"
GENERATION_CONFIG = "generation_config.json"

_SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_TEMPLATES = ("chat_template.jinja", "chat_template.json")
# What the tokenizers of transformers name as theirs; a test holds the list against the release.
_VOCABULARIES = (
    "added_tokens.json",
    "bpe.codes",
    "byte_maps.json",
    "dict.txt",
    "emoji.json",
    "entity_vocab.json",
    "merges.txt",
    "normalizer.json",
    "prophetnet.tokenizer",
    "sentencepiece.bpe.model",
    "sentencepiece.model",
    "source.spm",
    "special_tokens_map.json",
    "spiece.model",
    "spm.model",
    "spm_char.model",
    "target.spm",
    "target_vocab.json",
    "tekken.json",
    "tiktoken.model",
    "tokenizer.json",
    "tokenizer.model",
    TOKENIZER_CONFIG,
    "vocab-src.json",
    "vocab-tgt.json",
    "vocab.json",
    "vocab.txt",
    "word_pronunciation.json",
    "word_shape.json",
)
_TOKENIZER_BYTES = 1 << 26
"""More than any tokenizer has; a GGUF file holds its own before the weights."""


def user_path(text: str) -> Path:
    """The path that people wrote; the ``~name`` of nobody who is there stays as it is.

    Ask `os.path` whether it is there: until Python 3.14 a `Path` raises for what is too long for
    any file system.
    """
    return Path(os.path.expanduser(text))


def read_json(path: Path) -> Any:
    """What a JSON file of a model holds.

    Raises:
        SpecError: it cannot be read.
    """
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise SpecError(f"{str(path)!r} cannot be read: {error}; save the model again") from error


def read_object(path: Path) -> Mapping[str, Any]:
    """The object in a JSON file of a model.

    Raises:
        SpecError: the file cannot be read or holds something else.
    """
    value = read_json(path)
    if not isinstance(value, dict):
        raise SpecError(f"{str(path)!r} does not hold a JSON object; save the model again")
    return value


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that make up the model or adapter of a folder, sorted by name.

    Those that transformers and peft load: the adapter's file where there is an adapter_config.json,
    else the single file, else the shards of the index.

    Raises:
        SpecError: there is none, or a shard of the index is missing.
    """
    adapter = os.path.isfile(folder / ADAPTER_CONFIG)
    single = folder / (ADAPTER_WEIGHTS if adapter else _SINGLE)
    if os.path.isfile(single):
        return [single]
    if not adapter and os.path.isfile(folder / INDEX):
        return _shards(folder / INDEX)
    pickles = sorted(p.name for pattern in _PICKLES for p in folder.glob(pattern))
    if pickles:
        raise SpecError(
            f"{str(folder)!r} holds pickled weights only ({', '.join(pickles[:3])}), which can "
            "run code when they are loaded; save the model again with safe_serialization=True"
        )
    raise SpecError(
        f"{str(folder)!r} holds no {single.name!r}; give the folder that save_pretrained wrote"
    )


def tokenizer_files(folder: Path) -> list[Path]:
    """The files of a folder's tokenizer, chat templates included."""
    files = [folder / name for name in sorted((*_VOCABULARIES, *_TEMPLATES))]
    files += sorted(folder.glob("tokenizer.model.*"))
    files += sorted((folder / "additional_chat_templates").glob("*.jinja"))
    return [file for file in files if file.is_file()]


def config_files(folder: Path) -> list[Path]:
    """The configurations of a model or adapter that are there, of its shards included."""
    names = (CONFIG, GENERATION_CONFIG, ADAPTER_CONFIG, INDEX)
    return [file for file in (folder / name for name in names) if file.is_file()]


def model_files(folder: Path) -> list[Path]:
    """All files of a model or adapter that decide what it says, weights and tokenizer included.

    Raises:
        SpecError: weights are missing.
    """
    return [*weight_files(folder), *config_files(folder), *tokenizer_files(folder)]


def has_tokenizer(folder: Path) -> bool:
    """Whether the folder brings a tokenizer of its own."""
    return any((folder / name).is_file() for name in _VOCABULARIES)


def chat_template(folder: Path) -> str | None:
    """The chat template among a tokenizer's files, by the precedence of transformers.

    Raises:
        SpecError: a file cannot be read.
    """
    plain, wrapped = (folder / name for name in _TEMPLATES)
    try:
        if plain.is_file():
            return plain.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise SpecError(f"{str(plain)!r} cannot be read: {error}") from error
    for file in (wrapped, folder / TOKENIZER_CONFIG):
        found = read_object(file).get("chat_template") if file.is_file() else None
        if isinstance(found, list):
            found = next(
                (
                    t.get("template")
                    for t in found
                    if isinstance(t, dict) and t.get("name") == "default"
                ),
                None,
            )
        if isinstance(found, str) and found:
            return found
    return None


def tokenizer_texts(folder: Path, gguf: str | None = None) -> Iterator[bytes]:
    """The contents of a tokenizer's files and chat templates.

    Args:
        folder: Holds the tokenizer's files.
        gguf: Name of the GGUF file in `folder` that holds the tokenizer, near its beginning; None
            for plain files.

    Raises:
        SpecError: a file cannot be read.
    """
    for path in tokenizer_files(folder) if gguf is None else [folder / gguf]:
        try:
            with path.open("rb") as file:
                yield file.read(_TOKENIZER_BYTES)
        except OSError as error:
            raise SpecError(f"{str(path)!r} cannot be read: {error}") from error


def names_reasoning(folder: Path, gguf: str | None = None) -> bool:
    """Whether a tokenizer's files or chat templates name markers of reasoning.

    Raises:
        SpecError: a file cannot be read.
    """
    return any(map(knows_markers, tokenizer_texts(folder, gguf)))


def _shards(index: Path) -> list[Path]:
    match read_json(index):
        case {"weight_map": dict(weight_map)} if weight_map:
            names = sorted({str(name) for name in weight_map.values()})
        case _:
            raise SpecError(f"{str(index)!r} has no usable 'weight_map'; save the model again")
    for name in names:
        if Path(name).name != name:
            raise SpecError(f"{str(index)!r} names a shard outside its folder: {name!r}")
        if not (index.parent / name).is_file():
            raise SpecError(f"{str(index)!r} names the shard {name!r}, which is missing")
    return [index.parent / name for name in names]
