"""A gate over paired scores: missing, limited, guards, looks, pools, and what blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from pytest_ragft.gate import decide, evaluate_gate
from pytest_ragft.records import Comparison, Gate, GateResult, PairedScore, Score

Value = float | str


def score(value: Value, metric: str = "accuracy") -> Score:
    """A number, or the name of a status."""
    if isinstance(value, str):
        return Score(metric=metric, value=None, status=value, reason="no")  # type: ignore[arg-type]
    return Score(metric=metric, value=value)


def pairs(
    values: Iterable[tuple[Value, Value]],
    *,
    suite: str = "papers",
    documents: Sequence[str] | None = None,
    retrieved: Sequence[bool | None] | None = None,
) -> list[PairedScore]:
    """Baseline's and variant's values; every question its own document by default."""
    return [
        PairedScore(
            suite=suite,
            id=f"q-{i:03}",
            cluster=documents[i] if documents else f"doc-{i:03}",
            baseline=score(baseline),
            variant=score(variant),
            relevant_retrieved=retrieved[i] if retrieved else None,
        )
        for i, (baseline, variant) in enumerate(values)
    ]


def evaluate(
    rows: Sequence[PairedScore],
    *,
    limited: bool = False,
    guards: int = 1,
    pooled: bool = False,
    metric: str = "accuracy",
    **rule: Any,
) -> GateResult:
    comparison = Comparison(
        metric=metric,
        baseline="base",
        variant="ft-ckpt",
        suites=tuple(sorted({row.suite for row in rows})),
        pairs=tuple(rows),
        limited=limited,
    )
    gate = Gate(**{"metric": "accuracy", "role": "primary", **rule})
    return evaluate_gate(gate, comparison, node_id="a::gate", pooled=pooled, guards=guards)


def found(result: GateResult) -> tuple[str, str, bool]:
    return result.verdict.outcome, result.verdict.reason, result.blocks


TIE: tuple[Value, Value] = (0.5, 0.5)
LOST: tuple[Value, Value] = (1.0, 0.0)
NO_VARIANT: tuple[Value, Value] = (1.0, "missing")
UNANSWERABLE: tuple[Value, Value] = ("not_applicable", "not_applicable")

PASSING = [TIE] * 200
REGRESSED = [TIE] * 100 + [LOST] * 40
WORSE = [TIE] * 96 + [LOST] * 4
UNDERPOWERED = [(0.5, 0.0), (0.5, 1.0)] * 50


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
        assert result.detectable_drop is None
        assert (result.severe_share, result.severe_upper) == (0.0, 1.0)


class TestShareOfAlpha:
    def test_announced_looks_share_alpha(self) -> None:
        assert evaluate(pairs(PASSING), looks=4).verdict.alpha == 0.0125
        assert evaluate(pairs(PASSING), looks=None).verdict.alpha == 0.05

    def test_guards_share_alpha_and_primary_gates_do_not(self) -> None:
        assert evaluate(pairs(PASSING), role="guard", guards=5).verdict.alpha == 0.01
        assert evaluate(pairs(PASSING), role="primary", guards=5).verdict.alpha == 0.05

    def test_looks_and_guards_multiply(self) -> None:
        result = evaluate(pairs(PASSING), role="guard", guards=5, looks=2)
        assert result.verdict.alpha == pytest.approx(0.005)

    def test_what_passes_at_one_look_may_not_at_four(self) -> None:
        values = [TIE] * 196 + [LOST] * 4
        assert found(evaluate(pairs(values)))[0] == "PASS"
        assert found(evaluate(pairs(values), looks=4))[0] == "INCONCLUSIVE"


class TestPool:
    def test_documents_of_two_suites_are_two_clusters(self) -> None:
        documents = [f"doc-{i // 5}" for i in range(100)]
        rows = [
            *pairs([TIE] * 100, suite="biomedical", documents=documents),
            *pairs([TIE] * 100, suite="papers", documents=documents),
        ]
        result = evaluate(rows, pooled=True)

        assert (result.verdict.n, result.verdict.clusters) == (200, 40)
        assert result.pooled
        assert result.suites == ("biomedical", "papers")

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
            {"alpha": 0.2, "looks": 4},
            {"looks": 0},
            {"scale": 0.0},
            {"role": "guard", "guards": 0},
        ],
    )
    def test_rule(self, rule: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"margin|alpha|looks|scale|tests"):
            evaluate(pairs(PASSING), **rule)


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
            "by more than the default margin 0.05; about 2739 questions would decide",
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


def test_explanation_of_a_limited_run() -> None:
    assert evaluate(pairs([TIE] * 8), limited=True).explanation == (
        "accuracy did not move (95 % bounds −0.161 to 0.161) over the first 8 questions only; "
        "a verdict needs a run without --ragft-limit"
    )
