"""At which level a gate decides, on which questions, and against which margins."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Slice, Slope
from tests.unit.gate_rows import (
    LOST,
    PASSING,
    TIE,
    UNANSWERABLE,
    UNDERPOWERED,
    Value,
    evaluate,
    found,
    labelled,
    pairs,
)


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
