"""What a gate tells people besides its verdict: plans, movers, strata, the sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scipy.special import ndtr

from pytest_ragft.gate.explanation import Circumstances, explain
from pytest_ragft.records import Gate, GateResult, PairLabels
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
    labelled,
    pairs,
)


class TestPlanning:
    def test_what_a_run_would_do_with_an_unchanged_variant_and_with_a_worse_one(self) -> None:
        result = evaluate(pairs([(0.5, 0.3), (0.5, 0.7)] * 60))
        verdict = result.verdict
        room = 0.05 - (verdict.estimate - verdict.lower)
        assert result.pass_unchanged == pytest.approx(ndtr(room / verdict.standard_error))
        assert result.blocked_drop == pytest.approx(room + 0.8416212 * verdict.standard_error)

    def test_below_the_floor_nothing_passes_and_everything_is_blocked(self) -> None:
        result = evaluate(pairs([TIE] * 58))
        assert (result.pass_unchanged, result.blocked_drop) == (0.0, None)

    def test_without_spread_an_unchanged_variant_surely_passes(self) -> None:
        assert evaluate(pairs(PASSING)).pass_unchanged == 1.0

    def test_questions_come_in_documents_like_those_at_hand(self) -> None:
        documents = [f"d{i // 5}" for i in range(90)]
        result = evaluate(pairs([TIE] * 90, documents=documents))
        assert (result.questions_to_decide, result.documents_to_decide) == (295, 59)

    def test_no_more_labels_are_asked_for_than_there_are_questions(self) -> None:
        """Seen: "about 3,540 labelled questions would decide" in a suite of 1,000."""
        values = {i: ((1.0, 0.0), (0.0, 1.0))[i % 2] for i in range(100)}
        result = labelled(pairs([TIE] * 1_000), values)
        assert result.verdict.reason == "underpowered"
        assert result.questions_to_decide is None
        assert result.explanation.partition(";")[2].startswith(
            " labels for all 1,000 questions would hardly decide"
        )

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
        assert result.severe_alpha == 0.05

    def test_severe_drops_of_whole_documents_are_less_sure(self) -> None:
        values = [TIE] * 80 + [LOST] * 20
        apart = evaluate(pairs(values)).severe_upper
        documents = [f"d{i // 5}" for i in range(100)]
        assert evaluate(pairs(values, documents=documents)).severe_upper > apart + 0.03

    def test_severe_drops_are_people_s_where_they_decide(self) -> None:
        """Seen: "severe drops at most 0.3 %" by the judge, beside a loss that people found."""
        values = {i: (1.0, 0.0) if i < 10 else (1.0, 1.0) for i in range(100)}
        result = labelled(pairs([TIE] * 1_000), values)
        assert result.severe_share == 0.1
        assert result.severe_upper > 0.1


class TestMeans:
    def test_they_are_people_s_where_they_decide_and_differ_by_the_estimate(self) -> None:
        """Seen: baseline 1.000 and variant 1.000 beside a difference of -0.060."""
        rows = pairs([(1.0, 1.0), (0.5, 0.75), (0.0, 0.25)] * 100)
        values = {i: (1.0, 0.9 if i % 5 else 1.0) for i in range(0, 300, 2)}
        result = labelled(rows, values)
        assert result.correction is not None
        assert result.variant_mean is not None
        assert result.baseline_mean is not None
        assert result.variant_mean - result.baseline_mean == pytest.approx(result.verdict.estimate)
        assert result.correction.judged_baseline_mean == pytest.approx(0.5)

    def test_and_the_judge_s_where_it_decides(self) -> None:
        result = labelled(pairs([(1.0, 0.0)] * 100), {0: (1.0, 1.0)})
        assert result.correction is not None
        assert result.correction.decided_by == "judge"
        assert (result.baseline_mean, result.variant_mean) == (1.0, 0.0)


class TestUnsure:
    """A pair of which people cannot say is missing, at its worst."""

    def result(self, unsure: int) -> GateResult:
        rows = pairs([TIE] * 400)
        known = {(row.suite, row.id): (1.0, 1.0) for row in rows[:100]}
        cannot = {(row.suite, row.id): (None, 0.5) for row in rows[100 : 100 + unsure]}
        labels = PairLabels(metric="accuracy", pairs=known, unsure=cannot)
        return evaluate(rows, labels=labels)

    def test_one_is_no_matter_and_is_counted(self) -> None:
        result = self.result(1)
        assert result.correction is not None
        assert (result.correction.unsure, result.correction.labelled) == (1, 100)
        assert result.worst_case is not None
        assert result.worst_case[0] < result.verdict.lower

    def test_many_leave_the_gate_open(self) -> None:
        assert self.result(8).verdict.reason == "missing"
        assert "accuracy is missing for 8 of 400 questions" in self.result(8).explanation


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


def test_strata_by_whatever_divides_the_questions() -> None:
    rows = [
        *pairs([TIE] * 6, suite="faq", kind="factoid", tags=("price", "new")),
        *pairs([LOST] * 2, suite="safety", answerable=False, kind="list", tags=("new",)),
    ]
    found = {s.name: (s.n, s.variant - s.baseline) for s in evaluate(rows).strata}
    assert found == {
        "no relevant passage named": (8, -0.25),
        "answerable": (6, 0.0),
        "unanswerable": (2, -1.0),
        "suite faq": (6, 0.0),
        "suite safety": (2, -1.0),
        "type factoid": (6, 0.0),
        "type list": (2, -1.0),
        "tag new": (8, -0.25),
        "tag price": (6, 0.0),
    }


def test_documents_of_several_suites_name_them_all() -> None:
    rows = [
        *pairs([LOST] * 2, suite="faq", documents=["a", "b"]),
        *pairs([LOST] * 2, suite="safety", documents=["a", "c"]),
    ]
    moved = evaluate(rows).documents
    assert [(m.suite, m.id, m.n) for m in moved] == [
        ("faq+safety", "a", 2),
        ("faq", "b", 1),
        ("safety", "c", 1),
    ]


@pytest.mark.parametrize(
    ("values", "rule", "sentence"),
    [
        (
            [TIE] * 200,
            {},
            "accuracy did not move (one-sided 95 % bounds −0.007 to +0.007), "
            "so that a drop by the default margin 0.05 or more is excluded",
        ),
        (
            [(0.5, 0.3)] * 40,
            {"margin_is_default": False},
            "accuracy fell by 0.200 (one-sided 95 % bounds −0.220 to −0.154), more than the "
            "margin 0.05",
        ),
        (
            WORSE,
            {},
            "accuracy fell by 0.040 (one-sided 95 % bounds −0.090 to −0.007), surely worse but "
            "not surely by more than the default margin 0.05; about 2,739 questions in 2,739 "
            "documents would decide (with 80 % probability, if the estimate is the truth); "
            "announce that size with `looks` before adding any",
        ),
        (
            [TIE] * 30,
            {"role": "guard", "guards": 12},
            "accuracy did not move (one-sided 97.5 % bounds −0.049 to +0.049), but 30 questions "
            "are too few (worth 30 independent ones of the 72 needed); about 72 questions in 72 "
            "documents would decide (with 80 % probability, if the estimate is the truth); "
            "announce that size with `looks` before adding any",
        ),
        (
            [UNANSWERABLE],
            {},
            "accuracy applies to no question that was asked; a verdict needs at least 59",
        ),
        (
            [TIE] * 98 + [NO_VARIANT] * 2,
            {},
            "accuracy is missing for 2 of 100 questions (one-sided 95 % bounds −0.062 to +0.003 "
            "with these at their worst), which may hide a drop by the default margin 0.05; "
            "repair what failed, more would not help",
        ),
        (
            [(0.5, 0.4), (0.5, 0.5)] * 50,
            {},
            "accuracy fell by 0.050 (one-sided 95 % bounds −0.066 to −0.042), surely worse but not "
            "surely by more than the default margin 0.05; more questions would hardly help, since "
            "the drop is about as large as the margin",
        ),
    ],
)
def test_explanation(
    values: list[tuple[Value, Value]], rule: dict[str, Any], sentence: str
) -> None:
    assert evaluate(pairs(values), **rule).explanation == sentence


def test_explanation_knows_no_negative_zero() -> None:
    assert "bounds −0.0003 to +0.0003" in evaluate(pairs([TIE] * 5_000)).explanation


def test_explanation_of_few_documents() -> None:
    documents = [f"d{i // 5}" for i in range(90)]
    text = evaluate(pairs([TIE] * 90, documents=documents)).explanation
    assert (
        "but 90 questions are too few (worth 18 independent ones of the 59 needed, in effectively "
        "18 documents of the 20 needed); about 295 questions in 59 documents would decide"
    ) in text


def test_what_is_just_too_little_does_not_look_like_enough() -> None:
    verdict = replace(evaluate(pairs([TIE] * 58)).verdict, independent=58.996, kish_clusters=19.96)
    rule = Gate(metric="accuracy", role="primary")
    of = Circumstances(
        gate=rule, missing=0, applicable=58, worst_case=None, needed=None, documents=None,
        most=None, next_look=None,
    )  # fmt: skip
    assert (
        "(worth 58.996 independent ones of the 59 needed, in effectively 19.96 documents of the "
        "20 needed)"
    ) in explain(verdict, of)


def test_explanation_of_a_limited_run() -> None:
    assert evaluate(pairs([TIE] * 8), limited=True).explanation == (
        "accuracy did not move (one-sided 95 % bounds −0.161 to +0.161) over the first 8 questions "
        "only; a verdict needs a run without --ragft-limit"
    )
