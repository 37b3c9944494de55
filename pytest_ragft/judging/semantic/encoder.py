"""The sentence encoder: where it lies, what it is by content, and its embeddings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.errors import JudgeError, MissingDependencyError, SpecError
from pytest_ragft.quiet import quiet_libraries

HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
_HUB_FILES = ("config.json", WEIGHTS, TOKENIZER)
_LONGEST = 256
_REMEDY = (
    f"give a folder that holds {HUB_NAME} with semantic:PATH or RAGFT_ENCODER, or download it: "
    f"hf download {HUB_NAME}"
)
_NOT_LEARNT = re.compile(r"(^|\.)(position_ids|pooler\..*)$")


def find_encoder(place: str | None, *, offline: bool) -> Path:
    """The encoder's folder.

    Args:
        place: A folder; None for all-MiniLM-L6-v2 from the Hub or its cache.
        offline: Never open a socket: the encoder must be in the cache.

    Raises:
        SpecError: there is no such folder, or a file is missing in it.
        JudgeError: the Hub does not give it, or its cache does not hold it.
        MissingDependencyError: the extra ``hf`` is not installed.
    """
    folder = Path(place).expanduser() if place is not None else _download(offline)
    if not folder.is_dir():
        raise SpecError(f"semantic judge: {place!r} is no folder; {_REMEDY}")
    absent = [name for name in _HUB_FILES if not (folder / name).is_file()]
    if absent:
        raise SpecError(
            f"semantic judge: {str(folder)!r} lacks {', '.join(absent)} (weights are read from "
            f"safetensors only); {_REMEDY}"
        )
    return folder


def weights_fingerprint(folder: Path) -> str:
    """SHA-256 over name, dtype, shape and bytes of every learnt tensor and over the vocabulary.

    File names, header metadata, the pooler (which nothing here uses) and stored position numbers
    do not matter, so that a model that was loaded and saved again is the same.

    Raises:
        SpecError: the weights cannot be read.
    """
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise MissingDependencyError(
            "safetensors", extra="hf", purpose="the semantic judge"
        ) from error
    digest = hashlib.sha256()
    try:
        with safe_open(folder / WEIGHTS, framework="numpy") as tensors:
            for name in sorted(tensors.keys()):
                if _NOT_LEARNT.search(name):
                    continue
                tensor = np.ascontiguousarray(tensors.get_tensor(name))
                digest.update(f"{name} {tensor.dtype} {tensor.shape}\n".encode())
                digest.update(tensor.data)
        digest.update((folder / TOKENIZER).read_bytes())
    except (OSError, SafetensorError, TypeError, ValueError) as error:
        raise SpecError(
            f"semantic judge: the encoder's weights in {str(folder)!r} cannot be read: {error}; "
            f"{_REMEDY}"
        ) from error
    return digest.hexdigest()


def load_model(folder: Path) -> Any:
    """The network in float32, for inference.

    Raises:
        SpecError: the folder does not hold a BERT model that loads completely.
        MissingDependencyError: the extra ``hf`` is not installed.
    """
    try:
        import torch
        from transformers import BertModel
    except ImportError as error:
        raise MissingDependencyError(
            "transformers", extra="hf", purpose="the semantic judge"
        ) from error

    try:
        with quiet_libraries():
            model, report = BertModel.from_pretrained(
                folder,
                add_pooling_layer=False,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                attn_implementation="sdpa",
                output_loading_info=True,
            )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise SpecError(
            f"semantic judge: {str(folder)!r} does not load as a BERT encoder: {error}; {_REMEDY}"
        ) from error
    if report["missing_keys"] or report["mismatched_keys"]:
        raise SpecError(
            f"semantic judge: {str(folder)!r} lacks weights of a BERT encoder: "
            f"{sorted(map(str, report['missing_keys']))[:3]!r}; {_REMEDY}"
        )
    return model.eval().requires_grad_(False)


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer, without padding and truncation.

    Raises:
        SpecError: it cannot be read.
        MissingDependencyError: the extra ``hf`` is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingDependencyError(
            "tokenizers", extra="hf", purpose="the semantic judge"
        ) from error
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    # tokenizers raises nothing narrower.
    except Exception as error:
        raise SpecError(
            f"semantic judge: {str(folder / TOKENIZER)!r} cannot be read: {error}; {_REMEDY}"
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Encoder:
    """Sentence embeddings: mean over the tokens, normalised to length 1.

    Each text is a forward pass of its own, so that its embedding does not depend on what else is
    embedded with it: padding and batching change the last digits.

    Args:
        model: From `load_model`.
        tokenizer: From `load_tokenizer`.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings, an array of shape (texts, 384); 256 tokens of a text are read."""
        if not texts:
            return np.zeros((0, self._model.config.hidden_size), dtype=np.float32)
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> NDArray[np.float32]:
        import torch

        ids = self._tokenizer.encode(text).ids
        if len(ids) > _LONGEST:
            ids = [*ids[: _LONGEST - 1], ids[-1]]
        with torch.inference_mode():
            hidden = self._model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        mean = hidden.mean(0).numpy()
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)


def _download(offline: bool) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingDependencyError(
            "huggingface_hub", extra="hf", purpose="the semantic judge"
        ) from error
    try:
        folder = snapshot_download(
            HUB_NAME, allow_patterns=list(_HUB_FILES), local_files_only=offline
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        where = "in the hub's cache (offline)" if offline else "on the hub"
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise JudgeError(
            f"semantic judge: {HUB_NAME!r} is not found {where}: {reason}; {_REMEDY}"
        ) from error
    return Path(folder)
