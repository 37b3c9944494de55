"""The questions of suites with where each stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_ragft.checking.findings import Place
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.jsonl import numbered_lines
from pytest_ragft.errors import RagftError
from pytest_ragft.records import QAExample
from pytest_ragft.suite import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question of a suite."""

    suite: str
    example: QAExample
    where: str
    """File and, where it has lines of questions, line."""
    cluster: tuple[str, ...]
    """Equal for questions on one document."""

    @property
    def place(self) -> Place:
        """For findings."""
        return Place(where=self.where, text=self.example.question, id=self.example.id)


def questions_of(suite: Suite) -> Iterator[AskedQuestion]:
    """The questions of a suite, in their order."""
    lines = _lines(suite.questions, len(suite.examples))
    file = suite.questions or suite.path
    for at, example in enumerate(suite.examples):
        yield AskedQuestion(
            suite=suite.name,
            example=example,
            where=f"{file}, line {lines[at]}" if lines else str(file),
            cluster=suite.cluster_of(example).key(suite.name),
        )


def _lines(file: Path | None, count: int) -> list[int]:
    """The line of each question; none where the file has not one question a line."""
    if file is None:
        return []
    try:
        numbers = [number for number, _ in numbered_lines(read_text(file))]
    except RagftError:
        return []
    return numbers if len(numbers) == count else []
