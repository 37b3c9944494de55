"""Agreement statistics against their oracles, resampling by question, and the held-out cut."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from pytest_ragft.stats.agreement import (
    Statistic,
    agreement_of,
    auc_of,
    cluster_intervals,
    kappa_of,
    pearson_of,
    spearman_of,
)
from pytest_ragft.stats.means import mean_interval
from pytest_ragft.stats.noninferiority import mean_bounds
from pytest_ragft.stats.planning import fewest_questions, labels_to_pass, may_pass
from pytest_ragft.stats.threshold import best_threshold, held_out_predictions


def draw(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Scores with many ties, and labels that go along with them."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 11, n) / 10
    return scores, np.clip(np.round(scores + rng.normal(0, 0.4, n), 1), 0, 1)


def plain(statistic: Statistic, n: int) -> float | None:
    return statistic(np.ones(n))


@pytest.mark.parametrize("seed", range(5))
def test_they_are_what_the_libraries_say(seed: int) -> None:
    scores, labels = draw(seed)
    right, cut = labels >= 0.5, scores >= 0.5
    n = scores.size
    assert plain(auc_of(scores, right), n) == pytest.approx(roc_auc_score(right, scores))
    assert plain(pearson_of(scores, labels), n) == pytest.approx(stats.pearsonr(scores, labels)[0])
    assert plain(spearman_of(scores, labels), n) == pytest.approx(
        stats.spearmanr(scores, labels)[0]
    )
    assert plain(kappa_of(cut, right), n) == pytest.approx(cohen_kappa_score(cut, right))
    assert plain(agreement_of(cut, right), n) == pytest.approx(np.mean(cut == right))


@pytest.mark.parametrize("make", [auc_of, pearson_of, spearman_of, kappa_of, agreement_of])
def test_a_weight_is_a_number_of_rows(make) -> None:
    scores, labels = draw(9, 60)
    second = labels >= 0.5 if make in (auc_of, kappa_of, agreement_of) else labels
    first = scores >= 0.5 if make in (kappa_of, agreement_of) else scores
    times = np.random.default_rng(1).integers(0, 4, 60)
    repeated = make(np.repeat(first, times), np.repeat(second, times))
    assert make(first, second)(times.astype(float)) == pytest.approx(plain(repeated, times.sum()))


def test_what_is_undefined_is_none() -> None:
    once = np.ones(4)
    some, same = [0.1, 0.2, 0.3, 0.4], [0.1] * 4
    assert auc_of(some, [True] * 4)(once) is None
    assert pearson_of(some, same)(once) is None
    assert spearman_of(same, some)(once) is None
    assert kappa_of([True] * 4, [True] * 4)(once) is None
    assert kappa_of([True] * 4, [False] * 4)(once) == 0.0
    with pytest.raises(ValueError, match="not a finite number"):
        auc_of([0.1, float("nan")], [True, False])


def test_whole_questions_are_drawn() -> None:
    """Ten copies of each answer are worth no more than one."""
    rng = np.random.default_rng(5)
    scores = rng.random(40)
    right = rng.random(40) < scores
    tenfold = np.repeat(np.arange(40), 10)
    single = cluster_intervals({"auc": auc_of(scores, right)}, np.arange(40), rng)["auc"]
    copies = auc_of(scores[tenfold], right[tenfold])
    clustered = cluster_intervals({"auc": copies}, tenfold, rng)["auc"]
    rows = cluster_intervals({"auc": copies}, np.arange(400), rng)["auc"]
    assert single is not None
    assert clustered is not None
    assert rows is not None
    width = single[1] - single[0]
    assert clustered[1] - clustered[0] == pytest.approx(width, rel=0.25)
    assert rows[1] - rows[0] < width / 2


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(200):
        shared = rng.normal(size=40).repeat(3)
        x, y = (shared + rng.normal(size=120) for _ in range(2))
        codes = np.arange(40).repeat(3)
        interval = cluster_intervals({"r": pearson_of(x, y)}, codes, rng, repeats=200)["r"]
        assert interval is not None
        held += interval[0] <= 0.5 <= interval[1]
    assert 0.88 <= held / 200 <= 0.99


def test_no_interval_where_it_would_be_a_false_certainty() -> None:
    rng = np.random.default_rng(0)
    perfect = agreement_of([True, False] * 20, [True, False] * 20)
    one_class = auc_of(np.linspace(0, 1, 40), [True] + [False] * 39)
    found = cluster_intervals({"a": perfect, "b": one_class}, np.arange(40), rng)
    assert found == {"a": None, "b": None}
    assert cluster_intervals({"a": perfect}, np.zeros(40, dtype=int), rng) == {"a": None}


@pytest.mark.parametrize("seed", range(5))
def test_the_best_cut_is_the_best(seed: int) -> None:
    scores, labels = draw(seed, 80)
    right = labels >= 0.5
    found = best_threshold(scores, right)
    values = np.unique(scores)
    every = [cohen_kappa_score(scores >= t, right) for t in (values[1:] + values[:-1]) / 2]
    assert cohen_kappa_score(scores >= found, right) == pytest.approx(max(every))
    assert found not in values


def test_one_score_has_the_neutral_cut() -> None:
    assert best_threshold(np.full(9, 0.3), np.arange(9) > 4) == 0.5


def test_the_cut_is_chosen_on_other_questions() -> None:
    """Labels that have nothing to do with the scores: tuned on themselves they would seem to."""
    tuned, held_out = [], []
    codes = np.arange(20).repeat(3)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        scores, right = rng.random(60), rng.random(60) < 0.5
        tuned.append(cohen_kappa_score(scores >= best_threshold(scores, right), right))
        predicted = held_out_predictions(scores, right, codes, rng)
        held_out.append(cohen_kappa_score(predicted, right))
    assert np.mean(held_out) < 0.05
    assert np.mean(tuned) > 0.15


def test_answers_to_a_question_stay_in_one_fold() -> None:
    """Each question's answers are all alike, so that only a leak could tell right from wrong."""
    rng = np.random.default_rng(8)
    codes = np.arange(30).repeat(4)
    scores = rng.random(30)[codes]
    right = (rng.random(30) < 0.5)[codes]
    predicted = held_out_predictions(scores, right, codes, rng)
    for question in range(30):
        assert len(set(predicted[codes == question])) == 1


