"""A gate over paired scores: missing, limited, guards, looks, pools, and what blocks."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_ragft.gate import decide
from pytest_ragft.records import ClusterScope, PairedScore
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
        with pytest.raises(ValueError, match=r"margin|alpha|looks|scale|guards|tests"):
            evaluate(pairs(PASSING), **rule)
