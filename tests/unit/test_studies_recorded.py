"""Recorded systems: what is drawn, counted and held against people's labels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from pytest_ragft.progress import NoProgress
from studies.judge.labelled import nq301, nq301_systems
from studies.recorded.cases import PEOPLE, Arms, counted, truth, whole_pairs
from studies.recorded.draws import again, once, whole
from studies.recorded.markdown import share
from studies.recorded.remedies import ALONE, LABELS, halves, remedied
from studies.recorded.sets import Recorded
from studies.recorded.tallies import figures

QUESTIONS = 300


def recorded(*, judge_sees: float = 1.0, per_document: int = 1) -> Recorded:
    """Three systems that are right on 80, 70 and 50 % of the questions, nested.

    The judge's score follows people's labels with the slope `judge_sees`.
    """
    at = np.arange(QUESTIONS)
    right = np.stack([(at * 7 % 10 < tenths).astype(float) for tenths in (8, 7, 5)])
    return Recorded(
        name="made",
        systems=("good", "fair", "poor"),
        groups=np.array([f"question {one}" for one in at]),
        documents=None if per_document == 1 else at // per_document,
        right=right,
        judged={"judge": 0.5 + judge_sees * (right - 0.5)},
    )


def rows(found: dict[tuple[object, ...], int], *names: str) -> list[dict[str, object]]:
    return [dict(zip((*names, "count"), (*key, n), strict=True)) for key, n in found.items()]


def test_a_judge_that_is_people_agrees_in_every_case() -> None:
    counts = counted(recorded(), seed=[1], draws=5, sizes=(79, 200), phase=NoProgress()).verdicts
    of = figures(rows(counts, "drawn", "n", "truth", "judge", "people", "outcome"))

    assert of["cases"] == 6 * 2 * 2 * 5
    assert of["agree"] == of["both"] == of["people"] > 0
    assert of["losses"] == of["cases"] / 2
    assert of["passed"] == of["by_people"]


def test_a_judge_that_shrinks_differences_lets_losses_pass_and_that_is_counted() -> None:
    counts = counted(recorded(judge_sees=0.2), seed=[1], draws=5, sizes=(200,), phase=NoProgress())
    of = figures(rows(counts.verdicts, "drawn", "n", "truth", "judge", "people", "outcome"))

    assert of["passed"] > of["by_people"]
    assert (
        sum(n for key, n in counts.pairs.items() if key[1] == "losses that passed")
        == (of["passed"])
    )


def test_labels_take_the_shrinking_out() -> None:
    found, slopes = remedied(
        recorded(judge_sees=0.2), seed=[1], draws=5, sizes=(200,), phase=NoProgress()
    )
    by_remedy = {
        remedy: figures(
            [
                row
                for row in rows(found, "n", "truth", "judge", "remedy", "people", "outcome")
                if row["remedy"] == remedy
            ]
        )
        for remedy in (ALONE, *LABELS)
    }

    assert by_remedy[ALONE]["passed"] > 0
    assert by_remedy["100 labels"]["passed"] == 0
    assert all(of["slope"][0] == pytest.approx(0.2) for of in slopes)


def test_an_improvement_is_let_through_by_every_rule_and_a_large_loss_by_none() -> None:
    found = {
        (row["baseline"], row["variant"]): row for row in whole_pairs(recorded(), NoProgress())
    }

    assert len(found["poor", "good"]["rules"]) == 2
    assert found["poor", "good"][PEOPLE][:2] == ["PASS", 0.3]
    assert found["good", "poor"]["rules"] == []
    assert found["good", "poor"][PEOPLE][:2] == ["REGRESSION", -0.3]


def test_questions_that_nobody_labelled_of_either_system_are_in_no_pair() -> None:
    made = recorded()
    made.right[0, :10] = np.nan
    made.right[1, 5:20] = np.nan

    assert Arms.of(made, 0, 1).size == QUESTIONS - 20
    assert Arms.of(made, 0, 2).size == QUESTIONS - 10


@pytest.mark.parametrize(
    ("difference", "called"), [(-0.1, "large"), (-0.05, "loss"), (-0.01, "less"), (0, "none")]
)
def test_what_a_difference_by_all_labels_is_called(difference: float, called: str) -> None:
    assert truth(difference) == called


def test_a_draw_holds_no_question_twice() -> None:
    drawn = once(np.random.default_rng(1), None, 50, 40, 3)

    assert [len(set(draw)) for draw in drawn.at.tolist()] == [40, 40, 40]


def test_documents_are_drawn_whole_and_each_copy_is_a_cluster() -> None:
    documents = np.repeat(np.arange(5), [1, 2, 3, 4, 5])
    drawn = again(np.random.default_rng(1), documents, 15, 100, 4)

    assert drawn.codes is not None
    for at, codes in zip(drawn.at, drawn.codes, strict=True):
        for code in range(codes.max()):
            (of,) = set(documents[at[codes == code]])
            assert (codes == code).sum() == (documents == of).sum()


def test_all_questions_are_one_draw() -> None:
    assert whole(None, 4).at.tolist() == [[0, 1, 2, 3]]


def test_no_document_stands_in_both_halves() -> None:
    made = recorded(per_document=5)
    side = halves(made, [1])

    assert all(len(set(part)) == 1 for part in side.reshape(-1, 5).tolist())
    assert abs(side.mean() - 0.5) < 0.01


def test_a_missed_bar_is_bold_and_says_its_counts() -> None:
    assert share(989, 1000, least=0.99) == "**98.90 % (989 of 1,000)**"
    assert share(990, 1000, least=0.99) == "99.00 % (990 of 1,000)"
    assert share(0, 0, least=0.99) == "none"


def test_labels_of_nq301_are_laid_to_the_systems_that_said_it() -> None:
    place = os.environ.get("RAGFT_DATA")
    if not place:
        pytest.skip("RAGFT_DATA names no folder with the labelled data")
    found = nq301_systems(Path(place))
    labels = {(row.group, row.answer): row.right for row in nq301(Path(place))}

    assert len({row.system for row in found}) == 12
    assert len({(row.system, row.group) for row in found}) == len(found) == 3563
    exact = [row for row in found if (row.group, row.answer) in labels]
    assert len(exact) > 0.75 * len(found)
    assert all(labels[row.group, row.answer] == row.right for row in exact)
