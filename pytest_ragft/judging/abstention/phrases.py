"""The phrases of `judging/data/abstention.toml`, whose head says how they are written."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

_LINE_END = re.compile(r"\n\s*")
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_SLOT = re.compile(r"\{([a-z_]+)\}")


def words(name: str) -> str:
    """The expression for any one of the words of a list."""
    return _expanded(f"{{{name}}}")


def phrases(name: str) -> tuple[str, ...]:
    """The expressions of a list, in the order of the file, which is the order of looking."""
    return tuple(map(_expanded, _read()["phrases"][name]))


def pattern(name: str) -> re.Pattern[str]:
    """Finds any one phrase of a list."""
    return re.compile("|".join(phrases(name)))


@cache
def _read() -> dict[str, Any]:
    text = resources.files("pytest_ragft.judging").joinpath("data", "abstention.toml")
    return tomllib.loads(text.read_text("utf-8"))


@cache
def _slots() -> dict[str, str]:
    data = _read()
    lists = {
        name: f"({'|'.join(text.split()).replace('_', ' ')})"
        for name, text in data["words"].items()
    }
    return lists | {name: _LINE_END.sub("", piece) for name, piece in data["pieces"].items()}


def _expanded(phrase: str) -> str:
    text = _LINE_END.sub("", phrase)
    # Pieces hold words and other pieces.
    while (whole := _SLOT.sub(lambda slot: _slots()[slot[1]], text)) != text:
        text = whole
    return _GROUP.sub("(?:", text)
