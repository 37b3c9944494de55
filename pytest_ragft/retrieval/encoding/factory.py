"""From the setting to the encoder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from pytest_ragft.errors import RetrievalError
from pytest_ragft.models.identity import Memo
from pytest_ragft.progress import Progress
from pytest_ragft.retrieval.encoding.cache import CachedEncoder
from pytest_ragft.retrieval.encoding.port import (
    SETTING,
    Encoder,
    TextRole,
    VectorModel,
)
from pytest_ragft.store import Store


def open_encoder(
    spec: str,
    *,
    corpus: Sequence[str],
    store: Store | None,
    offline: bool,
    progress: Progress | None = None,
    prompts: Mapping[TextRole, str] | None = None,
) -> Encoder:
    """The encoder that ``[retrieval] encoder`` names. Cheap: models are loaded at the first text.

    Args:
        spec: ``tfidf``, ``hf:PATH``, ``hf:org/name`` or ``openai:MODEL@URL``.
        corpus: The texts that will be searched; ``tfidf`` is fitted on them.
        store: Keeps the vectors of ``hf`` and ``openai`` between runs; None keeps none.
        offline: Open no socket and load no model: a vector that is not kept is an error.
        progress: Shown while vectors are computed.
        prompts: Stand before texts in the place of those that the model brings.

    Raises:
        RetrievalError: `spec` is none of these.
    """
    kind, _, rest = spec.partition(":")
    if spec == "tfidf":
        from pytest_ragft.retrieval.encoding.tfidf import TfidfEncoder

        return TfidfEncoder(corpus)
    if not rest.strip() or kind not in ("hf", "openai"):
        # A name that is not known may hold a URL with a password.
        shown = f" = {spec!r}" if "@" not in spec else ""
        raise RetrievalError(
            f"{SETTING}{shown}: no such encoder; accepted are 'tfidf', 'hf:PATH' with a "
            "sentence-transformers folder, 'hf:org/name' and 'openai:MODEL@URL'"
        )
    return CachedEncoder(
        _model(kind, rest, offline=offline, store=store),
        store=store,
        offline=offline,
        progress=progress,
        prompts=prompts,
    )


def _model(kind: str, rest: str, *, offline: bool, store: Store | None) -> VectorModel:
    if kind == "hf":
        from pytest_ragft.retrieval.encoding.hf import HFEncoder

        return HFEncoder(rest, offline=offline, memo=Memo(store))
    from pytest_ragft.retrieval.encoding.openai import OpenAIEncoder

    return OpenAIEncoder(rest, environ=os.environ)
