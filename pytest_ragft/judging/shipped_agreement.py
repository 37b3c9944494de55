"""How far the shipped judges agree with people, by what a reference is, on labelled sets.

Measured out of sample by ``studies/judge/agreement.py``, which writes the data file. It is said
beside a verdict and decides nothing: what a judge is worth elsewhere, only labels tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from pytest_ragft.judging.port import Judge, Versioned

FILE = "agreement.json"
_MANY = {
    "name": "names",
    "number": "numbers",
    "date": "dates",
    "identifier": "identifiers",
    "yesno": "yes or no",
    "choice": "choices",
    "list": "lists",
    "statement": "statements",
}
_SHOWN = {"kappa": "κ", "slope": "slope", "differences": "r of differences"}


@cache
def _measured() -> Mapping[str, Mapping[str, Any]]:
    text = resources.files("pytest_ragft.judging").joinpath("data", FILE).read_text("utf-8")
    measured: Mapping[str, Mapping[str, Any]] = json.loads(text)
    return measured


def shipped_agreement(judge: Judge, kinds: Mapping[str, int]) -> str:
    """What was measured of `judge`, for a mix of references; empty where nothing was.

    Args:
        judge: Any.
        kinds: How many references are of each kind, as `lexical.reference_kinds` names them.
    """
    known = _measured().get(judge.version) if isinstance(judge, Versioned) else None
    if not known or not kinds:
        return ""
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{_counted(n, kind)}: {_told(known.get(kind))}" for kind, n in ordered)
    return f"on labelled sets elsewhere, by kind of the {sum(kinds.values())} references: {told}"


def _counted(number: int, kind: str) -> str:
    return f"{number} {_MANY[kind].removesuffix('s') if number == 1 else _MANY[kind]}"


def _told(figures: Mapping[str, Any] | None) -> str:
    if figures is None:
        return "not measured"
    return " ".join(
        f"{text} {figures[key][0]:.2f}" for key, text in _SHOWN.items() if key in figures
    )
