"""A judge beside people: agreement, bias, reliability, and the figures that others measured."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from pytest_ragft.calibration.agreement import Agreement, Figure, measure_agreement
from pytest_ragft.calibration.labelled_answers import LabelledAnswer, check_enough_labels
from pytest_ragft.calibration.saved import (
    agreement_note,
    calibration_path,
    calibration_text,
    find_calibrations,
)
from pytest_ragft.errors import InputError
from pytest_ragft.records import Case, QAExample
from pytest_ragft.reporting.agreement import agreement_lines


def unit(
    label: float | dict[str, float],
    *,
    question: str = "q",
    answer: str = "word",
    variants: Sequence[str] = (),
) -> LabelledAnswer:
    example = QAExample(id="1", question=question, references=("word",))
    ratings = label if isinstance(label, dict) else {"ann": label}
    return LabelledAnswer(
        metric="accuracy",
        case=Case(example=example, answer=answer),
        ratings=ratings,
        variants=tuple(variants),
    )


def units_of(labels: Sequence[float], per_question: int = 2) -> list[LabelledAnswer]:
    return [unit(float(x), question=f"q{i // per_question}") for i, x in enumerate(labels)]


def drawn(seed: int = 0, n: int = 200) -> tuple[list[LabelledAnswer], np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = rng.random(n).round(2)
    return units_of((rng.random(n) < scores).astype(float)), scores


def test_figures_are_those_of_the_libraries() -> None:
    units, scores = drawn()
    found = measure_agreement(units, scores)
    right = np.array([u.label for u in units]) >= 0.5
    assert found.figures["auc"].value == pytest.approx(roc_auc_score(right, scores))
    assert found.figures["kappa"].value == pytest.approx(cohen_kappa_score(right, scores >= 0.5))
    assert (found.n, found.questions, found.raters) == (200, 100, 1)
    assert found.figures["alpha"] == Figure(value=None)
    for name, figure in found.figures.items():
        if name != "alpha":
            assert figure.lower < figure.value < figure.upper


def test_it_is_the_same_every_time() -> None:
    units, scores = drawn()
    assert measure_agreement(units, scores) == measure_agreement(units, scores)


def test_perfect_agreement_is_no_certainty() -> None:
    units = units_of([0.0, 1.0] * 20, per_question=1)
    found = measure_agreement(units, np.array([0.0, 1.0] * 20))
    accuracy = found.figures["accuracy"]
    assert accuracy.value == accuracy.upper == 1.0
    assert 0.85 < accuracy.lower < 0.98
    assert found.figures["kappa"] == Figure(value=1.0)
    assert "no interval" in "\n".join(agreement_lines(found))


def test_bias_by_variant_and_between_variants() -> None:
    """The judge gives the variant .2 more than people do, and the baseline .05 less."""
    rng = np.random.default_rng(1)
    units, scores = [], []
    for i in range(150):
        for name, error in (("baseline", -0.05), ("ft", 0.2)):
            label = float(rng.choice([0.1, 0.5, 0.7]))
            units.append(unit(label, question=f"q{i}", variants=[name]))
            scores.append(label + error + float(rng.normal(0, 0.02)))
    found = measure_agreement(units, np.clip(scores, 0, 1))
    bias = {of.name: of.bias for of in found.bias}
    assert list(bias) == ["all", "baseline", "ft"]
    assert bias["ft"].value == pytest.approx(0.2, abs=0.01)
    assert bias["baseline"].upper < 0 < bias["ft"].lower
    assert found.favours.value == pytest.approx(0.25, abs=0.01)
    assert found.favours.lower > 0.2
    assert "kinder to the variant than to the baseline by +0.2" in "\n".join(agreement_lines(found))


def test_bias_by_length() -> None:
    units = [
        unit(float(i % 2), question=f"q{i}", answer=" ".join(["word"] * (1 + i % 3 * 10)))
        for i in range(90)
    ]
    scores = np.array([u.label * 0.5 + 0.5 * (len(u.case.answer) > 100) for u in units])
    found = {of.name: of for of in measure_agreement(units, np.minimum(scores, 1)).by_length}
    assert [of.words for of in found.values()] == [1, 11, 21]
    assert found["long answers"].bias.value > 0.2 > found["short answers"].bias.value


def test_answers_of_one_length_are_one_group() -> None:
    units, scores = drawn()
    assert [of.n for of in measure_agreement(units, scores).by_length] == [200]


def test_reliability_counts_every_answer_once() -> None:
    units, scores = drawn()
    scores[:2] = 0.0, 1.0
    bins = measure_agreement(units, scores).reliability
    assert sum(part.n for part in bins) == 200
    assert (bins[0].low, bins[-1].high) == (0.0, 1.0)
    assert all(part.low <= part.judge <= part.high for part in bins)


def test_raters_beside_each_other() -> None:
    rng = np.random.default_rng(2)
    units = []
    for i in range(100):
        truth = i % 2
        ratings = {name: float(truth ^ (rng.random() < 0.1)) for name in ("ann", "bob")}
        if i < 30:
            ratings["eve"] = float(truth)
        units.append(unit(ratings, question=f"q{i}"))
    found = measure_agreement(units, np.linspace(0, 1, 100))
    assert found.raters == 3
    assert found.figures["alpha"].lower < found.figures["alpha"].value < 1
    assert [(pair.raters, pair.n) for pair in found.rater_pairs] == [
        (("ann", "bob"), 100), (("ann", "eve"), 30), (("bob", "eve"), 30),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("units", "told"),
    [
        (units_of([0.0, 1.0] * 9), "18 labelled answers; agreement needs at least 20"),
        (units_of([1.0] * 30), "all 30 answers are labelled right"),
        (units_of([0.2] * 30), "all 30 answers are labelled wrong"),
        ([unit({"ann" if i % 3 else "bob": float(i % 2)}) for i in range(30)],
         "'ann', 'bob' never label the same answer"),
    ],
)  # fmt: skip
def test_what_measures_nothing_is_refused(units: list[LabelledAnswer], told: str) -> None:
    with pytest.raises(InputError, match="accuracy: ") as caught:
        check_enough_labels(units, "accuracy")
    assert told in str(caught.value)


def save(root: Path, agreement: Agreement, judge: str = "reference", **changes: str) -> Path:
    path = calibration_path(root, judge)
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {"judge_fingerprint": "f1", "date": "2026-01-02"} | changes
    text = calibration_text(
        [agreement], judge=judge, labels=["l.csv"], labels_fingerprint="x", version="1", **facts
    )
    path.write_text(text)
    return path


def test_what_is_saved_is_quoted_for_its_judge_alone(tmp_path: Path) -> None:
    found = measure_agreement(*drawn())
    save(tmp_path, found)
    (quoted,) = find_calibrations(tmp_path, "reference", "f1").quoted
    assert quoted.figures["auc"] == found.figures["auc"]
    note = agreement_note(find_calibrations(tmp_path, "reference", "f1"))
    assert note.startswith("on accuracy it agrees with people with κ 0.")
    assert note.endswith("(200 labelled answers to 100 questions, 2026-01-02)")

    other = find_calibrations(tmp_path, "reference", "f2")
    assert (other.quoted, other.stale) == ((), ("reference.json",))
    assert "another version of it and does not count" in agreement_note(other)
    assert find_calibrations(tmp_path, "semantic", "f3") == find_calibrations(
        tmp_path / "none", "semantic", "f3"
    )


def test_a_file_under_any_name_counts_and_the_youngest_first(tmp_path: Path) -> None:
    found = measure_agreement(*drawn())
    save(tmp_path, found, date="2026-01-02").rename(
        tmp_path / ".ragft" / "calibrations" / "zzz.json"
    )
    save(tmp_path, measure_agreement(*drawn(1)), date="2026-02-01")
    (quoted,) = find_calibrations(tmp_path, "reference", "f1").quoted
    assert quoted.date == "2026-02-01"


@pytest.mark.parametrize("damage", ["", "{}", "[]", "{", '{"checksum": 1}', "more"])
def test_a_damaged_file_is_not_quoted(tmp_path: Path, damage: str) -> None:
    path = save(tmp_path, measure_agreement(*drawn()))
    text = path.read_text()
    path.write_text(text.replace('"n": 200', '"n": 900', 1) if damage == "more" else damage)
    found = find_calibrations(tmp_path, "reference", "f1")
    assert (found.quoted, found.damaged) == ((), ("reference.json",))
    assert "damaged and not read" in agreement_note(found)


def test_file_names(tmp_path: Path) -> None:
    def name(judge: str) -> str:
        return calibration_path(tmp_path, judge).name

    assert name("reference") == "reference.json"
    assert "/" not in name("openai:m/x@http://h:1/v1")
    assert name("a:b") != name("a/b") != name("a-b")
    assert not name("../../etc").startswith(".")


DATA = os.environ.get("RAGFT_DATA")


@pytest.mark.skipif(not DATA, reason="RAGFT_DATA is not set")
def test_three_annotators_of_real_answers_agree_as_their_authors_say() -> None:
    """NQ301: Cohen's kappa of the two main annotators .735 over 1,490 answers."""
    path = Path(str(DATA)) / "nq301_human" / "data" / "NQ301_human.tsv"
    value = {"Yes": 1.0, "No": 0.0}
    units, final = [], []
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            ratings = {
                name: value[row[name]]
                for name in ("annotator1", "annotator2", "annotator3")
                if row[name]
            }
            units.append(unit(ratings, question=row["Question"], answer=row["Model answer"]))
            final.append(value[row["Acceptable?"]])
    found = measure_agreement(units, np.array(final))
    assert (found.n, found.questions, found.raters) == (1_490, 301, 3)
    first = found.rater_pairs[0]
    assert (first.raters, first.n) == (("annotator1", "annotator2"), 1_483)
    assert first.kappa == pytest.approx(0.735, abs=0.0005)
    assert found.figures["alpha"].value == pytest.approx(0.731, abs=0.0005)


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    content = json.loads(save(tmp_path, measure_agreement(*drawn())).read_text())
    assert set(content) == {
        "schema", "judge", "labels", "date", "version", "metrics", "checksum",
    }  # fmt: skip
    assert len(content["metrics"]["accuracy"]["reliability"]) == 10
