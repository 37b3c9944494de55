"""Suites without reference answers, as BEIR has them: retrieval is gated, answers are not asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.example import Example

GATE = '[[gate]]\nmetric = "recall@5"\n'
SAVE = ("--ragft-baseline=none", "--ragft-save-baseline=prod")


@pytest.fixture
def ready(example: Example) -> Example:
    """A suite of answers and one of retrieval, in BEIR's layout, below one ragft.toml."""
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")
    beir(example.folder / "suites" / "found")
    return example


def beir(folder: Path, gate: str = GATE) -> None:
    (folder / "data" / "qrels").mkdir(parents=True)
    corpus = [{"_id": f"d{i}", "title": None, "text": f"Word{i} stands here."} for i in range(60)]
    queries = [{"_id": f"q{i}", "text": f"Where is word{i}?"} for i in range(60)]
    judged = "query-id\tcorpus-id\tscore\n" + "".join(f"q{i}\td{i}\t1\n" for i in range(60))
    for name, rows in {"corpus": corpus, "queries": queries}.items():
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "data" / f"{name}.jsonl").write_text(text)
    (folder / "data" / "qrels" / "test.tsv").write_text(judged)
    (folder / "suite.toml").write_text(
        f'[suite]\nname = "found"\nformat = "beir"\npath = "data"\n{gate}'
    )


def withdraw(folder: Path) -> None:
    """Take half of the texts out of the corpus."""
    file = folder / "suites" / "found" / "data" / "corpus.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for row in rows[::2]:
        row["text"] = "Withdrawn."
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_answers_are_gated_on_the_other_suites(ready: Example, workers: tuple[str, ...]) -> None:
    ready.write(
        "conftest.py",
        "import os\n"
        "from pytest_ragft.datasets.formats import beir\n"
        "def refuse(*given, **named):\n"
        "    raise AssertionError('a worker reads the corpus')\n"
        "if 'PYTEST_XDIST_WORKER' in os.environ:\n"
        "    beir.read_passages = refuse\n",
    )

    result = ready.gate(*workers)

    assert result.code == 0, result.out + result.err
    assert result.outcome("gate-accuracy") == "passed"
    assert "ragft.fingerprint.suite.found" not in result.properties("gate-accuracy")
    assert "found" not in {c.get("classname", "") for c in result.junit.iter("testcase")}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_its_retrieval_is_gated_against_a_saved_one(
    ready: Example, workers: tuple[str, ...]
) -> None:
    saved = ready.run_pytest("suites", "--ragft-model=today=baseline.jsonl", *SAVE, "-k", "today")
    assert saved.code == 0, saved.out + saved.err

    same = ready.run_pytest("suites", "--ragft-baseline=saved:prod", *workers)
    assert same.code == 0, same.out + same.err
    assert same.properties("gate-recall@5")["ragft.verdict"] == "PASS"
    both = ready.run_pytest(
        "suites", "--ragft-baseline=saved:prod", "--ragft-model=variant.jsonl", *workers,
        "--ragft-json=run.json", "--ragft-markdown=run.md",
    )  # fmt: skip
    assert both.code == 0, both.out + both.err
    withdraw(ready.folder)
    worse = ready.run_pytest("suites", "--ragft-baseline=saved:prod", *workers)
    assert worse.code == 1
    assert worse.properties("gate-recall@5")["ragft.verdict"] == "REGRESSION"


def test_a_gate_on_its_answers_is_a_mistake(ready: Example) -> None:
    toml = ready.folder / "suites" / "found" / "suite.toml"
    toml.write_text(toml.read_text() + '[[gate]]\nmetric = "accuracy"\n')

    result = ready.gate()

    assert result.code == 4
    assert "no question of this suite has a reference answer to judge by" in result.err


def test_a_model_that_meets_nothing_else_is_not_green(example: Example) -> None:
    beir(example.folder / "suites" / "found")
    example.write_lines("variant.jsonl", [{"suite": "found", "id": "q1", "answer": "x"}])

    result = example.run_pytest(
        "suites", "--ragft-model=variant.jsonl", "--ragft-baseline=variant.jsonl"
    )

    assert result.code == 1, result.out + result.err
    assert "Traceback" not in result.out + result.err


def test_a_suite_of_retrieval_alone_is_saved_and_gated(example: Example) -> None:
    beir(example.folder / "suites" / "found")
    example.write_lines("today.jsonl", [{"suite": "found", "id": "q1", "answer": "x"}])

    saved = example.run_pytest("suites", "--ragft-model=today.jsonl", *SAVE)
    same = example.run_pytest("suites", "--ragft-baseline=saved:prod")
    withdraw(example.folder)
    worse = example.run_pytest("suites", "--ragft-baseline=saved:prod")

    assert saved.code == 0, saved.out + saved.err
    assert "saved baseline 'prod'" in saved.out
    assert same.code == 0, same.out + same.err
    assert worse.code == 1
    assert worse.properties("gate-recall@5")["ragft.verdict"] == "REGRESSION"
