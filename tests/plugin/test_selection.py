"""What is gated under which selection, and that a filtered run says that it did not gate."""

from __future__ import annotations

import json

import pytest

from tests.example import Example

GUARD = '[[gate]]\nmetric = "accuracy"\n'


@pytest.fixture
def two_suites(example: Example) -> Example:
    example.suite("first", toml=GUARD).suite("second", documents=30, toml=GUARD)
    rules = f'{GUARD}margin = 0.04\n[[gate]]\nmetric = "completeness"\n'
    example.write("suites/ragft.toml", rules)
    example.recorded("baseline.jsonl", suites=["first", "second"])
    return example.recorded("variant.jsonl", suites=["first", "second"])


def collected(example: Example, *arguments: str) -> list[str]:
    result = example.run_pytest(
        "--ragft-model=variant.jsonl",
        "--ragft-baseline=baseline.jsonl",
        "--collect-only",
        "-q",
        *arguments,
    )
    assert result.code == 0, result.out + result.err
    return [line for line in result.out.splitlines() if "::" in line]


def test_gates_and_questions_are_items(two_suites: Example) -> None:
    ids = collected(two_suites, "suites")

    assert len(ids) == len(set(ids)) == 240 + 120 + 2 + 2
    assert "suites/first/suite.toml::variant::q0-0" in ids
    assert "suites/first/suite.toml::variant::gate-accuracy" in ids
    assert "suites/ragft.toml::variant::gate-accuracy" in ids
    assert "suites/ragft.toml::variant::gate-completeness" in ids


def test_one_suite_alone_brings_its_pooled_gates(two_suites: Example) -> None:
    ids = collected(two_suites, "suites/first")

    assert [i for i in ids if "::gate-" in i] == [
        "suites/first/suite.toml::variant::gate-accuracy",
        "suites/ragft.toml::variant::gate-accuracy",
        "suites/ragft.toml::variant::gate-completeness",
    ]
    assert not [i for i in ids if i.startswith("suites/second")]


def test_a_pooled_gate_speaks_for_all_its_suites(two_suites: Example) -> None:
    two_suites.run_pytest(
        "suites/first",
        "--ragft-model=variant.jsonl",
        "--ragft-baseline=baseline.jsonl",
        "--ragft-json=report.json",
    )

    report = json.loads((two_suites.folder / "report.json").read_text())
    pooled = [g for g in report["gates"] if g["pooled"] and g["gate"]["metric"] == "accuracy"]
    assert [g["verdict"]["n"] for g in pooled] == [360]
    assert pooled[0]["suites"] == ["first", "second"]
    assert pooled[0]["gate"]["margin"] == 0.04


def test_without_rules_pooled_gates_stand_under_the_common_folder(example: Example) -> None:
    example.suite("first").suite("second")
    example.recorded("baseline.jsonl", suites=["first", "second"])
    example.recorded("variant.jsonl", suites=["first", "second"])

    ids = collected(example, "suites")

    assert [i for i in ids if "::gate-" in i] == [
        "suites::variant::gate-accuracy",
        "suites::variant::gate-completeness",
    ]


def test_without_any_of_our_items_it_still_says_that_it_did_not_gate(two_suites: Example) -> None:
    two_suites.write("tests/test_plain.py", "def test_it(): pass\n")

    result = two_suites.run_pytest(
        "suites", "tests", "-k", "test_it",
        "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
    )  # fmt: skip

    assert result.code == 0
    assert "NOT GATED: 4 gates" in result.out


def test_a_pooled_gate_beside_a_suite_takes_nothing_from_it(two_suites: Example) -> None:
    ids = collected(two_suites, "suites/ragft.toml::variant::gate-accuracy", "suites/first")

    assert len(ids) == len(set(ids))
    assert "suites/ragft.toml::variant::gate-completeness" in ids


