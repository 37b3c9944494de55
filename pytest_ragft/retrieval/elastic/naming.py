"""Names of what the tool makes on a server, and the mark by which it knows them again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

PREFIX = "ragft-"
"""Of every index and alias that the tool makes; the mark decides, not the name."""
TOOL = "pytest-ragft"

State = Literal["building", "complete"]

_LONGEST_SUITE = 100  # names on the server end at 255 bytes
_FORBIDDEN = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What one corpus under one mapping is called on the server."""

    alias: str
    """What is searched; it exists only for a complete index."""
    index: str
    """What the alias stands for, and what is built."""
    building: str
    """An alias of the unfinished index, and the only name that passages are written to.

    It goes away in the moment in which the other alias comes, and with a deleted index: a process
    that writes late then writes nothing, rather than into a new index made by the server.
    """


def names_of(suite: str, fingerprint: str) -> Names:
    """The names for a suite's index with this fingerprint.

    Elasticsearch allows lower case only; what else it forbids becomes a dash.
    """
    plain = _FORBIDDEN.sub("-", suite.lower())[:_LONGEST_SUITE]
    alias = f"{PREFIX}{plain}-{fingerprint}"
    return Names(alias=alias, index=f"{alias}-index", building=f"{alias}-building")


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
    state: State
    created: str
    """UTC in ISO 8601."""
    version: str
    """Of pytest-ragft."""
    owner: str | None = None
    """The process that builds; None when none does."""
    beat: int = 0
    """Counted up by the builder every few seconds, so that others see that it lives."""
    done: int = 0
    """Passages sent so far."""

    def to_meta(self) -> dict[str, object]:
        """The value of ``_meta``."""
        return {"tool": TOOL, **{name: getattr(self, name) for name in self.__slots__}}

    @classmethod
    def from_meta(cls, meta: object) -> Mark | None:
        """The mark in a ``_meta``, or None where it is not the tool's."""
        if not isinstance(meta, Mapping) or meta.get("tool") != TOOL:
            return None
        values = {name: meta.get(name) for name in cls.__slots__}
        texts = ("fingerprint", "suite", "created", "version")
        numbers = ("passages", "beat", "done")
        owner = values["owner"]
        sound = (
            all(isinstance(values[name], str) for name in texts)
            and all(isinstance(values[name], int) for name in numbers)
            and values["state"] in get_args(State)
            and (owner is None or isinstance(owner, str))
        )
        return cls(**cast("dict[str, Any]", values)) if sound else None
