"""A server's list of its models, and whether a name in it, or in a reply, is the one asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

# Whatever else an entry holds changes with every listing, as vLLM's permissions do.
_SAYS = ("id", "owned_by", "created", "root", "parent", *(
    _WINDOWS := ("max_model_len", "context_length", "context_window")
))  # fmt: skip
# Some servers give the moment of the listing as that at which each model was made.
_JUST_NOW = 3600.0
_ECHOING = ("llamacpp", "llama.cpp")
# What stands behind a name in the name of what it stands for: a date, a tag, a revision.
_SUFFIX = re.compile(r"-\d{4}-\d{2}-\d{2}|-\d{4,8}|:latest|@[\w.-]+")


@dataclass(frozen=True, slots=True)
class Listing:
    """The models of a server."""

    entries: tuple[Mapping[str, Any], ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(entry["id"] for entry in self.entries)

    @property
    def echoed(self) -> str:
        """The one model of a server that answers for it whatever name it is asked for, as its own.

        llama.cpp's does; empty for any other.
        """
        (only, *others) = self.entries
        return "" if others or only.get("owned_by") not in _ECHOING else str(only["id"])

    def names(self, name: str) -> bool:
        """Whether `name` is among them."""
        return any(is_called(name, other) for other in self.ids)

    def entry(self, name: str, now: float) -> dict[str, Any]:
        """What the list says of a model for good; empty where it does not name it.

        Args:
            name: of the model.
            now: Seconds since 1970.
        """
        found = next((e for e in self.entries if e["id"] == name), None) or next(
            (e for e in self.entries if is_called(name, e["id"])), {}
        )
        plain = {key: found[key] for key in _SAYS if isinstance(found.get(key), str | int | float)}
        created = plain.get("created")
        if isinstance(created, int | float) and abs(now - created) < _JUST_NOW:
            del plain["created"]
        return plain


def read_listing(value: Any) -> Listing | None:
    """The list in a reply to ``GET /models``; None where that is none, or empty."""
    data = value.get("data") if isinstance(value, Mapping) else None
    if not isinstance(data, list):
        return None
    entries = [e for e in data if isinstance(e, Mapping) and isinstance(e.get("id"), str)]
    return Listing(tuple(entries)) if entries else None


def window_of(entry: Mapping[str, Any]) -> int | None:
    """Tokens of the longest prompt with its answer, as far as a server tells."""
    found = (entry.get(name) for name in _WINDOWS)
    return next((n for n in found if isinstance(n, int) and n > 0), None)


def is_called(name: str, other: str) -> bool:
    """Whether a server that says `other` means the model that it was asked for as `name`.

    It may add a date, a tag or a revision, or leave out or add the folder of a file.
    """
    name, other = name.casefold(), other.casefold()
    if other == name or (other.startswith(name) and _SUFFIX.fullmatch(other[len(name) :])):
        return True
    return _bare(name) == _bare(other)


def _bare(name: str) -> str:
    return PurePath(name.replace("\\", "/")).name.removesuffix(".gguf")
