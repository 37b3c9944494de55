"""Questions with checks: gated by rules, without references, corpus or judge."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.running import ragft
from tests.example import Example

QUESTIONS = 70
RETENTION = Path(__file__).parents[2] / "suites" / "retention"


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
    shutil.copytree(RETENTION, example.folder / "suites")
    lines = [
        {"suite": folder.name, "id": of["id"], "answer": of["references"][0]}
        for folder in sorted(RETENTION.iterdir())
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
    assert lost == {folder.name for folder in RETENTION.iterdir() if folder.is_dir()}
    (row,) = [line for line in result.out.splitlines() if line.endswith(" worst")]
    assert row.split()[0] in lost


def test_an_adapter_of_one_word_is_caught_on_what_it_really_answered(example: Example) -> None:
    """Answers of the base and of the adapter that studies/retention trains, to three suites."""
    recorded = [
        json.loads(line)
        for line in (Path(__file__).parent / "retention_answers.jsonl").read_text().splitlines()
    ]
    for name in {line["suite"] for line in recorded}:
        shutil.copytree(RETENTION / name, example.folder / "suites" / name)
    for variant in ("base", "one-word"):
        example.write_lines(
            f"{variant}.jsonl",
            [
                {"suite": line["suite"], "id": line["id"], "answer": line[variant]}
                for line in recorded
            ],
        )

    result = example.run_pytest(
        "suites", "-v", "-k", "gate", "--ragft-model=one-word.jsonl",
        "--ragft-baseline=base.jsonl", "--ragft-json=r.json",
    )  # fmt: skip

    assert result.code == 1
    assert "one-word: BLOCK" in result.out
    report = json.loads((example.folder / "r.json").read_text())
    lost = {
        gate["suites"][0]
        for gate in report["gates"]
        if not gate["pooled"] and gate["verdict"]["outcome"] == "REGRESSION"
    }
    (worst,) = [cell for cell in report["by_suite"] if cell["worst"]]
    assert worst["variant"] == "one-word"
    assert worst["suite"] in lost
    (row,) = [line for line in result.out.splitlines() if line.endswith(" worst")]
    assert row.split()[0] == worst["suite"]


def test_several_answers_are_averaged(checked: Example) -> None:
    checked.write(
        "suites/short/suite.toml",
        '[suite]\nname = "short"\nquestions = "questions.jsonl"\n'
        '[retrieval]\nbackend = "none"\n[generation]\nsamples = 2\ntemperature = 0.7\n',
    )
    for file, second in (("baseline.jsonl", "red"), ("variant.jsonl", "the red one")):
        checked.write_lines(
            file,
            [
                {"suite": "short", "id": f"q{i}", "sample": sample, "answer": answer}
                for i in range(QUESTIONS)
                for sample, answer in enumerate(("red", second))
            ],
        )

    result = checked.gate("--ragft-json=r.json")

    assert result.code == 1
    (gate,) = json.loads((checked.folder / "r.json").read_text())["gates"]
    assert (gate["baseline_mean"], gate["variant_mean"]) == (1.0, 0.5)


def test_only_what_is_said_counts_and_not_what_was_thought(checked: Example) -> None:
    answers(checked, "variant.jsonl", "<think>It may be blue or red.</think>blue")
    assert checked.gate().code == 0
    answers(checked, "variant.jsonl", "blue", others="<think>blue</think>", worse=40)
    assert checked.gate().code == 1


def test_a_floor_is_one_of_checks_where_there_are_some(checked: Example) -> None:
    checked.write(
        "suites/short/suite.toml",
        '[suite]\nname = "short"\nquestions = "questions.jsonl"\nquestion_floor = 0.5\n'
        '[retrieval]\nbackend = "none"\n',
    )
    answers(checked, "variant.jsonl", "blue", others="the blue one", worse=1)

    result = checked.gate()

    assert result.code == 1
    assert "checks 0.000 is below the suite's question_floor 0.5: words = 1" in result.out
    assert "1 question below question_floor" in result.out


def test_what_no_judge_scores_has_no_knowledge_axis(checked: Example) -> None:
    answers(checked, "variant.jsonl", "blue")

    result = checked.gate("--ragft-knowledge=retrieved,none")

    assert result.code == 4
    assert "no gate asks the judge for either" in result.err


def test_what_retrieves_nothing_has_nothing_relevant_and_no_index(checked: Example) -> None:
    built = ragft(
        checked.folder, "index", "build", "--suites", "suites", "--es-url", "http://127.0.0.1:1"
    )
    assert (built.code, built.out) == (0, "short: retrieves nothing\n"), built.err

    lines = checked.read_lines("suites/short/questions.jsonl")
    lines[3]["relevant"] = ["p1"]
    checked.write_lines("suites/short/questions.jsonl", lines)
    answers(checked, "variant.jsonl", "blue")
    result = checked.gate()
    assert result.code == 4
    assert "relevant = 'p1': [retrieval] backend = 'none' brings no passages" in result.err


def test_a_reference_that_fails_its_own_checks_is_found(checked: Example) -> None:
    lines = checked.read_lines("suites/short/questions.jsonl")
    lines[3]["references"] = ["light blue"]
    checked.write_lines("suites/short/questions.jsonl", lines)

    done = ragft(checked.folder, "check", "suites")

    assert "a reference fails the question's own checks (words = 1: has 2 words)" in done.out


def test_a_question_that_holds_its_own_checks_is_found(checked: Example) -> None:
    lines = checked.read_lines("suites/short/questions.jsonl")
    lines[3] |= {"question": "Say in one sentence why.", "checks": {"sentences": 1}}
    lines[4] |= {"question": "Say why.", "checks": {"declines": False, "min_words": 2}}
    checked.write_lines("suites/short/questions.jsonl", lines)

    done = ragft(checked.folder, "check", "suites", "--json", "check.json")

    assert "its own text holds its checks" in done.out
    found = json.loads((checked.folder / "check.json").read_text())["findings"]
    assert [f["kind"] for f in found].count("in-question") == 1
