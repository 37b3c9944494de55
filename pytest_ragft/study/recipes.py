"""The fields of a `Recipe` in a study file, read by their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.models.files import user_path

FIELDS = tuple(field.name for field in fields(Recipe))
DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in fields(Recipe)}


def read_recipe(values: object, where: str, folder: Path) -> dict[str, Any]:
    """The fields that a table gives, of the right types; in what range is for `Recipe` to say.

    Args:
        values: As the parser gave them.
        where: File and table, for messages.
        folder: From which paths are seen.

    Raises:
        SuiteError: `values` is no table, has a key that is no field, or a value of another type.
    """
    table = Fields(values, where=where, known=FIELDS)
    return {name: read_field(table, name, name, folder) for name in table.given}


def read_field(table: Fields, key: str, name: str, folder: Path) -> Any:
    """The value of `key` as one of a recipe's field `name`.

    Raises:
        SuiteError: it is of another type.
    """
    hint = get_type_hints(Recipe)[name]
    # None, where a field takes it, is said by leaving the key out.
    (kind, *_) = [k for k in get_args(hint) if k is not NoneType] if _is_union(hint) else [hint]
    if get_origin(kind) is tuple:
        return _several(table, key, get_args(kind)[0])
    if kind is bool:
        return table.flag(key, False)
    if kind is int:
        return _whole(table, key)
    if kind is float:
        return table.number(key, least=-1e12, up_to=1e12)
    return placed(name, table.text(key), folder)


def placed(name: str, value: str, folder: Path) -> str:
    """A field's text; where it is a file, as it is seen from where the process was started."""
    is_file = name == "mix" or (name == "target" and value.endswith(".jsonl"))
    return str(folder / user_path(value)) if is_file and value else value


def _is_union(hint: Any) -> bool:
    return NoneType in get_args(hint)


def _whole(table: Fields, key: str) -> int:
    value = table.given[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise table.wrong(key, "must be a whole number")
    return value


def _several(table: Fields, key: str, kind: type) -> tuple[Any, ...]:
    if kind is not int:
        return table.texts(key)
    values = table.numbers(key)
    if values is None:
        raise table.wrong(key, "must be a list of whole numbers")
    return values
