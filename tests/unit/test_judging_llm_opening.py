"""From a spec to a judge: every mistake is named, and nothing is asked or loaded."""

from __future__ import annotations

import pytest

from pytest_ragft.errors import SpecError
from pytest_ragft.judging.llm.opening import open_llm_judge, opens
from pytest_ragft.records import Case, QAExample
from tests.endpoint_server import Server
from tests.llm_scripts import honest, probed

DEEPEVAL = pytest.mark.deepeval
URL = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize("kind", ["openai", "claims", "geval"])
def test_a_model_at_a_url(kind):
    judge = open_llm_judge(f"{kind}:org/m@{URL}/", {})
    assert judge.name == f"{kind}:org/m@{URL}"
    assert judge.reads_passages == (kind == "claims")
    assert ("faithfulness" in judge.metrics) == (kind == "claims")


def test_three_kinds_are_three_judges():
    prints = {open_llm_judge(f"{k}:m@{URL}", {}).fingerprint for k in ("openai", "claims", "geval")}
    assert len(prints) == 3


def test_the_key_decides_nothing_and_shows_nowhere():
    keyed = open_llm_judge(f"openai:m@{URL}", {"RAGFT_JUDGE_API_KEY": "sk-hush"})
    assert keyed.fingerprint == open_llm_judge(f"openai:m@{URL}", {}).fingerprint
    assert "sk-hush" not in keyed.name + repr(keyed)


def test_what_it_opens():
    assert all(map(opens, ("openai:m@u", "claims:x", "geval:", "hf:p", "jury:a,b")))
    assert not any(map(opens, ("reference", "semantic", "openai", "hugging:x")))


@pytest.mark.parametrize("rest", ["", "m", "@http://h", "m@h/v1", "m@http://u:hush@h/v1"])
def test_no_model_at_a_url(rest):
    with pytest.raises(SpecError, match="--ragft-judge=openai") as error:
        open_llm_judge(f"openai:{rest}", {})
    assert "hush" not in str(error.value)


def test_a_slow_server_is_asked_for_less_at_a_time():
    cases = [
        Case(example=QAExample(id="a", question="q", references=(f"r{n}",)), answer="x")
        for n in range(20)
    ]
    with Server(probed(honest)) as server:
        judge = open_llm_judge(f"openai:m@{server.url}", {"RAGFT_JUDGE_CONCURRENCY": "2"})
        judge.judge(cases)
    assert server.most_at_once <= 2


@pytest.mark.parametrize("kind", ["openai", "claims", pytest.param("geval", marks=DEEPEVAL)])
def test_a_reasoning_model_may_take_longer_replies(kind):
    with Server(probed(honest)) as server:
        spec = f"{kind}:m@{server.url}"
        judge = open_llm_judge(spec, {"RAGFT_JUDGE_MAX_TOKENS": "9000"})
        judge.judge([Case(example=QAExample(id="a", question="q", references=("r",)), answer="x")])
    assert {call.body["max_tokens"] for call in server.calls} == {9000}
    assert judge.fingerprint != open_llm_judge(spec, {}).fingerprint


@pytest.mark.parametrize(
    "name", [f"RAGFT_JUDGE_{n}" for n in ("CONCURRENCY", "TIMEOUT", "MAX_TOKENS")]
)
@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "²"])
def test_limits_that_are_none(name, value):
    with pytest.raises(SpecError, match=f"{name}=.*whole number"):
        open_llm_judge(f"openai:m@{URL}", {name: value})


def test_no_model_in_a_folder(tmp_path):
    with pytest.raises(SpecError, match="no model there"):
        open_llm_judge(f"hf:{tmp_path}", {})
    with pytest.raises(SpecError, match="name the model's folder"):
        open_llm_judge("hf:", {})
