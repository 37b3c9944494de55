"""What a model only thought decides nothing: with recorded answers, as a user runs the plugin."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pytest_ragft.store import fingerprint
from tests.commands.running import ragft, read_sheet
from tests.example import Example, Result, code_word
from tests.plugin.test_greens import XDIST
from tests.tiny_thinker import OPENED, tiny_thinker

Say = Callable[[str], str]

QUICK = ("-k", "gate-", "--ragft-json=report.json")

FORMS: dict[str, Say] = {
    "tags": lambda right: f"<think>I think it is {right}.</think>\n\nZanzibar",
    "opened by the prompt": lambda right: f"It is {right}.\n</think>\n\nZanzibar",
    "brackets": lambda right: f"[THINK]{right}[/THINK]Zanzibar",
    "channels": lambda right: (
        f"<|channel|>analysis<|message|>{right}<|end|>"
        "<|start|>assistant<|channel|>final<|message|>Zanzibar"
    ),
}


@pytest.fixture
def suite(example: Example) -> Example:
    example.suite(documents=60, per_document=1)
    return example.recorded("baseline.jsonl").recorded("variant.jsonl")


def record(example: Example, file: str, say: Callable[[str], Any]) -> None:
    """Record answers: a text, or the keys of a line, made of the right answer."""
    lines = []
    for question in example.read_lines("suites/demo/questions.jsonl"):
        said = say(code_word("demo", *map(int, question["id"][1:].split("-"))))
        keys = said if isinstance(said, dict) else {"answer": said}
        lines.append({"suite": "demo", "id": question["id"]} | keys)
    example.write_lines(file, lines)


def gate(example: Example, *arguments: str) -> Result:
    return example.gate("--ragft-json=report.json", *arguments)


def report_of(example: Example) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((example.folder / "report.json").read_text())
    return content


def outcomes(example: Example) -> dict[str, str]:
    return {g["gate"]["metric"]: g["verdict"]["outcome"] for g in report_of(example)["gates"]}


@pytest.mark.parametrize("say", FORMS.values(), ids=FORMS)
def test_a_right_thought_before_a_wrong_answer_is_a_regression(suite: Example, say: Say) -> None:
    record(suite, "variant.jsonl", say)
    result = gate(suite)
    assert result.code == 1
    assert set(outcomes(suite).values()) == {"REGRESSION"}


@XDIST
def test_a_wrong_thought_before_a_right_answer_passes(suite: Example, workers: list[str]) -> None:
    record(suite, "variant.jsonl", lambda right: f"<think>Is it Zanzibar? No.</think>\n{right}")
    result = gate(suite, *workers)
    assert result.code == 0, result.out
    assert "variant: reasoning: 60 of 60 answers, 4 words on average, not judged" in result.out
    (facts,) = [v for v in report_of(suite)["variants"] if v["name"] == "variant"]
    assert (facts["reasoned"], facts["reasoning_words"], facts["cut_thinking"]) == (60, 4.0, 0)
    # The length of what was thought is no length of the answers.
    (style,) = report_of(suite)["styles"]
    assert style["variant_words"] == style["baseline_words"] == 1


@XDIST
def test_a_variant_that_is_cut_while_it_thinks_is_a_regression(
    suite: Example, workers: list[str]
) -> None:
    record(suite, "variant.jsonl", lambda right: f"<think>It is {right}, or")
    result = gate(suite, *workers)
    assert result.code == 1
    assert set(outcomes(suite).values()) == {"REGRESSION"}
    assert "variant: 60 of 60 answers cut while thinking, which count as empty" in result.out
    failure = result.case("q7-0").find("failure")
    assert failure is not None
    assert "no answer: cut while thinking (finish: recorded)" in (failure.get("message") or "")
    properties = result.properties("q7-0")
    assert properties["ragft.accuracy.variant"] == "0"


@pytest.mark.parametrize("selected", [(), ("-k", "gate")], ids=["all", "gates"])
def test_a_run_in_which_all_answers_are_cut_blocks(
    suite: Example, selected: tuple[str, ...]
) -> None:
    """Two arms that say nothing are equal, which proves nothing."""
    for file in ("baseline.jsonl", "variant.jsonl"):
        record(suite, file, lambda right: f"<think>It is {right}, or")
    result = gate(suite, *selected)
    assert result.code == 1
    assert report_of(suite)["gates"] == []
    assert "60 of its 60 answers are empty" in result.out
    assert "raise max_new_tokens" in result.out


def test_a_few_that_are_cut_count_as_empty(suite: Example) -> None:
    some = iter([True] * 6 + [False] * 54)
    record(suite, "baseline.jsonl", lambda right: "<think>or" if next(some) else right)
    assert gate(suite).code == 0
    (accuracy,) = [g for g in report_of(suite)["gates"] if g["gate"]["metric"] == "accuracy"]
    assert (accuracy["baseline_mean"], accuracy["baseline_missing"]) == (0.9, 0)


COLUMNS: dict[str, Callable[[str], dict[str, Any]]] = {
    "reasoning_content": lambda right: {"answer": "Zanzibar", "reasoning_content": right},
    "reasoning": lambda right: {"answer": "Zanzibar", "reasoning": right},
    "cut": lambda right: {"answer": None, "reasoning_content": right},
}


@pytest.mark.parametrize("say", COLUMNS.values(), ids=COLUMNS)
def test_reasoning_may_stand_in_a_key_of_its_own(
    suite: Example, say: Callable[[str], dict[str, Any]]
) -> None:
    record(suite, "variant.jsonl", say)
    assert gate(suite).code == 1
    assert set(outcomes(suite).values()) == {"REGRESSION"}
    (facts,) = [v for v in report_of(suite)["variants"] if v["name"] == "variant"]
    assert facts["reasoned"] == 60


def test_a_sheet_for_people_shows_the_answer_alone(suite: Example) -> None:
    record(suite, "variant.jsonl", lambda right: f"<think>{right}?</think>\nZanzibar")
    gate(suite)
    both = ("--model=variant.jsonl", "--baseline=baseline.jsonl")
    done = ragft(suite.folder, "label", "suites", *both, "--pairs=20", "--out=sheet.csv")
    assert done.code == 0, done.err
    shown = {row["answer"] for row in read_sheet(suite.folder / "sheet.csv")}
    assert "Zanzibar" in shown
    assert not any("?" in answer or "think" in answer for answer in shown)


@XDIST
def test_a_saved_baseline_keeps_reasoning_apart(suite: Example, workers: list[str]) -> None:
    record(suite, "today.jsonl", lambda right: f"<think>Zanzibar?</think>\n{right}")
    saving = ("--ragft-baseline=none", "--ragft-save-baseline=prod")
    assert suite.run_pytest("suites", "--ragft-model=today.jsonl", *saving).code == 0
    saved = ("--ragft-baseline=saved:prod", "--ragft-json=report.json")
    result = suite.run_pytest("suites", "--ragft-model=variant.jsonl", *saved, *workers)
    assert result.code == 0, result.out
    assert "baseline: reasoning: 60 of 60 answers, 1 words on average" in result.out


def test_a_baseline_that_was_saved_with_its_reasoning_judged_is_refused(suite: Example) -> None:
    saving = ("--ragft-baseline=none", "--ragft-save-baseline=prod")
    suite.run_pytest("suites", "--ragft-model=today=variant.jsonl", *saving)
    path = suite.folder / ".ragft" / "baselines" / "prod.json"
    content = json.loads(path.read_text())
    del content["checksum"]
    for question in content["suites"]["demo"]["questions"].values():
        answer = question["answer"]
        del answer["reasoning"]
        answer["text"] = f"<think>{answer['text']}</think>\nZanzibar"
    path.write_text(json.dumps(content | {"checksum": fingerprint(content)}))
    result = suite.run_pytest(
        "suites", "--ragft-model=variant.jsonl", "--ragft-baseline=saved:prod"
    )
    assert result.code == 4
    assert "reasoning is no longer judged" in result.err + result.out


@pytest.mark.newest
def test_a_model_that_thinks_is_gated_by_its_answers(suite: Example) -> None:
    thinker = tiny_thinker(suite.folder / "thinker")
    record(suite, "baseline.jsonl", lambda right: "lake tower")
    arguments = (f"--ragft-model=ft={thinker}", "--ragft-baseline=baseline.jsonl", *QUICK)
    result = suite.run_pytest("suites", *arguments)
    assert "ft: reasoning: 60 of 60 answers, 3 words on average, not judged" in result.out
    assert "all of its 60 answers are the baseline's, word for word" in result.out
    assert report_of(suite)["styles"][0]["variant_words"] == 2
    # Of what is kept, no model is needed.
    kept = suite.run_pytest("suites", *arguments, "--ragft-offline")
    assert "ft: reasoning: 60 of 60 answers, 3 words on average, not judged" in kept.out


@pytest.mark.newest
def test_thinking_off_without_a_switch_is_the_arms_error(example: Example) -> None:
    example.suite(documents=3, per_document=1, toml='[generation]\nthinking = "off"\n')
    example.recorded("baseline.jsonl")
    thinker = tiny_thinker(example.folder / "thinker", template=OPENED)
    arguments = (f"--ragft-model=ft={thinker}", "--ragft-baseline=baseline.jsonl", *QUICK)
    result = example.run_pytest("suites", *arguments)
    assert result.code == 1
    assert "has no switch for thinking" in result.out
    assert "INTERNALERROR" not in result.out + result.err
    assert result.outcome("gate-accuracy") == "error"
