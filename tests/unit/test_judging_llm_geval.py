"""deepeval's GEval as a judge: its own scores, none of its side effects."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pytest_ragft.endpoint.client import Endpoint
from pytest_ragft.errors import JudgeError, MissingDependencyError
from pytest_ragft.judging.llm import deepeval_parts
from pytest_ragft.judging.llm.geval import GEvalJudge
from pytest_ragft.records import Case, QAExample
from tests.endpoint_server import Server, chat, refuse
from tests.example import clean_environment
from tests.llm_scripts import always, honest, probed

TOWER = QAExample(
    id="a", question="Who built the tower?", references=("Gustave Eiffel",), facts=("F1", "F2")
)
CASE = Case(example=TOWER, answer="It was Gustave Eiffel.")
WRONG = Case(example=TOWER, answer="It was Nobel.")


def open_judge(server: Server) -> GEvalJudge:
    return GEvalJudge("m", Endpoint(server.url, backoff=0.001, attempts=2))


def test_right_and_wrong_in_order():
    with Server(probed(honest)) as server:
        found = open_judge(server).judge([CASE, WRONG, Case(example=TOWER, answer=""), CASE])
    values = [[score.value for score in scores.values()] for scores in found]
    assert values == [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]


def test_the_score_is_a_tenth_of_what_the_model_says():
    with Server(always(chat({"reason": "so so", "score": 7}))) as server:
        (scores,) = open_judge(server).judge([CASE])
    assert scores["accuracy"].value == pytest.approx(0.7)
    assert scores["accuracy"].reason == "so so"


def test_the_steps_are_fixed_and_deepevals_prompt_is_used():
    with Server(probed(honest)) as server:
        open_judge(server).judge([CASE])
    prompts = [call.body["messages"][-1]["content"] for call in server.calls[1:]]
    # No call generates steps.
    assert len(prompts) == 2
    assert all("Evaluation Steps:\n1. " in prompt for prompt in prompts)
    assert sorted("- F1\n- F2" in prompt for prompt in prompts) == [False, True]


@pytest.mark.parametrize(
    "said",
    ["seven", '{"reason": "r", "score": true}', '{"reason": "r", "score": "7"}',
     '{"reason": "r", "score": 11}', '{"reason": "r", "score": -1}',
     '{"reason": "r", "score": NaN}', '{"reason": "r", "score": 7.5}', '{"reason": "r"}'],
)  # fmt: skip
def test_what_deepeval_would_accept_is_malformed(said):
    with Server(always(chat(said))) as server:
        judge = open_judge(server)
        (scores,) = judge.judge([CASE])
    for score in scores.values():
        assert (score.value, score.status) == (None, "missing")
        assert "malformed output after 3 attempts" in score.reason
    assert judge.usage.reasked == 4


def test_a_failure_within_deepeval_is_no_score(monkeypatch):
    with Server(probed(honest)) as server:
        judge = open_judge(server)
        parts = deepeval_parts.load()

        async def broken(*_, **__):
            raise ZeroDivisionError("within deepeval")

        monkeypatch.setattr(parts.GEval, "a_measure", broken)
        (scores,) = judge.judge([CASE])
    assert scores["accuracy"].status == "missing"
    assert "within deepeval" in scores["accuracy"].reason


@pytest.mark.parametrize("value", [1.2, -0.1, float("nan"), None, True, "1"])
def test_a_score_out_of_range_is_no_score(monkeypatch, value):
    with Server(probed(honest)) as server:
        judge = open_judge(server)

        async def odd(self, *_, **__):
            self.reason = ""
            return value

        monkeypatch.setattr(deepeval_parts.load().GEval, "a_measure", odd)
        (scores,) = judge.judge([CASE])
    assert (scores["accuracy"].status, scores["accuracy"].value) == ("missing", None)


def test_a_judge_that_is_down():
    with Server(lambda _: refuse(404, "no such model")) as server:
        judge = open_judge(server)
        with pytest.raises(JudgeError, match="unknown model"):
            judge.check()
        found = judge.judge([CASE, Case(example=TOWER, answer="")])
    assert found[0]["accuracy"].status == "missing"
    assert found[1]["accuracy"].value == 0.0


def test_identity():
    def of(model: str, url: str) -> str:
        return GEvalJudge(model, Endpoint(url, api_key="sk-1")).fingerprint

    same = of("m", "http://127.0.0.1:1/v1")
    assert len({same, of("n", "http://127.0.0.1:1/v1"), of("m", "http://127.0.0.1:2/v1")}) == 3


def test_without_deepeval(monkeypatch):
    endpoint = Endpoint("http://127.0.0.1:1/v1")
    monkeypatch.setattr("pytest_ragft.errors.find_spec", lambda _: None)
    with pytest.raises(MissingDependencyError, match=r"pytest-ragft\[deepeval\]"):
        GEvalJudge("m", endpoint)


_SCRIPT = """
import os, socket, sys
connect = socket.socket.connect
def guarded(self, address):
    assert address[0] == "127.0.0.1", address
    return connect(self, address)
socket.socket.connect = guarded
from pytest_ragft.endpoint.client import Endpoint
from pytest_ragft.judging.llm.geval import GEvalJudge
from pytest_ragft.records import Case, QAExample
judge = GEvalJudge("m", Endpoint(sys.argv[1]))
assert "deepeval" not in sys.modules
case = Case(example=QAExample(id="a", question="q", references=("r",)), answer="r")
(scores,) = judge.judge([case])
assert scores["accuracy"].value == 1.0, scores
assert "deepeval" in sys.modules
assert "FROM_DOTENV" not in os.environ
"""


def test_it_sends_prints_loads_and_leaves_nothing(tmp_path):
    (tmp_path / ".env").write_text("FROM_DOTENV=1\n")
    with Server(probed(honest)) as server:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", _SCRIPT, server.url],
            cwd=tmp_path,
            env=clean_environment() | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in tmp_path.iterdir()] == [".env"]
