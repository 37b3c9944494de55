"""Questions with checks: gated by rules, without references, corpus or judge."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.example import Example

QUESTIONS = 70


def lay_out(example: Example, *, metric: str = "checks") -> None:
    example.write("suites/ragft.toml", f'[[gate]]\nmetric = "{metric}"\nrole = "primary"\n')
    example.write(
        "suites/short/suite.toml",
        '[suite]\nname = "short"\nquestions = "questions.jsonl"\n[retrieval]\nbackend = "none"\n',
    )
    example.write_lines(
        "suites/short/questions.jsonl",
        [
            {"id": f"q{i}", "question": f"Name colour {i} in one word.", "checks": {"words": 1}}
            for i in range(QUESTIONS)
        ],
    )


def answers(example: Example, file: str, text: str, *, others: str = "", worse: int = 0) -> None:
    example.write_lines(
        file,
        [
            {"suite": "short", "id": f"q{i}", "answer": others if i < worse else text}
            for i in range(QUESTIONS)
        ],
    )


@pytest.fixture
def checked(example: Example) -> Example:
    lay_out(example)
    answers(example, "baseline.jsonl", "red")
    return example


def test_what_holds_as_the_baseline_does_passes(checked: Example) -> None:
    answers(checked, "variant.jsonl", "blue")

    result = checked.gate("--ragft-json=r.json")

    assert result.code == 0, result.out + result.err
    report = json.loads((checked.folder / "r.json").read_text())
    (gate,) = report["gates"]
    assert gate["gate"]["metric"] == "checks"
    assert (gate["baseline_mean"], gate["variant_mean"], gate["not_applicable"]) == (1.0, 1.0, 0)
    assert report["suites"][0]["retriever"] == "none"
    assert result.properties("q1") == {
        "ragft.checks.baseline": "1",
        "ragft.checks.variant": "1",
    }


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_holds_less_is_a_regression(checked: Example, workers: tuple[str, ...]) -> None:
    answers(checked, "variant.jsonl", "blue", others="the colour blue", worse=40)

    result = checked.gate(*workers)

    assert result.code == 1
    assert "checks regressed" in result.out
    assert "has 3 words" in result.out, "the report says which check fails"


def test_empty_answers_hold_nothing(checked: Example) -> None:
    answers(checked, "variant.jsonl", "blue", others="", worse=40)
    assert checked.gate().code == 1


def test_without_any_gate_the_checks_are_gated(checked: Example) -> None:
    (checked.folder / "suites/ragft.toml").write_text("")
    answers(checked, "variant.jsonl", "blue", others="the colour blue", worse=40)

    result = checked.gate()

    assert result.code == 1
    assert "checks regressed" in result.out
    assert "accuracy" not in result.out


def test_a_gate_that_nothing_is_scored_for_is_refused(example: Example) -> None:
    lay_out(example, metric="accuracy")
    answers(example, "baseline.jsonl", "red")
    answers(example, "variant.jsonl", "red")

    result = example.gate()

    assert result.code == 4
    assert "every question has checks, which decide alone; write metric = 'checks'" in result.err


def test_a_gate_on_checks_needs_checks(checked: Example) -> None:
    checked.write_lines(
        "suites/short/questions.jsonl",
        [{"id": f"q{i}", "question": "Which?", "references": ["red"]} for i in range(QUESTIONS)],
    )
    answers(checked, "variant.jsonl", "red")

    result = checked.gate()

    assert result.code == 4
    assert "no question has checks" in result.err


def test_a_saved_baseline_is_one_of_the_same_checks(checked: Example) -> None:
    answers(checked, "variant.jsonl", "blue")
    saved = checked.run_pytest(
        "suites", "--ragft-model=old=baseline.jsonl", "--ragft-baseline=none",
        "--ragft-save-baseline=old",
    )  # fmt: skip
    assert saved.code == 0, saved.out + saved.err
    again = ("suites", "--ragft-model=variant.jsonl", "--ragft-baseline=saved:old")
    assert checked.run_pytest(*again).code == 0

    lines = checked.read_lines("suites/short/questions.jsonl")
    lines[0]["checks"] = {"words": 2}
    checked.write_lines("suites/short/questions.jsonl", lines)

    result = checked.run_pytest(*again)

    assert result.code == 4
    assert "was built from dataset" in result.err


def test_beside_others_they_are_guarded_and_take_no_part_in_accuracy(example: Example) -> None:
    lay_out(example)
    (example.folder / "suites/ragft.toml").write_text("")
    example.write_lines(
        "suites/short/questions.jsonl",
        [
            *({"id": f"q{i}", "question": "One word?", "checks": {"words": 1}} for i in range(10)),
            *(
                {"id": f"q{i}", "question": f"Which colour is {i}?", "references": ["red"]}
                for i in range(10, QUESTIONS)
            ),
        ],
    )
    answers(example, "baseline.jsonl", "red")
    answers(example, "variant.jsonl", "red", others="the red one", worse=10)

    result = example.gate("--ragft-json=r.json")

    assert result.code == 1
    report = json.loads((example.folder / "r.json").read_text())
    gates = {gate["gate"]["metric"]: gate for gate in report["gates"]}
    assert gates["checks"]["gate"]["role"] == "guard"
    assert gates["checks"]["verdict"]["outcome"] == "REGRESSION"
    assert gates["checks"]["verdict"]["n"] == 10
    assert gates["accuracy"]["verdict"]["n"] == QUESTIONS - 10
    assert gates["accuracy"]["not_applicable"] == 10


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[retrieval]\nbackend = "none"\nk = 3', "stands beside backend = 'none'"),
        ('[retrieval]\nbackend = "non"', "did you mean 'none'?"),
        (
            '[retrieval]\nbackend = "none"\n[prompt]\nuser = "{context}{question}"',
            "must not contain {context}",
        ),
        ('[retrieval]\nbackend = "none"\n[prompt]\nuser = "x"', "must contain {question}"),
    ],
)
def test_what_does_not_go_with_no_retrieval(checked: Example, table: str, message: str) -> None:
    checked.write(
        "suites/short/suite.toml",
        f'[suite]\nname = "short"\nquestions = "questions.jsonl"\n{table}\n',
    )
    answers(checked, "variant.jsonl", "blue")

    result = checked.gate()

    assert result.code == 4
    assert message in result.err


def test_a_model_that_answers_in_one_word_is_caught_by_name(example: Example) -> None:
    retention = Path(__file__).parents[2] / "suites" / "retention"
    shutil.copytree(retention, example.folder / "suites")
    lines = [
        {"suite": f"retention-{folder.name}", "id": of["id"], "answer": of["references"][0]}
        for folder in sorted(retention.iterdir())
        if folder.is_dir()
        for of in example.read_lines(f"suites/{folder.name}/questions.jsonl")
    ]
    example.write_lines("baseline.jsonl", lines)
    example.write_lines("right.jsonl", lines)
    short = [{**line, "answer": line["answer"].split()[0]} for line in lines]
    example.write_lines("one-word.jsonl", short)

    result = example.run_pytest(
        "suites", "-k", "gate", "--ragft-model=right.jsonl", "--ragft-model=one-word.jsonl",
        "--ragft-baseline=baseline.jsonl", "--ragft-json=r.json",
    )  # fmt: skip

    assert result.code == 1
    assert "right: NOT GATED – no primary gate was evaluated" in result.out
    assert "one-word: BLOCK" in result.out
    gates = json.loads((example.folder / "r.json").read_text())["gates"]
    lost = {
        gate["suites"][0]
        for gate in gates
        if not gate["pooled"] and gate["verdict"]["outcome"] == "REGRESSION"
    }
    assert lost == {f"retention-{folder.name}" for folder in retention.iterdir() if folder.is_dir()}
    (row,) = [line for line in result.out.splitlines() if line.endswith(" worst")]
    assert row.split()[0].startswith("retention-")
