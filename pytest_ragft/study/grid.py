"""Grids of recipes: the tables ``[[cells]]`` of a study file, expanded into named cells."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.datasets.fields import Fields, show, suggest
from pytest_ragft.errors import RagftError, SuiteError, reason_of
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.finetuning.targets import name_of_target
from pytest_ragft.records.answering import NAME
from pytest_ragft.study.recipes import DEFAULTS, placed, read_recipe
from pytest_ragft.study.records import Cell

AXES: Mapping[str, str] = {
    "methods": "method", "forms": "form", "answers": "target", "sizes": "size", "seeds": "seed",
}  # fmt: skip
"""Lists of a grid, and the field of a recipe that each varies. `Recipe.targets` are modules, so
that the list of those whose answers are taught is called ``answers``."""

BLOCK_KEYS = ("name", "data", "bases", *AXES, "recipe")

ALL = "all"
"""The size of all pairs that are there."""

_UNNAMED = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One ``[[cells]]`` before it is expanded."""

    number: int
    where: str
    name: str
    """Stands in its cells' names; empty for none."""
    data: tuple[str, ...]
    bases: tuple[str, ...]
    axes: Mapping[str, tuple[Any, ...]]
    """By field of a recipe, those alone that the block lists. A size of 0 is the base itself."""
    recipe: Mapping[str, Any]
    """Over the study's own."""


def read_block(
    table: Fields, number: int, folder: Path, data: Sequence[str], bases: Sequence[str]
) -> Block:
    """A block with all of its lists.

    Args:
        table: The block.
        number: From 0.
        folder: From which paths are seen.
        data: Names of the study's data sets.
        bases: Those that the study names for every block.

    Raises:
        SuiteError: a value is wrong.
    """
    name = table.optional_text("name") or ""
    if name and not NAME.fullmatch(name):
        raise table.wrong("name", "must consist of letters A-Z a-z, digits, dot, _ and - only")
    chosen = table.texts("data", unique=True, lone=True) or tuple(data)
    for each in chosen:
        if each not in data:
            known = ", ".join(data)
            raise table.wrong("data", f"{each!r} is none of [data.…]: {known}{suggest(each, data)}")
    own = table.texts("bases", unique=True, lone=True) or tuple(bases)
    if not own:
        raise SuiteError(f"{table.where}: 'bases' is missing: name models here or in [study]")
    recipe = read_recipe(table.given.get("recipe", {}), f"{table.where}: recipe", folder)
    axes = {field: _axis(table, key, folder) for key, field in AXES.items() if key in table}
    for key, field in AXES.items():
        if field in axes and field in recipe:
            raise table.wrong(key, f"recipe names {field} = {recipe[field]!r}, too; keep one")
    return Block(
        number=number,
        where=table.where,
        name=name,
        data=chosen,
        bases=own,
        axes=axes,
        recipe=recipe,
    )


def _axis(table: Fields, key: str, folder: Path) -> tuple[Any, ...]:
    values: tuple[Any, ...]
    if key in ("sizes", "seeds"):
        values = tuple(table.items(key))
        for value in values:
            accepted = "must be a list of whole numbers of 0 or more"
            if key == "sizes" and value == ALL:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                more = f", or {ALL!r} for all pairs; 0 is the base itself"
                raise table.wrong(key, accepted + more * (key == "sizes"))
        if len(set(values)) < len(values):
            raise table.wrong(key, "names the same thing twice")
        values = tuple(None if value == ALL else value for value in values)
    else:
        values = table.texts(key, unique=True, lone=True)
        values = tuple(placed(AXES[key], value, folder) for value in values)
    if not values:
        raise table.wrong(key, "must not be empty; leave it out for the recipe's own")
    return values


@dataclass(frozen=True, slots=True)
class _Wish:
    """A combination of a block before it is a recipe."""

    block: Block
    data: str
    base: str
    values: Mapping[str, Any]


