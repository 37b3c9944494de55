"""An index as users have them, and the retriever over it."""

from __future__ import annotations

import secrets
from types import SimpleNamespace

import numpy as np
import pytest

from pytest_ragft.retrieval.elastic.retriever import open_elastic
from pytest_ragft.retrieval.settings import OwnIndex, RetrievalSettings

MAPPING = {
    "body": {"type": "text", "analyzer": "english"},
    "head": {"type": "text", "analyzer": "english"},
    "key": {"type": "keyword"},
    "about": {"properties": {"language": {"type": "keyword"}}},
    "near": {"type": "dense_vector", "dims": 3, "similarity": "cosine"},
    "hidden": {"type": "text", "index": False},
}
DOCUMENTS = [
    ("cat", "Cats", "The cat sleeps on the mat.", [1, 0, 0], "en"),
    ("dog", "Dogs", "A dog chases the cat around the garden.", [0.8, 0.6, 0], "en"),
    ("twin-2", "", "Volcanoes erupt molten rock.", [0, 0, 1], "en"),
    ("twin-1", "", "Volcanoes erupt molten rock.", [0, 0, 1], "de"),
]
FIELDS = {"text_field": "body", "title_field": "head", "id_field": "key", "vector_field": "near"}


def vectors(texts, role="document"):
    known = {"cat": [1, 0, 0], "molten": [0, 0, 1]}
    return np.array([known.get(text, [0, 0, 0]) for text in texts], np.float32)


def encoder(encode=vectors):
    return SimpleNamespace(
        fingerprint="e", description="three", dimensions=3, check=lambda: None, encode=encode
    )


def fill(server, name, documents=DOCUMENTS):
    lines = []
    for key, head, body, near, language in documents:
        source = {"key": key, "head": head, "body": body, "near": near}
        lines += [{"index": {}}, {**source, "about": {"language": language}}]
    assert not server.bulk(index=name, operations=lines, refresh=True)["errors"]


def create(server, name):
    settings = {"number_of_shards": 1, "number_of_replicas": 0}
    server.indices.create(index=name, settings=settings, mappings={"properties": MAPPING})
    fill(server, name)


@pytest.fixture
def own_name(server):
    """An index of the user's with four passages."""
    made = f"own-{secrets.token_hex(4)}"
    create(server, made)
    yield made
    server.options(ignore_status=404).indices.delete(index=made)


@pytest.fixture
def open_own(elastic_connection, own_name):
    opened_ = []

    def open_(connection=elastic_connection, *, make=encoder, index=None, mode="bm25", **given):
        weights = given.pop("fields", {})
        own = OwnIndex(name=index or own_name, **{**FIELDS, **given})
        settings = RetrievalSettings(index=own, mode=mode, fields=weights)
        opened_.append(open_elastic((), settings, connection, suite="s", encoder=make))
        return opened_[-1]

    yield open_
    for retriever in opened_:
        retriever.close()
