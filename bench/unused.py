"""What the installed but unused plugin adds to an unrelated pytest run; bar: at most 20 ms.

    python bench/unused.py [PAIRS]

Runs pytest on one trivial test with and without the plugin, in turn, and prints the paired
differences.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(pairs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_plain.py").write_text("def test_it(): pass\n")
        base = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:deepeval"]
        arms = {"with": base, "without": [*base, "-p", "no:ragft"]}
        for command in arms.values():
            seconds(command, folder)
        times: dict[str, list[float]] = {name: [] for name in arms}
        for i in range(pairs):
            for name in sorted(arms, reverse=i % 2 == 1):
                times[name].append(seconds(arms[name], folder))
    differences = [1000 * (a - b) for a, b in zip(times["with"], times["without"], strict=True)]
    print(f"{pairs} pairs; milliseconds: median (quartiles)")
    for name, values in times.items():
        print(f"  {name:10} {row([1000 * v for v in values])}")
    print(f"  {'difference':10} {row(differences)}")


def seconds(command: list[str], folder: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def row(values: list[float]) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:8.1f}  ({low:.1f} to {high:.1f})"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
