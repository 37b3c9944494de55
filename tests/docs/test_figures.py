"""What the pages say was measured stands in what was kept of the measurement."""

from __future__ import annotations

import json

import pytest

from studies.statistics.figures import OURS
from studies.statistics.other_rules import SIZES, tables
from tests.docs.blocks import ROOT

RESULTS = json.loads((ROOT / "studies" / "statistics" / "results.json").read_text("utf-8"))


def test_the_tables_of_other_rules_are_those_of_the_study() -> None:
    page = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")

    assert "\n".join(tables(RESULTS)).strip().split("\n\n") == [
        table for table in page.split("\n\n") if table.startswith(("| simulated", "| recorded"))
    ]


@pytest.mark.parametrize("n", SIZES)
def test_what_a_suite_of_so_many_questions_is_worth(n: int) -> None:
    page = (ROOT / "docs" / "suite.md").read_text(encoding="utf-8")
    unchanged, lost = (
        next(row for row in RESULTS["size"] if (row["n"], row["change"]) == (n, change))[OURS]
        for change in (0.0, -0.05)
    )

    assert f"| {n} | {100 * unchanged:.0f} % | {100 * lost:.1f} % |" in page


@pytest.mark.parametrize("name", ["size", "rules", "documents"])
def test_every_figure_is_drawn_from_it(name: str) -> None:
    figure = (ROOT / "docs" / "figures" / f"{name}.svg").read_text(encoding="utf-8")

    assert "<svg" in figure
    assert f"figures/{name}.svg" in (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
