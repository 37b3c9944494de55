"""Whatever a judge does, each case has one score a metric, and none that it did not give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.guarding import judged
from pytest_ragft.judging.jury import Jury
from pytest_ragft.records import Case, QAExample, Score
from tests.evaluation_parts import WordJudge

METRICS = ("accuracy", "completeness")
EXAMPLE = QAExample(id="q", question="Who?", references=("Eiffel",))
GOOD = {metric: Score(metric=metric, value=0.5) for metric in METRICS}


def cases(*answers: str) -> list[Case]:
    return [Case(example=EXAMPLE, answer=answer) for answer in answers]


class Judge:
    """Gives GOOD, but what a function gives to a case that is ``bad``."""

    name = "mine"
    fingerprint = "mine/1"
    metrics = METRICS
    reads_passages = False

    def __init__(self, bad: Callable[[], Any]) -> None:
        self.bad = bad
        self.calls: list[int] = []

    def judge(self, cases: Sequence[Case]) -> Any:
        self.calls.append(len(cases))
        return [self.bad() if case.answer == "bad" else GOOD for case in cases]


def forged(**fields: Any) -> Score:
    """A score whose own checks were got around."""
    score = Score(metric="accuracy", value=0.5)
    for name, value in fields.items():
        object.__setattr__(score, name, value)
    return score


def accuracy(score: Any) -> Callable[[], Any]:
    return lambda: GOOD | {"accuracy": score}


def boom(error: BaseException) -> Callable[[], Any]:
    def bad() -> Any:
        raise error

    return bad


NO_SCORES = {
    "None": (lambda: None, "gave None (NoneType) instead of a mapping"),
    "number": (lambda: 0.5, "gave 0.5 (float) instead of a mapping"),
    "list": (lambda: [0.5], "instead of a mapping"),
    "metric": (lambda: {"completeness": GOOD["completeness"]}, "gave no score of 'accuracy'"),
    "float": (accuracy(0.5), "gave 0.5 (float) as 'accuracy' instead of a Score"),
    "text": (accuracy("0.5"), "gave '0.5' (str) as 'accuracy'"),
    "other": (accuracy(GOOD["completeness"]), "gave a score of 'completeness' as 'accuracy'"),
    "NaN": (accuracy(forged(value=float("nan"))), "raised ValueError"),
    "numpy's NaN": (accuracy(forged(value=np.float32("nan"))), "raised ValueError"),
    "infinite": (accuracy(forged(value=float("inf"))), "raised ValueError"),
    "above": (accuracy(forged(value=1.01)), "raised ValueError"),
    "below": (accuracy(forged(value=-0.01)), "raised ValueError"),
    "true": (accuracy(forged(value=True)), "gave True (bool) as the value"),
    "word": (accuracy(forged(value="1")), "gave '1' (str) as the value"),
    "no value": (accuracy(forged(value=None)), "gave None (NoneType) as the value"),
    "status": (accuracy(forged(value=None, status="dunno")), "the status 'dunno'"),
    "reason": (accuracy(forged(reason=7)), "gave 7 (int) as the reason"),
    "unsaid": (accuracy(forged(value=None, status="missing")), "without a reason"),
    "evidence": (accuracy(forged(evidence={"why": {1}})), "evidence that is no plain, finite"),
    "a list as evidence": (accuracy(forged(evidence=[])), "as the evidence of"),
    "no evidence": (accuracy(forged(evidence=None)), "as the evidence of"),
    "NaN evidence": (accuracy(forged(evidence={"p": float("nan")})), "no plain, finite"),
    "zero": (boom(ZeroDivisionError("by zero")), "raised ZeroDivisionError: by zero"),
    "recursion": (boom(RecursionError("deep")), "raised RecursionError"),
    "memory": (boom(MemoryError("full")), "raised MemoryError"),
    "exit": (boom(SystemExit(0)), "raised SystemExit"),
}


@pytest.mark.parametrize(("bad", "said"), NO_SCORES.values(), ids=NO_SCORES.keys())
def test_what_is_no_score_is_missing_for_its_case_alone(bad: Callable[[], Any], said: str) -> None:
    first, second, third = judged(Judge(bad), cases("good", "bad", "good"))

    assert first == third == GOOD
    assert tuple(second) == METRICS
    score = second["accuracy"]
    assert (score.status, score.value) == ("missing", None)
    assert score.reason.startswith("the judge 'mine' (Judge) ")
    assert said in score.reason


@pytest.mark.parametrize("value", [1, 0, np.float32(0.25), np.float64(0.5), np.int64(1)])
def test_other_numbers_are_numbers(value: Any) -> None:
    (scores,) = judged(Judge(accuracy(Score(metric="accuracy", value=value))), cases("bad"))

    assert type(scores["accuracy"].value) is float
    assert scores["accuracy"].value == value


@pytest.mark.parametrize("given", [lambda s: s[1:], lambda s: [*s, *s], iter, lambda s: None, str])
def test_a_list_of_another_kind_scores_nothing(given: Callable[[list[Any]], Any]) -> None:
    class Wrong(Judge):
        def judge(self, cases: Sequence[Case]) -> Any:
            return given(super().judge(cases))

    every = judged(Wrong(lambda: GOOD), cases("good", "good"))

    assert {score.status for scores in every for score in scores.values()} == {"missing"}
    assert len(every) == 2


def test_only_a_batch_that_fails_is_judged_again() -> None:
    judge = Judge(boom(KeyError("x")))

    judged(judge, cases("good", "good"))
    judged(judge, cases("good", "bad"))

    assert judge.calls == [2, 2, 1, 1]


@pytest.mark.parametrize("error", [JudgeError("no server"), KeyboardInterrupt()])
def test_a_judge_that_cannot_judge_at_all_says_so_and_ctrl_c_passes(error: BaseException) -> None:
    judge = Judge(boom(error))

    with pytest.raises(type(error)):
        judged(judge, cases("good", "bad"))
    assert judge.calls == [2]


def test_a_member_of_a_jury_that_fails_is_named() -> None:
    jury = Jury([WordJudge(), Judge(boom(OSError("gone")))])

    good, bad = jury.judge(cases("good", "bad"))

    assert good["accuracy"].status == "scored"
    assert bad["accuracy"].status == "missing"
    assert "the judge 'mine' (Judge) raised OSError: gone" in bad["accuracy"].reason


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.sampled_from([GOOD]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(METRICS), inner),
    max_leaves=5,
)


@given(anything)
def test_whatever_is_given_never_becomes_a_number(thing: Any) -> None:
    class Wild(Judge):
        def judge(self, cases: Sequence[Case]) -> Any:
            return thing

    (scores,) = judged(Wild(lambda: GOOD), cases("good"))

    assert tuple(scores) == METRICS
    for metric, score in scores.items():
        if score.status == "scored":
            assert thing[0][metric] == score
        else:
            assert score.reason