def test_a_mean_without_a_scale() -> None:
    rng = np.random.default_rng(2)
    values, codes = rng.normal(3, 1, 200), np.arange(200) // 4
    mean, lower, upper = mean_interval(values, codes)
    bounds = mean_bounds(values, codes, alpha=0.025, scale=10.0)
    assert mean == pytest.approx(values.mean())
    assert upper - mean == pytest.approx(mean - lower)
    assert (upper - lower) / 2 == pytest.approx(2.01 * bounds.standard_error, rel=0.01)
    assert mean_interval(values[:3], codes[:3])[1:] == (-np.inf, np.inf)


def test_labels_to_draw() -> None:
    rng = np.random.default_rng(4)
    values = rng.choice([-1.0, 0.0, 1.0], p=[0.05, 0.9, 0.05], size=1_000)
    bounds = mean_bounds(values, alpha=0.05)
    found = [
        labels_to_pass(bounds, correlation=r, margin=0.05, alpha=0.05) for r in (0, 0.5, 0.8, 0.95)
    ]
    assert None not in found
    assert found == sorted(found, reverse=True), "a better judge saves labels"
    assert min(found) >= fewest_questions(0.05, 0.05)
    few = mean_bounds(values[:60], alpha=0.05)
    assert labels_to_pass(few, correlation=0.9, margin=0.05, alpha=0.05) is None


@pytest.mark.parametrize("correlation", [0.0, 1.0])
def test_labels_to_draw_where_whole_documents_move(correlation: float) -> None:
    """Drawn at random, labelled questions share fewer documents than all do."""
    documents = np.arange(2_000) // 10
    rng = np.random.default_rng(6)
    moved = rng.choice([-0.3, 0.0, 0.3], p=[0.05, 0.9, 0.05], size=200)[documents]
    bounds = mean_bounds(moved, documents, alpha=0.05)
    assert bounds.design_effect == pytest.approx(10, rel=0.05)
    labels = labels_to_pass(bounds, correlation=correlation, margin=0.05, alpha=0.05)
    assert labels is not None

    def share_of_passes(labelled: int) -> float:
        drawn = [rng.choice(2_000, labelled, replace=False) for _ in range(300)]
        found = [mean_bounds(moved[rows], documents[rows], alpha=0.05) for rows in drawn]
        enough = [may_pass(of, fewest_questions(0.05, 0.05)) for of in found]
        # Labels alone, about what all questions come to.
        narrow = [of.lower > bounds.estimate - 0.05 for of in found]
        return float(np.mean(enough if correlation else np.logical_and(enough, narrow)))

    assert share_of_passes(labels) >= 0.6
    assert share_of_passes(labels // 2) < 0.2
