"""Answers a second of the reference judge on one core, over EVOUNA-NQ; the first pass is apart.

RAGFT_DATA=… python -m studies.judge.speed
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case
from studies.judge.labelled import evouna


def main(data: Path) -> None:
    """Prints answers per second of processor time and of wall time."""
    cases = [Case(example=row.example, answer=row.answer) for row in evouna(data)[:5000]]
    judge = ReferenceJudge()
    for name in ("with reading the references", "references read before"):
        wall, processor = time.perf_counter(), time.process_time()
        judge.judge(cases)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        print(f"{name}: {len(cases) / processor:.0f} (processor), {len(cases) / wall:.0f} (wall)")


if __name__ == "__main__":
    main(Path(os.environ["RAGFT_DATA"]))
