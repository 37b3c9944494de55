"""Vectors by text, kept in the store, so that an unchanged text is never encoded twice."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.errors import RetrievalError
from pytest_ragft.foreign import mended
from pytest_ragft.progress import NoProgress, Progress
from pytest_ragft.retrieval.encoding.port import SETTING, TextRole, VectorModel
from pytest_ragft.store import Store, fingerprint

_KIND = "vector"
_DTYPE = np.dtype("<f4")
_KEPT_TOGETHER = 256
"""Vectors that are computed, then put into the store; a killed run loses no more."""
_PROBE = "a"
"""Encoded where only a vector tells how long vectors are."""


class CachedEncoder:
    """An encoder over a model: each text once, blank texts never, all of them or an error.

    Args:
        model: Computes what is missing.
        store: Keeps vectors between runs; None keeps none.
        offline: Compute nothing: a vector that is not in the store is an error.
        progress: Shown while vectors are computed.
        prompts: Stand before texts in the place of the model's own.
    """

    def __init__(
        self,
        model: VectorModel,
        *,
        store: Store | None,
        offline: bool,
        progress: Progress | None = None,
        prompts: Mapping[TextRole, str] | None = None,
    ) -> None:
        self._model = model
        self._prompts = prompts or {}
        self._store = store
        self._offline = offline
        self._progress = progress or NoProgress()
        self._dimensions: int | None = None

    @property
    def fingerprint(self) -> str:
        """The model's, with the prompts where it wants any."""
        prompts = [self._prompt(role) for role in get_args(TextRole)]
        model = self._model.fingerprint
        return fingerprint("prompts", model, prompts) if any(prompts) else model

    @property
    def description(self) -> str:
        """The model's."""
        return self._model.description

    @property
    def dimensions(self) -> int:
        """Length of the vectors; asks for one where only that tells.

        Raises:
            RetrievalError: there is none.
        """
        if self._dimensions is None:
            self._dimensions = self._model.dimensions
        if self._dimensions is None:
            self._vectors([_PROBE])
        assert self._dimensions is not None
        return self._dimensions

    def check(self) -> None:
        """The model's check, and the first question to a server that was never asked.

        Raises:
            RetrievalError: it cannot be used.
            MissingDependencyError: a package that it needs is not installed.
        """
        self._model.check()
        if not self._offline:
            _ = self.dimensions

    def encode(self, texts: Sequence[str], role: TextRole = "document") -> NDArray[np.float32]:
        """As `Encoder.encode`.

        Raises:
            RetrievalError: not every text can be encoded; offline, not every vector is there.
        """
        prompt = self._prompt(role)
        plain = [f"{prompt}{mended(text)}" if text.strip() else "" for text in texts]
        vectors = self._vectors(list(dict.fromkeys(text for text in plain if text.strip())))
        blank = np.zeros(self.dimensions, _DTYPE)
        rows = [vectors.get(text, blank) for text in plain]
        return np.stack(rows) if rows else np.empty((0, self.dimensions), _DTYPE)

    def _prompt(self, role: TextRole) -> str:
        return self._prompts[role] if role in self._prompts else self._model.prompt(role)

    def _vectors(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        keys = {text: fingerprint("vector/1", self._model.fingerprint, text) for text in texts}
        found = self._kept(keys)
        missing = [text for text in texts if text not in found]
        if missing and self._offline:
            raise RetrievalError(
                f"{SETTING} ({self.description}): offline, and {len(missing)} of {len(texts)} "
                f"vectors are not in the store, first that of {missing[0][:60]!r}; run once "
                "without --ragft-offline"
            )
        if missing:
            with self._lock():
                # Another process may have computed them while this one waited.
                found |= self._kept({text: keys[text] for text in missing})
                found |= self._computed([text for text in missing if text not in found], keys)
        assert len(found) == len(texts)
        return found

    def _kept(self, keys: Mapping[str, str]) -> dict[str, NDArray[np.float32]]:
        if self._store is None:
            return {}
        entries = self._store.get(keys.values())
        return {
            text: self._checked(_decoded(entries[key]))
            for text, key in keys.items()
            if key in entries
        }

    def _computed(
        self, texts: Sequence[str], keys: Mapping[str, str]
    ) -> dict[str, NDArray[np.float32]]:
        # Texts of about one length go through a model together.
        ordered = sorted(texts, key=len)
        made: dict[str, NDArray[np.float32]] = {}
        # Another process may have left nothing to do.
        progress = self._progress if ordered else NoProgress()
        with progress.phase(f"encoding with {self.description}", len(ordered), "text") as phase:
            for start in range(0, len(ordered), _KEPT_TOGETHER):
                part = ordered[start : start + _KEPT_TOGETHER]
                vectors = self._model.vectors(part, phase.advance)
                assert len(vectors) == len(part), "a vector a text"
                new = {text: self._checked(row) for text, row in zip(part, vectors, strict=True)}
                if self._store is not None:
                    self._store.put(_KIND, {keys[text]: _encoded(v) for text, v in new.items()})
                made |= new
        return made

    def _checked(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        expected = self._dimensions or self._model.dimensions or len(vector)
        if len(vector) != expected or not np.isfinite(vector).all():
            raise RetrievalError(
                f"{SETTING} ({self.description}): a vector has {len(vector)} dimensions, not all "
                f"of them finite, or not {expected}; if the model was changed under its name, run "
                "once with --ragft-cache=refresh"
            )
        self._dimensions = expected
        return vector

    def _lock(self) -> AbstractContextManager[None]:
        if self._store is None:
            return nullcontext()
        return self._store.lock(f"vectors {self.fingerprint}")


def _encoded(vector: NDArray[np.float32]) -> str:
    return base64.b64encode(vector.astype(_DTYPE).tobytes()).decode("ascii")


def _decoded(entry: str) -> NDArray[np.float32]:
    try:
        return np.frombuffer(base64.b64decode(entry, validate=True), _DTYPE)
    except (binascii.Error, ValueError) as error:
        raise RetrievalError(
            f"the store holds a damaged vector ({error}); run once with --ragft-cache=refresh"
        ) from None
