"""Answers that another tool has logged: recorded ones, found by the words of their questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.logs.matching import Matched, match
from pytest_ragft.datasets.logs.opening import read_log
from pytest_ragft.errors import SpecError, SuiteError
from pytest_ragft.generation.recorded import RecordedGenerator
from pytest_ragft.models.identity import json_fingerprint
from pytest_ragft.numbers import count
from pytest_ragft.records import Answer, Knowledge, QAExample

FORM = 1
"""Raised when this room would read the same log differently."""


class LoggedGenerator(RecordedGenerator):
    """Answers of one system in a tool's log.

    Args:
        path: of the log.
        tool: that wrote it, one of `datasets.logs.opening.TOOLS`.
        system: Which of the log's systems; empty where it has one alone.
        suites: Questions of the run by their suite's name.

    Raises:
        SpecError: the log cannot be read, or answers none of the questions.
        MissingDependencyError: a package that its files need is not installed.
    """

    def __init__(
        self, path: Path, *, tool: str, system: str, suites: Mapping[str, Sequence[QAExample]]
    ) -> None:
        try:
            matched = match(read_log(tool, path, system), suites)
        except SuiteError as error:
            raise SpecError(str(error)) from None
        if not matched.answers:
            raise SpecError(
                f"{str(path)!r} answers no question of these suites; a question is found by its "
                "words in the log, or by its id where the log has none"
            )
        super().__init__(path, _drawn(matched))
        self._tool = tool
        self._others, self._shared = matched.others, matched.shared
        self._fingerprint = json_fingerprint(
            {"log": self._fingerprint, "tool": tool, "system": system, "form": FORM}
        )

    @property
    def remedy(self) -> str:
        """What to do about questions without an answer."""
        return f"ask them in {self._tool}, too: a question is found by its words"

    def _remedy_of_samples(self, samples: int) -> str:
        return (
            f"let the log answer each question {count(samples, 'time')} (a record of a question is "
            "one of its answers, in the order of the log), or set samples to what it holds"
        )

    def _remedy_of_knowledge(self, knowledge: Knowledge) -> str:
        return "logs of other tools do not say what a question was asked with: "

    @property
    def notes(self) -> tuple[str, ...]:
        """Who logged the answers, and that some are about other questions, or several suites'."""
        others = (
            (f"{count(self._others, 'logged answer')} about no question of these suites",)
            if self._others
            else ()
        )
        shared = (
            (
                f"{count(self._shared, 'logged answer')} counted in each of several suites, which "
                "ask the same questions; SUITE/ID in a field 'id' says which suite one is about",
            )
            if self._shared
            else ()
        )
        return (f"answers logged by {self._tool}", *others, *shared)


def _drawn(matched: Matched) -> dict[tuple[str, str, int], Answer]:
    return {
        (suite, example_id, sample): answer
        for (suite, example_id), draws in matched.answers.items()
        for sample, answer in enumerate(draws)
    }
