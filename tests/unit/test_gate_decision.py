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


EXAMPLES = [
    pytest.param(
        [0.0] * 100, None, 1, 0.05,
        (0.0, -0.013170253, 0.013170253), 100, 1.0, "PASS", "",
        id="all ties",
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
        (0.001666667, -0.035406949, 0.026770946), 30, 2.05127, "PASS", "",
        id="documents of four",
    ),
    pytest.param(
        [((37 * i % 101) - 60) / 200 for i in range(200)], [i // 5 for i in range(200)], 1, 0.05,
        (-0.049775, -0.062552950, -0.039912955), 40, 1.0, "INCONCLUSIVE", "worse",
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
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert verdict.n == len(differences)
    assert verdict.clusters == (len(differences) if clusters is None else len(set(clusters)))
    assert (verdict.margin, verdict.alpha) == (margin, 0.05)


def test_raising_one_score_may_lower_the_bound() -> None:
    ties = np.zeros(100)
    raised = ties.copy()
    raised[0] = 4.0

    assert decide(raised, margin=0.2, scale=4).lower < decide(ties, margin=0.2, scale=4).lower < 0


@pytest.mark.parametrize(
    ("differences", "clusters", "outcome", "reason"),
    [
        pytest.param(np.zeros(59), None, "PASS", "", id="enough"),
        pytest.param(np.zeros(58), None, "INCONCLUSIVE", "floor", id="a question short"),
        pytest.param(np.zeros(100), np.arange(100) % 20, "PASS", "", id="20 documents"),
        pytest.param(np.zeros(95), np.arange(95) % 19, "INCONCLUSIVE", "floor", id="19 documents"),
        pytest.param(
            np.zeros(100), [0, 0, *np.arange(98) % 20], "INCONCLUSIVE", "floor", id="uneven"
        ),
        pytest.param(np.full(20, -0.5), None, "REGRESSION", "", id="20 questions regress"),
        pytest.param(np.full(19, -0.5), None, "INCONCLUSIVE", "floor", id="19 do not"),
        pytest.param(np.full(50, -0.5), np.arange(50) % 5, "REGRESSION", "", id="5 documents"),
        pytest.param(np.full(48, -0.5), np.arange(48) % 4, "INCONCLUSIVE", "floor", id="4 not"),
        pytest.param([-0.5, 0.4] * 50, None, "INCONCLUSIVE", "underpowered", id="wide"),
    ],
)
def test_floors(differences: Any, clusters: Any, outcome: str, reason: str) -> None:
    verdict = decide(differences, clusters, margin=0.05)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


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
