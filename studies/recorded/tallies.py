"""Figures from what was counted over pairs and draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studies.recorded.cases import LOSSES, UNDECIDED

Row = Mapping[str, Any]
AGREE, PASSED = 0.99, 0.05
"""The bars: share of decided cases that agree at least, share of losses that pass at most."""
DRAWN = {
    "once": "no question twice in a draw; FinanceBench half is one draw of all its 79",
    "again": "questions, or whole documents, drawn with replacement",
}


def rows_of(table: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """The rows of a table whose first line names its columns."""
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def figures(rows: Sequence[Row]) -> dict[str, int]:
    """Counts of cases, decided and agreeing ones, and losses that passed."""

    def total(holds: Callable[[Row], bool]) -> int:
        return sum(row["count"] for row in rows if holds(row))

    def both(row: Row) -> bool:
        return UNDECIDED not in (row["people"], row["outcome"])

    def lost(row: Row) -> bool:
        return row["truth"] in LOSSES

    return {
        "cases": total(lambda row: True),
        "people": total(lambda row: row["people"] != UNDECIDED),
        "both": total(both),
        "agree": total(lambda row: both(row) and row["people"] == row["outcome"]),
        "losses": total(lost),
        "passed": total(lambda row: lost(row) and row["outcome"] == "PASS"),
        "by_people": total(lambda row: lost(row) and row["people"] == "PASS"),
        "small": total(lambda row: row["truth"] == "loss"),
        "small_passed": total(lambda row: row["truth"] == "loss" and row["outcome"] == "PASS"),
        "same": total(lambda row: row["truth"] == "none"),
        "same_passed": total(lambda row: row["truth"] == "none" and row["outcome"] == "PASS"),
    }
