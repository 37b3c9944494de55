"""The gold passages of Natural Questions, read in place from the folder in ``RAGFT_DATA``."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPassage:
    """A question of NQ-open with the passage that answers it."""

    question: str
    title: str
    text: str


def gold_passages(data: Path) -> list[GoldPassage]:
    """All 2,655, in the order of the file; some passages stand there more than once."""
    path = data / "nq_open_oracle" / "qa_data" / "nq-open-oracle.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        GoldPassage(question=row["question"], title=gold["title"], text=gold["text"])
        for row in rows
        for gold in row["ctxs"][:1]
    ]
