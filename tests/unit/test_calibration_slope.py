"""The slope of a judge's score on people's: its value, its bounds, and where it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pytest_ragft.calibration.agreement import measure_agreement
from pytest_ragft.calibration.saved import find_calibrations
from pytest_ragft.calibration.slope import slope_of
from pytest_ragft.reporting.agreement import agreement_lines
from pytest_ragft.store import fingerprint
from tests.unit.test_calibration_agreement import drawn, save, unit


def judged(
    rng: np.random.Generator, slope: float, *, n: int, right: float, hard: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers in pairs on one question that the judge calls right by .2, or by .2 + slope."""
    from scipy.special import ndtri

    codes = np.arange(n) // 2
    labels = (rng.random(n) < right).astype(float)
    latent = hard**0.5 * rng.normal(size=n)[codes] + (1 - hard) ** 0.5 * rng.normal(size=n)
    return (latent < ndtri(0.2 + slope * labels)).astype(float), labels, codes


def test_it_is_the_difference_of_the_means() -> None:
    scores = np.array([0.9, 0.5, 0.7, 0.1, 0.3, 0.2])
    labels = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    found = slope_of(scores, labels, labels > 0.5, np.arange(6))
    assert found.estimate == pytest.approx(0.7 - 0.2)
    graded = slope_of(scores, 0.25 + labels / 2, labels > 0.5, np.arange(6))
    assert graded.estimate == pytest.approx(1.0), "the same change of score for half the labels"
    assert graded.lower == pytest.approx(2 * found.lower)


@pytest.mark.parametrize(
    ("n", "right", "hard"), [(40, 0.5, 0.3), (100, 0.5, 0.3), (400, 0.5, 0.5), (100, 0.9, 0.3)]
)
def test_its_bounds_hold(n: int, right: float, hard: float) -> None:
    """Each is wrong in .01 to .04 of 1,500 samples, nominally .05."""
    rng = np.random.default_rng([2028, n])
    wrong = [0, 0]
    for _ in range(1_500):
        scores, labels, codes = judged(rng, 0.5, n=n, right=right, hard=hard)
        if 0 < labels.sum() < n:
            found = slope_of(scores, labels, labels > 0.5, codes)
            wrong = [wrong[0] + (found.lower > 0.5), wrong[1] + (found.upper < 0.5)]
    assert max(wrong) <= 0.06 * 1_500


def test_a_perfect_judge_on_few_answers_is_no_certainty() -> None:
    labels = np.array([0.0, 1.0] * 10)
    found = slope_of(labels, labels, labels > 0.5, np.arange(20))
    assert found.estimate == found.upper == 1.0
    assert 0.5 < found.lower < 0.9
    one_side = np.array([1.0] * 19 + [0.0])
    assert slope_of(one_side, one_side, one_side > 0.5, np.arange(20)).lower < 0.2


def test_answers_to_one_question_are_not_independent() -> None:
    scores, labels, codes = judged(np.random.default_rng(3), 0.5, n=100, right=0.5, hard=0.3)
    once = slope_of(scores, labels, labels > 0.5, codes)
    four = [np.tile(x, 4) for x in (scores, labels, codes)]
    again = slope_of(four[0], four[1], four[1] > 0.5, four[2])
    assert again.estimate == pytest.approx(once.estimate)
    assert again.upper - again.lower > 0.9 * (once.upper - once.lower)


def test_sides_that_go_apart_within_questions_widen_it() -> None:
    """On every other question the judge sees nothing, on the rest everything."""
    labels = np.array([0.0, 1.0] * 40)
    scores = np.array([0.0, 1.0, 1.0, 0.0] * 20)
    together = slope_of(scores, labels, labels > 0.5, np.arange(80) // 2)
    apart = slope_of(scores, labels, labels > 0.5, np.arange(80))
    assert together.upper - together.lower > 1.3 * (apart.upper - apart.lower)


def test_differences_correlate_less_than_scores() -> None:
    """People see no change on most questions, whose scores agree because some are hard."""
    rng = np.random.default_rng(5)
    units, scores = [], []
    for i in range(300):
        hard = float(i % 2)
        for name in ("baseline", "ft"):
            label = float(1 - hard) if rng.random() < 0.9 else hard
            units.append(unit(label, question=f"q{i}", variants=[name]))
            scores.append(float(np.clip(0.2 + 0.6 * label + rng.normal(0, 0.2), 0, 1)))
    found = measure_agreement(units, np.array(scores))
    assert found.figures["pearson"].value > found.differences.value + 0.05
    assert found.differences.lower < found.differences.value < found.differences.upper
    text = "\n".join(agreement_lines(found))
    assert f"slope of its score on people's: {found.slope.estimate:.2f} (one-sided" in text
    assert "correlation of its differences" in text


def test_labels_without_variants_have_no_differences() -> None:
    found = measure_agreement(*drawn())
    assert found.differences.value is None
    assert "differences" not in "\n".join(agreement_lines(found))


def test_a_saved_calibration_holds_it(tmp_path: Path) -> None:
    found = measure_agreement(*drawn())
    path = save(tmp_path, found)
    (quoted,) = find_calibrations(tmp_path, "reference", "f1").quoted
    assert quoted.slope == found.slope
    assert quoted.differences == found.differences

    content = json.loads(path.read_text())
    for name in ("checksum", "metrics"):
        metrics = content.pop(name)
    for name in ("slope", "differences"):
        del metrics["accuracy"][name]
    content |= {"metrics": metrics}
    path.write_text(json.dumps(content | {"checksum": fingerprint(content)}))
    (older,) = find_calibrations(tmp_path, "reference", "f1").quoted
    assert older.slope is None
    assert older.differences.value is None
    assert older.figures == quoted.figures
