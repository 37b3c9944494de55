"""The features of the learned judges: what each sees, and what none of them does."""

import json
from importlib import resources

import numpy as np
import pytest

from pytest_ragft.judging.lexical.match_features import DIRECTIONS, FEATURES, FeatureReader
from pytest_ragft.judging.lexical.trees import Trees, load_trees
from pytest_ragft.records import QAExample

READER = FeatureReader()
WHO = QAExample(
    id="q", question="who got the first nobel prize in physics", references=("Wilhelm Röntgen",)
)
WHEN = QAExample(id="q", question="when was it released", references=("September 15, 1996",))
BUILDING = QAExample(id="q", question="which one is it", references=("Chrysler Building",))


def read(example, answer):
    return dict(zip(FEATURES, READER.vector(example, answer), strict=True))


@pytest.mark.parametrize(
    ("example", "answer", "expected"),
    [
        (WHO, "Wilhelm Röntgen", {"contained": 1, "recall": 1, "precision": 1, "asks_person": 1}),
        (WHO, "rontgen", {"contained": 0, "recall": 0.5, "exact_recall": 0.5, "replaced": 0}),
        (WHO, "Wilhelm Wien", {"recall": 0.5, "replaced": 1, "precision": 0.5}),
        (WHO, "Wilhelm Roentgen", {"contained": 0, "exact_recall": 0.5}),
        (WHO, "Wilhelm Röntgen did not get it.", {"contained": 1, "negated": 0}),
        (WHO, "It was not Wilhelm Röntgen.", {"contained": 0, "recall": 0}),
        (WHO, "The first Nobel Prize in physics", {"recall": 0, "precision": 0}),
        (WHO, "", {"contained": 0, "recall": 0, "density": 0, "declines": 0}),
        (WHO, "I do not know. Perhaps Wilhelm Röntgen", {"declines": 1, "contained": 1}),
        (WHEN, "15 Sept 1996", {"covered": 1, "numbers_right": 1, "asks_time": 1}),
        (WHEN, "September 15, 1997", {"numbers_right": 0.5, "other_numbers": 1}),
        (WHEN, "1996 or 1997", {"alternative": 1, "numbers_right": 0.5}),
        (BUILDING, "Big Ben, Burj Khalifa, Chrysler Building, Louvre, Alamo", {"rivals": 4}),
        (BUILDING, "the Empire State Building", {"replaced": 1, "recall": 0.5}),
    ],
)  # fmt: skip
def test_what_it_sees(example, answer, expected):
    found = read(example, answer)
    assert {name: found[name] for name in expected} == expected


def test_a_misspelt_name_is_recalled_in_part():
    found = read(WHO, "Wilhelm Roentgen")
    assert 0.7 < found["recall"] < 1


def test_words_far_apart_are_not_found_together():
    far = (
        "Wilhelm II reigned. " + "Many years went by and nobody cared. " * 3 + "Then Röntgen came."
    )
    assert read(WHO, far)["recall"] == 0.5
    assert read(WHO, "Wilhelm Conrad Röntgen")["recall"] == 1


def test_the_closest_of_equal_stretches_is_taken():
    found = read(WHO, "Wilhelm and then, later on, Röntgen. It was Wilhelm Röntgen.")
    assert found["density"] == 1


def test_initials():
    usa = QAExample(id="q", question="where", references=("United States of America",))
    assert read(usa, "the U.S.A.")["initials"] == 1
    assert read(usa, "us")["initials"] == 0
    short = QAExample(id="q", question="where", references=("NATO",))
    assert read(short, "North Atlantic Treaty Organization")["initials"] == 1


def test_agreement_is_over_the_references():
    two = QAExample(id="q", question="who", references=("Hyde", "Jekyll"))
    assert read(two, "Jekyll")["agreement"] == 0.5
    assert read(two, "Jekyll and Hyde")["agreement"] == 1


@pytest.mark.parametrize("other", ["who got the first nobel prize in physics", "Nobel prize."])
def test_repeating_the_question_moves_nothing(other):
    for answer in ("Wilhelm Wien", "Wilhelm Röntgen", "Einstein"):
        plain = READER.vector(WHO, answer)
        assert np.array_equal(READER.vector(WHO, f"{answer}. {other}"), plain)


def test_text_elsewhere_moves_nothing():
    elsewhere = "Bread is baked in ovens. Some of them are old; others hold 30 loaves at once."
    for answer in ("Wilhelm Wien", "It was Wilhelm Röntgen"):
        plain = READER.vector(WHO, answer)
        assert np.array_equal(READER.vector(WHO, f"{answer}. {elsewhere}"), plain)
        assert np.array_equal(READER.vector(WHO, f"{elsewhere} {answer}"), plain)


def test_shape_names_and_directions():
    vector = READER.vector(WHO, "x")
    assert vector.shape == (len(FEATURES),) == (len(DIRECTIONS),)
    assert len(set(FEATURES)) == len(FEATURES)
    assert set(DIRECTIONS) <= {-1, 0, 1}
    assert np.isfinite(vector).all()


def test_without_a_reference_there_are_no_features():
    with pytest.raises(ValueError, match="q: features need a reference"):
        READER.vector(QAExample(id="q", question="who", references=()), "x")


def stump(**changes):
    model = {
        "features": list(FEATURES), "intercept": 0.0, "roots": [0], "feature": [1, -1, -1],
        "threshold": [0.5, 0.0, 0.0], "left": [1, 0, 0], "right": [2, 0, 0],
        "value": [0.0, -2.0, 2.0],
    }  # fmt: skip
    return model | changes


def test_a_tree_sends_what_is_at_the_threshold_to_the_left():
    trees = Trees(stump(), features=FEATURES)
    for recall, probability in ((0.5, 0.119), (0.51, 0.881)):
        vector = np.zeros(len(FEATURES))
        vector[1] = recall
        assert trees.probability(vector) == pytest.approx(probability, abs=1e-3)


def test_a_model_of_other_features_is_refused():
    with pytest.raises(ValueError, match="fit it again"):
        Trees(stump(features=["recall"]), features=FEATURES)
    with pytest.raises(ValueError, match="different length"):
        Trees(stump(value=[0.0]), features=FEATURES)


def test_models_differ_in_identity():
    one, other = (Trees(stump(intercept=i), features=FEATURES) for i in (0.0, 0.1))
    assert one.identity != other.identity == Trees(stump(intercept=0.1), features=FEATURES).identity


def test_the_shipped_model_is_plain_data_that_says_where_it_comes_from():
    path = resources.files("pytest_ragft.judging").joinpath("data", "reference.json")
    shipped = json.loads(path.read_text("utf-8"))
    assert shipped["version"] == "reference/2"
    assert shipped["features"] == list(FEATURES)
    assert "without the questions of NQ301" in shipped["training"]["set"]
    assert shipped["cross_validated"]["mean_auc_over_systems"] >= 0.945


def test_the_shipped_model_is_monotone():
    trees = load_trees("reference.json", FEATURES)
    rng = np.random.default_rng(0)
    for vector in rng.random((60, len(FEATURES))):
        before = trees.probability(vector)
        for at, direction in enumerate(DIRECTIONS):
            moved = vector.copy()
            moved[at] += rng.random()
            assert direction * (trees.probability(moved) - before) >= -1e-9
