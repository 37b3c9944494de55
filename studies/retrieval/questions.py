"""Real questions with their relevant passages, read in place from the folder in ``RAGFT_DATA``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_ragft.records import Passage, QAExample
from studies.natural_questions import gold_passages


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A corpus, and questions whose relevant passages in it are known."""

    name: str
    passages: Mapping[str, Passage]
    examples: tuple[QAExample, ...]


def nq_open(data: Path) -> Collection:
    """Natural Questions: the gold passages of all questions; each question's own is relevant."""
    passages = {}
    examples = []
    for number, gold in enumerate(gold_passages(data)):
        passage = Passage(id=f"p{number}", title=gold.title, text=gold.text)
        passages[passage.id] = passage
        examples.append(_example(number, gold.question, [passage.id]))
    return Collection(name="nq-open", passages=passages, examples=tuple(examples))


def bioasq(data: Path) -> Collection:
    """BioASQ: the snippets of all questions, equal texts once; each question's own are relevant."""
    ids: dict[str, str] = {}
    examples = []
    for file in sorted((data / "bioasq" / "golden").glob("*.json")):
        for row in json.loads(file.read_text(encoding="utf-8"))["questions"]:
            texts = [snippet["text"].strip() for snippet in row.get("snippets", [])]
            own = [ids.setdefault(text, f"s{len(ids)}") for text in texts if text]
            examples.append(_example(len(examples), row["body"], own))
    passages = {name: Passage(id=name, text=text) for text, name in ids.items()}
    return Collection(name="bioasq", passages=passages, examples=tuple(examples))


COLLECTIONS = {"nq-open": nq_open, "bioasq": bioasq}


def _example(number: int, question: str, relevant: list[str]) -> QAExample:
    return QAExample(
        id=f"q{number}",
        question=question,
        references=(),
        relevant=tuple(dict.fromkeys(relevant)),
    )
