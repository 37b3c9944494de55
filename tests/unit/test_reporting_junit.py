"""Properties for JUnit: plain strings that survive two readers."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from junitparser import JUnitXml, Properties

from pytest_ragft.records import Score
from pytest_ragft.reporting.junit import gate_output, gate_properties, question_properties
from tests.unit.reported_cases import answered
from tests.unit.test_reporting_examples import FULL, LIMITED, LOST, REGRESSED, gate

SUITES = {suite.name: suite.fingerprint for suite in FULL.suites}


def score(metric: str, value: float) -> Score:
    return Score(metric=metric, value=value)


def test_a_question_shows_both_scores_of_each_metric() -> None:
    missing = Score(
        metric="completeness", value=None, status="missing", reason="the judge timed out"
    )
    other = Score(metric="completeness", value=None, status="not_applicable", reason="unanswerable")
    pairs = question_properties(
        {"accuracy": score("accuracy", 0.8), "completeness": missing},
        {"accuracy": score("accuracy", 1 / 3), "completeness": other},
    )
    assert pairs == [
        ("ragft.accuracy.baseline", "0.8"),
        ("ragft.accuracy.variant", "0.333333333"),
        ("ragft.completeness.baseline", "missing"),
        ("ragft.completeness.baseline.reason", "the judge timed out"),
        ("ragft.completeness.variant", "not_applicable"),
        ("ragft.completeness.variant.reason", "unanswerable"),
    ]


def test_without_a_baseline_there_is_only_the_variant() -> None:
    assert question_properties({}, {"accuracy": score("accuracy", 0.0)}) == [
        ("ragft.accuracy.variant", "0")
    ]


def test_a_gate_shows_what_it_decided_and_on_what() -> None:
    found = dict(gate_properties(REGRESSED.gates[0]))
    expected = {
        "ragft.verdict": "REGRESSION",
        "ragft.verdict.reason": "",
        "ragft.blocks": "true",
        "ragft.metric": "accuracy",
        "ragft.role": "primary",
        "ragft.suites": "biomedical,encyclopedia,papers",
        "ragft.difference": "-0.108",
        "ragft.lower": "-0.143",
        "ragft.upper": "-0.072",
        "ragft.margin": "0.05",
        "ragft.margin_is_default": "true",
        "ragft.looks": "1 (assumed)",
        "ragft.pass_unchanged": "0.87",
        "ragft.vetoed_drop": "0.112",
        "ragft.severe.alpha": "0.05",
        "ragft.alpha": "0.05",
        "ragft.n": "480",
        "ragft.clusters": "132",
        "ragft.mean.baseline": "0.412",
        "ragft.mean.variant": "0.304",
        "ragft.questions_to_decide": "not_applicable",
        "ragft.worst_case.lower": "not_applicable",
        "ragft.worst_case.lower.reason": "no score is missing",
    }
    assert {name: found[name] for name in expected} == expected


def test_missing_scores_and_their_worst_case_are_shown() -> None:
    found = dict(gate_properties(LOST.gates[0]))
    assert found["ragft.missing.variant"] == "14"
    assert found["ragft.worst_case.lower"] == "-0.064"
    assert found["ragft.questions_to_decide"] == "1250"


def test_a_gate_without_any_pair_says_so() -> None:
    found = dict(gate_properties(gate(baseline_mean=None, variant_mean=None, blocked_drop=None)))
    assert found["ragft.mean.baseline"] == "missing"
    assert found["ragft.mean.variant.reason"] == "no question has both scores"
    assert found["ragft.blocked_drop"] == "not_applicable"


def test_fingerprints_of_what_was_compared_are_given_and_no_others() -> None:
    guard = next(g for g in FULL.gates if not g.pooled)
    found = dict(
        gate_properties(
            guard,
            variants=FULL.variants,
            suites=SUITES,
            judge=FULL.judge,
        )
    )
    assert found["ragft.fingerprint.baseline"] == "3f2a9c01b7d44e0c"
    assert found["ragft.fingerprint.variant"] == "77aa" * 4
    assert [name for name in found if name.startswith("ragft.fingerprint.suite")] == [
        "ragft.fingerprint.suite.biomedical"
    ]
    assert found["ragft.judge"] == "reference v1"


@pytest.mark.parametrize("result", [*FULL.gates, *LIMITED.gates, *LOST.gates])
def test_names_are_unique_and_values_plain_strings(result) -> None:
    pairs = gate_properties(
        result,
        variants=FULL.variants,
        suites=SUITES,
    )
    assert len({name for name, _ in pairs}) == len(pairs)
    for name, value in pairs:
        assert type(name) is type(value) is str
        assert value not in ("nan", "inf", "-0", "None")


def test_a_number_that_is_not_finite_is_missing() -> None:
    verdict = replace(gate().verdict, standard_error=math.nan)
    assert dict(gate_properties(gate(verdict=verdict)))["ragft.standard_error"] == "missing"


def test_pytest_writes_them_so_that_two_readers_agree(tmp_path: Path) -> None:
    pairs = gate_properties(gate(explanation='<&"\x1b> – done'))
    module, report = tmp_path / "test_gate.py", tmp_path / "out.xml"
    module.write_text(
        f"def test_gate(request):\n    request.node.user_properties.extend({pairs!r})",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", f"--rootdir={tmp_path}"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    subprocess.run([*command, "-c", os.devnull, module], check=True, env=environment)
    expected = {**dict(pairs), "ragft.explanation": '<&"#x1B> – done'}
    tree = ElementTree.parse(report)
    assert {p.attrib["name"]: p.attrib["value"] for p in tree.iter("property")} == expected
    (case,) = next(iter(JUnitXml.fromfile(str(report))))
    assert {p.name: p.value for p in case.child(Properties)} == expected


def test_a_gate_tells_numbers_and_questions() -> None:
    cases = [answered(), answered(example_id="q-018", after="It is\n::error::zinc")]
    text = gate_output(REGRESSED.gates[0], cases, "short")
    assert text.splitlines()[:4] == [
        "baseline 0.412, variant 0.304: −0.108, one-sided 95 % bounds −0.143 and −0.072, "
        "margin 0.05; 480 questions, 132 documents",
        "",
        "biomedical::q-017  accuracy 1.00 → 0.00",
        "  question    Which metal is in chlorophyll?",
    ]
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    bare = gate_output(REGRESSED.gates[0], cases, "none").splitlines()
    assert bare[1:] == [
        "",
        "biomedical::q-017  accuracy 1.00 → 0.00",
        "",
        "biomedical::q-018  accuracy 1.00 → 0.00",
    ]


def test_a_gate_on_retrieval_names_its_questions() -> None:
    assert gate_output(REGRESSED.gates[0], [], "full").splitlines()[1:] == [
        "1.00 → 0.00  biomedical::q-017",
        "0.88 → 0.00  papers::q-141",
        "0.75 → 0.00  encyclopedia::q-003",
    ]
