"""The table ``[retrieval]`` of a suite.toml, read with every mistake named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast, get_args

from pytest_ragft.datasets.fields import Fields, suggest
from pytest_ragft.importing import FORM, RETRIEVERS, names_own
from pytest_ragft.retrieval.settings import (
    BACKENDS,
    NONE,
    URL,
    Fusion,
    Mode,
    OwnIndex,
    RetrievalSettings,
    Vectors,
)

_OWN = ("text_field", "title_field", "id_field", "vector_field", "query", "filter")
_OF_CORPUS = (
    *("analyzer", "k1", "b", "vectors", "chunk_words", "chunk_overlap", "document_prompt"),
)
KEYS = (
    *("backend", "mode", "k", "fields", "encoder", "query_prompt", "fusion", "url", "index"),
    "run",
    *_OF_CORPUS,
    *_OWN,
)
"""What the table may hold."""

_FIELDS = ("title", "text")


def read_retrieval(fields: Fields) -> RetrievalSettings:
    """The settings of the table.

    Raises:
        SuiteError: a value is wrong, or does not go together with another.
    """
    if "run" in fields:
        return _of_run(fields)
    index = _own_index(fields)
    overlap = fields.integer("chunk_overlap", least=0)
    k1 = fields.number("k1", least=0, up_to=1000)
    b = fields.number("b", least=0, up_to=1)
    words = fields.integer("chunk_words")
    if overlap is not None and words is None:
        raise fields.wrong("chunk_overlap", "needs chunk_words: without it nothing is cut")
    settings = RetrievalSettings(
        backend=_backend(fields),
        mode=cast("Mode", fields.choice("mode", get_args(Mode), "bm25")),
        k=fields.integer("k") or 5,
        analyzer=fields.text("analyzer", "english"),
        k1=1.2 if k1 is None else k1,
        b=0.75 if b is None else b,
        fields=_weights(fields),
        encoder=fields.text("encoder", "tfidf"),
        query_prompt=_prompt(fields, "query_prompt"),
        document_prompt=_prompt(fields, "document_prompt"),
        vectors=cast("Vectors", fields.choice("vectors", get_args(Vectors), "int8_hnsw")),
        fusion=cast("Fusion", fields.choice("fusion", get_args(Fusion), "rrf")),
        chunk_words=words,
        chunk_overlap=1 if overlap is None else overlap,
        url=_url(fields),
        index=index,
    )
    _check_own(fields, settings)
    return settings


def _of_run(fields: Fields) -> RetrievalSettings:
    for key in KEYS:
        if key in fields and key not in ("run", "k"):
            raise fields.wrong(key, "is settled by the run = … of another system; leave it out")
    return RetrievalSettings(run=fields.text("run"), k=fields.integer("k") or 5)


def _prompt(fields: Fields, key: str) -> str | None:
    """What stands before a text; empty where a model's own is to be left out."""
    if key not in fields:
        return None
    if fields.text("encoder", "tfidf") == "tfidf":
        raise fields.wrong(key, "is for the encoders hf:PATH and openai:MODEL@URL")
    return fields.text(key, "", empty=True)


def _backend(fields: Fields) -> str:
    """One of the package's, or a retriever of one's own, which is opened later."""
    if "backend" not in fields:
        return "auto"
    backend = fields.text("backend")
    if backend == NONE:
        for key in KEYS:
            if key in fields and key != "backend":
                raise fields.wrong(key, "stands beside backend = 'none', which retrieves nothing")
        return backend
    if backend in BACKENDS:
        return backend
    if not names_own(backend, RETRIEVERS):
        accepted = ", ".join((*BACKENDS, NONE))
        raise fields.wrong(
            "backend",
            f"must be one of {accepted}, or a retriever of your own as {FORM} or by its entry "
            f"point{suggest(backend, (*BACKENDS, NONE))}",
        )
    for key in KEYS:
        if key in fields and key not in ("backend", "k"):
            raise fields.wrong(key, "is settled by the retriever of your own; leave it out")
    return backend


def _own_index(fields: Fields) -> OwnIndex | None:
    if "index" not in fields:
        for key in _OWN:
            if key in fields:
                raise fields.wrong(key, "belongs to an index of your own: name it with index = …")
        return None
    for key in _OF_CORPUS:
        if key in fields:
            raise fields.wrong(key, "is settled by the index of your own; leave it out")
    return OwnIndex(
        name=fields.text("index"),
        text_field=fields.text("text_field", "text"),
        title_field=fields.optional_text("title_field"),
        id_field=fields.optional_text("id_field"),
        vector_field=fields.optional_text("vector_field"),
        query=_json(fields, "query"),
        filter=_json(fields, "filter"),
    )


def _check_own(fields: Fields, settings: RetrievalSettings) -> None:
    index = settings.index
    if index is None:
        return
    if settings.backend == "embedded":
        raise fields.wrong("backend", "cannot search index = …, which lies on Elasticsearch")
    if settings.mode != "bm25" and index.vector_field is None:
        raise fields.wrong("mode", "needs vector_field, the index's field with the vectors")
    if settings.mode != "bm25" and settings.encoder == "tfidf":
        raise fields.wrong(
            "encoder", "must be that of the index's vectors: hf:PATH or openai:MODEL@URL"
        )


def _json(fields: Fields, key: str) -> str | None:
    text = fields.optional_text(key)
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise fields.wrong(key, f"must be a JSON object as text: {error}") from None
    if not isinstance(value, dict):
        raise fields.wrong(key, "must be a JSON object as text")
    return text


def _url(fields: Fields) -> str | None:
    url = fields.optional_text("url")
    if url is not None and not URL.fullmatch(url):
        # Without its value: it may hold a password.
        raise fields.unusable(
            "url",
            "must be http://HOST:PORT or https://…, without user and password, which "
            "come from the environment",
        )
    return url


def _weights(fields: Fields) -> Mapping[str, float]:
    if "fields" not in fields:
        return {}
    table = fields.table("fields", _FIELDS)
    weights = {name: table.number(name, above=0, up_to=1e6) for name in _FIELDS}
    given = {name: weight for name, weight in weights.items() if weight is not None}
    if "text" not in given:
        raise fields.wrong("fields", "must give text a weight, such as { title = 2, text = 1 }")
    return given
