"""A sentence-transformers folder: what it says, and what it is by content.

Layout: ``modules.json`` lists the modules with their folders; the transformer, then a pooling whose
``config.json`` names its mode, then perhaps a normalisation. ``config_sentence_transformers.json``
holds prompts, which stand before the texts, and the similarity that the model was trained for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from pytest_ragft.errors import RetrievalError, SpecError
from pytest_ragft.models.config import check_no_adapter, check_pointers
from pytest_ragft.models.files import CONFIG, has_tokenizer, read_json, read_object, weight_files
from pytest_ragft.models.identity import (
    Memo,
    file_fingerprint,
    tokenizer_fingerprint,
    weights_fingerprint,
)
from pytest_ragft.retrieval.encoding.port import SETTING, TextRole
from pytest_ragft.store import fingerprint

Pooling = Literal["mean", "cls", "lasttoken", "max"]

_ALGORITHM = "hf-encoder/2"
_MODULES = ("Transformer", "Pooling", "Normalize")
_PACKAGE = "sentence_transformers."
"""Whose modules these are; one of the same name from elsewhere is code of the model's own."""
_SERVED = "choose another, or serve it and use openai:MODEL@URL"
_PROMPTS: Mapping[TextRole, tuple[str, ...]] = {
    "query": ("query",),
    "document": ("document", "passage", "corpus"),
}
"""By which names sentence-transformers looks for a prompt in `encode_query`, `encode_document`."""


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
    prompts: Mapping[TextRole, str]
    """What stands before a text."""

    def fingerprint(self, memo: Memo | None = None) -> str:
        """Weights, tokenizer, configuration and algorithm version, by content.

        Prompts belong to the texts.

        Args:
            memo: Spares hashing weights that are unchanged.

        Raises:
            RetrievalError: a file is damaged.
        """
        try:
            parts = (
                weights_fingerprint(self.folder, memo),
                file_fingerprint(self.folder / CONFIG),
                tokenizer_fingerprint(self.folder),
            )
        except SpecError as error:
            raise RetrievalError(f"{SETTING}: {error}") from error
        return fingerprint(_ALGORITHM, self.pooling, self.lower, self.longest, parts)


def read_encoder_files(folder: Path) -> EncoderFiles:
    """Read the configuration of a sentence-transformers folder, or of a plain transformer.

    Mean pooling where nothing is configured, as sentence-transformers does.

    Raises:
        RetrievalError: the folder is no encoder, is damaged, or wants what is not done here.
    """
    try:
        return _read(folder)
    except SpecError as error:
        raise RetrievalError(f"{SETTING}: {str(folder)!r} cannot be used: {error}") from error


def _read(folder: Path) -> EncoderFiles:
    modules = _modules(folder)
    inner = folder / modules.get("Transformer", "")
    if not (inner / CONFIG).is_file():
        raise _unusable(
            folder, f"there is no {CONFIG!r} in {str(inner)!r}",
            "give the folder of a sentence-transformers model",
        )  # fmt: skip
    check_no_adapter(inner)
    weight_files(inner)
    check_pointers(inner)
    if not has_tokenizer(inner):
        raise _unusable(folder, "it has no tokenizer", "save the model again, with its tokenizer")
    settings = _optional(inner / "sentence_bert_config.json")
    pooling = _optional(folder / modules["Pooling"] / CONFIG) if "Pooling" in modules else None
    return EncoderFiles(
        folder=inner,
        pooling="mean" if pooling is None else _pooling(folder, pooling),
        lower=settings.get("do_lower_case") is True,
        longest=_count(inner, settings.get("max_seq_length")),
        dimensions=_dimensions(inner, read_object(inner / CONFIG)),
        prompts=_prompts(folder, modules, pooling or {}),
    )


def _modules(folder: Path) -> dict[str, str]:
    """Folders of the modules by kind."""
    file = folder / "modules.json"
    if not file.is_file():
        return {}
    content = read_json(file)
    modules: dict[str, str] = {}
    for module in content if isinstance(content, list) else [None]:
        match module:
            case {"type": str(kind), "path": str(path)}:
                name = kind.rpartition(".")[2]
            case _:
                raise _unusable(folder, f"{file.name!r} lists no modules", "save the model again")
        if name not in _MODULES or not kind.startswith(_PACKAGE):
            shown = name if kind.startswith(_PACKAGE) else kind
            what = f"it has a module {shown!r}, and only {', '.join(_MODULES)} are done here"
            raise _unusable(folder, what, _SERVED)
        modules[name] = path
    return modules


def _pooling(folder: Path, config: Mapping[str, Any]) -> Pooling:
    named = config.get("pooling_mode")
    modes = {
        name.removeprefix("pooling_mode_") for name, on in config.items()
        if name.startswith("pooling_mode_") and on is True
    } | ({named} if isinstance(named, str) else set())  # fmt: skip
    known = {mode.removesuffix("_tokens").removesuffix("_token") for mode in modes}
    accepted = get_args(Pooling)
    if len(known) == 1 and known <= set(accepted):
        return cast("Pooling", known.pop())
    what = f"it pools by {sorted(modes)!r}, and only one of {', '.join(accepted)} is done here"
    raise _unusable(folder, what, _SERVED)


def _prompts(
    folder: Path, modules: Mapping[str, str], pooling: Mapping[str, Any]
) -> Mapping[TextRole, str]:
    config = _optional(folder / "config_sentence_transformers.json")
    similarity = config.get("similarity_fn_name") or "cosine"
    if similarity != "cosine" and "Normalize" not in modules:
        what = f"it compares by {similarity!r}, and only 'cosine' is done here"
        raise _unusable(folder, what, _SERVED)
    given, default_name = config.get("prompts") or {}, config.get("default_prompt_name")
    if not isinstance(given, dict) or not isinstance(default_name, str | None):
        what = f"its prompts are {given!r} with the default {default_name!r}, and no texts by name"
        raise _unusable(folder, what, "save the model again")
    default = given.get(default_name)
    prompts: dict[TextRole, str] = {}
    for role, names in _PROMPTS.items():
        texts = [given[name] for name in names if name in given] or [default or ""]
        if not isinstance(texts[0], str):
            raise _unusable(folder, f"its {role} prompt is {texts[0]!r}", "save the model again")
        prompts[role] = texts[0]
    if any(prompts.values()) and pooling.get("include_prompt") is False:
        raise _unusable(folder, "it leaves its prompts out when it pools", _SERVED)
    return prompts


def _optional(file: Path) -> Mapping[str, Any]:
    return read_object(file) if file.is_file() else {}


def _dimensions(folder: Path, config: Mapping[str, Any]) -> int:
    for key in ("hidden_size", "dim", "d_model"):
        if (size := _count(folder, config.get(key))) is not None:
            return size
    raise _unusable(folder, f"{CONFIG!r} gives no hidden_size", "save the model again")


def _count(folder: Path, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _unusable(folder, f"a size in its configuration is {value!r}", "save the model again")
    return value


def _unusable(folder: Path, what: str, remedy: str) -> RetrievalError:
    return RetrievalError(f"{SETTING}: {str(folder)!r} cannot be used: {what}; {remedy}")
