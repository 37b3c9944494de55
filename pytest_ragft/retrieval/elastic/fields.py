"""The fields of a user's index, checked before anything is searched.

A search for an unknown field finds nothing and is no error to the server: it would pass for bad
retrieval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.faults import RequestError
from pytest_ragft.retrieval.settings import OwnIndex

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection

Types = Mapping[str, Mapping[str, Any]]


def check_fields(connection: Connection, own: OwnIndex, *, is_text_searched: bool) -> None:
    """That every field that the settings name is there and fit for its use.

    Needs no privilege but ``read``.

    Args:
        connection: To the server.
        own: The index and its fields.
        is_text_searched: Whether text and title are searched, other than by a template.

    Raises:
        RetrievalError: one is not; the message names setting, value and remedy.
    """
    names = [name for _, name in _named(own)]
    try:
        answer = connection.call(
            f"reading the fields of {own.name!r}",
            lambda client: client.field_caps(index=own.name, fields=names, include_unmapped=True),
        )
    except RequestError as error:
        raise unknown_index(own) if error.status == 404 else error from None
    if not answer.body["indices"]:
        raise unknown_index(own)
    found: Mapping[str, Types] = answer.body["fields"]
    for setting, name in _named(own):
        fault = _fault(setting, found.get(name, {}), is_text_searched=is_text_searched)
        if fault:
            raise RetrievalError(f"[retrieval] {setting} = {name!r}: {fault} (index {own.name!r})")


def unknown_index(own: OwnIndex) -> RetrievalError:
    """The error for a name that stands for nothing."""
    return RetrievalError(
        f"[retrieval] index = {own.name!r}: the server has no such index, alias or pattern; "
        "check the name"
    )


def _named(own: OwnIndex) -> Iterator[tuple[str, str]]:
    for setting in ("text_field", "title_field", "id_field", "vector_field"):
        name = getattr(own, setting)
        if name is not None:
            yield setting, name


def _fault(setting: str, types: Types, *, is_text_searched: bool) -> str:
    """What is wrong with a field, or nothing."""
    if not types or set(types) == {"unmapped"}:
        return "the index has no such field; check the name"
    if "unmapped" in types:
        # Without `indices` the server means that it is all of those that are not listed.
        lacking = ", ".join(types["unmapped"].get("indices", ()))
        return f"some of the indices have no such field: {lacking}; name only the others"
    if setting == "vector_field":
        if set(types) != {"dense_vector"}:
            return f"is of type {_listed(types)}, but kNN needs dense_vector"
    elif setting == "id_field":
        if not all(kind["aggregatable"] for kind in types.values()):
            return (
                f"is of type {_listed(types)} without doc values, which order ties; name a keyword "
                "field with them, or leave id_field out"
            )
    elif is_text_searched and not all(kind["searchable"] for kind in types.values()):
        return 'is not searchable ("index": false); name another field, or give a query template'
    return ""


def _listed(types: Types) -> str:
    return " and ".join(sorted(types))
