"""The figures of ``docs/statistics.md``, drawn from what was measured.

    python -m studies.statistics.figures [--out docs/figures]

Text stays text in them, so that a page can be searched.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studies.statistics.rules import MARGIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROOT = Path(__file__).parents[2]
OURS = "pytest-ragft, margin 0.05"
COMPARED = (OURS, "mean not 2 points lower", "no significant McNemar", "95 % intervals overlap")
IGNORANT = "t bound above −0.05, documents ignored"
LINES = ("-", "--", "-.", ":")

Row = Mapping[str, Any]


def main() -> int:
    """Draw all figures."""
    # Tests read the names above where it is not installed.
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot
    from matplotlib.ticker import PercentFormatter

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results.json")
    parser.add_argument("--out", type=Path, default=_ROOT / "docs" / "figures")
    arguments = parser.parse_args()
    results = json.loads(arguments.results.read_text("utf-8"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    # Text stays text, and the same figures are the same files.
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "ragft", "font.size": 11}
    for name, draw in (("size", size), ("rules", rules), ("documents", documents)):
        figure, axes = pyplot.subplots(figsize=(7, 3.8), layout="constrained")
        draw(axes, results)
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.set_ylabel("runs that pass")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        path = arguments.out / f"{name}.svg"
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)
        print(path.name)
    return 0


def size(axes: Axes, results: Row) -> None:
    """Passing by the true change and the number of questions."""
    sizes = dict.fromkeys(row["n"] for row in results["size"])
    for n, line in zip(sizes, LINES, strict=True):
        rows = [row for row in results["size"] if row["n"] == n]
        axes.plot(*_by_change(rows, OURS), line, label=f"{n} questions", color="tab:blue")
    _change(axes)


def rules(axes: Axes, results: Row) -> None:
    """Passing by the true change and the rule, at 200 questions."""
    rows = [row for row in results["size"] if row["n"] == 200]
    for rule, line in zip(COMPARED, LINES, strict=True):
        axes.plot(*_by_change(rows, rule), line, label=rule)
    _change(axes)


def documents(axes: Axes, results: Row) -> None:
    """Passing of a drop by the margin, with ever more questions about a document."""
    per = [row["per_document"] for row in results["documents"]]
    for rule, mark in ((OURS, "o-"), (IGNORANT, "s--")):
        axes.plot(per, [row[rule] for row in results["documents"]], mark, label=rule)
    axes.axhline(MARGIN, color="grey", linewidth=0.8)
    axes.set_xticks(per)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("questions a document; 400 in all, a true drop by the margin")


def _by_change(rows: Sequence[Row], rule: str) -> tuple[list[float], list[float]]:
    return [100 * row["change"] for row in rows], [row[rule] for row in rows]


def _change(axes: Axes) -> None:
    axes.axvline(-100 * MARGIN, color="grey", linewidth=0.8)
    axes.axhline(MARGIN, color="grey", linewidth=0.8)
    axes.set_xlabel("true change in points; the margin is 5")


if __name__ == "__main__":
    sys.exit(main())
