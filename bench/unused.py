"""What the installed but unused plugin adds to an unrelated pytest run; bar: at most 20 ms.

    python bench/unused.py [PAIRS]

Runs pytest on one trivial test with and without the plugin, in turn, and prints the paired
differences: of wall time, and of processor time, which a busy machine disturbs less. Bytecode is
cached, as where a user installs the plugin, whatever PYTHONDONTWRITEBYTECODE says: in a folder of
its own, which the first run of each side fills uncounted.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.example import clean_environment  # noqa: E402


def main(pairs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_plain.py").write_text("def test_it(): pass\n")
        base = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:deepeval"]
        arms = {"with": base, "without": [*base, "-p", "no:ragft"]}
        for command in arms.values():
            seconds(command, folder)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in arms}
        for i in range(pairs):
            for name in sorted(arms, reverse=i % 2 == 1):
                times[name].append(seconds(arms[name], folder))
    print(f"{pairs} pairs; milliseconds: median (quartiles)")
    for clock, columns in by_clock(times):
        both = zip(columns["with"], columns["without"], strict=True)
        columns["difference"] = [a - b for a, b in both]
        for name, values in columns.items():
            print(f"  {clock:10} {name:10} {row([1000 * value for value in values])}")


Times = Mapping[str, Sequence[tuple[float, float]]]


def by_clock(times: Times) -> Iterator[tuple[str, dict[str, list[float]]]]:
    """The same times apart: of the wall, and of the processor."""
    for at, clock in enumerate(("wall", "processor")):
        yield clock, {name: [pair[at] for pair in values] for name, values in times.items()}


def seconds(command: list[str], folder: str) -> tuple[float, float]:
    """Wall and processor time of a pytest run that must pass, with bytecode cached beside it."""
    environment = clean_environment() | {"PYTHONPYCACHEPREFIX": str(Path(folder, ".bytecode"))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(values: list[float]) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:8.1f}  ({low:.1f} to {high:.1f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("pairs", type=int, nargs="?", default=20, help="at least 2")
    main(parser.parse_args().pairs)