def cells_of(blocks: Sequence[Block], shared: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Every combination of every block's lists, in their order; of equal ones the first.

    A field that one method or form does not take is left out there, where another combination of
    the study takes it with the same value: the layers that one method trains are no mistake in the
    others.

    Args:
        blocks: In the order of the file.
        shared: The study's own recipe.

    Raises:
        SuiteError: a combination is no recipe, or two have one name.
    """
    wishes = [wish for block in blocks for wish in _wishes(block, shared)]
    taken = {
        (name, repr(value))
        for wish in wishes
        if not isinstance(_recipe(wish.values), ValueError)
        for name, value in wish.values.items()
    }
    first = next(iter(dict.fromkeys(base for block in blocks for base in block.bases)))
    found: dict[tuple[str, str, str], Cell] = {}
    for wish in wishes:
        recipe = _fitting(wish, taken)
        cell = Cell(
            name="-".join(_parts(wish, recipe, first)),
            data=wish.data,
            base=wish.base,
            recipe=recipe,
            block=wish.block.number,
        )
        found.setdefault((cell.data, cell.base, _identity(recipe, wish.block)), cell)
    _expect_names(found.values(), blocks)
    return tuple(found.values())


def _wishes(block: Block, shared: Mapping[str, Any]) -> list[_Wish]:
    own = {**shared, **block.recipe}
    lists = {f: block.axes.get(f, (own.get(f, DEFAULTS[f]),)) for f in AXES.values()}
    return [
        _Wish(block, data, base, own | dict(zip(lists, values, strict=True)))
        for data, base in itertools.product(block.data, block.bases)
        for values in itertools.product(*lists.values())
        if dict(zip(lists, values, strict=True))["size"] != 0
    ]


def _recipe(values: Mapping[str, Any]) -> Recipe | ValueError:
    try:
        return Recipe(**values)
    except ValueError as error:
        return error


def _fitting(wish: _Wish, taken: set[tuple[str, str]]) -> Recipe:
    values = dict(wish.values)
    while isinstance(made := _recipe(values), ValueError):
        name = str(made).partition(" ")[0]
        if name in AXES.values() or (name, repr(values.get(name))) not in taken:
            raise SuiteError(f"{wish.block.where}: {made}") from None
        del values[name]
    return made


def _identity(recipe: Recipe, block: Block) -> str:
    try:
        return recipe.fingerprint
    except (RagftError, ValueError) as error:  # of a null byte in a path
        raise SuiteError(f"{block.where}: target or mix: {reason_of(error)}") from error


def _parts(wish: _Wish, recipe: Recipe, first: str) -> list[str]:
    """What a name is made of; it stays when cells are added to a study."""
    size = "all" if recipe.size is None else str(recipe.size)
    base = [] if wish.base == first else [_plain(wish.base)]
    target = (
        []
        if recipe.target == DEFAULTS["target"]
        else [_plain(name_of_target(recipe.target).removesuffix(".jsonl"))]
    )
    named = [wish.block.name] if wish.block.name else []
    return [wish.data, *base, recipe.method, recipe.form, *target, *named, size, f"s{recipe.seed}"]


def _plain(text: str) -> str:
    """The last component of a path or name, of the characters that names may have."""
    return _UNNAMED.sub("-", Path(text).name).strip("-")


def _expect_names(cells: Iterable[Cell], blocks: Sequence[Block]) -> None:
    first: dict[str, Cell] = {}
    for cell in cells:
        if (other := first.setdefault(cell.name, cell)) is not cell:
            apart = "give each a block of its own, and " if other.block == cell.block else ""
            raise SuiteError(
                f"{blocks[cell.block].where}: a cell {cell.name!r} stands in [[cells]] number "
                f"{other.block + 1}, too, with {_differing(other, cell)}; {apart}give one of the "
                'blocks a name = "…", which becomes a part of its cells\' names'
            )


def _differing(one: Cell, other: Cell) -> str:
    before, after = one.recipe.plain(), other.recipe.plain()
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    told = [f"{n} = {show(before.get(n))} and not {show(after.get(n))}" for n in changed]
    return ", ".join(told) or f"the base {one.base!r} and not {other.base!r}"
