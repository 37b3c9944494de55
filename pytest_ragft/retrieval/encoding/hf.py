"""Sentence encoders on transformers, without sentence-transformers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_ragft.errors import MissingDependencyError, RetrievalError
from pytest_ragft.quiet import quiet_libraries
from pytest_ragft.retrieval.encoding.files import EncoderFiles, read_encoder_files
from pytest_ragft.retrieval.encoding.port import SETTING

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


class HfEncoder:
    """Mean or cls pooling over a transformer's last layer, in float32.

    The model only ever sees batches of a few shapes (rows × filled-up length), since matrix
    products add up in an order that depends on the shape: in equal shapes a text's vector is the
    same, bit by bit, whatever else is in its batch.

    Args:
        place: A sentence-transformers folder, or a name on the hub (``org/name``).
        offline: Never open a socket: a name must be in the hub's cache.
    """

    def __init__(self, place: str, *, offline: bool) -> None:
        self._place = place
        self._offline = offline
        self._files: EncoderFiles | None = None
        self._fingerprint: str | None = None
        self._loaded: _Loaded | None = None

    @property
    def fingerprint(self) -> str:
        """Weights, tokenizer, configuration and algorithm, by content."""
        if self._fingerprint is None:
            self._fingerprint = self._found().fingerprint()
        return self._fingerprint

    @property
    def description(self) -> str:
        """The folder's or the hub's name."""
        return Path(self._place).name or self._place

    @property
    def dimensions(self) -> int:
        """As the configuration says."""
        return self._found().dimensions

    def check(self) -> None:
        """Whether the folder is an encoder, and can be loaded unless that is not needed.

        Raises:
            RetrievalError: it is none.
            MissingDependencyError: torch or transformers is not installed.
        """
        self._found()
        for package in () if self._offline else ("torch", "transformers"):
            if find_spec(package) is None:
                raise MissingDependencyError(
                    package, extra="hf", purpose=f"{SETTING} = {f'hf:{self._place}'!r}"
                )

    def vectors(self, texts: Sequence[str], done: Callable[[int], None]) -> NDArray[np.float32]:
        """As `VectorModel.vectors`.

        Raises:
            RetrievalError: the model cannot be loaded, or gives what is no vector.
        """
        if self._loaded is None:
            self.check()
            self._loaded = _Loaded(self._found())
        return self._loaded.vectors(texts, done)

    def _found(self) -> EncoderFiles:
        if self._files is None:
            folder = Path(self._place).expanduser()
            if not folder.is_dir():
                folder = _downloaded(self._place, offline=self._offline)
            self._files = read_encoder_files(folder)
        return self._files


class _Loaded:
    """The model in memory."""

    def __init__(self, files: EncoderFiles) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        with quiet_libraries():
            try:
                self._tokenizer: Any = AutoTokenizer.from_pretrained(
                    files.folder, local_files_only=True, trust_remote_code=False
                )
                model, info = AutoModel.from_pretrained(
                    files.folder, local_files_only=True, trust_remote_code=False,
                    use_safetensors=True, dtype=torch.float32, output_loading_info=True,
                )  # fmt: skip
            # Whatever a damaged folder makes of these libraries.
            except Exception as error:
                raise RetrievalError(
                    f"{SETTING}: {str(files.folder)!r} cannot be loaded: {error}; "
                    "copy or save the model again"
                ) from error
        _expect_whole(files.folder, info)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model: Any = model.to(self._device).eval()
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
            if self._files.pooling == "cls":
                pooled = states[:, 0]
            else:
                mask = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
                pooled = (states * mask).sum(1) / mask.sum(1)
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


def _expect_whole(folder: Path, info: dict[str, Any]) -> None:
    missing = sorted(name for name in info["missing_keys"] if not name.startswith(_UNUSED))
    if missing or info["mismatched_keys"]:
        what = missing or sorted(str(key) for key in info["mismatched_keys"])
        raise RetrievalError(
            f"{SETTING}: the weights in {str(folder)!r} lack {', '.join(map(str, what[:3]))}, "
            "which would be random; copy or save the model again"
        )


def _downloaded(name: str, *, offline: bool) -> Path:
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise RetrievalError(
            f"{SETTING} = {f'hf:{name}'!r}: there is no such folder, and a name on the hub is "
            "org/name; check the path"
        )
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingDependencyError(
            "huggingface_hub", extra="hf", purpose=f"{SETTING} = {f'hf:{name}'!r}"
        ) from error
    try:
        with quiet_libraries():
            return Path(
                snapshot_download(
                    name,
                    allow_patterns=["*.json", "*.txt", "*.model", "*.safetensors"],
                    ignore_patterns=["onnx/*", "openvino/*"],
                    local_files_only=offline,
                )
            )
    # The hub's errors, and those of the HTTP client below it, have no common base.
    except Exception as error:
        where = "in the hub's cache (offline)" if offline else "on the hub"
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RetrievalError(
            f"{SETTING} = {f'hf:{name}'!r}: neither a folder nor found {where}: {reason}; check "
            "the path, or give the folder of a downloaded model"
        ) from error
