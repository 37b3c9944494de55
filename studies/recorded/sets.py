"""Sets of recorded answers that people labelled, as tables of systems by questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pytest_ragft.judging.port import Judge
from studies.judge.evaluate import evouna_held_out
from studies.judge.figures import Values
from studies.judge.labelled import Labelled, evouna, financebench, nq301, nq301_systems
from studies.recorded.scores import accuracies

EVOUNA, UNSEEN = "EVOUNA-NQ", "EVOUNA-NQ, questions unseen"
FOLDS = "reference, five folds"
"""Of each answer by a model of the judge that saw no answer to its question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What people and judges say of each system's answer to each question."""

    name: str
    systems: tuple[str, ...]
    groups: npt.NDArray[np.str_]
    """The normalised questions, by which parts are split, shape [questions]."""
    documents: npt.NDArray[np.intp] | None
    """What each question is about, shape [questions]; None where each is on its own."""
    right: Values
    """By people, 0 or 1, shape [systems, questions]; NaN where nobody labelled."""
    judged: Mapping[str, Values]
    """By judge, in [0, 1], of the same shape."""

    def means(self) -> dict[str, list[float]]:
        """Of people and of each judge, by system, over what people labelled."""
        labelled = ~np.isnan(self.right)
        return {
            "people": np.nanmean(self.right, axis=1).tolist(),
            **{
                name: [float(row[at].mean()) for row, at in zip(given, labelled, strict=True)]
                for name, given in self.judged.items()
            },
        }

    def shared(self, one: int, other: int) -> npt.NDArray[np.intp]:
        """The questions that people labelled of both systems."""
        return np.flatnonzero(~np.isnan(self.right[[one, other]]).any(axis=0))


def recorded_sets(data: Path, judges: Mapping[str, Judge]) -> Iterator[Recorded]:
    """Three sets, and the part of the first that no part of a shipped judge was fitted on.

    Args:
        data: The folder of labelled data.
        judges: By the name to show; the reference judge is fitted anew for its folds besides.
    """
    labelled = evouna(data)
    tested = {row.group for row in nq301(data)}
    seen = {f"{name}, seen": values for name, values in scored(judges, labelled).items()}
    folds = evouna_held_out(data, labelled)[1]
    yield table(EVOUNA, labelled, {FOLDS: folds, **seen})
    unseen = [row for row in labelled if row.group in tested]
    for name, rows in (
        (UNSEEN, unseen),
        ("NQ301", nq301_systems(data)),
        ("FinanceBench half", financebench(data)),
    ):
        yield table(name, rows, scored(judges, rows))


def scored(judges: Mapping[str, Judge], rows: Sequence[Labelled]) -> dict[str, Values]:
    """Each judge's accuracy of each row."""
    answered = [(row.example, row.answer) for row in rows]
    return {name: accuracies(judge, answered) for name, judge in judges.items()}


def table(name: str, rows: Sequence[Labelled], given: Mapping[str, Values]) -> Recorded:
    """The rows as a table.

    Args:
        name: Of the set.
        rows: Labelled answers.
        given: Of each judge, the score of each row.
    """
    systems = sorted({row.system for row in rows})
    questions = {row.example.id: row for row in rows}
    place = {system: at for at, system in enumerate(systems)}
    column = {question: at for at, question in enumerate(questions)}
    at = (
        np.array([place[row.system] for row in rows]),
        np.array([column[row.example.id] for row in rows]),
    )
    about = [row.example.document or question for question, row in questions.items()]
    documents = np.unique(about, return_inverse=True)[1]

    def spread(values: npt.ArrayLike) -> Values:
        found = np.full((len(systems), len(questions)), np.nan)
        found[at] = values
        return found

    return Recorded(
        name=name,
        systems=tuple(systems),
        groups=np.array([row.group for row in questions.values()]),
        documents=None if documents.max() + 1 == len(questions) else documents,
        right=spread([row.right for row in rows]),
        judged={judge: spread(values) for judge, values in given.items()},
    )
