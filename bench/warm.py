"""A warm run of 10,000 recorded cases against 10,000 bare parametrized tests; bar: 1.5×.

    python bench/warm.py [PAIRS] [--cases 10000]

Both sides of the gate are recorded. The first run of each side fills the store and the cache of
bytecode, which is allowed and private as in `unused.py`, and is not counted. Printed are wall time
and processor time, which a busy machine disturbs less.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.unused import by_clock, seconds  # noqa: E402
from tests.example import Example  # noqa: E402

BARE = """
import pytest

@pytest.mark.parametrize("i", range({cases}))
def test_bare(i):
    pass
"""


def main(pairs: int, cases: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        example = Example(Path(folder))
        example.suite(documents=cases // 4, per_document=4)
        example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.01)
        example.write("test_bare.py", BARE.format(cases=cases))
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        pytest += ["-p", "no:deepeval", "--rootdir", folder]
        models = ["--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl"]
        arms = {
            "gated cases": [*pytest, "suites", *models],
            "bare tests": [*pytest, "-p", "no:ragft", "test_bare.py"],
        }
        for command in arms.values():
            seconds(command, folder)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in arms}
        for i in range(pairs):
            for name in sorted(arms, reverse=i % 2 == 1):
                times[name].append(seconds(arms[name], folder))
    print(f"{pairs} pairs; seconds, median (least to most)")
    for clock, columns in by_clock(times):
        columns["ratio"] = [a / b for a, b in zip(*columns.values(), strict=True)]
        for name, values in columns.items():
            middle = statistics.median(values)
            print(f"  {clock:10} {name:12} {middle:6.2f}  ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("pairs", type=int, nargs="?", default=5)
    parser.add_argument("--cases", type=int, default=10_000, help="a multiple of 4")
    options = parser.parse_args()
    main(options.pairs, options.cases)
