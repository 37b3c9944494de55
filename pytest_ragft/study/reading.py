"""study.toml read into a plan; complete validation, before anything is opened."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from pytest_ragft.datasets.fields import Fields, show, suggest
from pytest_ragft.errors import SuiteError
from pytest_ragft.models.files import user_path
from pytest_ragft.records import Knowledge
from pytest_ragft.records.answering import NAME
from pytest_ragft.study.grid import BLOCK_KEYS, Block, cells_of, read_block
from pytest_ragft.study.recipes import read_recipe
from pytest_ragft.study.records import DataSet, StudyPlan
from pytest_ragft.suite import find_rules, is_excluded, load_rules, suites_at, suites_under
from pytest_ragft.suite.loading import read_toml

_TABLES = ("study", "data", "recipe", "cells")
_HEAD = ("name", "bases", "knowledge", "retention", "judge", "familiarity")
_DATA = ("gated", "training")
_KNOWLEDGE = ("retrieved", "none", "gold")
_NAMED = "must consist of letters A-Z a-z, digits, dot, _ and - only"


def read_study(path: Path) -> StudyPlan:
    """The plan that a study file describes, with every cell of its grids.

    Args:
        path: Of the file; paths in it are seen from its folder.

    Raises:
        SuiteError: anything in it is wrong, or a suite that it names is not there; the message
            names file, table, key, value and what is accepted.
    """
    tables = read_toml(path, _TABLES)
    head = Fields(tables.get("study", {}), where=f"{path}: [study]", known=_HEAD)
    name = head.text("name")
    if not NAME.fullmatch(name):
        raise head.wrong("name", _NAMED)
    if not name.strip("."):
        raise head.wrong("name", "is the folder itself or the one above; name one of its own")
    knowledge = _knowledge(head)
    data = _data_sets(tables, path)
    shared = read_recipe(tables.get("recipe", {}), f"{path}: [recipe]", path.parent)
    blocks = _blocks(tables, path, list(data), head.texts("bases", unique=True))
    retention = _suites(head, "retention", path) if "retention" in head else ()
    _expect_apart(retention, data, head)
    first: dict[tuple[str, str], int] = {}
    for block in blocks:
        for pair in itertools.product(block.data, block.bases):
            first.setdefault(pair, block.number)
    return StudyPlan(
        name=name,
        file=path,
        data=data,
        cells=cells_of(blocks, shared),
        bases=tuple(first),
        first_block=first,
        blocks=len(blocks),
        knowledge=knowledge,
        retention=retention,
        judge=head.text("judge", "reference"),
        familiarity=head.flag("familiarity", False),
    )


def spec_of(plan: StudyPlan, base: str) -> str:
    """What a base of the plan names, wherever the process was started."""
    folder = plan.file.parent / user_path(base)
    return str(folder) if os.path.isdir(folder) else base


def _knowledge(head: Fields) -> tuple[Knowledge, ...]:
    kinds = head.texts("knowledge", unique=True) or ("retrieved",)
    for kind in kinds:
        if kind not in _KNOWLEDGE:
            accepted = f"must be a list of {', '.join(_KNOWLEDGE)}{suggest(kind, _KNOWLEDGE)}"
            raise head.wrong("knowledge", accepted)
    if "retrieved" not in kinds:
        raise head.wrong("knowledge", "must hold 'retrieved', which gates speak about")
    return cast("tuple[Knowledge, ...]", tuple(k for k in _KNOWLEDGE if k in kinds))


def _data_sets(tables: Mapping[str, object], path: Path) -> dict[str, DataSet]:
    given = tables.get("data", {})
    if not isinstance(given, Mapping) or not given:
        raise SuiteError(
            f"{path}: [data.NAME] is missing: give questions as `gated` and `training`"
        )
    found = {}
    for name, values in given.items():
        table = Fields(values, where=f"{path}: [data.{name}]", known=_DATA)
        if not NAME.fullmatch(name):
            raise SuiteError(f"{table.where}: the name {_NAMED}")
        found[name] = _data_set(name, table, path)
    return found


def _data_set(name: str, table: Fields, path: Path) -> DataSet:
    if "gated" not in table:
        raise SuiteError(f"{table.where}: 'gated' is missing: give a folder of suites")
    gated = _suites(table, "gated", path)
    training = _one_suite(table, path)
    if training.resolve() in {file.resolve() for file in gated}:
        raise table.wrong("training", "is gated, too; train on other questions")
    _expect_whole_pool(gated, table)
    return DataSet(name=name, gated=gated, training=training)


def _suites(table: Fields, key: str, path: Path) -> tuple[Path, ...]:
    found: dict[Path, Path] = {}
    for place in table.texts(key, unique=True, lone=True):
        files = suites_at(_place(path, place))
        if not files:
            raise table.wrong(key, f"no suite.toml lies in {place!r}; name a folder of suites")
        found |= {file.resolve(): file for file in files}
    if not found:
        raise table.wrong(key, "must name a folder of suites")
    return tuple(found.values())


def _place(path: Path, text: str) -> Path:
    """Absolute and without ``..``, as the suites below a ragft.toml are found."""
    return Path(os.path.abspath(path.parent / user_path(text)))


def _one_suite(table: Fields, path: Path) -> Path:
    files = suites_at(_place(path, table.text("training")))
    if len(files) != 1:
        said = "holds several suites" if files else "has no suite.toml"
        raise table.wrong("training", f"{said}; name the folder of the one to train on")
    return files[0]


def _expect_whole_pool(gated: Sequence[Path], table: Fields) -> None:
    """Refuse a part of a pool: its gates would speak about suites that are not of the data set."""
    known = {file.resolve() for file in gated}
    rules = {find_rules(file) for file in gated}
    if len(rules) > 1:
        raise table.wrong("gated", "must lie under one ragft.toml, or all under none")
    for file in rules - {None}:
        assert file is not None
        left_out = load_rules(file).exclude
        pooled = [suite for suite in suites_under(file) if not is_excluded(suite, file, left_out)]
        if others := [suite for suite in pooled if suite.resolve() not in known]:
            raise table.wrong(
                "gated",
                f"{str(file)!r} pools {str(others[0])!r} with it; name that, too, or give these "
                "suites a ragft.toml of their own",
            )


def _expect_apart(retention: Sequence[Path], data: Mapping[str, DataSet], head: Fields) -> None:
    """Refuse retention suites in the pool of a data set, where they would move its verdict."""
    pools = {find_rules(file) for each in data.values() for file in each.gated}
    for file in retention:
        if find_rules(file) in pools:
            raise head.wrong(
                "retention",
                f"{str(file)!r} would be pooled with the gated suites; put a ragft.toml with "
                "guards into its folder",
            )


def _blocks(
    tables: Mapping[str, object], path: Path, data: Sequence[str], bases: Sequence[str]
) -> list[Block]:
    given = tables.get("cells", [])
    if not isinstance(given, list) or not given:
        shown = "is missing" if not given else f"= {show(given)}"
        raise SuiteError(f"{path}: [[cells]] {shown}: write [[cells]] above each grid")
    blocks = []
    for number, values in enumerate(given, start=1):
        where = f"{path}: [[cells]] number {number}"
        table = Fields(values, where=where, known=BLOCK_KEYS)
        block = read_block(table, number - 1, path.parent, data, bases)
        blocks.append(block)
    return blocks
