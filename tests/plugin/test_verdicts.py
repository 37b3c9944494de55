"""The heart: a regression is red, the same system is green, too little data is inconclusive."""

from __future__ import annotations

import pytest

from tests.example import Example

POOLED = ("gate-accuracy", "gate-completeness")

pytestmark = [
    pytest.mark.newest,
    pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"]),
]


def test_injected_regression_is_red(example: Example, workers: tuple[str, ...]) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.25)

    result = example.gate(*workers)

    assert result.code == 1
    for gate in POOLED:
        assert result.outcome(gate) == "failed"
        assert result.properties(gate)["ragft.verdict"] == "REGRESSION"
    assert "variant: BLOCK" in result.out
    # Wrong answers are for the gates: a question fails only on what is wrong by itself.
    assert result.outcome("q0-0") == "passed"


def test_identical_run_is_green(example: Example, workers: tuple[str, ...]) -> None:
    example.suite().recorded("baseline.jsonl", wrong=0.1).recorded("variant.jsonl", wrong=0.1)

    result = example.gate(*workers)

    assert result.code == 0, result.out + result.err
    for gate in POOLED:
        assert result.outcome(gate) == "passed"
        assert result.properties(gate)["ragft.verdict"] == "PASS"
    assert "variant: PASS" in result.out


def test_too_few_questions_are_inconclusive(example: Example, workers: tuple[str, ...]) -> None:
    example.suite(documents=7).recorded("baseline.jsonl").recorded("variant.jsonl")

    result = example.gate(*workers)

    assert result.code == 1
    for gate in POOLED:
        assert result.outcome(gate) == "failed"
        assert result.properties(gate)["ragft.verdict"] == "INCONCLUSIVE"
    assert "variant: BLOCK" in result.out


def test_a_guard_vetoes_what_the_pool_hides(example: Example, workers: tuple[str, ...]) -> None:
    guard = '[[gate]]\nmetric = "accuracy"\n'
    names = ("large", "small")
    example.suite("large", documents=150, toml=guard).suite("small", documents=25, toml=guard)
    example.write("suites/ragft.toml", "")
    example.recorded("baseline.jsonl", suites=names)
    good = example.recorded("good.jsonl", suites=["large"]).read_lines("good.jsonl")
    bad = example.recorded("bad.jsonl", suites=["small"], wrong=0.3).read_lines("bad.jsonl")
    example.write_lines("variant.jsonl", good + bad)

    result = example.gate("-k", "gate", *workers)

    assert result.code == 1
    assert "suites/small/suite.toml::variant::gate-accuracy" in result.out
    assert result.out.count("REGRESSION") >= 1
    assert "variant: BLOCK" in result.out
