"""Names of what the tool makes on a server, and the mark by which it knows them again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pytest_ragft.retrieval.elastic.faults import RequestError

if TYPE_CHECKING:
    from pytest_ragft.retrieval.elastic.connection import Connection

PREFIX = "ragft-"
"""Of every index and alias that the tool makes; the mark decides, not the name."""
TOOL = "pytest-ragft"

_LONGEST_SUITE = 100  # names on the server end at 255 bytes
_FORBIDDEN = re.compile(r"[^a-z0-9._-]+")


def alias_of(suite: str, fingerprint: str) -> str:
    """The alias of a suite's index with this fingerprint; it exists only for a complete one.

    Elasticsearch allows lower case only; what else it forbids becomes a dash.
    """
    plain = _FORBIDDEN.sub("-", suite.lower())[:_LONGEST_SUITE]
    return f"{PREFIX}{plain}-{fingerprint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the tool writes into the ``_meta`` of an index that it makes.

    An index without it is the user's: never written, never deleted.
    """

    fingerprint: str
    """Of corpus, mapping and encoder."""
    suite: str
    passages: int
    """How many a complete index holds."""
    version: str
    """Of pytest-ragft."""

    def to_meta(self) -> dict[str, object]:
        """The value of ``_meta``."""
        return {"tool": TOOL, **{name: getattr(self, name) for name in self.__slots__}}

    @classmethod
    def from_meta(cls, meta: object) -> Mark | None:
        """The mark in a ``_meta``, or None where it is not the tool's."""
        if not isinstance(meta, Mapping) or meta.get("tool") != TOOL:
            return None
        values = {name: meta.get(name) for name in cls.__slots__}
        texts = ("fingerprint", "suite", "version")
        sound = isinstance(values["passages"], int) and all(
            isinstance(values[name], str) for name in texts
        )
        return cls(**cast("dict[str, Any]", values)) if sound else None


def read_marks(connection: Connection, name: str) -> dict[str, Mark | None]:
    """The marks of the indices behind a name or alias, by index; empty for none.

    Raises:
        RequestError: the server did not answer, or does not let it be read.
    """
    try:
        answer = connection.call(
            f"reading the mark of {name!r}",
            lambda client: client.indices.get_mapping(index=name),
        )
    except RequestError as error:
        if error.status == 404:
            return {}
        raise
    return {
        index: Mark.from_meta(found.get("mappings", {}).get("_meta"))
        for index, found in answer.body.items()
    }
