"""The retention suites: each right answer holds its checks, a wrong one kept beside it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_ragft.gating.gates import Overrides, find_groups
from pytest_ragft.judging.checks import failed_checks
from pytest_ragft.suite import load_suite, suites_under

SUITES = Path(__file__).parents[2] / "suites"
RETENTION = SUITES / "retention"
NAMES = (
    "arithmetic", "consistency", "french", "german", "glossary", "instructions", "refusal",
    "register",
)  # fmt: skip
WRONG = {
    (line["suite"], line["id"]): line["answer"]
    for line in map(
        json.loads,
        (Path(__file__).parent / "retention_wrong.jsonl").read_text("utf-8").splitlines(),
    )
}


@pytest.mark.parametrize("name", NAMES)
def test_a_right_answer_holds_and_a_wrong_one_does_not(name: str) -> None:
    suite = load_suite(RETENTION / name / "suite.toml")

    assert suite.name == name
    assert 40 <= len(suite.examples) <= 80
    for example in suite.examples:
        assert example.references, example.id
        for text in example.references:
            assert failed_checks(example.checks, text) == [], example.id
        assert failed_checks(example.checks, WRONG.pop((name, example.id))), example.id
        assert failed_checks(example.checks, ""), example.id


@pytest.mark.parametrize("name", NAMES)
def test_no_single_answer_gets_through(name: str) -> None:
    """What a broken model says to everything holds nearly nothing."""
    suite = load_suite(RETENTION / name / "suite.toml")
    for answer in ("Yes", "I don't know.", "The the the the the the the the the the the the"):
        held = sum(not failed_checks(example.checks, answer) for example in suite.examples)
        # Half of the refusals' questions ask for any answer at all, the other half for none.
        assert held <= len(suite.examples) * (0.5 if name == "refusal" else 0.05)


@pytest.mark.parametrize("name", NAMES)
def test_neither_the_question_nor_its_words_are_an_answer(name: str) -> None:
    """A model that repeats what it was asked, or says a wanted word alone, has done nothing."""
    suite = load_suite(RETENTION / name / "suite.toml")
    for example in suite.examples:
        wanted = {check.name: check.value for check in example.checks}
        # Whatever is said to a harmless question does not decline.
        if wanted.get("declines") is not False:
            for asked in (example.question, example.question.rpartition("\n\n")[2]):
                assert failed_checks(example.checks, asked), example.id
        if "contains" in wanted and not wanted.keys() & {"words", "case"}:
            first = wanted["contains"][0]  # type: ignore[index]
            assert failed_checks(example.checks, first), example.id


@pytest.mark.parametrize("name", NAMES)
def test_a_language_alone_is_no_answer(name: str) -> None:
    """Babble reads as a language, too: some word of the answer must be there."""
    for example in load_suite(RETENTION / name / "suite.toml").examples:
        names = {check.name for check in example.checks}
        assert "language" not in names or names & {"contains", "matches"}, example.id


def test_no_question_stands_twice() -> None:
    suites = [load_suite(RETENTION / name / "suite.toml") for name in NAMES]
    questions = [example.question for suite in suites for example in suite.examples]
    assert len(set(questions)) == len(questions)


def test_they_are_no_part_of_the_domains_pool() -> None:
    domains = {path.parent.name for path in suites_under(SUITES / "ragft.toml")}
    assert domains == {"biomedical", "encyclopedia", "papers"}
    assert {p.parent.name for p in suites_under(RETENTION / "ragft.toml")} == set(NAMES)

    given = [RETENTION / name / "suite.toml" for name in NAMES]
    (group,) = find_groups(given, Overrides(margin={}, alpha=None))

    assert {spec.gate.role for spec in group.specs} == {"guard"}
    assert {spec.gate.metric for spec in group.specs} == {"checks"}
    assert len(group.specs) == 1 + len(NAMES)
