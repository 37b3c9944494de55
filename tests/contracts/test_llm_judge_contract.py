"""What every judge keeps, kept by those that ask a model, with a server behind them."""

from __future__ import annotations

import json
from functools import partial
from itertools import combinations

import pytest

from pytest_ragft.judging.jury import Jury
from pytest_ragft.judging.llm.opening import open_llm_judge
from pytest_ragft.judging.port import asking
from pytest_ragft.records import Case, Passage, QAExample
from tests.endpoint_server import Server
from tests.llm_scripts import honest, probed

pytestmark = pytest.mark.newest
needs_deepeval = partial(pytest.param, marks=pytest.mark.deepeval)

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


@pytest.fixture(scope="module")
def server():
    with Server(probed(honest)) as running:
        yield running


@pytest.fixture(params=["openai", "claims", needs_deepeval("geval"), needs_deepeval("jury")])
def make(request, server):
    def of_kind(kind: str):
        return open_llm_judge(f"{kind}:m@{server.url}", {})

    if request.param == "jury":
        return lambda: Jury([of_kind("geval"), of_kind("openai")])
    return lambda: of_kind(request.param)


def test_one_score_of_each_metric_in_order(make):
    judge = make()
    out = judge.judge(CASES)
    assert len(out) == len(CASES)
    for scores in out:
        assert tuple(scores) == judge.metrics
        assert all(name == score.metric for name, score in scores.items())
    assert {"accuracy", "completeness"} <= set(judge.metrics)


def test_right_and_wrong(make):
    values = [scores["accuracy"].value for scores in make().judge(CASES)]
    assert values[0] > 0.5
    assert values[1] == 0
    assert values[2] == 1
    assert values[5] == 0
    assert values[6] == 0


def test_what_cannot_be_judged_is_missing_with_the_reason(make):
    scores = make().judge(CASES)[3]
    for metric in ("accuracy", "completeness"):
        assert (scores[metric].status, scores[metric].value) == ("missing", None)
        assert scores[metric].reason


def test_unanswerable_has_no_completeness(make):
    out = make().judge(CASES)
    assert {out[at]["completeness"].status for at in (2, 6)} == {"not_applicable"}


def test_deterministic_and_each_case_by_itself(make):
    judge = make()
    together = judge.judge(CASES)
    assert together == make().judge(CASES)
    assert together == [judge.judge([case])[0] for case in CASES]
    assert together == judge.judge(CASES[::-1])[::-1]


def test_passages_matter_only_if_it_says_so(make):
    judge = make()
    with_passages = [
        Case(example=c.example, answer=c.answer, passages=(Passage(id="p", text="Eiffel Nine"),))
        for c in CASES
    ]
    assert (judge.judge(with_passages) == judge.judge(CASES)) == (not judge.reads_passages)


def test_a_metric_alone_is_scored_as_with_the_others(make):
    whole = make()
    together = whole.judge(CASES)
    for size in range(1, len(whole.metrics) + 1):
        for metrics in combinations(whole.metrics, size):
            judge = asking(whole, metrics)
            assert judge.metrics == metrics
            assert judge.fingerprint == whole.fingerprint
            alone = [{metric: scores[metric] for metric in metrics} for scores in together]
            assert judge.judge(CASES) == alone


def test_evidence_can_be_stored(make):
    for scores in make().judge(CASES):
        for score in scores.values():
            assert json.loads(json.dumps(score.evidence)) == score.evidence


def test_identity(make):
    assert make().fingerprint == make().fingerprint
    assert make().fingerprint


def test_nothing_to_judge(make):
    assert make().judge([]) == []
