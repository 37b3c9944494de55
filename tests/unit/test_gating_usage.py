"""What a judge behind an endpoint has cost reaches the report."""

from dataclasses import replace

from pytest_ragft.gating.judge_facts import judge_usage
from pytest_ragft.judging.jury import Jury
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.llm.opening import open_llm_judge
from pytest_ragft.records import EndpointUsage
from pytest_ragft.reporting.notes import notes
from tests.unit.test_reporting_examples import PASSING

SPENT = {"usage": {"prompt_tokens": 1_000_000, "completion_tokens": 500_000}}


def test_nothing_is_said_without_calls():
    assert judge_usage(ReferenceJudge(), {}) is None
    assert judge_usage(open_llm_judge("openai:m@http://127.0.0.1:9/v1", {}), {}) is None


def test_the_members_of_a_jury_are_summed_and_priced():
    asked = open_llm_judge("openai:m@http://127.0.0.1:9/v1", {})
    asked.usage.count(SPENT, attempts=3)
    asked.usage.count(None, attempts=1)
    jury = Jury([ReferenceJudge(), asked])
    found = judge_usage(jury, {"RAGFT_JUDGE_PRICES": "0.15/0.60"})
    assert found == EndpointUsage(
        calls=2, failed=1, retries=2, reasked=0, prompt_tokens=1_000_000,
        completion_tokens=500_000, cost=0.45,
    )  # fmt: skip


def test_the_report_says_it():
    usage = EndpointUsage(
        calls=812, failed=1, retries=3, reasked=2, prompt_tokens=400_123, completion_tokens=9_000,
        cost=None,
    )  # fmt: skip
    text = " ".join(notes(replace(PASSING, judge_usage=usage)))
    assert "812 calls in this run (1 failed, 3 repeated, 2 asked again)" in text
    assert "400,123 prompt and 9,000 completion tokens" in text
    assert "cost" not in text
    priced = replace(PASSING, judge_usage=replace(usage, cost=0.0654))
    assert "cost 0.0654" in " ".join(notes(priced))
