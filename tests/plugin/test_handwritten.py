"""Fixtures for hand-written tests: in an ordinary module, over the same evaluation."""

from __future__ import annotations

import pytest

from tests.commands.running import fill, ragft
from tests.example import Example

MODULE = """
import pytest


@pytest.mark.ragft(suite="demo")
def test_case(ragft_case):
    assert ragft_case.answer.text == ragft_case.example.references[0]
    assert ragft_case.scores["accuracy"].value == 1.0
    assert ragft_case.baseline_scores["accuracy"].value == 1.0
    assert ragft_case.example.relevant[0] in [hit.passage_id for hit in ragft_case.hits]
    assert ragft_case.passages[0].id == ragft_case.hits[0].passage_id


@pytest.mark.ragft(suite="demo")
def test_comparison(ragft_comparison):
    assert ragft_comparison.verdict("accuracy", margin=0.05).outcome == "PASS"
    assert len(ragft_comparison.comparison("completeness").pairs) == 240


@pytest.mark.ragft(suite="demo")
def test_retriever(ragft_retriever):
    [hits] = ragft_retriever.retrieve(["code of item 3x1"], 2)
    assert hits[0].passage_id == "d3-p1"


@pytest.mark.ragft(suite="demo")
def test_systems(ragft_baseline, ragft_variant, ragft_judge):
    assert (ragft_baseline.name, ragft_variant.name) == ("baseline", "variant")
    assert "accuracy" in ragft_judge.metrics
"""


@pytest.fixture
def ready(example: Example) -> Example:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")
    example.write("checks/test_quality.py", MODULE)
    return example


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("where", ["checks", "."])
def test_fixtures_work_in_a_test_module(
    ready: Example, where: str, workers: tuple[str, ...]
) -> None:
    result = ready.run_pytest(
        where, "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl", *workers
    )

    assert result.code == 0, result.out + result.err
    extra = 240 + 2 if where == "." else 0
    assert f"{243 + extra} passed" in result.out


def test_a_regression_fails_a_hand_written_comparison(ready: Example) -> None:
    ready.recorded("variant.jsonl", wrong=0.3)

    result = ready.run_pytest(
        "checks", "-k", "comparison", "--ragft-model=variant.jsonl",
        "--ragft-baseline=baseline.jsonl",
    )  # fmt: skip

    assert result.code == 1
    assert "REGRESSION" in result.out


VERDICT = """
import pytest


def test_verdict(ragft_comparison):
    verdict = ragft_comparison.verdict({arguments})
    level = round(verdict.alpha, 6)
    print("FOUND", verdict.outcome, verdict.reason, verdict.margin, level, verdict.n)
"""


WIDER = "--ragft-margin=accuracy:0.1"


@pytest.mark.parametrize(
    ("rules", "arguments", "options", "found"),
    [
        ("", '"accuracy"', (), "REGRESSION  0.05 0.05 240"),
        ("margin = 0.5", '"accuracy"', (), "PASS  0.5 0.05 240"),
        ("margin = 0.5", '"accuracy", margin=0.1, alpha=0.01', (), "REGRESSION  0.1 0.01 240"),
        ("margin = 0.5", '"accuracy"', (WIDER,), "REGRESSION  0.1 0.05 240"),
        ("margin = 0.5\nlooks = [120, 240]", '"accuracy"', (), "PASS  0.5 0.048246 240"),
        ("margin = 0.5\nlooks = [60, 120]", '"accuracy"', (), "INCONCLUSIVE looks 0.5 0.048246"),
        ("margin = 0.5", '"accuracy"', ("--ragft-limit=70",), "INCONCLUSIVE limited 0.5 0.05 70"),
        ("", '"completeness"', (), "REGRESSION  0.05 0.05 240"),
    ],
)  # fmt: skip
def test_a_verdict_is_that_of_the_gate(
    ready: Example, rules: str, arguments: str, options: tuple[str, ...], found: str
) -> None:
    ready.recorded("variant.jsonl", wrong=0.3)
    ready.write("suites/ragft.toml", f'[[gate]]\nmetric = "accuracy"\n{rules}\n')
    ready.write("checks/test_quality.py", VERDICT.format(arguments=arguments))

    result = ready.run_pytest(
        "checks", "-rP", "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl", *options
    )

    assert f"FOUND {found}" in result.out, result.out + result.err


def test_people_overrule_the_judge_in_a_hand_written_comparison(ready: Example) -> None:
    # As many documents as questions: between ties labels need 59 of them.
    ready.suite(documents=240, per_document=1).recorded("baseline.jsonl")
    ready.recorded("variant.jsonl", wrong=0.3)
    ready.write("checks/test_quality.py", VERDICT.format(arguments='"accuracy"'))
    models = ("--model=variant.jsonl", "--baseline=baseline.jsonl")
    done = ragft(
        ready.folder, "label", "suites", *models, "--pairs=120", "--seed=1", "--out=sheet.csv"
    )
    assert done.code == 0, done.err
    fill(ready.folder / "sheet.csv", lambda row: 1.0)

    result = ready.run_pytest(
        "checks", "-rP", "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
        "--ragft-labels=sheet.csv", "--ragft-labels=sheet.key.jsonl",
    )  # fmt: skip

    assert "FOUND PASS  0.05 0.05 120" in result.out, result.out + result.err


@pytest.mark.parametrize("where", ["checks", "."])
def test_without_any_model_named_it_is_skipped(ready: Example, where: str) -> None:
    """A plain `pytest` in a mixed repository stays what it was."""
    result = ready.run_pytest(where, "-rs")

    assert result.code == 0, result.out + result.err
    assert f"{4 + (where == '.')} skipped" in result.out
    assert "no model was named: give --ragft-model=SPEC" in result.out
    assert "_ragft_" not in result.out


def test_one_that_was_named_and_cannot_be_had_is_an_error(ready: Example) -> None:
    result = ready.run_pytest(
        "checks", "--ragft-model=gone.jsonl", "--ragft-baseline=baseline.jsonl"
    )

    assert result.code == 4
    assert "gone.jsonl" in result.err


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ('suite="demo", k=3', "accepts only suite="),
        ('"demo"', "accepts only suite="),
        ('suite="other"', "there is no suite 'other'"),
    ],
)
def test_the_mark_rejects_what_it_does_not_know(ready: Example, mark: str, told: str) -> None:
    ready.write(
        "checks/test_quality.py",
        f"import pytest\n@pytest.mark.ragft({mark})\ndef test_it(ragft_case): pass\n",
    )

    result = ready.run_pytest(
        "checks", "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl"
    )

    assert result.code in (2, 4)
    assert told in result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err


def test_the_mark_is_registered(ready: Example) -> None:
    assert "ragft(" in ready.run_pytest("--markers").out


@pytest.mark.parametrize(
    ("mark", "told"),
    [('suite="other"', "there is no suite 'other'"), ('"demo"', "accepts only suite=")],
)
def test_a_fixture_tells_a_mistake_in_one_message(ready: Example, mark: str, told: str) -> None:
    ready.write(
        "checks/test_quality.py",
        f"import pytest\n@pytest.mark.ragft({mark})\ndef test_it(ragft_retriever): pass\n",
    )

    result = ready.run_pytest(
        "checks", "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl"
    )

    assert result.code == 1
    assert "1 error" in result.out
    assert told in result.out
    assert "fixtures.py" not in result.out
