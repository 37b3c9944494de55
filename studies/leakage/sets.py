"""Questions of public sets with their answers and passages, read in place from ``RAGFT_DATA``."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question as a suite or training data has it."""

    question: str
    answer: str
    passage: str
    group: str
    """Rows of one group stay on one side of a split."""
    alternatives: tuple[str, ...] = ()
    """Further accepted answers."""


NO_ANSWER = "I do not know."
Halves = tuple[list[Row], list[Row]]


def nq_open(data: Path) -> list[Row]:
    """Search queries with Wikipedia passages."""
    with gzip.open(data / "nq_open_oracle/qa_data/nq-open-oracle.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Row(
            question=row["question"],
            answer=row["answers"][0],
            passage=row["ctxs"][0]["text"],
            group=row["question"],
            alternatives=tuple(row["answers"][1:]),
        )
        for row in rows
    ]


def kqa(data: Path) -> list[Row]:
    """What patients ask."""
    lines = (data / "kqa/dataset/questions_w_answers.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        Row(
            question=row["Question"],
            answer=row["Free_form_answer"],
            passage="",
            group=row["Question"],
        )
        for row in rows
    ]


def bioasq(data: Path) -> list[Row]:
    """What biomedical experts ask, a group a batch: 7B to 10B are four years."""
    rows = []
    for file in sorted((data / "bioasq/golden").glob("*.json")):
        for row in json.loads(file.read_text("utf-8"))["questions"]:
            snippets = [snippet["text"] for snippet in row.get("snippets", [])]
            rows.append(
                Row(
                    question=row["body"],
                    answer=row["ideal_answer"][0],
                    passage="\n".join(snippets),
                    group=file.name.partition("B")[0],
                    alternatives=tuple(row["ideal_answer"][1:]),
                )
            )
    return rows


def tatqa(data: Path) -> list[Row]:
    """Questions about tables of annual reports, a group a table."""
    tables = json.loads((data / "tatqa_dev/tatqa_dataset_dev.json").read_text("utf-8"))
    return [
        Row(
            question=row["question"],
            answer=str(row["answer"]),
            passage="\n".join(text["text"] for text in table["paragraphs"][:2]),
            group=table["table"]["uid"],
        )
        for table in tables
        for row in table["questions"]
    ]


def clapnq(data: Path) -> list[Row]:
    """Search queries with long answers, or without one."""
    rows = []
    for part in ("answerable", "unanswerable"):
        file = data / f"clapnq_dev/annotated_data/dev/clapnq_dev_{part}.jsonl"
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            rows.append(
                Row(
                    question=row["input"],
                    answer=row["output"][0]["answer"] or NO_ANSWER,
                    passage=row["passages"][0]["text"],
                    group=row["input"],
                )
            )
    return rows


def financebench(data: Path) -> list[Row]:
    """Questions on annual reports, asked of 16 systems: each counts once."""
    lines = (data / "financebench_half/answers.jsonl").read_text("utf-8").splitlines()
    rows = {row["question"]: row for row in map(json.loads, lines)}
    return [
        Row(question=question, answer=row["references"][0], passage="", group=question)
        for question, row in rows.items()
    ]


def halves(rows: list[Row], seed: int = 2026) -> Halves:
    """Two disjoint halves by group; a question that stands in both is left in the first alone."""
    groups = sorted({row.group for row in rows})
    if len(groups) == 1:
        return rows[::2], rows[1::2]
    random.Random(seed).shuffle(groups)
    first = set(groups[: len(groups) // 2])
    return [r for r in rows if r.group in first], [r for r in rows if r.group not in first]


FITTED: Mapping[str, Callable[[Path], list[Row]]] = {
    "NQ-open": nq_open,
    "K-QA": kqa,
    "TAT-QA": tatqa,
}
"""On which weights and thresholds were chosen."""

REPORTED: Mapping[str, Callable[[Path], list[Row]]] = {
    "BioASQ": bioasq,
    "ClapNQ": clapnq,
    "FinanceBench half": financebench,
}
"""On which nothing was chosen."""


def nq301(data: Path) -> list[str]:
    """The 301 questions that people judged twelve systems on."""
    with (data / "nq301_human/data/NQ301_human.tsv").open(encoding="utf-8") as lines:
        return list(dict.fromkeys(row["Question"] for row in csv.DictReader(lines, delimiter="\t")))


def evouna(data: Path) -> list[str]:
    """The 3,610 questions of NQ's test set."""
    rows = json.loads((data / "evouna_nq/NQ.json").read_text("utf-8"))
    return [row["question"] for row in rows]
