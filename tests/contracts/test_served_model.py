"""A real OpenAI-compatible server with a real, small model: the protocol works.

The model is too small to judge; every score is in range or missing with the reason.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ragft.endpoint.client import Endpoint
from pytest_ragft.errors import JudgeError
from pytest_ragft.judging.llm.direct import OpenAIJudge
from pytest_ragft.judging.llm.geval import GEvalJudge
from pytest_ragft.judging.llm.local import LocalJudge
from pytest_ragft.records import Case, QAExample, Score

pytestmark = pytest.mark.newest

TOWER = QAExample(id="a", question="Who built the tower?", references=("Gustave Eiffel",))
CASE = Case(example=TOWER, answer="It was Gustave Eiffel.")


def sound(score: Score) -> bool:
    if score.status == "missing":
        return score.value is None and score.reason.startswith("malformed output")
    return score.value is not None and 0 <= score.value <= 1


def endpoint(served_url: str) -> Endpoint:
    return Endpoint(served_url, call_timeout=300, concurrency=1, attempts=2)


def test_the_direct_judge(served_url: str, base: Path) -> None:
    judge = OpenAIJudge(str(base), endpoint(served_url), reasks=0, max_tokens=16)
    judge.check()
    (scores,) = judge.judge([CASE])
    assert all(map(sound, scores.values()))
    assert (judge.usage.calls, judge.usage.failed) == (3, 0)
    assert judge.usage.prompt_tokens > 200


@pytest.mark.deepeval
def test_deepevals_geval(served_url: str, base: Path) -> None:
    judge = GEvalJudge(str(base), endpoint(served_url), reasks=0, max_tokens=16)
    (scores,) = judge.judge([CASE])
    assert all(map(sound, scores.values()))
    assert judge.usage.completion_tokens > 0


def test_a_model_that_is_not_served(served_url: str) -> None:
    with pytest.raises(JudgeError, match="cannot be asked"):
        OpenAIJudge("no/such-model", endpoint(served_url)).check()


def test_the_same_model_in_this_process(base: Path) -> None:
    judge = LocalJudge(base)
    found = judge.judge([CASE, CASE])
    assert found[0] == found[1]
    assert all(map(sound, found[0].values()))
