"""Gates with human labels for a part of the pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from pytest_ragft.gate import decide, evaluate_gate
from pytest_ragft.records import Comparison, Gate, GateResult, PairedScore, PairLabels
from pytest_ragft.stats.prediction_powered import corrected_bounds
from tests.unit.gate_rows import LOST, NO_VARIANT, TIE, UNANSWERABLE, Value, found, pairs

Unsure = tuple[float | None, float | None]


def corrected(
    rows: Sequence[PairedScore],
    labels: dict[int, tuple[float, float]],
    *,
    limited: bool = False,
    guards: int = 1,
    metric: str = "accuracy",
    unsure: dict[int, Unsure] | None = None,
    **rule: Any,
) -> GateResult:
    """A gate with labels (baseline, variant) of some rows."""
    comparison = Comparison(
        metric="accuracy",
        baseline="base",
        variant="ft-ckpt",
        suites=("papers",),
        pairs=tuple(rows),
        limited=limited,
    )
    gate = Gate(**{"metric": "accuracy", "role": "primary", **rule})
    of = {(rows[i].suite, rows[i].id): label for i, label in labels.items()}
    missing = {(rows[i].suite, rows[i].id): label for i, label in (unsure or {}).items()}
    return evaluate_gate(
        gate,
        comparison,
        node_id="a::gate",
        pooled=False,
        guards=guards,
        labels=PairLabels(metric=metric, pairs=of, unsure=missing),
    )


def drawn(seed: int, n: int = 300, labelled: int = 100) -> tuple[list[PairedScore], dict, list]:
    rng = np.random.default_rng(seed)
    values = [tuple(map(float, pair)) for pair in rng.random((n, 2)).round(3)]
    documents = [f"d{i // 3}" for i in range(n)]
    chosen = rng.choice(n, labelled, replace=False)
    labels = {int(i): tuple(np.clip(rng.normal(values[i], 0.1), 0, 1)) for i in chosen}
    return pairs(values, documents=documents), labels, documents


@pytest.mark.parametrize("seed", range(4))
def test_the_bounds_are_those_of_the_method(seed: int) -> None:
    rows, labels, documents = drawn(seed)
    result = corrected(rows, labels, margin=0.2, role="guard", guards=12)
    inside = [i for i in range(len(rows)) if i in labels]
    outside = [i for i in range(len(rows)) if i not in labels]
    judged = [row.variant.value - row.baseline.value for row in rows]
    bounds = corrected_bounds(
        [labels[i][1] - labels[i][0] for i in inside],
        [judged[i] for i in inside],
        [judged[i] for i in outside],
        alpha=0.05 / 2,
        clusters=[documents[i] for i in inside],
        other_clusters=[documents[i] for i in outside],
    )
    verdict = result.verdict
    assert (verdict.estimate, verdict.lower, verdict.upper, verdict.kish_clusters) == pytest.approx(
        (bounds.estimate, bounds.lower, bounds.upper, bounds.kish_clusters)
    )
    assert (verdict.n, verdict.alpha) == (100, pytest.approx(0.05 / 2))
    correction = result.correction
    assert correction is not None
    assert correction.judged == decide(judged, documents, margin=0.2, alpha=0.05 / 2)
    assert correction.corrected == verdict
    assert (correction.labelled, correction.others) == (100, 200)
    assert 0 < correction.weight <= 1
    assert correction.bias_lower <= correction.bias <= correction.bias_upper


def test_a_bias_of_the_judge_is_found_and_taken_out() -> None:
    """Half of the variant's answers look better to the judge by .3 than they are to people."""
    rng = np.random.default_rng(1)
    truth = rng.random(1_000).round(3) / 2
    kind = rng.random(1_000) < 0.5
    rows = pairs([(t, t + 0.3 * k) for t, k in zip(truth, kind, strict=True)])
    labels = {i: (truth[i], truth[i] - 0.1) for i in range(0, 1_000, 8)}
    result = corrected(rows, labels)
    assert result.correction is not None
    assert result.correction.judged.outcome == "PASS"
    assert result.correction.bias == pytest.approx(0.25, abs=0.04)
    assert result.correction.bias_lower > 0.15
    assert found(result) == ("REGRESSION", "", True)
    assert result.verdict.estimate == pytest.approx(-0.1, abs=0.02)
    assert "corrected by 125 labelled questions, where the judge alone says PASS" in (
        result.explanation
    )


