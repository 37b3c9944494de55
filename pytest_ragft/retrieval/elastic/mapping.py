"""The managed index: settings, mapping and documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_ragft.errors import RetrievalError
from pytest_ragft.foreign import mended
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic.faults import RequestError
from pytest_ragft.retrieval.ranking import searched_text
from pytest_ragft.retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from pytest_ragft.retrieval.encoding.port import Encoder

LAYOUT = 1
"""Part of fingerprints; counts up whenever documents or mapping change in any way."""

CONTENT, TITLE, TEXT = "content", "title", "text"
PASSAGE_ID, POSITION, VECTOR = "passage_id", "position", "vector"
"""The position counts from 0, and is the document's ``_id``, since a passage id may be too long."""

_ENCODED_TOGETHER = 256


def index_body(settings: RetrievalSettings, dimensions: int | None) -> dict[str, Any]:
    """Settings and mapping of the index, without its mark.

    One shard without replicas, so that scores do not depend on how passages are spread. Title and
    text are one field unless `settings` weighs them apart. With vectors, documents lie in the
    order of the corpus on disk, so that equally near passages come in that order.

    Args:
        settings: analyzer, k1, b, fields and vectors are read.
        dimensions: Length of the vectors; None for an index without.
    """
    text = {"type": "text", "analyzer": settings.analyzer}
    properties: dict[str, Any] = {
        # Ids may be longer than what Lucene takes as a term; nothing is searched by them.
        PASSAGE_ID: {"type": "keyword", "index": False, "doc_values": False},
        POSITION: {"type": "long", "index": False},
        **({TITLE: text, TEXT: text} if settings.fields else {CONTENT: text}),
    }
    index: dict[str, Any] = {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        "similarity": {"default": {"type": "BM25", "k1": settings.k1, "b": settings.b}},
    }
    mapping: dict[str, Any] = {"dynamic": "strict", "properties": properties}
    if dimensions is not None:
        properties[VECTOR] = {
            "type": "dense_vector",
            "dims": dimensions,
            "similarity": "dot_product",
            "index_options": {"type": settings.vectors},
        }
        mapping["_source"] = {"excludes": [VECTOR]}
        index |= {"sort.field": POSITION, "sort.order": "asc"}
    return {"settings": {"index": index}, "mappings": mapping}


def documents(
    passages: Sequence[Passage], settings: RetrievalSettings, encoder: Encoder | None
) -> Iterator[dict[str, Any]]:
    """The documents of a corpus, in its order; encoded a few hundred at a time.

    A passage with a zero vector gets none: it is not near to anything.
    """
    for start in range(0, len(passages), _ENCODED_TOGETHER):
        part = passages[start : start + _ENCODED_TOGETHER]
        vectors = None if encoder is None else encoder.encode([searched_text(p) for p in part])
        for row, passage in enumerate(part):
            document: dict[str, Any] = {PASSAGE_ID: mended(passage.id), POSITION: start + row}
            if settings.fields:
                document |= {TITLE: mended(passage.title), TEXT: mended(passage.text)}
            else:
                document[CONTENT] = mended(searched_text(passage))
            if vectors is not None and np.any(vectors[row]):
                document[VECTOR] = vectors[row].tolist()
            yield document


def explained(error: RequestError, settings: RetrievalSettings) -> RetrievalError:
    """`error`, or a clearer one where a setting is to blame."""
    if "analyzer" in error.reason.lower():
        return RetrievalError(
            f"[retrieval] analyzer = {settings.analyzer!r}: the server has no such analyzer "
            f"({error.reason}); name one of Elasticsearch's, such as 'english' or 'standard'"
        )
    return error
