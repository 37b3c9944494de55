"""The sentence encoder: where it lies, what it is by content, and its embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.errors import JudgeError, SpecError
from pytest_ragft.models.files import user_path
from pytest_ragft.models.hub import download
from pytest_ragft.models.identity import Memo, encoder_fingerprint
from pytest_ragft.models.loading import load_model, loading

HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
_HUB_FILES = ("config.json", "model.safetensors", "tokenizer.json")
# What sentence-transformers reads of a text with this encoder.
_LONGEST = 256


def remedy(weights: str) -> str:
    """How to come by the encoder with the content fingerprint `weights`."""
    return (
        f"the judge was measured with {HUB_NAME} of content fingerprint {weights[:16]}…: fetch it "
        f"with `hf download {HUB_NAME} {' '.join(_HUB_FILES)} --local-dir DIR` and give "
        "--ragft-judge=semantic:DIR"
    )


def find_encoder(place: str | None, weights: str, *, offline: bool, memo: Memo | None) -> Path:
    """The encoder's folder.

    Args:
        place: A folder; None for all-MiniLM-L6-v2 from the Hub or its cache.
        weights: The `encoder_fingerprint` that it must have.
        offline: Never open a socket: the encoder must be in the cache.
        memo: Spares hashing weights that are unchanged.

    Raises:
        SpecError: there is no such folder, or it lacks a file.
        JudgeError: the Hub does not give it, its cache does not hold it, or it is another encoder.
        MissingDependencyError: the extra ``hf`` is not installed.
    """
    try:
        if place is None:
            folder = download(HUB_NAME, offline=offline, files=_HUB_FILES)
        else:
            folder = user_path(place)
        found = encoder_fingerprint(folder, memo)
    except SpecError as error:
        kind = JudgeError if place is None else SpecError
        raise kind(f"semantic judge: {error}; {remedy(weights)}") from error
    if found != weights:
        raise JudgeError(
            f"semantic judge: the encoder in {str(folder)!r} has the content fingerprint "
            f"{found[:16]}…; {remedy(weights)}"
        )
    return folder


def load_encoder(folder: Path) -> Any:
    """The network in float32, for inference.

    Raises:
        JudgeError: the folder does not hold a BERT model that loads completely.
    """
    import torch

    model = load_model(
        "BertModel",
        folder,
        what=f"semantic judge: the BERT encoder {str(folder)!r}",
        error=JudgeError,
        add_pooling_layer=False,
        dtype=torch.float32,
        attn_implementation="sdpa",
    )
    return model.requires_grad_(False)


def load_vocabulary(folder: Path) -> Any:
    """The tokenizer, without padding and truncation.

    Raises:
        JudgeError: it cannot be read.
    """
    from tokenizers import Tokenizer

    file = str(folder / "tokenizer.json")
    with loading(f"semantic judge: {file!r}", JudgeError):
        tokenizer = Tokenizer.from_file(file)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Encoder:
    """Sentence embeddings: mean over the tokens, normalised to length 1.

    Each text is a forward pass of its own, so that its embedding does not depend on what else is
    embedded with it: padding and batching change the last digits.

    Args:
        model: From `load_encoder`.
        tokenizer: From `load_vocabulary`.
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
