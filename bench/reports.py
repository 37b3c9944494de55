"""Time and memory of all reports against serialising the result as JSON alone, in one run.

    python bench/reports.py [--questions 10000] [--variants 2] [--repeats 3]

The forms take turns; times are medians of the repeats. Peaks are of what Python allocates while a
form is rendered, over what the result holds, in a round of their own, since counting slows.
Reports are made one after the other: their times add up, their peaks do not. Exit code 1 when all
of them together take more than the bar.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pytest_ragft.reporting.files import asked  # noqa: E402
from pytest_ragft.reporting.json import to_json  # noqa: E402
from tests.reported_run import made_run  # noqa: E402

BAR = 3.0
FORMS = ("json", "html", "markdown")


def main() -> int:
    """Prints the table; 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--variants", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    of = parser.parse_args()
    result = made_run(of.questions, tuple(f"variant-{n + 1}" for n in range(of.variants)))
    reports = asked("--", "full", {form: Path(form) for form in FORMS})
    makers: dict[str, Callable[[], str]] = {
        report.option.removeprefix("--"): lambda report=report: report.render(result)
        for report in reports
    }
    times: dict[str, list[float]] = {name: [] for name in ("serialised", *makers)}
    for _ in range(of.repeats):
        times["serialised"].append(_seconds(lambda: to_json(result)))
        for name, make in makers.items():
            times[name].append(_seconds(make))
    peaks = {name: _peak(make) for name, make in makers.items()}
    sizes = {name: len(make().encode()) for name, make in makers.items()}
    whole, base = median(times["serialised"]), _peak(lambda: to_json(result))
    print(f"{of.questions} questions × {of.variants} variants; median of {of.repeats}")
    print(f"{'form':<10} {'MB':>7} {'seconds':>8} {'ratio':>6} {'peak MB':>8} {'ratio':>6}")
    for name, peak in peaks.items():
        took = median(times[name])
        print(
            f"{name:<10} {sizes[name] / 1e6:>7.2f} {took:>8.2f} {took / whole:>6.2f} "
            f"{peak / 1e6:>8.1f} {peak / base:>6.2f}"
        )
    time = sum(median(times[name]) for name in makers) / whole
    memory = max(peaks.values()) / base
    print(f"together: time {time:.2f}×, memory {memory:.2f}×; bar {BAR:g}×")
    return int(max(time, memory) > BAR)


def _seconds(make: Callable[[], object]) -> float:
    gc.collect()
    start = process_time()
    make()
    return process_time() - start


def _peak(make: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        make()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    sys.exit(main())