def test_a_judge_that_is_unfair_to_the_variant_is_overruled() -> None:
    rows = pairs([(0.9, 0.6)] * 200)
    result = corrected(rows, {i: (0.9, 0.9) for i in range(100)})
    assert result.correction is not None
    assert result.correction.judged.outcome == "REGRESSION"
    assert found(result) == ("PASS", "", False)


class TestTooFew:
    def test_no_label_at_all_is_a_floor(self) -> None:
        result = corrected(pairs([TIE] * 200), {})
        assert found(result) == ("INCONCLUSIVE", "floor", True)
        assert (result.verdict.lower, result.verdict.upper) == (-1.0, 1.0)

    @pytest.mark.parametrize("labelled", [1, 2, 58])
    def test_fewer_than_the_floor_never_pass(self, labelled: int) -> None:
        result = corrected(pairs([TIE] * 300), {i: (1.0, 1.0) for i in range(labelled)})
        assert found(result) == ("INCONCLUSIVE", "floor", True)
        assert result.verdict.n == labelled
        assert result.questions_to_decide is not None
        assert result.questions_to_decide >= 59
        assert "labelled question" in result.explanation

    def test_at_the_floor_they_may(self) -> None:
        result = corrected(pairs([TIE] * 300), {i: (1.0, 1.0) for i in range(59)})
        assert found(result) == ("PASS", "", False)

    def test_labels_in_too_few_documents_are_too_few(self) -> None:
        rows = pairs([TIE] * 300, documents=[f"d{i // 15}" for i in range(300)])
        result = corrected(rows, {i: (1.0, 1.0) for i in range(150)})
        assert found(result) == ("INCONCLUSIVE", "floor", True)

    @pytest.mark.parametrize("role", ["primary", "guard"])
    @pytest.mark.parametrize("labelled", [0, 1, 30, 58])
    def test_they_excuse_no_regression(self, role: str, labelled: int) -> None:
        rows = pairs([LOST] * 40 + [TIE] * 200)
        labels = {i: (1.0, 1.0) for i in range(60, 60 + labelled)}
        result = corrected(rows, labels, role=role)
        assert found(result) == ("REGRESSION", "", True)
        assert result.correction is not None
        assert result.correction.decided_by == "judge"
        assert result.correction.corrected.reason == "floor"
        assert f"{labelled} labelled question" in result.explanation

    def test_twenty_that_all_fell_are_enough_for_a_regression(self) -> None:
        result = corrected(pairs([TIE] * 200), {i: (1.0, 0.0) for i in range(25)})
        assert found(result) == ("REGRESSION", "", True)


class TestWithMissingScores:
    def test_over_two_percent_decide_nothing_whatever_people_say(self) -> None:
        rows = pairs([TIE] * 190 + [NO_VARIANT] * 10)
        result = corrected(rows, {i: (1.0, 1.0) for i in range(100)})
        assert found(result) == ("INCONCLUSIVE", "missing", True)

    def test_few_that_may_hide_a_drop_are_no_pass(self) -> None:
        """A judge that people agree with carries weight, and so does what it did not score."""
        values: list[tuple[Value, Value]] = [(0.5, 0.4), (0.5, 0.54)] * 200
        rows = pairs(values + [NO_VARIANT] * 8)
        labels = {i: values[i] for i in range(100)}
        result = corrected(rows, labels)  # type: ignore[arg-type]
        assert result.correction is not None
        assert result.correction.weight > 0.7
        assert result.verdict.lower > -0.05, "the complete pairs alone would pass"
        assert found(result) == ("INCONCLUSIVE", "missing", True)

    def test_labels_that_the_judge_does_not_move_speak_for_the_missing_ones_too(self) -> None:
        rows = pairs([TIE] * 98 + [NO_VARIANT] * 2)
        result = corrected(rows, {i: (1.0, 1.0) for i in range(90)})
        assert result.correction is not None
        assert result.correction.weight == 0.0
        assert found(result) == ("PASS", "", False)

    def test_few_that_people_have_labelled_count_as_labelled(self) -> None:
        """They are random pairs like the others, and people saw what the judge could not."""
        rows = pairs([TIE] * 600 + [(0.5, "missing")] * 2)
        labels = {i: (0.5, 0.5) for i in [*range(200), 600, 601]}
        result = corrected(rows, labels)
        assert found(result)[0] == "PASS"
        assert result.correction is not None
        assert result.correction.labelled == 200, "complete pairs"

    def test_a_limited_run_is_limited(self) -> None:
        result = corrected(pairs([TIE] * 200), {i: (1.0, 1.0) for i in range(100)}, limited=True)
        assert found(result) == ("INCONCLUSIVE", "limited", True)


