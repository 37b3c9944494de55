"""A small study of a tiny model that learns one thing: to say yes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.example import Example
from tests.tiny import tiny_folder

FILE = """\
[study]
name = "small"
bases = ["base"]
knowledge = ["retrieved", "none", "gold"]
familiarity = true
retention = "kept"

[data.bells]
gated = "gated/bells"
training = "training/bells"

[recipe]
learning_rate = 0.03
batch = 4
epochs = 10
development = 0

[[cells]]
sizes = [0, 4]

[[cells]]
sizes = [8]
"""

SUITE = """\
[suite]
name = "{name}"
questions = "questions.jsonl"
corpus = "corpus.jsonl"

[retrieval]
k = 2

[generation]
max_new_tokens = 6
"""

KEPT = """\
[suite]
name = "kept"
questions = "questions.jsonl"

[retrieval]
backend = "none"

[generation]
max_new_tokens = 6
"""

CELLS = ("bells-lora-closed-book-4-s0", "bells-lora-closed-book-8-s0")


def write_study(folder: Path, file: str = FILE) -> Example:
    """The study's file, suites and base in a folder."""
    example = Example(folder)
    _suite(example, "gated/bells", 10, lambda i: "yes" if i % 3 else "no")
    _suite(example, "training/bells", 12, lambda _: "yes")
    example.write("kept/ragft.toml", '[[gate]]\nmetric = "checks"\nrole = "guard"\n')
    example.write("kept/suite.toml", KEPT)
    example.write_lines(
        "kept/questions.jsonl",
        [
            {"id": f"k{i}", "question": f"Say {i} words.", "references": [], "checks": {"words": i}}
            for i in range(1, 10)
        ],
    )
    shutil.copytree(tiny_folder() / "model", folder / "base", dirs_exist_ok=True)
    example.write("study.toml", file)
    return example


def _suite(example: Example, place: str, questions: int, answer: Callable[[int], str]) -> None:
    example.write(f"{place}/suite.toml", SUITE.format(name=Path(place).name))
    example.write_lines(
        f"{place}/corpus.jsonl",
        [
            {"_id": f"p{i}", "text": f"Bell {i} of {place} hangs high.", "document": f"{place} {i}"}
            for i in range(questions)
        ],
    )
    example.write_lines(
        f"{place}/questions.jsonl",
        [
            {
                "id": f"q{i}",
                "question": f"Does bell {i} of {place} ring?",
                "references": [answer(i)],
                "relevant": [f"p{i}"],
                "type": "yesno",
            }
            for i in range(questions)
        ],
    )
