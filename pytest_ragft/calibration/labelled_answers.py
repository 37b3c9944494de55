"""From label files to what is measured: one row for each labelled answer of each metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_ragft.calibration.filled_sheets import rater_of
from pytest_ragft.calibration.key import KeyRow, SheetKey, counted_rows, is_key, read_key
from pytest_ragft.datasets.labels import Label, read_labels
from pytest_ragft.errors import InputError
from pytest_ragft.reasoning import split_reasoning
from pytest_ragft.records import Case, QAExample

LEAST_LABELS = 20
"""With fewer labelled answers an agreement says nothing."""
RIGHT = 0.5
"""Label from which an answer counts as right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledAnswer:
    """A labelled answer."""

    metric: str
    case: Case
    ratings: Mapping[str, float]
    """In [0, 1], by rater; at least one."""
    variants: tuple[str, ...] = ()
    """Which gave the answer; empty where nobody says."""

    @property
    def question(self) -> str:
        """The cluster: answers to one question are not independent."""
        return " ".join(self.case.example.question.casefold().split())

    @property
    def label(self) -> float:
        """The mean over raters."""
        return sum(self.ratings.values()) / len(self.ratings)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledAnswers:
    """All that the files say."""

    answers: tuple[LabelledAnswer, ...]
    unfilled: int
    """Rows without a label."""
    unsure: int = 0
    """Rows of which a person cannot say."""
    apart: int = 0
    """Labelled rows of a sheet whose block is not filled whole."""


def read_labelled_answers(files: Sequence[Path], *, metric: str) -> LabelledAnswers:
    """The labelled answers of some files; keys among them say what stands behind a sheet's ids.

    An answer is told by id, question, text, metric and variant; several labels of one are those of
    several raters.

    Args:
        files: labels, and keys where they are those of a sheet.
        metric: what is labelled where neither row nor key says.

    Raises:
        InputError: a file cannot be read, an id is in no key, a rater labels an answer twice, or
            a sheet has no block that is filled whole.
    """
    keys = [read_key(path) for path in files if is_key(path)]
    known = {row.id: (key.metric, row) for key in keys for row in key.rows}
    sheets = [path for path in files if not is_key(path)]
    if not sheets:
        raise InputError("--labels: only the key of a sheet is given; give the filled sheet, too")
    labels = [label for path in sheets for label in read_labels(path)]
    if keys:
        _expect_known(labels, known)
    ratings: dict[tuple[object, ...], dict[str, float]] = {}
    firsts: dict[tuple[object, ...], Label] = {}
    given = [label for label in labels if label.label is not None or label.unsure]
    counted = _counted(keys, given)
    for label in given:
        if label.label is None or (keys and label.id not in counted):
            continue
        unit = (label.id, label.question, label.answer, _metric(label, known, metric),
                label.variant)  # fmt: skip
        firsts.setdefault(unit, label)
        rater, of = rater_of(label), ratings.setdefault(unit, {})
        if rater in of:
            raise InputError(
                f"{label.where}: {rater!r} has labelled this answer already, in "
                f"{firsts[unit].where}; keep one label, or tell raters apart by 'rater'"
            )
        of[rater] = label.label
    units = [
        _unit(firsts[key], _metric(firsts[key], known, metric), of, known)
        for key, of in ratings.items()
    ]
    return LabelledAnswers(
        answers=tuple(units),
        unfilled=len(labels) - len(given),
        unsure=sum(label.unsure and (not keys or label.id in counted) for label in given),
        apart=sum(label.id not in counted for label in given) if keys else 0,
    )


def check_enough_labels(units: Sequence[LabelledAnswer], metric: str) -> None:
    """Refuse labels of one metric from which no agreement can be measured.

    Raises:
        InputError: too few, all on one side, or raters of whom no two labelled one answer.
    """
    if len(units) < LEAST_LABELS:
        raise InputError(
            f"{metric}: {len(units)} labelled answers; agreement needs at least {LEAST_LABELS}, "
            "and some hundred for a narrow interval: label more"
        )
    right = sum(unit.label >= RIGHT for unit in units)
    if right in (0, len(units)):
        which = "right (0.5 or more)" if right else "wrong (below 0.5)"
        raise InputError(
            f"{metric}: all {len(units)} answers are labelled {which}, so that nothing shows "
            "whether a judge tells right from wrong; add answers of the other kind, such as a "
            "weaker variant's"
        )
    raters = {rater for unit in units for rater in unit.ratings}
    if len(raters) > 1 and all(len(unit.ratings) < 2 for unit in units):
        raise InputError(
            f"{metric}: the raters {', '.join(map(repr, sorted(raters)))} never label the same "
            "answer, so that their agreement is unknown; let them share at least "
            f"{LEAST_LABELS} answers, or leave out 'rater' in one file to count as one"
        )


def _counted(keys: Sequence[SheetKey], given: Sequence[Label]) -> frozenset[str]:
    """Ids of the rows that count; all of them stand in a key where there is one."""
    filled = {label.id for label in given}
    return frozenset(row for key in keys for row in counted_rows(key, filled))


def _expect_known(labels: Sequence[Label], known: Mapping[str, tuple[str, KeyRow]]) -> None:
    unknown = [label for label in labels if label.id not in known]
    if unknown:
        raise InputError(
            f"{len(unknown)} of {len(labels)} rows have an id that is in no key, such as "
            f"{unknown[0].id!r} ({unknown[0].where}); give the key of every sheet, and leave the "
            "column 'id' as it is"
        )


def _metric(label: Label, known: Mapping[str, tuple[str, KeyRow]], default: str) -> str:
    if label.id in known:
        return known[label.id][0]
    return label.metric or default


def _unit(
    label: Label,
    metric: str,
    ratings: Mapping[str, float],
    known: Mapping[str, tuple[str, KeyRow]],
) -> LabelledAnswer:
    example = QAExample(
        id=label.id,
        question=label.question,
        references=label.references,
        facts=label.facts,
        answerable=label.answerable,
        type=label.type,
    )
    variants: tuple[str, ...] = (label.variant,) if label.variant else ()
    if label.id in known:
        variants = known[label.id][1].variants
    return LabelledAnswer(
        metric=metric,
        # A file of one's own may hold answers as a model gave them.
        case=Case(example=example, answer=split_reasoning(label.answer).text),
        ratings=ratings,
        variants=variants,
    )
