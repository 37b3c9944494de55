"""A judge on labelled cases of every kind that the package ships: whether it is worth a run.

The cases are made up for this; they say what a judge gets wrong, not how it does on anybody's own
questions, for which there is `ragft calibrate`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np

from pytest_ragft.calibration.agreement import Figure, measure_agreement
from pytest_ragft.calibration.labelled_answers import RIGHT, LabelledAnswer
from pytest_ragft.datasets.answers import read_answers
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Case, Score

LEAST_AGREEMENT = 0.8
"""Share of the cases that a judge must agree on, with the cut at 0.5."""
LEAST_KAPPA = 0.6
"""Cohen's κ that it must reach, so that one which says the same of all does not pass."""

METRICS = ("accuracy", "completeness")
_FILE = "check.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCase:
    """A case, and what is right about it."""

    id: str
    kind: str
    """What it tries, such as ``denial``."""
    case: Case
    labels: Mapping[str, float]
    """0 or 1 by metric; accuracy at least. None where people could differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misjudged:
    """A case on which a judge does not agree with its label."""

    of: LabelledCase
    label: float
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How a judge does in one metric. A score that it does not give counts as a wrong one."""

    metric: str
    n: int
    missing: int
    agreement: Figure
    """Share of cases, cut at 0.5."""
    kappa: Figure
    kinds: Mapping[str, tuple[int, int]]
    """Cases that it agrees on, and all cases, by kind."""
    misjudged: tuple[Misjudged, ...]

    @property
    def holds(self) -> bool:
        """Whether it reaches the bar."""
        enough = (self.agreement.value or 0.0) >= LEAST_AGREEMENT
        return enough and (self.kappa.value or 0.0) >= LEAST_KAPPA


def labelled_cases() -> tuple[LabelledCase, ...]:
    """The cases that the package ships."""
    text = resources.files(__package__).joinpath("data", _FILE).read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    return tuple(
        LabelledCase(
            id=line["id"],
            kind=line["kind"],
            case=answer.case,
            labels={metric: float(line[metric]) for metric in METRICS if metric in line},
        )
        for line, answer in zip(lines, read_answers(text, _FILE), strict=True)
    )


def check(cases: Sequence[LabelledCase], scores: Sequence[Scores]) -> tuple[Checked, ...]:
    """Compare a judge's scores of `cases`, in their order, with the labels, by metric."""
    return tuple(_checked(metric, cases, scores) for metric in METRICS)


def _checked(metric: str, cases: Sequence[LabelledCase], scores: Sequence[Scores]) -> Checked:
    labelled = [
        (of, of.labels[metric], given[metric])
        for of, given in zip(cases, scores, strict=True)
        if metric in of.labels
    ]
    units = [
        LabelledAnswer(metric=metric, case=of.case, ratings={"label": label})
        for of, label, _ in labelled
    ]
    values = [1.0 - label if score.value is None else score.value for _, label, score in labelled]
    figures = measure_agreement(units, np.array(values)).figures
    kinds: dict[str, tuple[int, int]] = {}
    misjudged = []
    for (of, label, score), value in zip(labelled, values, strict=True):
        agrees = (value >= RIGHT) == (label >= RIGHT)
        held, every = kinds.get(of.kind, (0, 0))
        kinds[of.kind] = held + agrees, every + 1
        if not agrees:
            misjudged.append(Misjudged(of=of, label=label, score=score))
    return Checked(
        metric=metric,
        n=len(labelled),
        missing=sum(score.value is None for _, _, score in labelled),
        agreement=figures["accuracy"],
        kappa=figures["kappa"],
        kinds=kinds,
        misjudged=tuple(misjudged),
    )
