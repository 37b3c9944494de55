"""What every judge keeps, whatever is behind it."""

import json

import pytest

from pytest_ragft.judging.factory import open_judge
from pytest_ragft.judging.port import Judge
from pytest_ragft.records import Case, Passage, QAExample

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


def test_one_score_of_each_metric_in_order(judge):
    out = judge.judge(CASES)
    assert len(out) == len(CASES)
    for scores in out:
        assert tuple(scores) == judge.metrics
        assert all(name == score.metric for name, score in scores.items())
    assert {"accuracy", "completeness"} <= set(judge.metrics)


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


def test_deterministic_and_each_case_by_itself(judge):
    together = judge.judge(CASES)
    assert together == judge.judge(CASES)
    assert together == [judge.judge([case])[0] for case in CASES]
    assert together == judge.judge(CASES[::-1])[::-1]


def test_passages_matter_only_if_it_says_so(judge):
    with_passages = [
        Case(example=c.example, answer=c.answer, passages=(Passage(id="p", text="Eiffel Nine"),))
        for c in CASES
    ]
    if not judge.reads_passages:
        assert judge.judge(with_passages) == judge.judge(CASES)


def test_evidence_can_be_stored(judge):
    for scores in judge.judge(CASES):
        for score in scores.values():
            assert json.loads(json.dumps(score.evidence)) == score.evidence


def test_identity(judge):
    assert judge.fingerprint == open_judge(judge.name).fingerprint
    assert judge.fingerprint


def test_nothing_to_judge(judge):
    assert judge.judge([]) == []
