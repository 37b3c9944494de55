"""JUnit: readable by the tools that CI uses, whatever an answer holds."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import xmlschema
from junit2htmlreport.parser import Junit
from junitparser import JUnitXml

from tests.example import Example
from tests.hostile import HOSTILE

XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])


def assert_readable(path: Path, cases: int) -> None:
    """By Jenkins' schema, where `make schema` has fetched it, and by two readers."""
    tree = ET.parse(path)
    # It knows no properties of cases.
    for case in tree.iter("testcase"):
        for properties in case.findall("properties"):
            case.remove(properties)
    if schema := os.environ.get("RAGFT_TEST_JUNIT_SCHEMA"):
        xmlschema.XMLSchema(schema).validate(tree)
    assert sum(1 for suite in JUnitXml.fromfile(str(path)) for _ in suite) == cases
    (suite,) = Junit(str(path)).suites
    assert len(suite.all()) == cases


@pytest.mark.parametrize(
    ("workers", "texts"), [((), "full"), (("-n", "2"), "short")], ids=["alone", "xdist"]
)
def test_hostile_texts_leave_it_readable(
    example: Example, workers: tuple[str, ...], texts: str
) -> None:
    example.suite(documents=len(HOSTILE), per_document=1, head="question_floor = 0.5")
    example.recorded("baseline.jsonl")
    for file, key in (("baseline.jsonl", "answer"), ("suites/demo/questions.jsonl", "question")):
        lines = example.read_lines(file)
        for line, text in zip(lines, HOSTILE.values(), strict=True):
            # A file that holds half of a pair, or no question, is refused.
            line[key] = "Code? " + text[:50_000].replace("\ud83d", "")
        example.write_lines("variant.jsonl" if key == "answer" else file, lines)

    result = example.gate("-o", "junit_logging=all", f"--ragft-texts={texts}", *workers)

    assert_readable(example.folder / "junit.xml", len(HOSTILE) + 2)
    assert result.outcome("gate-accuracy") == "failed"
    assert "\x1b" not in result.out
    assert "forged" not in {case.get("name") for case in result.junit.iter("testcase")}
    assert not re.search(r"^\s*(::\S|##\w*\[)", result.out, re.MULTILINE)


def texts_of(case: ET.Element) -> tuple[str, str]:
    """The failure's text, and the output."""
    return case.findtext("failure", ""), case.findtext("system-out", "")


@XDIST
def test_a_gate_tells_its_numbers_and_worst_questions(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite(documents=80, per_document=1)
    example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)

    result = example.gate(*workers)

    failure, output = texts_of(result.case("gate-accuracy"))
    assert failure.endswith(f"\n{output}")
    assert "REGRESSION: accuracy fell by 0.300 " in failure
    assert "baseline 1.000, variant 0.700: −0.300, one-sided 95 % bounds −0." in output
    assert "margin 0.05; 80 questions, 80 documents" in output
    assert output.count("  question    Which code has item ") == 3
    assert "  reference   democode" in output
    assert "  variant     Zanzibar, perhaps." in output
    assert "ragft.lower" in result.properties("gate-accuracy")
    # The terminal tells it once, in its summary.
    assert "one-sided 95 % bounds −0." in result.out
    assert "baseline 1.000, variant 0.700" not in result.out
    assert_readable(example.folder / "junit.xml", 82)


@XDIST
def test_a_gate_that_passes_tells_its_numbers_too(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite(documents=80, per_document=1)
    example.recorded("baseline.jsonl").recorded("variant.jsonl")

    result = example.gate(*workers)

    assert texts_of(result.case("gate-accuracy"))[1].startswith("baseline 1.000, variant 1.000: ")
    assert result.case("q0-0").find("system-out") is None


def test_without_texts_no_gate_quotes_one(example: Example) -> None:
    example.suite(documents=80, per_document=1)
    example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.3)

    result = example.gate("--ragft-texts=none", "-k", "gate")

    failure, output = texts_of(result.case("gate-accuracy"))
    assert "demo::q0-0  accuracy 1.00 → 0.00" in output
    for text in (failure, output, result.out):
        assert "Zanzibar" not in text
        assert "democode" not in text
        assert "Which code" not in text


@XDIST
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
        "from pytest_ragft.suite import sources\n"
        "def refuse(*given, **named):\n"
        "    raise AssertionError('a worker reads the corpus')\n"
        "if 'PYTEST_XDIST_WORKER' in os.environ:\n"
        "    sources.read_passages = services.open_retriever = refuse\n",
    )

    result = example.gate("-n", "2")

    assert result.code == 1
    assert "a worker reads the corpus" not in result.out + result.err
    assert result.outcome("gate-accuracy") == "failed"
    assert result.outcome("q0-0") == "passed"
    assert "ragft.fingerprint.suite.demo" in result.properties("gate-accuracy")
