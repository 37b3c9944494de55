"""Reading a BEIR folder against `json.loads` over the lines of its corpus, in turns in one run.

    python bench/readers.py [--passages 100000] [--pairs 5]

The corpus is made up: passages of 20 to 200 words with titles, half with letters beyond ASCII, and
the empty metadata that BEIR's files have. Exit code 1 when the median ratio of processor times is
above the bar.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np

from pytest_ragft.datasets.files import files_below
from pytest_ragft.datasets.formats import FORMATS
from pytest_ragft.datasets.formats.opening import read_set

BAR = 2.0
QUERIES = 100


def main() -> int:
    """Prints each pair and the median; 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as at:
        folder = Path(at)
        write(folder, arguments.passages)
        size = (folder / "corpus.jsonl").stat().st_size
        print(f"{arguments.passages:,} passages, {size / 1e6:.0f} MB")
        read(folder)  # what is imported on the way is no reading
        ratios = []
        for pair in range(arguments.pairs):
            (plain, plain_wall), count = timed(lambda: loads(folder / "corpus.jsonl"))
            (ours, ours_wall), found = timed(lambda: read(folder))
            if count != found:
                raise SystemExit(f"{found} passages were read of {count}")
            ratios.append(ours / plain)
            print(
                f"pair {pair + 1}: json.loads {plain:.2f} s, reader {ours:.2f} s: "
                f"{ours / plain:.2f} (wall time {ours_wall / plain_wall:.2f})"
            )
    print(f"reading against json.loads: median {median(ratios):.2f}, bar {BAR}")
    return int(median(ratios) > BAR)


def timed(work: Callable[[], int]) -> tuple[tuple[float, float], int]:
    """Seconds of the processor and of the clock, and what the work gives."""
    processor, wall = process_time(), perf_counter()
    value = work()
    return (process_time() - processor, perf_counter() - wall), value


def loads(path: Path) -> int:
    """Every line as `json.loads` gives it."""
    with path.open(encoding="utf-8") as stream:
        return len([json.loads(line) for line in stream])


def read(folder: Path) -> int:
    """The whole folder, as a suite reads it."""
    files = files_below(folder, FORMATS["beir"].files)
    return len(read_set("beir", files, {}).passages)


def write(folder: Path, passages: int) -> None:
    """A folder in BEIR's layout."""
    rng = np.random.default_rng(17)
    words = np.array([f"word{i}" for i in range(18_000)] + [f"wörter{i}" for i in range(100)])
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(passages):
            text = " ".join(rng.choice(words, rng.integers(20, 200)))
            title = " ".join(rng.choice(words, 5))
            row = {"_id": f"d{number}", "title": title, "text": text, "metadata": {}}
            stream.write(json.dumps(row) + "\n")
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(QUERIES):
            stream.write(json.dumps({"_id": f"q{number}", "text": "Which word?"}) + "\n")
    (folder / "qrels").mkdir()
    judged = "".join(f"q{n}\td{n % passages}\t1\n" for n in range(QUERIES))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged)


if __name__ == "__main__":
    sys.exit(main())
