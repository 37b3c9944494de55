"""Several judges as one: a member that is missing is never made up for by the others."""

from __future__ import annotations

import pytest

from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import SpecError
from pytest_ragft.judging.jury import Jury
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.llm.opening import open_jury, open_llm_judge
from pytest_ragft.records import Case, Passage, QAExample, Score
from tests.endpoint_server import Server
from tests.llm_scripts import honest, probed, read_blocks

CASE = Case(example=QAExample(id="a", question="q", references=("r",)), answer="x")
NONE, OUT = "missing", "not_applicable"


class Fixed:
    """A judge of one mind."""

    def __init__(self, name, value, metrics=("accuracy", "completeness")):
        self.name, self.metrics = name, metrics
        self.fingerprint, self.reads_passages = f"print of {name}", name == "reader"
        self._value = value
        self.checked = 0

    def check(self):
        self.checked += 1

    def judge(self, cases):
        def score(metric):
            if isinstance(self._value, str):
                return Score(metric=metric, value=None, status=self._value, reason=f"{self.name}!")
            return Score(metric=metric, value=self._value)

        return [{metric: score(metric) for metric in self.metrics} for _ in cases]


def jury(*values, rule="mean") -> Jury:
    return Jury([Fixed(f"j{n}", value) for n, value in enumerate(values)], rule=rule)


def scored(*values, rule="mean") -> Score:
    ((scores),) = jury(*values, rule=rule).judge([CASE])
    return scores["accuracy"]


def test_the_mean_with_what_each_said():
    score = scored(1.0, 0.5, 0.0)
    assert score.value == 0.5
    assert score.evidence == {"judges": {"j0": 1.0, "j1": 0.5, "j2": 0.0}, "spread": 1.0}
    assert score.reason == "j0 1.00; j1 0.50; j2 0.00"
    assert scored(0.1, 0.1, 0.1).value == pytest.approx(0.1)
    assert scored(1.0, 1.0, 1.0).value == 1.0


@pytest.mark.parametrize(
    ("values", "verdict"), [((1.0, 0.5, 0.0), 1.0), ((0.49, 0.4, 1.0), 0.0), ((0.9, 0.9, 0.1), 1.0)]
)
def test_the_majority(values, verdict):
    assert scored(*values, rule="majority").value == verdict


@pytest.mark.parametrize("rule", ["mean", "majority"])
@pytest.mark.parametrize("values", [(1.0, NONE, 1.0), (NONE, NONE, NONE), (OUT, NONE, OUT)])
def test_a_missing_member_makes_the_score_missing(values, rule):
    score = scored(*values, rule=rule)
    assert (score.value, score.status) == (None, "missing")
    assert "j1: j1!" in score.reason
    assert score.evidence == {}


def test_not_applicable_only_when_all_say_so():
    assert scored(OUT, OUT).status == "not_applicable"
    score = scored(1.0, OUT)
    assert score.status == "missing"
    assert "not for j1" in score.reason


def test_it_scores_what_all_members_score():
    of_three = Fixed("reader", 1.0, metrics=("accuracy", "completeness", "faithfulness"))
    mixed = Jury([of_three, Fixed("plain", 0.0)])
    assert mixed.metrics == ("accuracy", "completeness")
    assert tuple(mixed.judge([CASE])[0]) == mixed.metrics
    assert mixed.reads_passages
    assert not jury(1.0, 1.0).reads_passages


def test_no_member_is_asked_for_what_another_one_does_not_score():
    case = Case(example=CASE.example, answer="x", passages=(Passage(id="p", text="r"),))
    with Server(probed(honest)) as server:
        claims = open_llm_judge(f"claims:m@{server.url}", {})
        mixed = Jury([claims, ReferenceJudge()])
        assert not mixed.reads_passages
        assert mixed.fingerprint != Jury([claims, Fixed("a", 1.0)]).fingerprint
        mixed.judge([case])
        whole = [set(read_blocks(call)) for call in server.calls[1:]]
        (scores,) = mixed.asking(["accuracy"]).judge([case])
        alone = [set(read_blocks(call)) for call in server.calls[1 + len(whole) :]]
    # The reference is split and checked against the answer; the answer is not split.
    assert {"QUESTION", "TEXT"} in whole
    assert {"QUESTION", "REFERENCE 1", "ANSWER"} in whole
    assert len(whole) == 3
    assert alone == [{"QUESTION", "REFERENCE 1", "ANSWER"}]
    assert tuple(scores) == ("accuracy",)


def test_all_members_are_checked():
    members = [Fixed("a", 1.0), Fixed("b", 1.0)]
    Jury(members).check()
    assert [member.checked for member in members] == [1, 1]


def test_the_cost_is_that_of_all_members():
    members = [Fixed(name, 1.0) for name in "abc"]
    members[0].usage = members[2].usage = Usage(calls=2)
    assert Jury(members).usage == Usage(calls=4)


def test_identity():
    a, b, c = (Fixed(name, 1.0) for name in "abc")
    prints = {
        Jury([a, b, c]).fingerprint,
        Jury([a, b]).fingerprint,
        Jury([a, b, c], rule="majority").fingerprint,
    }
    assert len(prints) == 3
    assert Jury([a, b, c]).name == "jury:a,b,c"
    assert Jury([a, b, c], rule="majority").name == "jury:majority:a,b,c"


def test_a_spec_names_the_members():
    opened = open_jury("jury:a, b,c:m@http://h/v1", lambda spec: Fixed(spec, 1.0))
    assert [member.name for member in opened.members] == ["a", "b", "c:m@http://h/v1"]
    voting = open_jury("jury:majority:a,b,c", lambda spec: Fixed(spec, 1.0))
    assert voting.name == "jury:majority:a,b,c"


@pytest.mark.parametrize(
    "spec", ["jury:", "jury:a", "jury:a,", "jury:a,a", "jury:a,jury:b", "jury:majority:a,b"]
)
def test_what_is_no_jury(spec):
    with pytest.raises(SpecError, match="--ragft-judge="):
        open_jury(spec, lambda name: Fixed(name, 1.0))
