"""JUnit: readable by the tools that CI uses, whatever an answer holds."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from junitparser import JUnitXml

from tests.example import Example

HOSTILE = [
    "plain",
    "</failure><testcase name='fake'/>",
    "]]> & < > \" '",
    "bell \x07 null \x00 escape \x1b[31m",
    "non-characters \ufffe \uffff",
    "right to left \u202e override",
]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_hostile_answers_leave_it_readable(example: Example, workers: tuple[str, ...]) -> None:
    example.suite(documents=2, per_document=3, head="question_floor = 0.5")
    example.recorded("baseline.jsonl")
    lines = example.read_lines("baseline.jsonl")
    for line, text in zip(lines, HOSTILE, strict=True):
        line["answer"] = text
    example.write_lines("variant.jsonl", lines)

    result = example.gate("-o", "junit_logging=all", *workers)

    path = example.folder / "junit.xml"
    cases = list(ET.parse(path).getroot().iter("testcase"))
    assert len(cases) == 6 + 2
    assert sum(1 for suite in JUnitXml.fromfile(str(path)) for _ in suite) == 8
    assert result.outcome("q0-0") == "failed"
    assert "\x1b[31m" not in result.out


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_scores_and_run_facts_are_properties_of_the_cases(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)

    result = example.gate(*workers)

    question = result.properties("q0-0")
    assert question["ragft.accuracy.baseline"] == "1"
    assert {question["ragft.accuracy.variant"], question["ragft.completeness.variant"]} <= {
        "0",
        "1",
    }
    gate = result.properties("gate-accuracy")
    assert gate["ragft.n"] == "240"
    assert gate["ragft.clusters"] == "60"
    assert float(gate["ragft.lower"]) < float(gate["ragft.difference"]) < 0
    assert len({gate["ragft.fingerprint.baseline"], gate["ragft.fingerprint.variant"]}) == 2


def test_exit_first_under_xdist_ends_as_pytest_ends_it(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.5)

    assert example.gate("-x", "-n", "2").code == 2


def test_workers_read_no_corpus_and_open_no_retriever_for_gates(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.5)
    example.write(
        "conftest.py",
        "import os\n"
        "from pytest_ragft.gating import services\n"
        "from pytest_ragft.suite import loading\n"
        "def refuse(*given, **named):\n"
        "    raise AssertionError('a worker reads the corpus')\n"
        "if 'PYTEST_XDIST_WORKER' in os.environ:\n"
        "    loading.read_passages = services.open_retriever = refuse\n",
    )

    result = example.gate("-n", "2")

    assert result.code == 1
    assert "a worker reads the corpus" not in result.out + result.err
    assert result.outcome("gate-accuracy") == "failed"
    assert result.outcome("q0-0") == "passed"
    assert "ragft.fingerprint.suite.demo" in result.properties("gate-accuracy")
