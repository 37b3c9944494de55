"""study.json: the plan as it was begun, with what it is about by content."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.atomic import write_atomically
from pytest_ragft.datasets.fields import show
from pytest_ragft.errors import InputError, reason_of
from pytest_ragft.store import fingerprint
from pytest_ragft.study.opened import OpenedStudy
from pytest_ragft.suite import Suite, find_rules, load_rules

FILE = "study.json"
SCHEMA = "pytest-ragft/study/1"

# What cells may bring along that are added.
_GROWING = ("cells", "bases", "data", "measured")
_SHOWN = 12


def begin(study: OpenedStudy, *, extend: bool = False) -> None:
    """Write down what the study is, or hold it against what was written.

    Args:
        study: Opened.
        extend: Whether cells may have been added, with their bases and data sets.

    Raises:
        InputError: it is another study than the one that was begun here; the message says in what.
    """
    before = read_begun(study.out)
    now = plain_plan(study)
    if before is not None:
        expect_same(before, now, str(study.out / FILE), extend=extend)
    if before == now or not study.writes:
        return
    try:
        study.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(now, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        write_atomically(study.out / FILE, text.encode())
    except OSError as error:
        raise InputError(
            f"--out={str(study.out)!r} cannot be written: {reason_of(error)}; name another folder"
        ) from error


def read_begun(out: Path) -> dict[str, Any] | None:
    """What a study's folder was begun with; None where none was.

    Raises:
        InputError: its file cannot be read, or something else lies there.
    """
    file = out / FILE
    if not file.exists():
        # Fingerprints of bases are kept first: whoever is killed then has left the store alone.
        if out.is_file() or (out.is_dir() and {each.name for each in out.iterdir()} - {".ragft"}):
            raise InputError(
                f"--out={str(out)!r}: something else lies there (no {FILE}); name another folder"
            )
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        schema = found["schema"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{str(file)!r} cannot be read: {reason_of(error)}") from error
    if schema != SCHEMA:
        raise InputError(
            f"{str(file)!r} has the form {schema!r}, this version reads {SCHEMA!r}; take another "
            "--out"
        )
    return dict(found)


def expect_same(
    before: Mapping[str, Any], now: Mapping[str, Any], place: str, *, extend: bool = False
) -> None:
    """Refuse a study that has changed.

    Raises:
        InputError: with each key that differs, what it was and what it is.
    """
    changes = list(_changes(before, now))
    barred = [change for change in changes if not (extend and change.grows)]
    if not barred:
        return
    more = f"; and {len(barred) - _SHOWN} more" if len(barred) > _SHOWN else ""
    remedy = (
        "--extend takes what is new in"
        if all(change.grows for change in changes)
        else "give the file its old state, or start anew with another --out"
    )
    told = "; ".join(change.line for change in barred[:_SHOWN])
    raise InputError(f"the study has changed since {place} was written: {told}{more}; {remedy}")


@dataclass(frozen=True, slots=True)
class _Change:
    """What differs between two plain plans; a cell that is new as a whole is one thing."""

    path: tuple[str, ...]
    line: str
    added: bool = False

    @property
    def grows(self) -> bool:
        """Whether it is a cell that was added, or what such a one brings along."""
        return self.added and len(self.path) == len(("cells", "NAME")) and self.path[0] in _GROWING


def _changes(before: Any, now: Any, *path: str) -> Iterator[_Change]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys([*before, *now]):
            below = (*path, name)
            if name not in now:
                yield _Change(below, f"{'.'.join(below)} is gone")
            elif name not in before:
                yield _Change(below, f"{'.'.join(below)} is new", added=True)
            else:
                yield from _changes(before[name], now[name], *below)
    elif before != now:
        yield _Change(path, f"{'.'.join(path)}: {show(before)} → {show(now)}")


def plain_plan(study: OpenedStudy) -> dict[str, Any]:
    """What decides the results of a study, as plain values; no path of this machine is in it."""
    plan = study.plan
    return {
        "schema": SCHEMA,
        "name": plan.name,
        "knowledge": list(plan.knowledge),
        "judge": plan.judge,
        **({"familiarity": True} if plan.familiarity else {}),
        "data": {
            name: {
                "gated": _plain_suites(study.suites(data.gated)),
                "training": _plain_suites([study.training(name)]),
            }
            for name, data in plan.data.items()
        },
        "retention": _plain_suites(study.suites(plan.retention)),
        "bases": {name: dict(identity) for name, identity in study.identities.items()},
        "measured": {f"{base} on {data}": True for data, base in plan.bases},
        "cells": {
            cell.name: {
                "data": cell.data,
                "base": cell.base,
                # As JSON gives them back: a tuple is a list there.
                "recipe": json.loads(json.dumps(cell.recipe.plain())),
            }
            for cell in plan.cells
        },
    }


def _plain_suites(suites: list[Suite]) -> dict[str, Any]:
    return {suite.name: _plain_suite(suite) for suite in suites}


def _plain_suite(suite: Suite) -> dict[str, Any]:
    rules = find_rules(suite.path)
    gates = [asdict(gate) for gate in suite.gates]
    pooled = [] if rules is None else [asdict(gate) for gate in load_rules(rules).gates]
    plain = {
        "questions": fingerprint([asdict(example) for example in suite.examples]),
        "content": suite.fingerprint,
        "retrieval": suite.retrieval.plain(),
        "generation": suite.generation.plain(),
        "prompt": asdict(suite.prompt),
        "prompt_without": asdict(suite.prompt_without),
        "documents": suite.documents,
        "gates": gates,
        "pooled": pooled,
        "select": None if rules is None else load_rules(rules).select,
    }
    return dict(json.loads(json.dumps(plain)))
