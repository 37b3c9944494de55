"""`decide` on worked examples, at its floors and on unusable input."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from pytest_ragft.gate import decide


def quarter_moved() -> tuple[list[float], list[int]]:
    differences: list[float] = []
    for k in range(30):
        moved = ((7 * k % 11) - 5) / 20
        differences += [moved, 0.0, moved, 0.0]
    return differences, [k for k in range(30) for _ in range(4)]


def fives(n: int) -> list[int]:
    return [i // 5 for i in range(n)]


EXAMPLES = [
    pytest.param(
        [0.0] * 100, None, 1, 0.05,
        (0.0, -0.013170253, 0.013170253), 100, 1.0, "PASS", "",
        id="all ties",
    ),
    pytest.param(
        [0.0] * 100, fives(100), 1, 0.05,
        (0.0, -0.064979353, 0.064979353), 20, 5.0, "INCONCLUSIVE", "floor",
        id="all ties in 20 documents",
    ),
    pytest.param(
        [0.0] * 300, fives(300), 1, 0.05,
        (0.0, -0.021894205, 0.021894205), 60, 5.0, "PASS", "",
        id="all ties in 60 documents",
    ),
    pytest.param(
        [-1.0] * 10 + [0.0] * 290, fives(300), 1, 0.05,
        (-0.033333333, -0.103587662, 0.005719484), 60, 5.0, "INCONCLUSIVE", "underpowered",
        id="two documents failed",
    ),
    pytest.param(
        [-0.25 if i < 80 and i % 4 == 0 else 0.0 for i in range(400)],
        [max(i - 79, 0) for i in range(400)], 1, 0.05,
        (-0.0125, -0.068056700, 0.008918985), 400**2 / 6720, 16.8, "INCONCLUSIVE", "floor",
        id="one large document",
    ),
    pytest.param(
        [0.0] * 96 + [-1.0] * 4, None, 1, 0.05,
        (-0.04, -0.089971526, -0.007299196), 100, 1.0, "INCONCLUSIVE", "worse",
        id="four failures",
    ),
    pytest.param(
        [0.0] * 199 + [-1.0], None, 1, 0.05,
        (-0.005, -0.023721099, 0.003262734), 200, 1.0, "PASS", "",
        id="one failure",
    ),
    pytest.param(
        *quarter_moved(), 1, 0.05,
        (0.001666667, -0.035306618, 0.026770946), 30, 2.05127, "INCONCLUSIVE", "floor",
        id="documents of four",
    ),
    pytest.param(
        [((37 * i % 101) - 60) / 200 for i in range(200)], fives(200), 1, 0.05,
        (-0.049775, -0.062530988, -0.039912955), 40, 1.0, "INCONCLUSIVE", "worse",
        id="documents of five",
    ),
    pytest.param(
        [(13 * i % 5) - 2 if i % 3 == 0 else 0 for i in range(150)], None, 4, 0.2,
        (0.0, -0.125385710, 0.110712628), 150, 1.0, "PASS", "",
        id="scale of four",
    ),
    pytest.param(
        [-0.2] * 40, None, 1, 0.05,
        (-0.2, -0.219645428, -0.154160669), 40, 1.0, "REGRESSION", "",
        id="constant drop",
    ),
    pytest.param(
        [-1.0] * 8, None, 1, 0.05,
        (-1.0, -1.0, -0.517570232), 8, 1.0, "REGRESSION", "",
        id="eight failures",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("differences", "clusters", "scale", "margin", "bounds", "kish", "effect", "outcome", "reason"),
    EXAMPLES,
)
def test_worked_examples(
    differences: list[float],
    clusters: list[int] | None,
    scale: float,
    margin: float,
    bounds: tuple[float, float, float],
    kish: float,
    effect: float,
    outcome: str,
    reason: str,
) -> None:
    verdict = decide(differences, clusters, margin=margin, scale=scale)

    found = (verdict.estimate, verdict.lower, verdict.upper)
    assert found == pytest.approx(bounds, abs=1e-8)
    assert verdict.kish_clusters == pytest.approx(kish, abs=1e-8)
    assert verdict.design_effect == pytest.approx(effect, abs=1e-5)
    assert verdict.independent == pytest.approx(len(differences) / verdict.design_effect)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert verdict.n == len(differences)
    assert verdict.clusters == (len(differences) if clusters is None else len(set(clusters)))
    assert (verdict.margin, verdict.regression_margin, verdict.alpha) == (margin, margin, 0.05)


def test_raising_one_score_may_lower_the_bound() -> None:
    ties = np.zeros(100)
    raised = ties.copy()
    raised[0] = 4.0

    assert decide(raised, margin=0.2, scale=4).lower < decide(ties, margin=0.2, scale=4).lower < 0


def spread(documents: int) -> np.ndarray:
    """Ties, but single gains in so many documents of five and of twenty."""
    differences = np.zeros(400)
    differences[np.arange(documents) * 6] = 0.25
    return differences


@pytest.mark.parametrize(
    ("differences", "clusters", "outcome", "reason"),
    [
        pytest.param(np.zeros(59), None, "PASS", "", id="enough"),
        pytest.param(np.zeros(58), None, "INCONCLUSIVE", "floor", id="a question short"),
        pytest.param(np.zeros(118), np.arange(118) % 59, "PASS", "", id="59 documents"),
        pytest.param(np.zeros(580), np.arange(580) % 58, "INCONCLUSIVE", "floor", id="58 of 10"),
        pytest.param(spread(4), fives(400), "PASS", "", id="4 a document, 80 documents"),
        pytest.param(spread(4)[:290], fives(290), "INCONCLUSIVE", "floor", id="58 documents"),
        pytest.param(spread(5)[:100], np.arange(100) % 20, "PASS", "", id="20 documents move"),
        pytest.param(
            spread(5)[:95], np.arange(95) % 19, "INCONCLUSIVE", "floor", id="19 documents move"
        ),
        pytest.param(
            spread(5)[:100], [0, 0, *np.arange(98) % 20], "INCONCLUSIVE", "floor", id="uneven"
        ),
        pytest.param(np.full(8, -0.8), None, "REGRESSION", "", id="8 questions regress"),
        pytest.param(np.full(7, -0.8), None, "INCONCLUSIVE", "floor", id="7 do not"),
        pytest.param(np.full(50, -0.9), np.arange(50) % 5, "REGRESSION", "", id="5 documents"),
        pytest.param(np.full(48, -0.9), np.arange(48) % 4, "INCONCLUSIVE", "floor", id="4 not"),
        pytest.param([-0.5, 0.4] * 50, None, "INCONCLUSIVE", "underpowered", id="wide"),
    ],
)
def test_floors(differences: Any, clusters: Any, outcome: str, reason: str) -> None:
    verdict = decide(differences, clusters, margin=0.05)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_dependence_is_measured_from_the_fifth_document_that_moved() -> None:
    """Until then it is taken as complete: a known jump, which only bites between ties."""
    outcomes = []
    for failures in (4, 5, 6):
        differences = np.zeros(200)
        differences[np.arange(failures) * 5] = -1.0
        outcomes.append(decide(differences, fives(200), margin=0.05).outcome)
    assert outcomes == ["INCONCLUSIVE", "PASS", "INCONCLUSIVE"]


@pytest.mark.parametrize("wobble", [0.01, 0.24])
def test_a_wobble_does_not_hide_that_only_two_documents_moved(wobble: float) -> None:
    rng = np.random.default_rng(5)
    differences = rng.uniform(-wobble, wobble, 200)
    differences[:10] = -1.0
    verdict = decide(differences, fives(200), margin=0.2)
    assert verdict.design_effect == 5


def test_a_quarter_of_the_scale_by_rounding_is_a_quarter() -> None:
    assert 0.7 - 0.45 < 0.25
    differences = np.zeros(100)
    differences[::20] = 0.7 - 0.45
    assert decide(differences, fives(100), margin=0.05).design_effect == 1


def test_one_document_is_worth_one_question() -> None:
    verdict = decide([0.3] * 9, [1] * 9, margin=0.05)
    assert (verdict.design_effect, verdict.independent) == (9, 1)
    assert decide([], margin=0.05).independent == 0


class TestTwoMargins:
    """A margin in people's scores is known in the judge's as an interval only."""

    def test_pass_and_regression_have_their_own(self) -> None:
        drop = [-0.2] * 200
        assert decide(drop, margin=0.05).outcome == "REGRESSION"
        between = decide(drop, margin=0.05, regression_margin=0.3)
        assert (between.outcome, between.reason) == ("INCONCLUSIVE", "worse")
        assert decide(drop, margin=0.25, regression_margin=0.3).outcome == "PASS"
        assert decide([-0.5] * 200, margin=0.05, regression_margin=0.3).outcome == "REGRESSION"

    def test_the_smaller_says_how_many_questions_are_needed(self) -> None:
        for margins in ((0.05, 0.3), (0.3, 0.05)):
            verdict = decide([0.0] * 58, margin=margins[0], regression_margin=margins[1])
            assert (verdict.questions_needed, verdict.reason) == (59, "floor")
            assert (verdict.margin, verdict.regression_margin) == margins

    def test_what_both_say_blocks(self) -> None:
        verdict = decide([-0.2] * 200, margin=0.3, regression_margin=0.1)
        assert verdict.lower > -0.3
        assert verdict.outcome == "REGRESSION"

    @pytest.mark.parametrize("drop", [0.0, 1.0, float("nan"), -0.1])
    def test_unusable(self, drop: float) -> None:
        with pytest.raises(ValueError, match="margin ="):
            decide([0.0] * 100, margin=0.05, regression_margin=drop)


@pytest.mark.parametrize("alpha", [1e-6, 1e-30, 1e-300])
def test_a_tiny_alpha_knows_nothing_and_ends_orderly(alpha: float) -> None:
    """Early looks of a spending function have such levels."""
    for differences in (np.zeros(100), np.linspace(-0.5, 0.4, 100), np.full(100, -0.9)):
        for clusters in (None, fives(100)):
            verdict = decide(differences, clusters, margin=0.05, alpha=alpha)
            assert -1 <= verdict.lower <= verdict.estimate <= verdict.upper <= 1
            assert verdict.outcome != "PASS"


@pytest.mark.parametrize(
    ("differences", "clusters"), [([], None), ([0.3], None), ([0.3] * 9, [1] * 9)]
)
def test_fewer_than_two_clusters_say_nothing(differences: list[float], clusters: Any) -> None:
    verdict = decide(differences, clusters, margin=0.2, scale=4)

    assert (verdict.lower, verdict.upper) == (-4, 4)
    assert (verdict.outcome, verdict.reason) == ("INCONCLUSIVE", "floor")
    assert verdict.n == len(differences)


@pytest.mark.parametrize(
    ("alpha", "needed"), [(0.1, 45), (0.05, 59), (0.0125, 86), (0.05 / 24, 121)]
)
def test_questions_needed(alpha: float, needed: int) -> None:
    assert decide([0.0], margin=0.05, alpha=alpha).questions_needed == needed


@pytest.mark.parametrize(
    "clusters",
    [
        pytest.param([f"doc-{i // 5}" for i in range(200)], id="strings"),
        pytest.param(np.array([f"doc-{i // 5}" for i in range(200)]), id="array of strings"),
        pytest.param([("suite", i // 5) for i in range(200)], id="tuples"),
        pytest.param(np.arange(200) // 5 * 10**12 - 10**13, id="large integers"),
        pytest.param((np.arange(200) // 5 - 20).astype(np.int8), id="small integers"),
        pytest.param((np.arange(200) // 5).astype(np.uint64) + np.uint64(2**63), id="unsigned"),
        pytest.param([i // 5 + 2**70 for i in range(200)], id="huge integers"),
        pytest.param((np.arange(200) // 5).astype(float), id="whole floats"),
        pytest.param(iter([i // 5 for i in range(200)]), id="iterator"),
    ],
)
def test_any_labels_that_name_the_same_documents(clusters: Any) -> None:
    differences = [((37 * i % 101) - 60) / 200 for i in range(200)]
    assert decide(differences, clusters, margin=0.05) == decide(
        differences, np.arange(200) // 5, margin=0.05
    )


def test_int8_labels_at_both_ends_of_their_range() -> None:
    labels = np.array([-128, 127, 0, 1, -128], dtype=np.int8).repeat(20)
    assert decide(np.zeros(100), labels, margin=0.05).clusters == 4


def test_the_number_1_and_the_text_1_are_two_documents() -> None:
    assert decide(np.zeros(4), [1, "1", 2, "2"], margin=0.05).clusters == 4


@pytest.mark.parametrize(
    ("differences", "message"),
    [
        ([0.0, float("nan")], "value nan at position 1 is not a finite number"),
        ([0.0, None], "value nan at position 1 is not a finite number"),
        ([float("inf")], "value inf at position 0"),
        ([0.5, -1.01], r"value -1.01 at position 1 lies outside \[-1.0, 1.0\]"),
        ([[0.0, 0.1]], "one dimension"),
        (0.3, "one dimension"),
        (None, "one dimension"),
        ("0.1", "one dimension"),
        (["0.1"], "expected numbers"),
        ([True, False], "expected numbers"),
        ([0.1j], "expected numbers"),
        (np.array([object()]), "expected numbers"),
        (np.ma.array([0.0, 0.1], mask=[False, True]), "masked"),
    ],
)
def test_unusable_differences(differences: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decide(differences, margin=0.05)


@pytest.mark.parametrize(
    ("clusters", "message"),
    [
        ([1, 2, 3], "3 labels for 4 differences"),
        (np.arange(5), "5 labels for 4 differences"),
        ([], "0 labels for 4 differences"),
        (["a", "b", "c"], "3 labels for 4 differences"),
        ([1, None, 2, 3], "None is missing"),
        (["a", float("nan"), "b", "c"], "nan is missing"),
        (np.array([1.0, np.nan, 2.0, 3.0]), "nan is missing"),
        (np.array(["a", None, "b", "c"], dtype=object), "None is missing"),
        ("abcd", "one label a question"),
        (np.ma.array([1, 2, 3, 4], mask=[1, 0, 0, 0]), "one label a question"),
        (np.zeros((4, 1), dtype=int), "one dimension"),
        ([[1], [2], [3], [4]], "hashable"),
        (7, "hashable"),
    ],
)
def test_unusable_clusters(clusters: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decide([0.0, 0.1, 0.2, 0.3], clusters, margin=0.05)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"margin": 0.0}, "margin = 0.0"),
        ({"margin": -0.05}, "margin = -0.05"),
        ({"margin": 1.0}, "margin = 1.0"),
        ({"margin": float("nan")}, "margin = nan"),
        ({"margin": 0.05, "alpha": 0.0}, "alpha = 0.0"),
        ({"margin": 0.05, "alpha": 0.11}, "alpha = 0.11"),
        ({"margin": 0.05, "alpha": float("nan")}, "alpha = nan"),
        ({"margin": 0.05, "scale": 0.0}, "scale = 0.0"),
        ({"margin": 0.05, "scale": float("inf")}, "scale = inf"),
        ({"margin": 0.05, "scale": float("nan")}, "scale = nan"),
        ({"margin": 0.05, "scale": 0.01}, "margin = 0.05"),
    ],
)
def test_unusable_rule(rule: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decide([0.0] * 100, **rule)  # type: ignore[arg-type]


def test_alpha_of_a_tenth_is_allowed() -> None:
    assert decide(np.zeros(45), margin=0.05, alpha=0.1).outcome == "PASS"


def test_differences_stay_as_they_were() -> None:
    differences = np.linspace(-0.5, 0.5, 100)
    before = differences.copy()
    differences.flags.writeable = False
    decide(differences, np.arange(100), margin=0.05)
    assert (differences == before).all()


def test_importing_the_gate_does_not_load_scipy() -> None:
    code = "import sys, pytest_ragft.gate; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
