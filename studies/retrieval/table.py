"""The tables of README.md, from the rows that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studies import put_tables

_METRICS = ("recall@5", "ndcg@10")
_DATA = {"nq-open": "NQ-open", "bioasq": "BioASQ"}
_BACKENDS = ("embedded", "elasticsearch")


def write_tables(readme: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Put the tables in the place of those that stand between the two marks of the file."""
    put_tables(readme, "compare.py", "\n\n".join(_table(name, rows) for name in _DATA))


def _table(data: str, rows: Sequence[dict[str, Any]]) -> str:
    found = {(r["backend"], r["system"]): r for r in rows if r["data"] == data}
    backends = [name for name in _BACKENDS if any(backend == name for backend, _ in found)]
    if not backends:
        return f"{_DATA[data]}: not measured."
    heads = [f"{metric}, {backend}" for backend in backends for metric in _METRICS]
    lines = [
        "| " + " | ".join([_DATA[data], *heads]) + " |",
        "| --- " * (len(heads) + 1) + "|",
    ]
    for system in dict.fromkeys(system for _, system in sorted(found, key=_order)):
        cells = [
            _cell(found.get((backend, system)), metric)
            for backend in backends
            for metric in _METRICS
        ]
        lines.append("| " + " | ".join([system, *cells]) + " |")
    return "\n".join(lines)


def _order(key: tuple[str, str]) -> tuple[bool, bool, str]:
    _, system = key
    return (not system.startswith("bm25"), system.startswith("hybrid"), system)


def _cell(row: dict[str, Any] | None, metric: str) -> str:
    if row is None:
        return "not measured"
    gain = row.get(f"{metric} gain")
    return _number(row[metric]) + ("" if gain is None else f"; {_number(gain, signed=True)}")


def _number(values: Sequence[float], *, signed: bool = False) -> str:
    mean, low, high = (_short(value, signed=signed) for value in values)
    return f"{mean} [{low}, {high}]"


def _short(value: float, *, signed: bool) -> str:
    text = f"{value:+.3f}" if signed else f"{value:.3f}"
    return text.replace("0.", ".", 1).replace("-", "−")
