"""The tables ``[[gate]]`` of a suite.toml or ragft.toml, read with every mistake named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast, get_args

from pytest_ragft.datasets.fields import Fields, suggest
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Gate, MarginScale, QuestionType, Role, Slice
from pytest_ragft.records.answering import NAME
from pytest_ragft.stats.spending import check_sizes
from pytest_ragft.suite.schema import GATED, is_retrieval

_KEYS = ("metric", "role", "margin", "margin_scale", "alpha", "looks", "where", "name")
_WHERE = ("tag", "type", "answerable", "hit")


def read_gates(
    tables: Mapping[str, object], path: Path, role: Role, elsewhere: Sequence[str] = ()
) -> tuple[Gate, ...]:
    """The gates of a file.

    Args:
        tables: of the file.
        path: of the file.
        role: of a gate that names none.
        elsewhere: keys that belong above the first ``[[gate]]``.

    Raises:
        SuiteError: a value is wrong, or two gates are about the same or have one name.
    """
    given = tables.get("gate", [])
    if not isinstance(given, list):
        raise SuiteError(f"{path}: [gate] is a single table: write [[gate]] above each gate")
    gates = []
    for number, value in enumerate(given, start=1):
        where = f"{path}: [[gate]] number {number}"
        for key in elsewhere:
            if isinstance(value, Mapping) and key in value:
                raise SuiteError(f"{where}: {key} stands in it: write it above the first [[gate]]")
        gates.append(_gate(value, where, role))
    _check_apart(gates, path)
    return tuple(gates)


def _check_apart(gates: Sequence[Gate], path: Path) -> None:
    for (metric, where), number in Counter((gate.metric, gate.where) for gate in gates).items():
        if number > 1:
            same = "" if where is None else " with the same `where`"
            raise SuiteError(f"{path}: [[gate]] metric = {metric!r}{same} stands twice: keep one")
    for label, number in Counter(gate.label for gate in gates).items():
        if number > 1:
            raise SuiteError(
                f"{path}: [[gate]] name = {label!r}: two gates would have the id "
                f"{f'gate-{label}'!r}; give each slice a name of its own"
            )


def _gate(value: object, where: str, role: Role) -> Gate:
    fields = Fields(value, where=where, known=_KEYS)
    margin = fields.number("margin", above=0, up_to=1, below=1)
    metric = _metric(fields)
    part = _slice(fields)
    if part is not None and "name" not in fields:
        raise fields.wrong("where", "needs a name beside it, such as name = 'safety'")
    return Gate(
        metric=metric,
        role=cast("Role", fields.choice("role", get_args(Role), role)),
        name=_name(fields),
        where=part,
        margin=0.05 if margin is None else margin,
        margin_is_default=margin is None,
        margin_scale=_margin_scale(fields, metric),
        alpha=fields.number("alpha", above=0, up_to=0.1) or 0.05,
        looks=_looks(fields),
    )


def _metric(fields: Fields) -> str:
    metric = fields.text("metric")
    if metric not in GATED and not is_retrieval(metric):
        raise fields.wrong(
            "metric",
            f"must be one of {', '.join(GATED)}, or for retrieval recall@k, precision@k, "
            f"ndcg@k, mrr@k or mrr, such as 'recall@5'{suggest(metric, GATED)}",
        )
    return metric


def _name(fields: Fields) -> str | None:
    name = fields.optional_text("name")
    if name is not None and not NAME.fullmatch(name):
        raise fields.wrong("name", "must consist of letters A-Z a-z, digits, dot, _ and - only")
    if name is not None and (name in GATED or is_retrieval(name)):
        raise fields.wrong("name", f"is a metric, whose own gate has the id {f'gate-{name}'!r}")
    return name


def _slice(fields: Fields) -> Slice | None:
    if "where" not in fields:
        return None
    table = fields.table("where", _WHERE)
    if not any(key in table for key in _WHERE):
        raise fields.wrong("where", f"must set one of {', '.join(_WHERE)}, such as tag = 'safety'")
    kind = table.choice("type", get_args(QuestionType)) if "type" in table else None
    return Slice(
        tag=table.optional_text("tag"),
        type=cast("QuestionType | None", kind),
        answerable=table.flag("answerable", True) if "answerable" in table else None,
        hit=table.flag("hit", True) if "hit" in table else None,
    )


def _margin_scale(fields: Fields, metric: str) -> MarginScale:
    scale = fields.choice("margin_scale", get_args(MarginScale), "judge")
    if scale == "people" and is_retrieval(metric):
        raise fields.wrong("margin_scale", f"no judge has a part in {metric!r}; leave it out")
    return cast("MarginScale", scale)


def _looks(fields: Fields) -> tuple[int, ...] | None:
    if "looks" not in fields:
        return None
    sizes = fields.numbers("looks")
    if sizes is None:
        raise fields.wrong(
            "looks",
            "must be the sizes at which the growing pool will be looked at, in questions, such as "
            "looks = [300, 600, 900]",
        )
    try:
        check_sizes(sizes)
    except ValueError as error:
        raise fields.wrong("looks", str(error)) from None
    return sizes
