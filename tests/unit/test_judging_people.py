"""The shipped reference judge against people's labels of real answers."""

import os
from pathlib import Path

import numpy as np
import pytest

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from studies.judge.evaluate import accuracies, padding, statement_scores
from studies.judge.figures import kappa
from studies.judge.labelled import evouna, kqa, nq301, question_key

DATA = Path(os.environ.get("RAGFT_DATA", ""))
pytestmark = pytest.mark.skipif(
    not os.environ.get("RAGFT_DATA"), reason="RAGFT_DATA names no folder with labelled answers"
)


@pytest.fixture(scope="module")
def judged():
    labelled = nq301(DATA)
    return labelled, accuracies(ReferenceJudge(), labelled)


def test_agreement_on_questions_that_the_shipped_model_never_saw(judged):
    labelled, given = judged
    assert len(labelled) == 1490
    assert kappa([row.right for row in labelled], given >= 0.5) >= 0.61


def test_length_buys_nothing_on_real_answers(judged):
    changes = padding(ReferenceJudge(), *judged, DATA)
    assert np.mean(list(changes.values())) <= 0.05


def test_statements_of_physicians_agree_better_than_chance():
    statements = kqa(DATA)
    covered = np.array([row.covered for row in statements])
    given = statement_scores(statements)
    assert given[covered].mean() > given[~covered].mean() + 0.1


def test_questions_are_matched_in_spite_of_spelling():
    assert question_key("Who's  the U.S. president?") == question_key("who s the u s president")
    seen = {row.group for row in evouna(DATA)}
    assert len({row.group for row in nq301(DATA)} & seen) > 200
