"""The reference judge on the shipped suites: known good and known bad answers."""

from pathlib import Path
from statistics import fmean

import pytest

from pytest_ragft.judging.factory import open_judge
from pytest_ragft.records import Case
from pytest_ragft.suite import load_suite

SUITES = Path(__file__).parents[2] / "suites"


@pytest.fixture(scope="module", params=["biomedical", "encyclopedia", "papers"])
def examples(request):
    return load_suite(SUITES / request.param / "suite.toml").examples


@pytest.fixture
def answerable(examples):
    return [example for example in examples if example.answerable]


def means(examples, answers):
    cases = [Case(example=e, answer=a) for e, a in zip(examples, answers, strict=True)]
    scores = open_judge("reference").judge(cases)
    return {
        metric: fmean(s[metric].value for s in scores if s[metric].value is not None)
        for metric in ("accuracy", "completeness")
    }


def test_the_first_reference_is_right_and_complete(answerable):
    for template in ("{}", "Answer: {} That is all."):
        found = means(answerable, [template.format(e.references[0]) for e in answerable])
        assert min(found.values()) >= 0.95


def test_another_reference_is_right(answerable):
    found = means(answerable, [e.references[-1] for e in answerable])
    assert found["accuracy"] >= 0.95


@pytest.mark.parametrize("step", [1, 5, 100])
def test_the_reference_of_another_question_is_wrong(answerable, step):
    others = [answerable[(i + step) % len(answerable)] for i in range(len(answerable))]
    found = means(answerable, [e.references[0] for e in others])
    assert max(found.values()) <= 0.1


def test_repeating_the_question_is_wrong(answerable):
    found = means(answerable, [e.question for e in answerable])
    assert max(found.values()) <= 0.1


def test_abstention_is_wrong_where_there_is_an_answer_and_right_elsewhere(examples, answerable):
    for decline in ("I do not know.", "The context does not say."):
        assert means(answerable, [decline] * len(answerable)) == {"accuracy": 0, "completeness": 0}
        rest = [e for e in examples if not e.answerable]
        cases = [Case(example=e, answer=decline) for e in rest]
        assert {s["accuracy"].value for s in open_judge("reference").judge(cases)} == {1}


def test_no_reference_is_taken_for_an_abstention(answerable):
    judge = open_judge("reference")
    cases = [Case(example=e, answer=r) for e in answerable for r in e.references]
    assert not [s for s in judge.judge(cases) if s["accuracy"].evidence.get("abstained")]
