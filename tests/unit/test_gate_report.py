"""What a gate tells people besides its verdict: plans, movers, strata, the sentence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.gate_rows import (
    LOST,
    NO_VARIANT,
    PASSING,
    REGRESSED,
    TIE,
    UNANSWERABLE,
    UNDERPOWERED,
    WORSE,
    Value,
    evaluate,
    pairs,
)


class TestPlanning:
    def test_detectable_drop(self) -> None:
        result = evaluate(pairs(UNDERPOWERED))
        z = 1.6448536269514722 + 0.8416212335729143
        assert result.detectable_drop == pytest.approx(z * result.verdict.standard_error)

    def test_without_spread_no_detectable_drop_is_claimed(self) -> None:
        assert evaluate(pairs(PASSING)).detectable_drop is None

    def test_nothing_more_is_needed_once_decided(self) -> None:
        assert evaluate(pairs(PASSING)).questions_to_decide is None
        assert evaluate(pairs(REGRESSED)).questions_to_decide is None

    def test_that_many_questions_of_the_same_kind_do_decide(self) -> None:
        needed = evaluate(pairs(UNDERPOWERED)).questions_to_decide
        assert needed is not None
        assert needed > 100
        more = pairs([UNDERPOWERED[i % 100] for i in range(needed)])
        assert evaluate(more).verdict.outcome == "PASS"

    def test_a_drop_like_the_margin_is_never_settled(self) -> None:
        values: list[tuple[Value, Value]] = [(0.5, 0.4), (0.5, 0.5)] * 50
        result = evaluate(pairs(values))
        assert result.verdict.outcome == "INCONCLUSIVE"
        assert result.questions_to_decide is None

    def test_severe_drops_with_their_exact_bound(self) -> None:
        result = evaluate(pairs([TIE] * 90 + [(0.7, 0.2)] * 5 + [(0.7, 0.21)] * 5))
        assert result.severe_share == 0.05
        assert result.severe_upper == pytest.approx(0.10225, abs=1e-5)


class TestFindings:
    def test_questions_that_moved_most_in_fixed_order(self) -> None:
        values: list[tuple[Value, Value]] = [TIE] * 20
        values[3] = (0.3, 0.6)
        values[5] = (0.9, 0.6)
        values[7] = (1.0, 0.0)
        values[9] = (0.8, 0.5)
        moved = evaluate(pairs(values)).questions
        assert evaluate(pairs(values)[::-1]).questions == moved
        assert [m.id for m in moved] == ["q-007", "q-005", "q-009", "q-003"]
        assert [m.difference for m in moved] == pytest.approx([-1.0, -0.3, -0.3, 0.3])

    def test_at_most_ten_questions_and_five_documents(self) -> None:
        documents = [f"doc-{i // 4}" for i in range(100)]
        result = evaluate(pairs([LOST] * 100, documents=documents))
        assert [m.id for m in result.questions] == [f"q-{i:03}" for i in range(10)]
        assert len(result.documents) == 5

    def test_documents_by_what_they_move_in_all(self) -> None:
        documents = ["one", "many", "many", "many", "still"]
        values: list[tuple[Value, Value]] = [(0.9, 0.4), *[(0.5, 0.2)] * 3, TIE]
        moved = evaluate(pairs(values, documents=documents)).documents
        assert [(m.id, m.n) for m in moved] == [("many", 3), ("one", 1)]
        assert [m.difference for m in moved] == pytest.approx([-0.3, -0.5])

    def test_movers_tell_both_scores(self) -> None:
        result = evaluate(pairs([(1.0, 0.25), (0.5, 0.5), TIE], documents=["d", "d", "e"]))
        (question,), (document,) = result.questions, result.documents
        assert (question.baseline, question.variant, question.difference) == (1.0, 0.25, -0.75)
        assert (document.baseline, document.variant, document.n) == (0.75, 0.375, 2)

    def test_documents_of_one_question_each_are_not_repeated(self) -> None:
        assert evaluate(pairs([LOST] * 5)).documents == ()

    def test_missing_and_unmoved_questions_are_no_movers(self) -> None:
        assert evaluate(pairs([TIE, NO_VARIANT, UNANSWERABLE])).questions == ()

    def test_strata_over_complete_pairs(self) -> None:
        result = evaluate(
            pairs(
                [(1.0, 0.5), (0.5, 0.5), (0.0, 0.2), (1.0, 1.0), (1.0, "missing"), UNANSWERABLE],
                retrieved=[True, True, False, None, True, None],
            )
        )
        assert [(s.name, s.n, s.baseline, s.variant) for s in result.strata] == [
            ("relevant passage retrieved", 2, 0.75, 0.5),
            ("relevant passage not retrieved", 1, 0.0, 0.2),
            ("no relevant passage named", 1, 1.0, 1.0),
        ]


@pytest.mark.parametrize(
    ("values", "rule", "sentence"),
    [
        (
            [TIE] * 200,
            {},
            "accuracy did not move (95 % bounds −0.007 to 0.007), "
            "so that a drop by the default margin 0.05 or more is excluded",
        ),
        (
            [(0.5, 0.3)] * 40,
            {"margin_is_default": False},
            "accuracy fell by 0.200 (95 % bounds −0.220 to −0.154), more than the margin 0.05",
        ),
        (
            WORSE,
            {},
            "accuracy fell by 0.040 (95 % bounds −0.090 to −0.007), surely worse but not surely "
            "by more than the default margin 0.05; about 2,739 questions would decide",
        ),
        (
            [TIE] * 30,
            {"role": "guard", "looks": 2},
            "accuracy did not move (97.5 % bounds −0.049 to 0.049), but 30 questions in "
            "effectively 30 equal documents are too few; about 72 questions would decide",
        ),
        (
            [UNANSWERABLE],
            {},
            "accuracy applies to no question that was asked; a verdict needs at least 59",
        ),
        (
            [TIE] * 98 + [NO_VARIANT] * 2,
            {},
            "accuracy is missing for 2 of 100 questions (bounds −0.062 to 0.003 with these at "
            "their worst), which may hide a drop by the default margin 0.05; "
            "repair what failed, more would not help",
        ),
        (
            [(0.5, 0.4), (0.5, 0.5)] * 50,
            {},
            "accuracy fell by 0.050 (95 % bounds −0.066 to −0.042), surely worse but not surely "
            "by more than the default margin 0.05; more questions would hardly help, since the "
            "drop is about as large as the margin",
        ),
    ],
)
def test_explanation(
    values: list[tuple[Value, Value]], rule: dict[str, Any], sentence: str
) -> None:
    assert evaluate(pairs(values), **rule).explanation == sentence


def test_explanation_knows_no_negative_zero() -> None:
    assert "bounds 0.000 to 0.000" in evaluate(pairs([TIE] * 5_000)).explanation


def test_explanation_of_a_limited_run() -> None:
    assert evaluate(pairs([TIE] * 8), limited=True).explanation == (
        "accuracy did not move (95 % bounds −0.161 to 0.161) over the first 8 questions only; "
        "a verdict needs a run without --ragft-limit"
    )
