"""Logs of other tools as variants, in pytest's own process as a user starts it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.example import Example

BASELINE = "--ragft-baseline=baseline.jsonl"


@pytest.fixture(params=[(), ("-n", "2")], ids=["alone", "xdist"])
def workers(request: pytest.FixtureRequest) -> tuple[str, ...]:
    flags: tuple[str, ...] = request.param
    return flags


def as_ragas(example: Example, answers: str, file: str) -> None:
    """Write recorded answers as ragas would, in another order and beside other questions."""
    questions = {
        line["id"]: line["question"] for line in example.read_lines("suites/demo/questions.jsonl")
    }
    lines = [
        {"user_input": questions[line["id"]], "response": line["answer"], "reference": "?"}
        for line in example.read_lines(answers)
    ]
    other = {"user_input": "Of another set?", "response": "Yes.", "reference": "?"}
    example.write_lines(file, [other, *lines[::-1]])


def as_batch(lines: list[dict[str, Any]], *, failed: int = 0) -> list[dict[str, Any]]:
    """Recorded answers as a batch's output, the first ones failed."""
    return [
        {
            "custom_id": line["id"],
            "response": {"status_code": 500, "body": {"error": {"message": "overloaded"}}}
            if number < failed
            else {
                "status_code": 200,
                "body": {"choices": [{"message": {"content": line["answer"]}}]},
            },
        }
        for number, line in enumerate(lines)
    ]


def test_a_log_is_gated_like_the_answers_that_it_holds(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite().recorded("baseline.jsonl").recorded("good.jsonl").recorded(
        "bad.jsonl", wrong=0.3
    )
    as_ragas(example, "good.jsonl", "same.jsonl")
    as_ragas(example, "bad.jsonl", "worse.jsonl")

    result = example.run_pytest(
        "suites", BASELINE, *workers,
        "--ragft-model=ragas:same.jsonl", "--ragft-model=ft=ragas:worse.jsonl",
    )  # fmt: skip

    assert result.code == 1
    assert "same: PASS" in result.out
    assert "ft: BLOCK" in result.out
    assert "answers logged by ragas" in result.out
    assert "1 logged answer about no question of these suites" in result.out


def test_a_request_that_failed_is_a_missing_score(example: Example) -> None:
    example.suite().recorded("baseline.jsonl")
    lines = example.read_lines("baseline.jsonl")
    example.write_lines("batch.jsonl", as_batch(lines, failed=12))

    result = example.run_pytest("suites", BASELINE, "--ragft-model=ft=openai-batch:batch.jsonl")

    assert result.code == 1
    assert "ft: BLOCK" in result.out
    assert "overloaded" in result.out
    assert "missing" in result.out


def test_a_log_that_lacks_questions_is_refused_before_any_work(example: Example) -> None:
    example.suite().recorded("baseline.jsonl")
    lines = example.read_lines("baseline.jsonl")
    example.write_lines("batch.jsonl", as_batch(lines[5:]))

    result = example.run_pytest("suites", BASELINE, "--ragft-model=ft=openai-batch:batch.jsonl")

    assert result.code == 4
    assert "lacks answers to 5 of 240 questions of suite 'demo'" in result.err
    assert "ask them in openai-batch, too" in result.err


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("ft=ragas:missing.jsonl", "there is no file 'missing.jsonl'"),
        ("ft=ragas:baseline.jsonl", "has no response"),
        ("ft=promptfoo:log.json#x", "log.json"),
        ("ft=ragas:", "there is no file ''"),
        ("ft=lmeval:same.jsonl", "did you mean 'lm-eval'?"),
        ("ft=log.json", "a log of another tool (TOOL:PATH)"),
        ("same.jsonl", "is a log of ragas; name it as 'ragas:"),
    ],
)
def test_a_log_that_is_none_is_a_usage_error(example: Example, spec: str, said: str) -> None:
    example.suite().recorded("baseline.jsonl").write("log.json", "{}")
    as_ragas(example, "baseline.jsonl", "same.jsonl")

    result = example.run_pytest("suites", BASELINE, f"--ragft-model={spec}")

    assert result.code == 4
    assert said in result.err
    assert "Traceback" not in result.err + result.out


def test_epochs_are_several_answers_to_a_question(example: Example) -> None:
    drawn = "[generation]\nsamples = 2\ntemperature = 0.7\n"
    example.suite(toml=drawn).recorded("answers.jsonl")
    lines = example.read_lines("answers.jsonl")
    example.write_lines(
        "baseline.jsonl", [line | {"sample": sample} for sample in (0, 1) for line in lines]
    )
    example.write_lines("batch.jsonl", as_batch(lines + lines))
    model = "--ragft-model=ft=openai-batch:batch.jsonl"

    assert example.run_pytest("suites", BASELINE, model).code == 0

    example.write_lines("batch.jsonl", as_batch(lines + lines[1:]))
    result = example.run_pytest("suites", BASELINE, model)
    assert result.code == 4
    assert "suite 'demo' asks for 2 answers to each question" in result.err
    assert "let the log answer each question 2 times" in result.err


def test_one_answer_for_two_suites_is_told(example: Example) -> None:
    example.suite().suite("copy").recorded("answers.jsonl").recorded("baseline.jsonl")
    questions = example.read_lines("suites/demo/questions.jsonl")
    example.write_lines("suites/copy/questions.jsonl", questions)
    lines = example.read_lines("baseline.jsonl")
    example.write_lines("baseline.jsonl", lines + [line | {"suite": "copy"} for line in lines])
    as_ragas(example, "answers.jsonl", "log.jsonl")
    result = example.run_pytest("suites", BASELINE, "--ragft-model=ft=ragas:log.jsonl")
    said = " ".join(result.out.split())
    assert "ft: 240 logged answers counted in each of several suites" in said, result.err


def test_a_log_says_nothing_of_other_passages(example: Example) -> None:
    example.suite().recorded("baseline.jsonl")
    example.write_lines("batch.jsonl", as_batch(example.read_lines("baseline.jsonl")))
    model = "--ragft-model=ft=openai-batch:batch.jsonl"
    result = example.run_pytest("suites", BASELINE, model, "--ragft-knowledge=retrieved,none")
    assert result.code == 4
    assert "logs of other tools do not say what a question was asked with: leave none" in result.err
