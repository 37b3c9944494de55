"""A gate over paired scores: missing, limited, guards, looks, pools, and what blocks."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_ragft.errors import SuiteError
from pytest_ragft.gate import decide
from pytest_ragft.records import ClusterScope, PairedScore, Slice, Slope
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
    found,
    labelled,
    pairs,
)


@pytest.mark.parametrize(
    ("values", "primary", "guard"),
    [
        (PASSING, ("PASS", "", False), ("PASS", "", False)),
        (REGRESSED, ("REGRESSION", "", True), ("REGRESSION", "", True)),
        (WORSE, ("INCONCLUSIVE", "worse", True), ("INCONCLUSIVE", "worse", False)),
        (
            UNDERPOWERED,
            ("INCONCLUSIVE", "underpowered", True),
            ("INCONCLUSIVE", "underpowered", False),
        ),
        ([TIE] * 30, ("INCONCLUSIVE", "floor", True), ("INCONCLUSIVE", "floor", False)),
        ([], ("INCONCLUSIVE", "floor", True), ("INCONCLUSIVE", "floor", False)),
        (
            [TIE] * 95 + [NO_VARIANT] * 5,
            ("INCONCLUSIVE", "missing", True),
            ("INCONCLUSIVE", "missing", True),
        ),
    ],
    ids=["pass", "regression", "worse", "underpowered", "floor", "empty", "missing"],
)
def test_what_blocks(
    values: list[tuple[Value, Value]],
    primary: tuple[str, str, bool],
    guard: tuple[str, str, bool],
) -> None:
    assert found(evaluate(pairs(values), role="primary")) == primary
    assert found(evaluate(pairs(values), role="guard")) == guard


@pytest.mark.parametrize("role", ["primary", "guard"])
@pytest.mark.parametrize("values", [PASSING, REGRESSED, [TIE] * 5, []])
def test_a_limited_run_decides_nothing_and_blocks(
    role: str, values: list[tuple[Value, Value]]
) -> None:
    result = evaluate(pairs(values), role=role, limited=True)
    assert found(result) == ("INCONCLUSIVE", "limited", True)
    assert result.questions_to_decide is None


def test_the_verdict_is_that_of_decide() -> None:
    documents = [f"d{i // 5}" for i in range(200)]
    values = [(0.5, 0.5 + ((37 * i % 101) - 60) / 200) for i in range(200)]
    result = evaluate(pairs(values, documents=documents), margin=0.04, alpha=0.1)
    expected = decide([v - b for b, v in values], documents, margin=0.04, alpha=0.1)

    assert result.verdict == expected
    assert result.baseline_mean == pytest.approx(0.5)
    assert result.variant_mean == pytest.approx(0.5 - 0.049775)
    assert result.worst_case is None


class TestMissing:
    def test_few_that_cannot_overturn_a_pass_leave_it(self) -> None:
        result = evaluate(pairs([TIE] * 398 + [(0.5, "missing"), ("missing", 0.5)]))

        assert found(result) == ("PASS", "", False)
        assert result.verdict.n == 398
        assert (result.baseline_missing, result.variant_missing) == (1, 1)
        assert result.worst_case is not None
        worst = decide([0.0] * 398 + [-0.5, -0.5], margin=0.05)
        assert result.worst_case == pytest.approx((worst.lower, worst.upper))
        assert result.worst_case[0] < result.verdict.lower

    def test_both_sides_missing_count_as_a_loss_of_the_whole_scale(self) -> None:
        result = evaluate(pairs([TIE] * 199 + [("missing", "missing")]))
        worst = decide([0.0] * 199 + [-1.0], margin=0.05)
        assert result.worst_case == pytest.approx((worst.lower, worst.upper))
        assert (result.baseline_missing, result.variant_missing) == (1, 1)

    def test_two_percent_are_not_over_two_percent(self) -> None:
        assert found(evaluate(pairs([TIE] * 98 + [(0.1, "missing")] * 2)))[0] == "PASS"
        assert found(evaluate(pairs([TIE] * 97 + [(0.1, "missing")] * 3)))[1] == "missing"

    def test_few_that_may_hide_a_drop_are_no_pass(self) -> None:
        result = evaluate(pairs([TIE] * 98 + [NO_VARIANT] * 2))
        assert found(result) == ("INCONCLUSIVE", "missing", True)
        assert result.verdict.lower > -0.05, "the complete pairs alone would pass"
        assert result.questions_to_decide is None

    def test_few_excuse_no_regression(self) -> None:
        assert found(evaluate(pairs([*REGRESSED, NO_VARIANT])))[0] == "REGRESSION"
        assert found(evaluate(pairs([*REGRESSED, ("missing", 1.0)])))[0] == "REGRESSION"

    def test_many_excuse_nothing_and_decide_nothing(self) -> None:
        result = evaluate(pairs(REGRESSED + [NO_VARIANT] * 10), role="guard")
        assert found(result) == ("INCONCLUSIVE", "missing", True)

    def test_a_guard_does_not_let_through_what_missing_scores_may_hide(self) -> None:
        values: list[tuple[Value, Value]] = [(0.6, 0.5)] * 93 + [(0.6, 1.0)] * 6 + [NO_VARIANT] * 2
        nearly = evaluate(pairs(values), role="guard")
        complete = evaluate(pairs(values[:99]), role="guard")
        worst = evaluate(pairs(values[:99] + [LOST] * 2), role="guard")

        assert complete.verdict.outcome == "INCONCLUSIVE"
        assert worst.verdict.outcome == "REGRESSION"
        assert found(nearly) == ("INCONCLUSIVE", "missing", True)

    def test_few_leave_an_undecided_verdict_its_reason(self) -> None:
        result = evaluate(pairs([*UNDERPOWERED, NO_VARIANT]), role="guard")
        assert found(result) == ("INCONCLUSIVE", "underpowered", False)

    def test_all_missing(self) -> None:
        result = evaluate(pairs([("missing", "missing")] * 100))
        assert found(result) == ("INCONCLUSIVE", "missing", True)
        assert (result.baseline_mean, result.variant_mean) == (None, None)

    def test_comes_before_limited(self) -> None:
        assert found(evaluate(pairs([NO_VARIANT] * 9), limited=True))[1] == "missing"


class TestNotApplicable:
    def test_is_outside_n_and_outside_the_missing_count(self) -> None:
        result = evaluate(pairs([TIE] * 100 + [UNANSWERABLE] * 50))

        assert found(result) == ("PASS", "", False)
        assert (result.verdict.n, result.not_applicable) == (100, 50)
        assert (result.baseline_missing, result.variant_missing) == (0, 0)
        assert result.worst_case is None

    def test_does_not_dilute_the_share_of_missing(self) -> None:
        result = evaluate(pairs([TIE] * 97 + [(0.1, "missing")] * 3 + [UNANSWERABLE] * 500))
        assert found(result)[1] == "missing"

    def test_speaks_for_a_missing_other_side(self) -> None:
        result = evaluate(pairs([TIE] * 100 + [("not_applicable", "missing")] * 5))
        assert found(result) == ("PASS", "", False)
        assert (result.not_applicable, result.variant_missing) == (5, 0)

    @pytest.mark.parametrize("values", [("not_applicable", 0.5), (0.5, "not_applicable")])
    def test_contradicts_a_scored_other_side(self, values: tuple[Value, Value]) -> None:
        with pytest.raises(ValueError, match=r"'q-002' of suite 'papers'.*depends on the question"):
            evaluate(pairs([TIE, TIE, values]))

    def test_everywhere_leaves_nothing_to_decide(self) -> None:
        result = evaluate(pairs([UNANSWERABLE] * 100))
        assert found(result) == ("INCONCLUSIVE", "floor", True)
        assert result.questions_to_decide == 59
        assert (result.pass_unchanged, result.blocked_drop, result.vetoed_drop) == (0.0, None, None)
        assert not result.can_veto
        assert (result.severe_share, result.severe_upper) == (0.0, 1.0)


class TestShareOfAlpha:
    @pytest.mark.parametrize(("guards", "alpha"), [(1, 0.05), (6, 0.05), (8, 0.0375), (60, 0.005)])
    def test_many_guards_share_alpha(self, guards: int, alpha: float) -> None:
        level = evaluate(pairs(PASSING), role="guard", guards=guards).verdict.alpha
        assert level == pytest.approx(alpha)

    def test_primary_gates_do_not(self) -> None:
        assert evaluate(pairs(PASSING), role="primary", guards=60).verdict.alpha == 0.05

    def test_variants_of_which_the_best_is_chosen_share_alpha(self) -> None:
        level = evaluate(pairs(PASSING), variants=5).verdict.alpha
        assert level == pytest.approx(0.01)
        # A guard that vetoes none of them is no claim that could be chosen by.
        assert evaluate(pairs(PASSING), role="guard", variants=5).verdict.alpha == 0.05


class TestLooks:
    """Sizes are announced; a level is spent at each, and nothing passes in between or after."""

    LOOKS = (100, 200, 300)

    @pytest.mark.parametrize(
        ("size", "look", "alpha"),
        [(100, 1, 0.000687), (98, 1, 0.000687), (204, 2, 0.016144), (300, 3, 0.045056)],
    )
    def test_each_announced_size_has_its_level(self, size: int, look: int, alpha: float) -> None:
        result = evaluate(pairs([TIE] * size), looks=self.LOOKS)
        assert result.look == look
        assert result.verdict.alpha == pytest.approx(alpha, abs=1e-6)

    @pytest.mark.parametrize(("size", "ahead"), [(50, 100), (103, 200), (150, 200), (290, 300)])
    def test_any_other_size_is_refused_with_the_next(self, size: int, ahead: int) -> None:
        with pytest.raises(SuiteError, match=rf"there are {size} questions; .* is at {ahead} "):
            evaluate(pairs([TIE] * size), looks=self.LOOKS)

    def test_past_the_last_nothing_passes(self) -> None:
        result = evaluate(pairs([TIE] * 400), looks=self.LOOKS)
        assert found(result) == ("INCONCLUSIVE", "looks", True)
        assert (result.look, result.pass_unchanged, result.blocked_drop) == (None, 0.0, None)
        assert "past the last nothing passes" in result.explanation

    def test_past_the_last_a_regression_is_one(self) -> None:
        assert found(evaluate(pairs([LOST] * 400), looks=self.LOOKS))[0] == "REGRESSION"

    def test_the_pool_counts_and_not_what_the_metric_applies_to(self) -> None:
        result = evaluate(pairs([TIE] * 150 + [UNANSWERABLE] * 50), looks=self.LOOKS)
        assert (result.look, result.pool, result.verdict.n) == (2, 200, 150)

    def test_a_limited_run_is_no_look(self) -> None:
        result = evaluate(pairs([TIE] * 30), looks=self.LOOKS, limited=True)
        assert found(result) == ("INCONCLUSIVE", "limited", True)

    def test_where_labels_decide_looks_count_labelled_questions(self) -> None:
        rows = pairs([TIE] * 300)
        labels = {i: (1.0, 1.0) for i in range(100)}
        result = labelled(rows, labels, looks=(100, 200))
        assert (result.look, result.verdict.n) == (1, 100)
        with pytest.raises(SuiteError, match="there are 100 questions; the next look is at 200"):
            labelled(rows, labels, looks=(60, 200))

    def test_the_sentence_names_the_next_look(self) -> None:
        values = [TIE] * 96 + [LOST] * 4
        text = evaluate(pairs(values), looks=self.LOOKS).explanation
        assert text.endswith("; the next announced look is at 200 questions")
        last = evaluate(pairs(values), looks=(50, 100)).explanation
        assert last.endswith("; the announced looks are over, and one more would be peeking")


class TestSlice:
    """A gate over a part of the questions: 19 among 700 vanish in the pool."""

    ROWS = (
        *pairs([TIE] * 700, suite="faq"),
        *pairs([LOST] * 19, suite="safety", tags=("safety",), answerable=False, prefix="s"),
    )

    def test_a_collapse_of_a_few_is_invisible_in_the_pool(self) -> None:
        assert found(evaluate(self.ROWS))[0] == "PASS"

    @pytest.mark.parametrize("where", [{"tag": "safety"}, {"answerable": False}])
    def test_and_a_veto_in_its_slice(self, where: dict[str, Any]) -> None:
        gate = {"name": "safety", "where": Slice(**where), "role": "guard"}
        result = evaluate(self.ROWS, **gate)
        assert found(result) == ("REGRESSION", "", True)
        assert result.verdict.n == 19

    def test_everything_that_is_set_must_hold(self) -> None:
        where = Slice(tag="safety", answerable=True)
        assert evaluate(self.ROWS, name="none", where=where).verdict.n == 0

    def test_by_type_and_by_what_was_retrieved(self) -> None:
        rows = [
            *pairs([TIE] * 4, kind="list", retrieved=[True, True, False, None]),
        ]
        assert evaluate(rows, name="x", where=Slice(type="list")).verdict.n == 4
        assert evaluate(rows, name="x", where=Slice(type="date")).verdict.n == 0
        assert evaluate(rows, name="x", where=Slice(hit=True)).verdict.n == 2
        assert evaluate(rows, name="x", where=Slice(hit=False)).verdict.n == 1


class TestVeto:
    @pytest.mark.parametrize(
        ("questions", "documents", "can"), [(7, 7, False), (8, 8, True), (40, 4, False)]
    )
    def test_a_guard_that_cannot_veto_is_known(
        self, questions: int, documents: int, can: bool
    ) -> None:
        names = [f"d{i % documents}" for i in range(questions)]
        result = evaluate(pairs([LOST] * questions, documents=names), role="guard")
        assert result.can_veto is can
        assert result.verdict.outcome == ("REGRESSION" if can else "INCONCLUSIVE")
        if not can:
            assert result.vetoed_drop is None

    def test_the_drop_that_is_vetoed_four_times_of_five(self) -> None:
        result = evaluate(pairs(UNDERPOWERED), role="guard")
        verdict = result.verdict
        expected = 0.05 + (verdict.upper - verdict.estimate) + 0.8416212 * verdict.standard_error
        assert result.vetoed_drop == pytest.approx(expected)

    def test_none_where_the_scale_is_too_short(self) -> None:
        values: list[tuple[Value, Value]] = [(1.0, 0.0), (0.0, 1.0)] * 4
        assert evaluate(pairs(values), role="guard").vetoed_drop is None


class TestPeoplesMargin:
    """A judge that blurs by half: a margin in its score is twice as much to people."""

    SLOPE = Slope(estimate=0.5, lower=0.4, upper=0.6)

    def test_pass_and_regression_have_a_margin_each(self) -> None:
        result = evaluate(pairs(PASSING), margin_scale="people", slope=self.SLOPE)
        verdict = result.verdict
        assert (verdict.margin, verdict.regression_margin) == pytest.approx((0.02, 0.03))
        assert verdict.questions_needed == 149
        assert verdict.outcome == "PASS"
        assert "a drop by 0.02 (what the default margin 0.05 to people comes to)" in (
            result.explanation
        )

    def test_a_steep_slope_makes_no_smaller_regression(self) -> None:
        steep = Slope(estimate=1.3, lower=1.1, upper=1.5)
        verdict = evaluate(pairs(PASSING), margin_scale="people", slope=steep).verdict
        assert (verdict.margin, verdict.regression_margin) == pytest.approx((0.055, 0.05))

    @pytest.mark.parametrize("slope", [None, Slope(estimate=0.4, lower=0.19, upper=0.6)])
    def test_without_a_slope_or_with_one_next_to_nothing_there_is_no_verdict(
        self, slope: Slope | None
    ) -> None:
        with pytest.raises(ValueError, match="slope"):
            evaluate(pairs(PASSING), margin_scale="people", slope=slope)

    def test_labels_are_people_s_units_already(self) -> None:
        labels = {i: (1.0, 1.0) for i in range(100)}
        result = labelled(pairs([TIE] * 300), labels, margin_scale="people", slope=self.SLOPE)
        assert result.verdict.margin == 0.05
        assert result.correction is not None
        assert result.correction.judged.margin == pytest.approx(0.02)
        assert found(labelled(pairs([TIE] * 300), labels, margin_scale="people"))[0] == "PASS"


class TestPool:
    DOCUMENTS = tuple(f"doc-{i // 5}" for i in range(100))

    def rows(self, scope: ClusterScope) -> list[PairedScore]:
        return [
            *pairs([TIE] * 100, suite="biomedical", documents=self.DOCUMENTS, scope=scope),
            *pairs([TIE] * 100, suite="papers", documents=self.DOCUMENTS, scope=scope),
        ]

    def test_a_document_of_two_suites_is_one(self) -> None:
        result = evaluate(self.rows("pool"), pooled=True)
        assert (result.verdict.n, result.verdict.clusters) == (200, 20)
        assert result.shared_documents == 20
        assert result.pooled
        assert result.suites == ("biomedical", "papers")

    def test_unless_their_names_mean_something_else(self) -> None:
        result = evaluate(self.rows("suite"), pooled=True)
        assert (result.verdict.n, result.verdict.clusters) == (200, 40)
        assert result.shared_documents == 0

    def test_a_question_of_its_own_is_no_document_of_that_name(self) -> None:
        rows = [
            *pairs([TIE] * 2, documents=["q-001", "q-001"], scope="question"),
            *pairs([TIE] * 2, documents=["q-001", "q-001"], scope="pool", prefix="p"),
        ]
        assert evaluate(rows).verdict.clusters == 2

    def test_a_question_that_comes_twice_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="'q-000' of suite 'papers' comes twice"):
            evaluate([*pairs([TIE] * 3), *pairs([TIE])])

    def test_the_same_id_in_two_suites_is_fine(self) -> None:
        rows = [*pairs([TIE] * 30, suite="a"), *pairs([TIE] * 30, suite="b")]
        assert evaluate(rows, pooled=True).verdict.n == 60


def test_the_margin_is_a_fraction_of_the_scale() -> None:
    verdict = evaluate(pairs(PASSING), margin=0.1, scale=2.0).verdict
    expected = decide([0.0] * 200, margin=0.2, scale=2.0)
    assert verdict == expected


class TestUnusable:
    def test_a_difference_beyond_the_scale(self) -> None:
        with pytest.raises(ValueError, match=r"outside \[-0.5, 0.5\]"):
            evaluate(pairs([LOST]), scale=0.5)

    def test_another_metric(self) -> None:
        with pytest.raises(ValueError, match="different metrics"):
            evaluate(pairs([TIE]), metric="completeness")

    def test_no_cluster(self) -> None:
        with pytest.raises(ValueError, match="has no cluster"):
            evaluate(pairs([TIE], documents=[""]))

    @pytest.mark.parametrize(
        "rule",
        [
            {"margin": 0.0},
            {"margin": 1.0},
            {"alpha": 0.0},
            {"alpha": 0.2, "looks": (200, 400)},
            {"looks": ()},
            {"scale": 0.0},
            {"role": "guard", "guards": 0},
        ],
    )
    def test_rule(self, rule: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"margin|alpha|looks|scale|tests"):
            evaluate(pairs(PASSING), **rule)
