"""Human-labelled answers, read in place from the folder that ``RAGFT_DATA`` names."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.records import QAExample

EVOUNA_SYSTEMS = ("fid", "gpt35", "chatgpt", "gpt4", "newbing")
"""Systems whose answers to Natural Questions people labelled."""
CRITERIA = ("correctness", "completeness", "overall")
"""By which people compared RAGChecker's answers."""
_ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An answer with the label that people gave it."""

    example: QAExample
    answer: str
    right: bool
    system: str
    group: str
    """The normalised question: rows of one group never stand on both sides of a split."""
    refused: bool = False
    """Whether people call it a refusal, where they were asked."""


def question_key(question: str) -> str:
    """`question` in lower case, letters and digits only, so that spellings of one match."""
    return " ".join("".join(c if c.isalnum() else " " for c in question.lower()).split())


def evouna(data: Path) -> list[Labelled]:
    """EVOUNA-NQ without improper questions and unlabelled answers; empty answers stay."""
    rows = json.loads((data / "evouna_nq" / "NQ.json").read_text(encoding="utf-8"))
    return [
        labelled
        for at, row in enumerate(rows)
        if not row["improper"] and row["golden_answer"]
        for labelled in _evouna_row(at, row)
    ]


def _evouna_row(at: int, row: dict[str, object]) -> Iterator[Labelled]:
    references = tuple(part.strip() for part in str(row["golden_answer"]).split("/"))
    question = str(row["question"])
    example = QAExample(
        id=f"evouna-{at}", question=question, references=tuple(filter(None, references))
    )
    for system in EVOUNA_SYSTEMS:
        if isinstance(row[f"judge_{system}"], bool):
            yield Labelled(
                example=example,
                answer=str(row[f"answer_{system}"] or ""),
                right=bool(row[f"judge_{system}"]),
                system=system,
                group=question_key(question),
            )


def nq301(data: Path) -> list[Labelled]:
    """NQ301's 1,490 rows; the references come from the recorded outputs of its systems."""
    folder = data / "nq301_human" / "data"
    references = {
        row["question"].strip(): tuple(row["answer"])
        for row in _jsonl(folder / "model_outputs" / "NQ_FiD.jsonl")
    }
    with (folder / "NQ301_human.tsv").open(encoding="utf-8", newline="") as file:
        return [
            Labelled(
                example=QAExample(
                    id=f"nq301-{row['id']}",
                    question=row["Question"],
                    references=references[row["Question"].strip()],
                ),
                answer=row["Model answer"],
                right=row["Acceptable?"] == "Yes",
                system="pooled",
                group=question_key(row["Question"]),
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]


def nq301_systems(data: Path) -> list[Labelled]:
    """What each of NQ301's twelve systems answered, with the label that this answer got.

    People labelled different answers once, whoever gave them. An answer is found as it stands, else
    without case, articles and punctuation; one that is found nowhere, or under both labels, is left
    out.
    """
    labels: dict[tuple[str, str], set[bool]] = {}
    examples = {}
    for row in nq301(data):
        examples[row.group] = row.example
        for key in (row.answer.strip(), _bare(row.answer)):
            labels.setdefault((row.group, key), set()).add(row.right)
    found = []
    for path in sorted((data / "nq301_human" / "data" / "model_outputs").glob("*.jsonl")):
        for recorded in _jsonl(path):
            said = recorded["prediction"]
            # People were shown the first of several.
            answer = said if isinstance(said, str) else said[0]
            group = question_key(recorded["question"])
            of = labels.get((group, answer.strip())) or labels.get((group, _bare(answer)), set())
            if len(of) == 1:
                found.append(
                    Labelled(
                        example=examples[group],
                        answer=answer,
                        right=next(iter(of)),
                        system=path.stem.partition("_")[2],
                        group=group,
                    )
                )
    return found


def _bare(answer: str) -> str:
    return "".join(word for word in question_key(answer).split() if word not in _ARTICLES)


def _jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of a medical reference held against an answer, with the physicians' labels."""

    question: str
    answer: str
    statement: str
    covered: bool
    """By the majority."""
    votes: tuple[bool, ...]
    """Of each physician: whether the answer entails the statement."""


def kqa(data: Path) -> list[Statement]:
    """K-QA's 399 statements with three physicians' labels each."""
    path = data / "kqa" / "dataset" / "NLI_medical_annotator.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Statement(
                question=row["Question"],
                answer=row["answer"],
                statement=row["claim"],
                covered=row["majority_label"] == "Entailment",
                votes=tuple(row[f"label_{n}"] == "Entailment" for n in range(3)),
            )
            for row in csv.DictReader(file)
        ]


def financebench(data: Path) -> list[Labelled]:
    """The half of FinanceBench's questions, each with the answers of 16 systems."""
    return [
        Labelled(
            example=QAExample(
                id=row["id"],
                question=row["question"],
                references=tuple(row["references"]),
                document=row["document"],
            ),
            answer=str(row["answer"]),
            right=row["label"] == "Correct Answer",
            refused=row["label"] == "Refusal",
            system=row["system"],
            group=row["question"],
        )
        for row in _jsonl(data / "financebench_half" / "answers.jsonl")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two long answers to a question, and how people compared them."""

    example: QAExample
    answers: tuple[str, str]
    labels: tuple[dict[str, float], ...]
    """Of each person: the second answer against the first, by criterion, in [-2, 2]."""


def ragchecker(data: Path) -> list[Compared]:
    """The half of RAGChecker's pairs, which two people compared each."""
    path = data / "ragchecker_half" / "human_labeled_data_half.json"
    pairs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        pairs.setdefault((row["dataset"], row["query_id"]), []).append(row)
    return [
        Compared(
            example=QAExample(
                id="-".join(key), question=rows[0]["query"], references=(rows[0]["gt_answer"],)
            ),
            answers=(rows[0]["model1"]["response"], rows[0]["model2"]["response"]),
            labels=tuple({name: float(row[f"{name}_label"]) for name in CRITERIA} for row in rows),
        )
        for key, rows in pairs.items()
    ]
