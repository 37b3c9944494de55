"""What every judge keeps, whatever is behind it."""

import pytest

from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge
from pytest_ragft.records import Case, QAExample
from pytest_ragft.testing import check_judge

EIFFEL = QAExample(
    id="a", question="Who built the tower?", references=("Eiffel built it.", "Eiffel"),
    facts=("Eiffel",),
)  # fmt: skip
OPEN = QAExample(id="b", question="How many bolts?", references=(), answerable=False)
BARE = QAExample(id="c", question="Why?", references=())
CASES = [
    Case(example=EIFFEL, answer="Gustave Eiffel"),
    Case(example=EIFFEL, answer=""),
    Case(example=OPEN, answer="I do not know."),
    Case(example=BARE, answer="Because."),
    Case(example=EIFFEL, answer="\x00\ud800 \u202e" + "x" * 50_000),
    Case(example=EIFFEL, answer="I do not know"),
    Case(example=OPEN, answer="Nine"),
]


@pytest.fixture(params=["reference"])
def judge(request) -> Judge:
    return open_judge(request.param)


def test_it_keeps_the_port(judge):
    check_judge(judge, cases=CASES)


def test_right_and_wrong(judge):
    values = [scores["accuracy"].value for scores in judge.judge(CASES)]
    assert values[0] > 0.5
    assert values[1] == 0
    assert values[2] == 1
    assert values[5] == 0
    assert values[6] == 0


def test_what_cannot_be_judged_is_missing_with_the_reason(judge):
    for score in judge.judge(CASES)[3].values():
        assert (score.status, score.value) == ("missing", None)
        assert score.reason


def test_unanswerable_has_no_completeness(judge):
    for at in (2, 6):
        assert judge.judge(CASES)[at]["completeness"].status == "not_applicable"


def test_identity(judge):
    assert judge.fingerprint == open_judge(judge.name).fingerprint
    assert judge.fingerprint
