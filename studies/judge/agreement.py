"""Measures how far a shipped judge agrees with people, by kind of reference; writes the data file.

    RAGFT_DATA=… python -m studies.judge.agreement [--judge SPEC] [--out FILE]

EVOUNA-NQ (the reference judge by five folds; another judge on the answers to NQ301's questions,
which no shipped part has seen), FinanceBench (nothing is fitted on it) and, for differences between
two answers to long references, RAGChecker. κ at .5; slope of the differences between systems,
within each set; r of the differences in correctness with people's. Intervals are 95 % percentile
bootstraps over whole questions. A set with fewer than 20 questions of a kind says nothing of it.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.port import Judge, Versioned
from pytest_ragft.judging.shipped_agreement import FILE
from studies.judge.domains import scored
from studies.judge.evaluate import evouna_held_out
from studies.judge.figures import Values, differences_slope, interval, kappa
from studies.judge.labelled import Labelled, evouna, financebench, nq301, ragchecker

_FEWEST = 20
_OUT = Path(__file__).resolve().parents[2] / "pytest_ragft" / "judging" / "data" / FILE


def agreement(judge: Judge, data: Path) -> dict[str, dict[str, object]]:
    """The figures by kind of reference."""
    rows, given = _evouna(judge, data)
    reports = financebench(data)
    cases = [(row.example, row.answer) for row in reports]
    given = np.concatenate([given, scored(judge, cases, "accuracy")])
    sets = np.array(["EVOUNA-NQ"] * len(rows) + ["FinanceBench"] * len(reports))
    rows = [*rows, *reports]
    reader = AnswerReader()
    kinds = np.array([reader.target(row.example).kind for row in rows])
    found = {
        str(kind): figures
        for kind in np.unique(kinds)
        if (figures := _figures(rows, given, sets, np.flatnonzero(kinds == kind)))
    }
    found["statement"] = found.get("statement", {}) | _differences(judge, data, reader)
    return found


def _evouna(judge: Judge, data: Path) -> tuple[list[Labelled], Values]:
    labelled = evouna(data)
    if isinstance(judge, ReferenceJudge):
        return labelled, evouna_held_out(data, labelled)[1]
    unseen = {row.group for row in nq301(data)}
    labelled = [row for row in labelled if row.group in unseen]
    return labelled, scored(judge, [(row.example, row.answer) for row in labelled], "accuracy")


def _figures(
    rows: list[Labelled], given: Values, sets: np.ndarray, at: np.ndarray
) -> dict[str, object]:
    questions = {name: {rows[one].group for one in at if sets[one] == name} for name in set(sets)}
    at = np.array([one for one in at if len(questions[sets[one]]) >= _FEWEST], dtype=np.intp)
    if not len(at):
        return {}
    groups = np.array([rows[one].group for one in at])
    right = np.array([rows[one].right for one in at])
    systems = np.array([f"{sets[one]} {rows[one].system}" for one in at])
    said, of = given[at], sets[at]

    def agreed(part: np.ndarray) -> float:
        return kappa(right[part], said[part] >= 0.5)

    def slope(part: np.ndarray) -> float:
        return differences_slope(right[part], said[part], systems[part], of[part])

    return {
        "sets": sorted({str(name) for name in of}),
        "answers": len(at),
        "questions": len(np.unique(groups)),
        "kappa": _interval(groups, agreed),
        "slope": _interval(groups, slope),
    }


def _differences(judge: Judge, data: Path, reader: AnswerReader) -> dict[str, object]:
    pairs = ragchecker(data)
    pairs = [pair for pair in pairs if reader.target(pair.example).kind == "statement"]
    ours = scored(judge, [(pair.example, pair.answers[1]) for pair in pairs], "accuracy") - scored(
        judge, [(pair.example, pair.answers[0]) for pair in pairs], "accuracy"
    )
    theirs = np.array([np.mean([of["correctness"] for of in pair.labels]) for pair in pairs])

    def pearson(part: np.ndarray) -> float:
        return float(np.corrcoef(ours[part], theirs[part])[0, 1])

    groups = np.array([pair.example.id for pair in pairs])
    return {"compared_pairs": len(pairs), "differences": _interval(groups, pearson)}


def _interval(groups: np.ndarray, figure: Callable[[np.ndarray], float]) -> list[float]:
    value = figure(np.arange(len(groups)))
    return [round(float(x), 3) for x in (value, *interval(groups, figure, repeats=200))]


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--judge", default="reference")
    parser.add_argument("--out", type=Path, default=_OUT)
    options = parser.parse_args(arguments)
    judge = open_judge(options.judge)
    if not isinstance(judge, Versioned):
        raise SystemExit(f"{options.judge}: no shipped judge, so that nothing is shipped with it")
    known = json.loads(options.out.read_text("utf-8")) if options.out.is_file() else {}
    name = judge.version.partition("/")[0]
    known = {version: found for version, found in known.items() if version.split("/")[0] != name}
    known[judge.version] = agreement(judge, Path(os.environ["RAGFT_DATA"]))
    text = json.dumps(dict(sorted(known.items())), indent=1, sort_keys=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text + "\n", encoding="utf-8")
    for kind, figures in known[judge.version].items():
        print(f"| {kind} | {figures} |")


if __name__ == "__main__":
    main()
