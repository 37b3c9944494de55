"""Encoders behind an OpenAI-compatible ``/embeddings`` endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_ragft.errors import RetrievalError, SpecError
from pytest_ragft.retrieval.encoding.port import SETTING, TextRole
from pytest_ragft.store import fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_ragft.endpoint.client import Endpoint
    from pytest_ragft.endpoint.outcome import Reply

_ALGORITHM = "openai-embeddings/1"
_VARIABLES = "RAGFT_EMBEDDINGS"
_TEXTS = 64
"""Texts a request."""
_CONCURRENCY = 8


class OpenAIEncoder:
    """Vectors from a server, brought to length 1.

    The server cannot prove which model it runs, so that its identity is model name and URL.

    Args:
        target: ``MODEL@URL`` with the base URL, such as ``…@http://127.0.0.1:8000/v1``.
        environ: For the key, RAGFT_EMBEDDINGS_API_KEY, else OPENAI_API_KEY, and for
            RAGFT_EMBEDDINGS_CONCURRENCY (calls at a time, 8 by default) and
            RAGFT_EMBEDDINGS_TIMEOUT (seconds a call, 60 by default).

    Raises:
        RetrievalError: the target or one of these variables is unusable.
    """

    def __init__(self, target: str, *, environ: Mapping[str, str]) -> None:
        from pytest_ragft.endpoint.address import parse_model_at_url
        from pytest_ragft.endpoint.settings import endpoint_settings

        try:
            self._model, self._url = parse_model_at_url(target, where=SETTING)
            self._settings = endpoint_settings(
                self._url, environ, prefix=_VARIABLES, concurrency=_CONCURRENCY
            )
        except SpecError as error:
            raise RetrievalError(str(error)) from None
        self._opened: Endpoint | None = None

    @property
    def fingerprint(self) -> str:
        """Model name, URL and algorithm version."""
        return fingerprint(_ALGORITHM, self._model, self._url)

    @property
    def description(self) -> str:
        """Model and URL."""
        return f"{self._model}@{self._url}"

    @property
    def dimensions(self) -> None:
        """Only a vector tells."""
        return None

    def prompt(self, role: TextRole) -> str:
        """The server's own concern."""
        return ""

    def check(self) -> None:
        """Nothing more can be told without asking the server."""

    def vectors(self, texts: Sequence[str], done: Callable[[int], None]) -> NDArray[np.float32]:
        """As `VectorModel.vectors`.

        Raises:
            RetrievalError: the server fails, or gives less or other than what was asked for.
            MissingDependencyError: aiohttp or tenacity is not installed.
        """
        parts = [texts[start : start + _TEXTS] for start in range(0, len(texts), _TEXTS)]
        bodies = [
            {"model": self._model, "input": list(part), "encoding_format": "float"}
            for part in parts
        ]
        replies = self._endpoint().post_many("embeddings", bodies)
        rows: list[NDArray[np.float32]] = []
        for part, reply in zip(parts, replies, strict=True):
            rows += [self._unit(vector) for vector in self._embeddings(reply, len(part))]
            done(len(part))
        if len({len(row) for row in rows}) > 1:
            raise self._malformed("vectors of several lengths")
        return np.stack(rows)

    def _endpoint(self) -> Endpoint:
        if self._opened is None:
            self._opened = self._settings.open()
        return self._opened

    def _embeddings(self, reply: Reply, count: int) -> list[Any]:
        """The `count` embeddings of a reply, in the order of the texts."""
        if reply.error is not None:
            raise RetrievalError(
                f"{SETTING} ({self.description}): the server gave no vectors: {reply.error}"
            )
        items = reply.value.get("data") if isinstance(reply.value, dict) else None
        found: dict[int, Any] = {}
        for item in items if isinstance(items, list) else ():
            match item:
                case {"index": int(index), "embedding": list(embedding)}:
                    found[index] = embedding
        if set(found) != set(range(count)) or len(items or ()) != count:
            raise self._malformed(f"{len(found)} usable embeddings for {count} texts")
        return [found[index] for index in range(count)]

    def _unit(self, embedding: list[Any]) -> NDArray[np.float32]:
        if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in embedding):
            raise self._malformed("an embedding that is no list of numbers")
        vector = np.asarray(embedding, np.float64)
        length = float(np.sqrt(np.sum(vector**2)))
        if not (np.isfinite(length) and length > 0):
            raise self._malformed("an embedding without a finite length above 0")
        unit: NDArray[np.float32] = (vector / length).astype(np.float32)
        return unit

    def _malformed(self, what: str) -> RetrievalError:
        return RetrievalError(
            f"{SETTING} ({self.description}): the server's reply holds {what}; check that it "
            "serves this model at /embeddings as OpenAI does"
        )
