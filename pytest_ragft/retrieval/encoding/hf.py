"""Sentence encoders on transformers, without sentence-transformers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_ragft.errors import RetrievalError, SpecError, require_packages
from pytest_ragft.models.files import model_files, user_path
from pytest_ragft.models.hub import download, is_hub_name
from pytest_ragft.models.identity import Memo, Watched
from pytest_ragft.models.loading import (
    available_device,
    load_model,
    load_tokenizer,
)
from pytest_ragft.retrieval.encoding.files import EncoderFiles, Pooling, read_encoder_files
from pytest_ragft.retrieval.encoding.port import SETTING, TextRole

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP = 16
"""Lengths in tokens are filled up to a multiple of this."""
_ROWS = {"cpu": 8, "cuda": 64}
"""Texts that go through the model at a time; missing ones are made up."""
_MOST = 512
"""Tokens that are read where neither model nor tokenizer gives a limit."""
_UNUSED = "pooler."
"""Weights that pooling by tokens does not read."""


class HFEncoder:
    """Pooling over a transformer's last layer, in float32.

    The model only ever sees batches of a few shapes (rows × filled-up length), since matrix
    products add up in an order that depends on the shape: in equal shapes a text's vector is the
    same, bit by bit, whatever else is in its batch.

    Args:
        place: A sentence-transformers folder, or a name on the hub (``org/name``).
        offline: Never open a socket: a name must be in the hub's cache.
        memo: Spares hashing weights that are unchanged.
    """

    def __init__(self, place: str, *, offline: bool, memo: Memo | None = None) -> None:
        self._place = place
        self._memo = memo
        self._offline = offline
        self._files: EncoderFiles | None = None
        self._loaded: _Loaded | None = None

    @property
    def fingerprint(self) -> str:
        """Weights, tokenizer, configuration and algorithm, by content."""
        return self._watched.identity["encoder"]

    @cached_property
    def _watched(self) -> Watched:
        files = self._found()
        return Watched(
            lambda: model_files(files.folder), lambda: {"encoder": files.fingerprint(self._memo)}
        )

    @property
    def description(self) -> str:
        """The folder's or the hub's name."""
        return Path(self._place).name or self._place

    @property
    def dimensions(self) -> int:
        """As the configuration says."""
        return self._found().dimensions

    def prompt(self, role: TextRole) -> str:
        """As the model's folder says."""
        return self._found().prompts[role]

    def check(self) -> None:
        """Whether the folder is an encoder, and can be loaded unless that is not needed.

        Raises:
            RetrievalError: it is none.
            MissingDependencyError: torch or transformers is not installed.
        """
        self._found()
        if not self._offline:
            where = f"{SETTING} = {f'hf:{self._place}'!r}"
            require_packages("torch", "transformers", purpose=where)

    def vectors(self, texts: Sequence[str], done: Callable[[int], None]) -> NDArray[np.float32]:
        """As `VectorModel.vectors`.

        Raises:
            RetrievalError: the model cannot be loaded, or its files change meanwhile.
        """
        self.check()
        try:
            self._watched.expect_same()
            if self._loaded is None:
                self._loaded = _Loaded(self._found())
            vectors = self._loaded.vectors(texts, done)
            self._watched.expect_untouched()
        except SpecError as error:
            self._loaded = None
            raise RetrievalError(f"{SETTING}: {error}") from error
        return vectors

    def _found(self) -> EncoderFiles:
        if self._files is None:
            self._files = read_encoder_files(self._folder())
        return self._files

    def _folder(self) -> Path:
        folder = user_path(self._place)
        if os.path.isdir(folder):
            return folder
        where = f"{SETTING} = {f'hf:{self._place}'!r}"
        if not is_hub_name(self._place):
            raise RetrievalError(
                f"{where}: there is no such folder, and a name on the hub is org/name; check the "
                "path"
            )
        try:
            return download(self._place, offline=self._offline)
        except SpecError as error:
            raise RetrievalError(f"{where}: {error}") from error


class _Loaded:
    """The model in memory."""

    def __init__(self, files: EncoderFiles) -> None:
        import torch

        what = f"{SETTING}: the model {str(files.folder)!r}"
        self._tokenizer: Any = load_tokenizer(files.folder, error=RetrievalError)
        # On the right, where positions are those of the text alone.
        self._tokenizer.padding_side = "right"
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        model = load_model(
            "AutoModel", files.folder, what=what, error=RetrievalError,
            is_unused=lambda name: name.startswith(_UNUSED), dtype=torch.float32,
        )  # fmt: skip
        self._device = available_device()
        self._model: Any = model.to(self._device)
        self._files = files
        positions = getattr(model.config, "max_position_embeddings", None) or _MOST
        limit = min(positions, self._tokenizer.model_max_length)
        self._longest = min(limit, files.longest or limit)

    def vectors(self, texts: Sequence[str], done: Callable[[int], None]) -> NDArray[np.float32]:
        if self._files.lower:
            texts = [text.lower() for text in texts]
        tokens = self._tokenizer(
            list(texts), truncation=True, max_length=self._longest, padding=False
        )["input_ids"]
        vectors = np.empty((len(texts), self._files.dimensions), np.float32)
        for length, rows in _batches([len(ids) for ids in tokens], self._longest, self._rows):
            vectors[rows] = self._batch([tokens[row] for row in rows], length)
            done(len(rows))
        return vectors

    @property
    def _rows(self) -> int:
        return _ROWS[self._device]

    def _batch(self, tokens: list[list[int]], length: int) -> NDArray[np.float32]:
        import torch

        filled = tokens + [tokens[0]] * (self._rows - len(tokens))
        batch = self._tokenizer.pad(
            {"input_ids": filled}, padding="max_length", max_length=length,
            return_attention_mask=True, return_tensors="pt",
        ).to(self._device)  # fmt: skip
        with torch.inference_mode():
            states = self._model(**batch).last_hidden_state
            pooled = _pooled(states, batch["attention_mask"], self._files.pooling)
            unit = torch.nn.functional.normalize(pooled, dim=1)
        vectors: NDArray[np.float32] = unit[: len(tokens)].cpu().numpy()
        return vectors


def _batches(lengths: Sequence[int], longest: int, rows: int) -> Iterator[tuple[int, list[int]]]:
    """Filled-up length and rows of each batch; which texts share one does not matter."""
    by_length: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        filled = min(-(-length // _STEP) * _STEP, longest)
        by_length.setdefault(filled, []).append(row)
    for length, members in sorted(by_length.items()):
        for start in range(0, len(members), rows):
            yield length, members[start : start + rows]


def _pooled(states: Any, mask: Any, pooling: Pooling) -> Any:
    """One vector a text, of states with shape [texts, tokens, dimensions]; padded on the right."""
    if pooling == "cls":
        return states[:, 0]
    if pooling == "lasttoken":
        return states[range(len(states)), mask.sum(1) - 1]
    shown = mask.unsqueeze(-1).to(states.dtype)
    if pooling == "max":
        return states.masked_fill(shown == 0, -float("inf")).amax(1)
    return (states * shown).sum(1) / shown.sum(1)
