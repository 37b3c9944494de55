"""Query clauses for questions of any length and content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pytest_ragft.foreign import mended

MOST_WORDS = 1000
"""Longer queries are shortened: a server allows 1,024 terms a query at least, and often no more."""

NEAREST = 200
"""Candidates of an approximate search for neighbours, or twice as many as are asked for."""
MOST_HITS = 10_000
"""That Elasticsearch gives for one search, or takes as candidates."""
AMONG_EQUALS = 50
"""Neighbours fetched beyond those asked for: the server cuts before it orders equally near ones."""
_OVERSAMPLE = 3.0


def text_clause(query: str, fields: Mapping[str, float], *, as_one: bool = False) -> dict[str, Any]:
    """The clause that scores `query` by BM25.

    A query of very many words has each distinct one once, weighted by how often it stands there,
    which gives the same scores.

    Args:
        query: Plain text; no character has a meaning of its own.
        fields: Weights by name. One field: ``match``; several: ``multi_match``, where each passage
            has the score of its best field.
        as_one: Score several fields as if they were one (``combined_fields``, BM25F).
    """
    query = mended(query)
    if len(query.split()) <= MOST_WORDS:
        return _clause(query, fields, 1, as_one)
    together: dict[int, list[str]] = {}
    for word, count in Counter(query.split()).items():
        together.setdefault(count, []).append(word)
    clauses = [_clause(" ".join(words), fields, count, as_one) for count, words in together.items()]
    return {"bool": {"should": clauses}}


def _clause(query: str, fields: Mapping[str, float], boost: int, as_one: bool) -> dict[str, Any]:
    weight = {} if boost == 1 else {"boost": boost}
    if len(fields) == 1:
        (field,) = fields
        return {"match": {field: {"query": query, **weight}}}
    weighted = [f"{field}^{number!r}" for field, number in fields.items()]
    kind = "combined_fields" if as_one else "multi_match"
    return {kind: {"query": query, "fields": weighted, **weight}}


def nearest_clause(field: str, vector: list[float], k: int, *, rescored: bool) -> dict[str, Any]:
    """The ``knn`` part of a search for the `k` passages nearest to `vector`.

    The number of candidates depends on `k` alone. An exact index compares all.

    Args:
        field: Of type ``dense_vector``.
        vector: As long as those in the index.
        k: At most `MOST_HITS`.
        rescored: Whether the best candidates are compared again by their full vectors, as is needed
            where the index searches rounded ones.
    """
    candidates = min(max(NEAREST, 2 * k), MOST_HITS)
    again = {"rescore_vector": {"oversample": _OVERSAMPLE}} if rescored else {}
    return {"field": field, "query_vector": vector, "k": k, "num_candidates": candidates, **again}
