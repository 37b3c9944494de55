"""Unusable files and a store that fails: one message with the remedy, nothing lost."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest

from tests.example import PLUGINS, Example, Result, clean_environment


@pytest.fixture
def ready(example: Example) -> Example:
    return example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")


def no_traceback(result: Result) -> None:
    assert "Traceback" not in result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err


SUITE = "suites/demo/suite.toml"
QUESTIONS = "suites/demo/questions.jsonl"


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        (SUITE, 'name = "demo"', 'nane = "demo"', ["suite.toml", "'nane'", "name"]),
        (SUITE, 'name = "demo"', "name = 3", ["suite.toml", "name", "3"]),
        (SUITE, "corpus.jsonl", "corpse.jsonl", ["suite.toml", "corpse.jsonl"]),
        (SUITE, "[suite]", "[suite", ["suite.toml"]),
        (QUESTIONS, '"id": "q0-1"', '"id": "q0-0"', ["questions.jsonl", "'q0-0'"]),
        (QUESTIONS, '"references": ["democode00000"]', '"references": []', ["references"]),
        (QUESTIONS, '"relevant": ["d0-p0"]', '"relevant": ["d0-p9"]', ["'d0-p9'"]),
    ],
    ids=["key", "type", "file", "toml", "duplicate", "reference", "relevant"],
)
def test_a_wrong_suite_is_a_usage_error(
    ready: Example, file: str, before: str, after: str, told: list[str]
) -> None:
    text = (ready.folder / file).read_text()
    assert before in text
    ready.write(file, text.replace(before, after, 1))

    result = ready.gate()

    assert result.code == 4, result.out + result.err
    no_traceback(result)
    for word in told:
        assert word in result.err


@pytest.mark.parametrize("change", ["missing", "unknown", "duplicate", "malformed", "not text"])
def test_wrong_recorded_answers_are_a_usage_error(ready: Example, change: str) -> None:
    lines = ready.read_lines("variant.jsonl")
    if change == "missing":
        lines.pop(7)
    elif change == "unknown":
        lines.append({"suite": "demo", "id": "q99-9", "answer": "x"})
    elif change == "duplicate":
        lines.append(lines[3])
    elif change == "not text":
        lines[3]["answer"] = ["a list"]  # type: ignore[assignment]
    ready.write_lines("variant.jsonl", lines)
    if change == "malformed":
        ready.write("variant.jsonl", "not json\n")

    result = ready.gate()

    assert result.code == 4
    no_traceback(result)
    assert "variant.jsonl" in result.err


def test_a_corrupt_store_is_a_usage_error(ready: Example) -> None:
    ready.gate()
    ready.write(".ragft/store.sqlite", "no database " * 100)
    for extra in (ready.folder / ".ragft").glob("store.sqlite-*"):
        extra.unlink()

    result = ready.gate()

    assert result.code == 4
    no_traceback(result)
    assert "store.sqlite" in result.err
    assert "move it away" in result.err


def test_an_unwritable_store_is_one_error(ready: Example) -> None:
    ready.write(".ragft", "a file where the folder should be")

    result = ready.gate()

    assert result.code in (1, 4)
    no_traceback(result)
    assert ".ragft" in result.out + result.err
    assert "variant: PASS" not in result.out


def test_a_full_disk_is_one_error_and_keeps_what_was_done(ready: Example) -> None:
    command = [
        sys.executable, "-m", "pytest", *PLUGINS, "suites",
        "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
    ]  # fmt: skip

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    done = subprocess.run(
        command,
        cwd=ready.folder,
        env=clean_environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=small_files,
        check=False,
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "free space on the disk" in " ".join(done.stdout.split())
    assert "variant: PASS" not in done.stdout
    assert ready.gate().code == 0


@pytest.mark.parametrize("form", ["json", "markdown"])
@pytest.mark.parametrize(("wrong", "code"), [(0.0, 0), (0.5, 1)], ids=["passes", "regresses"])
def test_a_report_that_cannot_be_written_changes_no_verdict_and_is_said_at_the_end(
    ready: Example, form: str, wrong: float, code: int
) -> None:
    ready.write("taken", "a file")
    ready.recorded("variant.jsonl", wrong=wrong)

    result = ready.gate(f"--ragft-{form}=taken/report", "-k", "gate")

    assert result.code == code
    no_traceback(result)
    told = result.out[result.out.index("\nvariant: ") :]
    assert f"ERROR: --ragft-{form}: the report 'taken/report' cannot be written" in told
    assert "name a file in a folder that you may write to" in told


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_a_path_that_holds_something_else_is_a_usage_error(ready: Example, form: str) -> None:
    ready.write("notes", "mine")

    result = ready.gate(f"--ragft-{form}=notes")

    assert result.code == 4
    assert f"--ragft-{form}: 'notes' exists and is no report" in result.out + result.err
    assert (ready.folder / "notes").read_text() == "mine"


def test_the_json_report_is_complete(ready: Example) -> None:
    ready.gate("--ragft-json=out/report.json")

    content = json.loads((ready.folder / "out/report.json").read_text())
    assert content["schema"] == "pytest-ragft/report/2"
    assert len(content["gates"]) == 2


def test_dirty_references_are_cleaned_and_named(example: Example) -> None:
    """And what they hold counts for neither arm: the answers are right without it."""
    example.suite(documents=59, per_document=1, clustered=False)
    questions = example.read_lines("suites/demo/questions.jsonl")
    for question in questions[:2]:
        question["references"] = [f"<p>{question['references'][0]}</p> [citation needed]"]
        question["facts"] = []
    example.write_lines("suites/demo/questions.jsonl", questions)
    example.recorded("baseline.jsonl").recorded("variant.jsonl")

    result = example.gate("--ragft-json=report.json")

    assert result.code == 0, result.out
    told = "demo: references of 2 questions hold HTML, which was taken out before judging: q0-0"
    assert told in " ".join(result.out.split())
    report = json.loads((example.folder / "report.json").read_text())
    assert {gate["baseline_mean"] for gate in report["gates"]} == {1.0}
