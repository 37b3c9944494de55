"""Counts in how many passages each word stands, for the weights of `judging.lexical.statements`.

    RAGFT_DATA=… python -m studies.judge.count_words [--out FILE]

Passages are the one of each Natural Questions question and the first snippet of each BioASQ
question; stems in fewer than ten of them count as unknown, that is as rare.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_ragft.judging.lexical.text import Reader
from studies.natural_questions import gold_passages

_OUT = Path(__file__).parents[2] / "pytest_ragft" / "judging" / "data" / "frequencies.json"
_FEWEST = 10


def _passages(data: Path) -> Iterator[str]:
    yield from (passage.text for passage in gold_passages(data))
    for path in sorted((data / "bioasq" / "golden").glob("*.json")):
        for question in json.loads(path.read_text(encoding="utf-8"))["questions"]:
            for snippet in question["snippets"][:1]:
                yield snippet["text"]


def count(passages: Iterator[str]) -> dict[str, object]:
    """How many passages there are, and in how many each frequent stem stands."""
    reader, counts, total = Reader(), Counter[str](), 0
    for text in passages:
        counts.update(set(reader.read(text).content))
        total += 1
    frequent = {stem: number for stem, number in counts.items() if number >= _FEWEST}
    return {"passages": total, "stems": dict(sorted(frequent.items()))}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file of counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args(arguments)
    counted = count(_passages(Path(os.environ["RAGFT_DATA"])))
    given.out.write_text(
        json.dumps(counted, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    print(f"{given.out.name}: {len(counted['stems'])} stems of {counted['passages']} passages")


if __name__ == "__main__":
    main()
