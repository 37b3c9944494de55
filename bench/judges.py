"""Answers a second of the judges that need no endpoint, over the same answers, in one run.

    RAGFT_DATA=DIR OMP_NUM_THREADS=1 python bench/judges.py --encoder DIR [--answers N]

Scores answers of EVOUNA-NQ, real sentences of real systems, under each judge in turn, on one core,
and prints the ratio to the reference judge. Loading is not counted; each answer is scored once, so
nothing comes from a cache but what answers to one question share.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
# Run as a script, only bench/ is on the path.
sys.path.insert(0, str(ROOT))

from pytest_ragft.judging.lexical.reference import ReferenceJudge  # noqa: E402
from pytest_ragft.judging.port import Judge  # noqa: E402
from pytest_ragft.judging.semantic.judge import SemanticJudge  # noqa: E402
from pytest_ragft.records import Case  # noqa: E402
from studies.judge.labelled import evouna  # noqa: E402

BAR = 500
REPEATS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; 1 when the reference judge misses its bar."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--encoder", required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--answers", type=int, default=600, help="answers a repeat")
    options = parser.parse_args(arguments)
    import torch

    torch.set_num_threads(1)
    items = evouna(Path(os.environ["RAGFT_DATA"]))[: (REPEATS + 1) * options.answers]
    cases = [Case(example=item.example, answer=item.answer) for item in items]
    parts = [cases[at :: REPEATS + 1] for at in range(REPEATS + 1)]
    makers = {"reference": ReferenceJudge, "semantic": lambda: SemanticJudge(options.encoder)}
    speeds = {name: _speed(make(), parts) for name, make in makers.items()}
    print(f"median of {REPEATS} times {len(parts[1])} answers, one core")
    for name, speed in speeds.items():
        print(f"{name:<10} {speed:>8.0f} answers/s  {speed / speeds['reference']:>7.3f}")
    print(f"bar for the reference judge: {BAR} answers/s")
    return int(speeds["reference"] < BAR)


def _speed(judge: Judge, parts: Sequence[Sequence[Case]]) -> float:
    """Median answers a second; the first part only warms up."""
    judge.judge(parts[0][: len(parts[0]) // 4])
    speeds = []
    for part in parts[1:]:
        start = perf_counter()
        judge.judge(part)
        speeds.append(len(part) / (perf_counter() - start))
    return median(speeds)


if __name__ == "__main__":
    sys.exit(main())
