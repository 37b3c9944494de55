"""What a run leaves for people and services: terminal, Markdown, a job's summary, annotations."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tests.example import Example

XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def worse(example: Example) -> Example:
    example.suite(documents=80, per_document=1)
    return example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)


@XDIST
def test_a_job_on_github_gets_a_summary_and_annotations(
    worse: Example, workers: tuple[str, ...]
) -> None:
    summary = worse.write("summary.md", "an earlier step\n")
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}

    result = worse.gate("--ragft-markdown=out/report.md", "-k", "gate", *workers, env=github)

    text = (worse.folder / "out/report.md").read_text(encoding="utf-8")
    assert text.startswith("<!-- pytest-ragft report -->\n\n## ❌ `variant`: BLOCK – accuracy and ")
    assert text.count("- question: `Which code has item ") == 3
    assert summary.read_text(encoding="utf-8") == f"an earlier step\n{text}\n"
    annotations = [line for line in result.out.splitlines() if line.startswith("::")]
    assert [line.partition(" REGRESSION::")[0] for line in annotations] == [
        f"::error file=suites/demo/suite.toml,title=variant%3A {metric} (pooled%2C primary)"
        for metric in ("accuracy", "completeness")
    ]
    assert result.code == 1


def test_elsewhere_there_are_no_commands_and_no_summary(worse: Example) -> None:
    result = worse.gate("-k", "gate", env={"GITHUB_STEP_SUMMARY": ""})

    assert "::error" not in result.out
    assert not list(worse.folder.glob("*.md"))


def test_a_summary_that_cannot_be_written_changes_no_verdict(example: Example) -> None:
    example.suite(documents=80, per_document=1).recorded("baseline.jsonl").recorded("variant.jsonl")

    result = example.gate("-k", "gate", env={"GITHUB_STEP_SUMMARY": str(example.folder)})

    assert result.code == 0
    assert "ERROR: GITHUB_STEP_SUMMARY: " in result.out


def test_the_worst_questions_of_what_is_blocked_stand_in_the_terminal(worse: Example) -> None:
    usual = worse.gate("-k", "gate").out
    assert "questions that got worse" in usual
    assert usual.count("  question    Which code has item ") == 3
    assert "ragft show SUITE::ID" in usual
    assert usual.rstrip().splitlines()[-1].startswith("=")
    quiet = worse.gate("-k", "gate", "-q").out
    assert "questions that got worse" not in quiet
    assert "REGRESSION" in quiet
    more = worse.gate("-k", "gate", "-v").out
    assert more.count("  question    Which code has item ") == 10
    assert "passage 1: d" in more
    none = worse.gate("-k", "gate", "--ragft-texts=none").out
    assert "questions that got worse" not in none
    assert "Zanzibar" not in none


@pytest.mark.parametrize("columns", [60, 70, 80, 120])
def test_a_terminal_of_any_width_is_enough(worse: Example, columns: int) -> None:
    out = worse.gate("-k", "gate", env={"COLUMNS": str(columns)}).out
    summary = out[out.index(" ragft ") : out.index("\nvariant: BLOCK")].splitlines()[1:]
    assert len(summary) > 20
    assert [line for line in summary if len(line) > columns] == []


def test_colours_are_pytests_own(worse: Example) -> None:
    coloured = worse.gate("-k", "gate", "--color=yes").out
    assert "\x1b[31m\x1b[1mvariant: BLOCK" in coloured
    plain = worse.gate("-k", "gate", env={"NO_COLOR": "1"}).out
    assert "\x1b" not in plain
    forced = worse.gate("-k", "gate", env={"FORCE_COLOR": "1"}).out
    summaries = [
        text[text.index(" ragft ") : text.index("variant: BLOCK")] for text in (plain, forced)
    ]
    assert ANSI.sub("", summaries[1]).rstrip() == summaries[0].rstrip()


QUOTING = """
from pytest_ragft.records import Score

class Judge:
    name, fingerprint, notes = "quoting", "q1", ()
    metrics, reads_passages = ("accuracy", "completeness"), False
    def judge(self, cases):
        return [
            {
                m: Score(metric=m, value=None, status="missing", reason=f"refused {case.answer}")
                for m in self.metrics
            }
            for case in cases
        ]
"""


def test_without_texts_no_reason_of_others_quotes_one(example: Example) -> None:
    example.suite(documents=5, per_document=1).recorded("baseline.jsonl")
    example.recorded("variant.jsonl").write("quoting.py", QUOTING)
    summary = example.write("summary.md", "")
    arguments = [
        "--ragft-judge=quoting:Judge", "--ragft-texts=none", "--ragft-json=r.json",
        "--ragft-markdown=r.md", "--ragft-html=r.html", "-rA",
    ]  # fmt: skip

    result = example.gate(*arguments, env={"GITHUB_STEP_SUMMARY": str(summary)})

    assert result.code == 1
    written = [(example.folder / name).read_text() for name in ("r.json", "r.md", "r.html")]
    for text in (result.out, summary.read_text(), *written, ET.tostring(result.junit).decode()):
        assert "democode" not in text


def test_a_question_that_fails_is_its_variants_alone(example: Example) -> None:
    example.suite(documents=80, per_document=1).recorded("baseline.jsonl").recorded("same.jsonl")
    lines = example.recorded("variant.jsonl").read_lines("variant.jsonl")
    lines[0]["answer"] = " "
    example.write_lines("variant.jsonl", lines)

    result = example.gate("--ragft-model=same=same.jsonl")

    assert result.code == 1
    assert "same: PASS" in result.out
    assert "variant: PASS" not in result.out


def test_a_run_without_a_result_leaves_no_earlier_one_as_the_last(worse: Example) -> None:
    worse.gate("-k", "gate")
    assert (worse.folder / ".ragft/last-run.json").exists()
    worse.write(
        "conftest.py",
        "from pytest_ragft import controller\n"
        "def broken(*given, **named): raise RuntimeError('no result')\n"
        "controller.result_of = broken\n",
    )

    result = worse.gate("-k", "gate")

    assert result.code == 1
    assert not (worse.folder / ".ragft/last-run.json").exists()
