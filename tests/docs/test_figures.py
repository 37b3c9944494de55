"""What the pages say was measured stands in what was kept of the measurement."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from studies.recorded.report import summary
from studies.statistics.figures import OURS
from studies.statistics.other_rules import SIZES, tables
from tests.browser import browser_path
from tests.docs.blocks import ROOT
from tests.example import clean_environment

RESULTS = json.loads((ROOT / "studies" / "statistics" / "results.json").read_text("utf-8"))


def test_the_tables_of_other_rules_are_those_of_the_study() -> None:
    page = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")

    assert "\n".join(tables(RESULTS)).strip().split("\n\n") == [
        table for table in page.split("\n\n") if table.startswith(("| simulated", "| recorded"))
    ]


def test_the_table_of_real_systems_is_that_of_the_study() -> None:
    page = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    kept = (ROOT / "studies" / "recorded" / "results.json").read_text(encoding="utf-8")

    assert "\n".join(summary(json.loads(kept))) in page


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


def test_the_picture_of_the_readme_is_taken_anew(tmp_path: Path) -> None:
    browser = browser_path()
    taken = tmp_path / "report.png"

    done = subprocess.run(
        [
            *(sys.executable, ROOT / "fixtures" / "make_picture.py"),
            *("--out", taken, "--browser", browser),
        ],
        env=clean_environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    kept = ROOT / "docs" / "figures" / "report.png"
    assert size_of(taken) == size_of(kept)
    assert "docs/figures/report.png" in (ROOT / "README.md").read_text(encoding="utf-8")


def size_of(picture: Path) -> tuple[int, ...]:
    """Width and height of a PNG."""
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    return struct.unpack(">II", data[16:24])
