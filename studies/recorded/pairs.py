"""What the gate says of real systems, by people's labels and by judges, beside other rules.

    RAGFT_DATA=… python -m studies.recorded.pairs [--judge SPEC …] [--draws 30] [--out DIR]

All ordered pairs of EVOUNA-NQ's five systems, NQ301's twelve and FinanceBench's sixteen, on all
questions and on draws of 79, 120 and 200; the remedies against a judge's bias; fine-tuned and
in-context models over kinds of knowledge by the judges alone. Writes ``results.json``, the tables
of ``README.md`` and ``PAIRS.md``; with the same judges these are the same in every run. Judges are
the two that ship, if none is named. The semantic one's scores take some ten minutes, and are kept
for the next run; the rest takes as long again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge
from pytest_ragft.progress import Progress
from pytest_ragft.reporting.progress import progress_to
from studies import ENCODER
from studies.judge.figures import differences_slope
from studies.recorded.cases import SIZES, counted, whole_pairs
from studies.recorded.dialogues import (
    comparisons,
    knowledge_axis,
    published,
    recorded_dialogues,
)
from studies.recorded.remedies import PARTS, remedied
from studies.recorded.report import write_report
from studies.recorded.sets import Recorded, recorded_sets

SEED = 2026
_OUT = Path(__file__).resolve().parent
_CASE = ("drawn", "n", "truth", "judge", "people", "outcome")
_RULE = ("drawn", "n", "truth", "by", "rule", "passed")
_PAIR = ("judge", "what", "baseline", "variant")
_REMEDY = ("n", "truth", "judge", "remedy", "people", "outcome")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, keep and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--judge", action="append", help="as --ragft-judge")
    parser.add_argument("--draws", type=int, default=30, help="of each pair and size")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args(arguments)
    data = Path(os.environ["RAGFT_DATA"])
    specs: list[str] = options.judge or ["reference", f"semantic:{ENCODER}"]
    judges = {spec.partition(":")[0]: open_judge(spec) for spec in specs}
    progress = progress_to(sys.stderr)
    results = {
        "draws": options.draws,
        "sizes": list(options.sizes),
        "sets": [
            measured(recorded, [SEED, at], options.draws, tuple(options.sizes), progress)
            for at, recorded in enumerate(recorded_sets(data, judges))
        ],
        "dialogues": {
            "judges": {name: dialogues(data, judge) for name, judge in judges.items()},
            "published": list(published()),
        },
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(_text(results) + "\n", "utf-8")
    write_report(options.out, results)
    return 0


def measured(
    recorded: Recorded, seed: list[int], draws: int, sizes: tuple[int, ...], progress: Progress
) -> dict[str, Any]:
    """All that is measured on a set."""
    systems = len(recorded.systems)
    pairs = systems * (systems - 1)
    with progress.phase(recorded.name, (2 + len(PARTS)) * pairs, "pairs") as phase:
        rows = list(whole_pairs(recorded, phase))
        counts = counted(recorded, seed=seed, draws=draws, sizes=sizes, phase=phase)
        remedies, slopes = remedied(recorded, seed=seed, draws=draws, sizes=sizes, phase=phase)
    clusters = recorded.documents
    return {
        "name": recorded.name,
        "systems": list(recorded.systems),
        "judges": list(recorded.judged),
        "questions": int(recorded.right.shape[1]),
        "documents": None if clusters is None else int(clusters.max()) + 1,
        "labels": int((recorded.right >= 0).sum()),
        "means": {who: [round(m, 4) for m in of] for who, of in recorded.means().items()},
        "slopes": {judge: _slope(recorded, judge) for judge in recorded.judged},
        "whole": rows,
        "cases": _rows(counts.verdicts, _CASE),
        "rules": _rows(counts.rules, _RULE),
        "differ": _rows(counts.pairs, _PAIR),
        "remedies": _rows(remedies, _REMEDY),
        "calibrations": slopes,
    }


def _slope(recorded: Recorded, judge: str) -> float:
    """Of the judge's differences between systems on people's."""
    labelled = recorded.right >= 0
    names = np.repeat(np.array(recorded.systems), labelled.sum(axis=1))
    right, given = recorded.right[labelled] > 0.5, recorded.judged[judge][labelled]
    return round(differences_slope(right, given, names), 3)


def _rows(counts: Counter[tuple[Any, ...]], names: Sequence[str]) -> list[list[Any]]:
    """The names of the columns, and a row of them with its count for each combination."""
    return [[*names, "count"], *([*key, count] for key, count in sorted(counts.items()))]


def dialogues(data: Path, judge: Judge) -> dict[str, list[Mapping[str, Any]]]:
    """Means and verdicts by one judge."""
    given = recorded_dialogues(data, judge)
    return {"means": list(knowledge_axis(given)), "verdicts": list(comparisons(given))}


def _text(value: Any, depth: int = 0) -> str:
    """JSON with a line for each row of a table, so that a change can be read."""
    pad = " " * (depth + 1)
    if (
        isinstance(value, dict)
        and depth < 4
        and any(isinstance(v, dict | list) for v in value.values())
    ):
        lines = [f"{pad}{json.dumps(key)}: {_text(one, depth + 1)}" for key, one in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
    if isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        lines = [pad + _text(one, depth + 1) for one in value]
        return "[\n" + ",\n".join(lines) + "\n" + " " * depth + "]"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