def test_questions_that_the_metric_does_not_apply_to_are_outside() -> None:
    rows = pairs([TIE] * 100 + [UNANSWERABLE] * 50)
    labels = {i: (1.0, 1.0) for i in [*range(80), *range(100, 150)]}
    result = corrected(rows, labels)
    assert result.correction is not None
    assert (result.correction.labelled, result.correction.others) == (80, 20)


@pytest.mark.parametrize("unlabelled", [0, 1])
def test_labels_for_all_speak_alone(unlabelled: int) -> None:
    values: list[tuple[Value, Value]] = [(1.0, 0.0)] * 20 + [TIE] * 100
    labels = {i: (0.5, 0.5) for i in range(120 - unlabelled)}
    result = corrected(pairs(values), labels)
    assert result.correction is not None
    assert result.correction.weight == 0.0
    assert found(result) == ("PASS", "", False)
    expected = decide([0.0] * (120 - unlabelled), margin=0.05)
    assert result.verdict.lower == pytest.approx(expected.lower)


def test_labels_of_another_metric_are_refused() -> None:
    with pytest.raises(ValueError, match="labels of 'completeness'"):
        corrected(pairs([TIE] * 100), {}, metric="completeness")


def test_without_labels_there_is_no_correction() -> None:
    comparison = Comparison(
        metric="accuracy", baseline="b", variant="v", suites=(), pairs=tuple(pairs([TIE] * 100))
    )
    gate = Gate(metric="accuracy", role="primary")
    assert evaluate_gate(gate, comparison, node_id="", pooled=False).correction is None


@pytest.mark.parametrize("unsure", [(1.0, None), (None, 0.0), (None, None)])
def test_a_pair_of_which_people_cannot_say_counts_at_its_worst(unsure: Unsure) -> None:
    """A PASS must hold whatever the answer was; over 2 % of the pairs nothing passes."""
    rows = pairs([(1.0, 1.0)] * 200)
    none = corrected(rows, dict.fromkeys(range(150), (1.0, 1.0)))
    assert none.verdict.outcome == "PASS"

    def without(number: int) -> GateResult:
        labels = dict.fromkeys(range(number, 150), (1.0, 1.0))
        return corrected(rows, labels, unsure=dict.fromkeys(range(number), unsure))

    one = without(1)
    assert one.verdict.outcome == "PASS", "one total failure among 150 is still excluded"
    assert one.worst_case is not None
    assert one.worst_case[0] < one.verdict.lower
    assert one.correction is not None
    assert (one.correction.labelled, one.correction.unsure) == (149, 1)
    four = without(4)
    assert (four.verdict.outcome, four.verdict.reason) == ("INCONCLUSIVE", "missing")
    assert four.blocks
    assert "missing for 4 of 200 questions" in four.explanation


def test_what_cannot_be_worse_hides_nothing_up_to_a_share() -> None:
    rows = pairs([(1.0, 1.0)] * 200)
    for number, reason in ((4, ""), (5, "missing")):
        labels = dict.fromkeys(range(number, 150), (1.0, 1.0))
        result = corrected(rows, labels, unsure=dict.fromkeys(range(number), (0.0, None)))
        assert result.verdict.reason == reason
