"""A search of the user's own, as a template in JSON."""

from __future__ import annotations

import json
from typing import Any, cast

from pytest_ragft.errors import RetrievalError
from pytest_ragft.foreign import mended

QUERY, VECTOR = "{query}", "{vector}"
_SETTING = "[retrieval] query"
_SEARCHES = ("query", "knn", "retriever")
_ORDERED_ITSELF = ("sort", "retriever", "rescore")


class Template:
    """A body for ``_search`` with ``{query}`` in strings and ``{vector}`` as whole values.

    It is read as JSON first and filled afterwards, so that no question can change its structure.

    Args:
        text: The JSON.

    Raises:
        RetrievalError: it is no JSON object, or lacks its places.
    """

    def __init__(self, text: str) -> None:
        self._body = json_object(text, _SETTING)
        strings = list(_strings(self._body))
        if not any(QUERY in string or string == VECTOR for string in strings):
            raise RetrievalError(
                f"{_SETTING} = {text!r}: has no {QUERY}; write it where the question goes, such as "
                '{"query": {"match": {"text": "{query}"}}}'
            )
        for string in strings:
            if VECTOR in string and string != VECTOR:
                raise RetrievalError(
                    f"{_SETTING} = {text!r}: {VECTOR} must be a whole value, not a part of "
                    f"{string!r}; it becomes a list of numbers"
                )
        if not any(key in self._body for key in _SEARCHES):
            raise RetrievalError(
                f"{_SETTING} = {text!r}: is no search; it needs 'query', 'knn' or 'retriever'"
            )
        if "pit" in self._body:
            raise RetrievalError(
                f"{_SETTING} = {text!r}: must not have 'pit'; the point in time is opened for it"
            )
        self.needs_vector = VECTOR in strings
        """Whether questions have to be encoded for it."""
        self.is_ordered = any(key in self._body for key in _ORDERED_ITSELF)
        """Whether it decides the order of hits, beyond their scores, by itself."""
        self.is_retriever = "retriever" in self._body

    def body(self, query: str, vector: list[float] | None) -> dict[str, Any]:
        """The search for one question.

        Args:
            query: Plain text; stands where the template says as it is.
            vector: Needed where `needs_vector`.
        """
        return cast("dict[str, Any]", _filled(self._body, mended(query), vector))


def json_object(text: str, setting: str) -> dict[str, Any]:
    """The object that a setting holds as JSON text.

    Raises:
        RetrievalError: it holds none; the message names the setting.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RetrievalError(f"{setting} = {text!r}: is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise RetrievalError(f"{setting} = {text!r}: must be a JSON object")
    return value


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [string for part in parts for string in _strings(part)]


def _filled(value: object, query: str, vector: list[float] | None) -> object:
    if isinstance(value, dict):
        return {key: _filled(part, query, vector) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, query, vector) for part in value]
    if value == VECTOR:
        assert vector is not None, "a template with a vector gets one"
        return vector
    return value.replace(QUERY, query) if isinstance(value, str) else value
