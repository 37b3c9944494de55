"""Suites by variants: the worst cell, and what was trained on apart from what was not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.generation.adapter import IDENTITY, taught_by
from pytest_ragft.records import RunResult, Stratum, VariantFacts
from pytest_ragft.reporting.by_suite import TRAINED, UNTRAINED, suite_matrices
from pytest_ragft.reporting.html import to_html
from pytest_ragft.reporting.json import read_report, to_json
from pytest_ragft.reporting.markdown import to_markdown
from pytest_ragft.reporting.terminal import render
from tests.unit.test_reporting_examples import gate, run

SUITES = ("a", "b", "c", "d")


def test_matrices_have_each_suite_and_variant_and_one_worst_cell() -> None:
    parts = [Stratum(name=f"suite {name}", n=90, baseline=0.4, variant=0.3) for name in ("a", "b")]
    pooled = gate(strata=tuple(parts), suites=("a", "b"))
    checks = replace(pooled.gate, metric="checks")
    lost = replace(parts[0], variant=0.1)
    other = replace(pooled, gate=checks, strata=(lost,))
    accuracy, of_checks = suite_matrices(run(pooled, other))

    assert (accuracy.metric, of_checks.metric) == ("accuracy", "checks")
    assert {suite: list(row) for suite, row in accuracy.rows.items()} == {
        "a": ["ft-ckpt"],
        "b": ["ft-ckpt"],
    }
    assert (accuracy.worst, of_checks.worst) == (None, ("a", "ft-ckpt"))


def taught(**suites: Sequence[str]) -> RunResult:
    """A run over four suites with variants that say what they were trained on."""
    parts = tuple(Stratum(name=f"suite {s}", n=90, baseline=0.4, variant=0.3) for s in SUITES)
    pooled = gate(strata=parts, suites=SUITES)
    facts = [
        VariantFacts(name=name, spec=name, role="variant", fingerprint="f", trained_on=tuple(of))
        for name, of in suites.items()
    ]
    made = run(*(replace(pooled, variant=name) for name in suites))
    return replace(made, variants=tuple(facts))


def test_suites_without_training_data_stand_apart() -> None:
    (of,) = suite_matrices(taught(one=["c"], two=["a", "elsewhere"]))

    assert of.parts == ((TRAINED, ("a", "c")), (UNTRAINED, ("b", "d")))
    assert of.trained == {("c", "one"), ("a", "two")}


def test_nothing_is_said_where_no_variant_says_what_taught_it() -> None:
    of_nothing, elsewhere = taught(one=[], two=[]), taught(one=["other"], two=[])

    for made in (of_nothing, elsewhere):
        (of,) = suite_matrices(made)
        assert of.parts == (("", SUITES),)
        assert "trained" not in to_markdown(made)
        assert UNTRAINED not in to_html(made)


def test_whoever_knows_better_says_so() -> None:
    (of,) = suite_matrices(taught(one=["a"]), {"one": ["b"]})
    assert of.trained == {("b", "one")}


@given(st.dictionaries(st.sampled_from(["x", "y"]), st.sets(st.sampled_from(SUITES)), min_size=1))
def test_each_suite_stands_in_one_part(suites: dict[str, set[str]]) -> None:
    (of,) = suite_matrices(taught(**{name: sorted(names) for name, names in suites.items()}))

    assert sorted(suite for _, part in of.parts for suite in part) == list(SUITES)
    apart = dict(of.parts).get(UNTRAINED, ())
    assert not set(apart) & {suite for suite, _ in of.trained}


def test_every_report_tells_them_apart(tmp_path: Path) -> None:
    made = taught(one=["c"], two=[])

    terminal = [line.text.strip() for line in render(made, width=100, verbose=1)]
    start = next(i for i, line in enumerate(terminal) if line.startswith(TRAINED))
    assert [line.split()[0] for line in terminal[start + 1 : start + 6]] == [
        "c", "named", "a", "b", "d",
    ]  # fmt: skip
    assert "-0.100 trained" in terminal[start + 1].replace("−", "-")
    markdown = to_markdown(made)
    assert f"*{UNTRAINED}*" in markdown
    assert markdown.count(", trained") == 1
    html = to_html(made)
    assert html.count("<small>trained</small>") == 1
    assert html.index(TRAINED) < html.index(UNTRAINED)
    file = tmp_path / "r.json"
    file.write_text(to_json(made), encoding="utf-8")
    cells = json.loads(file.read_text(encoding="utf-8"))["by_suite"]
    assert [(c["suite"], c["variant"]) for c in cells if c["trained"]] == [("c", "one")]
    assert [v.trained_on for v in read_report(file).variants] == [("c",), ()]


@pytest.mark.parametrize(
    ("said", "suites"),
    [
        ('{"data": {"suites": ["faq", "terms"]}}', ("faq", "terms")),
        ('{"data": {"suites": []}}', ()),
        ('{"data": {"suites": "faq"}}', ()),
        ('{"data": {"suites": [1, "faq"]}}', ("faq",)),
        ('{"data": "faq"}', ()),
        ("{}", ()),
        ("[]", ()),
        ("{", ()),
    ],
)
def test_a_model_says_what_taught_it(tmp_path: Path, said: str, suites: Sequence[str]) -> None:
    assert taught_by(tmp_path) == ()
    (tmp_path / IDENTITY).write_text(said, encoding="utf-8")
    assert taught_by(tmp_path) == suites