def test_roles_and_the_mark_select(two_suites: Example) -> None:
    ids = collected(two_suites, "suites", "-m", "ragft", "-k", "gate and not guard")

    assert ids == [
        "suites/ragft.toml::variant::gate-accuracy",
        "suites/ragft.toml::variant::gate-completeness",
    ]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    ("selection", "missing"),
    [
        (["suites", "-k", "q1-"], 4),
        (["suites", "--deselect", "suites/ragft.toml"], 2),
        (["suites/first/suite.toml::variant::q0-0"], 3),
        (["suites", "-k", "gate-accuracy"], 1),
    ],
    ids=["k", "deselect", "id", "k-gate"],
)
def test_a_filtered_run_says_that_it_did_not_gate(
    two_suites: Example, selection: list[str], missing: int, workers: tuple[str, ...]
) -> None:
    result = two_suites.run_pytest(
        *selection, "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl", *workers
    )

    assert result.code == 0, result.out + result.err
    assert f"NOT GATED: {missing} gate" in result.out
    assert "variant: PASS" not in result.out


def test_a_deselected_regression_shows_no_verdict(two_suites: Example) -> None:
    two_suites.recorded("variant.jsonl", suites=["first", "second"], wrong=0.5)

    result = two_suites.run_pytest(
        "suites", "-k", "q", "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
        "--deselect=suites/ragft.toml",
        "--deselect=suites/first/suite.toml::variant::gate-accuracy",
        "--deselect=suites/second/suite.toml::variant::gate-accuracy",
    )  # fmt: skip

    assert "NOT GATED: 4 gates" in result.out
    assert "REGRESSION" not in result.out


def test_a_gate_alone_is_evaluated_over_its_complete_suite(two_suites: Example) -> None:
    two_suites.recorded("variant.jsonl", suites=["first", "second"], wrong=0.5)

    result = two_suites.run_pytest(
        "suites/ragft.toml::variant::gate-accuracy",
        "--ragft-model=variant.jsonl",
        "--ragft-baseline=baseline.jsonl",
    )

    assert result.code == 1
    assert result.properties("gate-accuracy")["ragft.n"] == "360"


def test_last_failed_reruns_the_gate_and_stays_red(two_suites: Example) -> None:
    two_suites.recorded("variant.jsonl", suites=["first", "second"], wrong=0.5)
    command = [
        "-p", "cacheprovider", "suites",
        "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
    ]  # fmt: skip

    first = two_suites.run_pytest(*command)
    again = two_suites.run_pytest("--lf", *command)

    assert first.code == again.code == 1
    assert "4 failed" in again.out
    assert " passed" not in again.out.splitlines()[-1]


def test_exit_first_stops_at_the_first_failure(two_suites: Example) -> None:
    two_suites.recorded("variant.jsonl", suites=["first", "second"], wrong=0.5)

    result = two_suites.gate("-x")

    assert result.code == 1
    assert "stopping after 1 failures" in result.out


def test_two_variants_are_gated_each(two_suites: Example) -> None:
    two_suites.recorded("worse.jsonl", suites=["first", "second"], wrong=0.5)

    result = two_suites.gate("--ragft-model=bad=worse.jsonl")

    assert result.code == 1
    assert "variant: PASS" in result.out
    assert "bad: BLOCK" in result.out


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("rules", [True, False])
def test_node_ids_of_a_report_can_be_pasted_back(
    two_suites: Example, rules: bool, workers: tuple[str, ...]
) -> None:
    if not rules:
        (two_suites.folder / "suites/ragft.toml").unlink()
    two_suites.gate("-k", "gate", "--ragft-json=report.json")
    report = json.loads((two_suites.folder / "report.json").read_text())
    ids = [gate["node_id"] for gate in report["gates"]]
    command = ("--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl", *workers)

    for one in ids:
        alone = two_suites.run_pytest(one, *command, "-v")
        assert alone.code == 0, alone.out + alone.err
        assert "1 passed" in alone.out
        assert f"{one} " in alone.out
        assert "NOT GATED: " in alone.out
    beside = two_suites.run_pytest(ids[0], "suites/second/suite.toml::variant::q0-0", *command)
    assert "2 passed" in beside.out, beside.out + beside.err
