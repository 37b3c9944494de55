"""What changed between two runs, as lines."""

from __future__ import annotations

from dataclasses import replace

from pytest_ragft.reporting.comparing import comparison_lines
from tests.unit.reported_cases import answered, with_cases
from tests.unit.test_reporting_examples import FULL, PASSING, REGRESSED, gate, run


def compared(first, second) -> str:
    return "\n".join(comparison_lines(first, second))


def test_a_run_beside_itself_has_not_changed() -> None:
    text = compared(with_cases(REGRESSED), with_cases(REGRESSED))
    assert "BLOCK as before: accuracy regressed" in text
    assert "accuracy: 0 questions better, 0 worse, 6 as before" in text
    assert text.splitlines()[-1] == "the same was compared"
    assert "→" not in text.split("questions better")[0]


def test_conclusions_and_gates_that_changed_show_both_sides() -> None:
    text = compared(PASSING, REGRESSED)
    assert "PASS (2 of 2 primary gates passed) → BLOCK (accuracy regressed)" in text
    assert "PASS +0.004 [−0.021, +0.028]  →  REGRESSION −0.108 [−0.143, −0.072]" in text
    assert "no questions to compare: one of the reports holds none" in text


def test_questions_that_moved_stand_largest_first() -> None:
    before = [answered(example_id=f"q{i}", scores=(1.0, 0.5)) for i in range(14)]
    after = [answered(example_id=f"q{i}", scores=(1.0, 0.5)) for i in range(1, 15)]
    after[3] = answered(example_id="q4", scores=(1.0, 1.0))
    after[4] = answered(example_id="q5", scores=(1.0, 0.0))
    after[5] = answered(example_id="q6", scores=(1.0, 0.25))
    after[6] = answered(example_id="q7", scores=(1.0, None))
    lines = compared(with_cases(run(), before), with_cases(run(), after)).splitlines()
    at = lines.index("   accuracy: 1 question better, 2 worse, 9 as before")
    assert lines[at + 1 : at + 5] == [
        "      0.50 → 0.00  biomedical::q5",
        "      0.50 → 1.00  biomedical::q4",
        "      0.50 → 0.25  biomedical::q6",
        "   1 question gone, 1 new",
    ]


def test_two_variants_of_different_names_are_compared_where_each_run_has_one() -> None:
    other = run(gate(variant="new"))
    assert compared(PASSING, other).startswith("ft-ckpt → new\n")
    assert "no such gate" in compared(PASSING, other)


def test_of_several_variants_those_of_one_name_are_compared() -> None:
    text = compared(FULL, PASSING)
    assert "only in the first run: rag-format" in text
    assert "only in the first run: short-answers" in text
    assert "only in the second run: ft-ckpt" in text


def test_what_was_compared_is_told_where_it_differs() -> None:
    (first, *others) = PASSING.suites
    base, variant = PASSING.variants
    other = replace(
        PASSING,
        judge="semantic",
        version="0.2.0",
        limit=5,
        suites=(replace(first, fingerprint="feed" * 4), *others[:1]),
        variants=(replace(base, fingerprint="beef" * 4), variant),
    )
    assert compared(PASSING, other).split("what was compared differs:\n")[1].splitlines() == [
        "   pytest-ragft: 0.1.0 → 0.2.0",
        "   judge: reference v1 → semantic",
        "   limit: None → 5",
        "   suite biomedical: 9c019c01… → feedfeed…",
        "   suite papers: 9c019c01… → not there",
        "   baseline: 3f2a9c01… → beefbeef…",
    ]


def test_ids_cannot_steer_the_terminal() -> None:
    cases = [answered(example_id="q\x1b[2J ::error::x", scores=(1.0, 0.0))]
    others = [answered(example_id="q\x1b[2J ::error::x", scores=(1.0, 1.0))]
    for line in comparison_lines(with_cases(run(), cases), with_cases(run(), others)):
        assert line.isprintable()
        assert " ::error" not in line
