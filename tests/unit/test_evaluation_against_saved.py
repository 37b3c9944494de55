"""A variant put to a saved baseline: over its passages, against its scores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.evaluation.baseline import (
    SavedBaseline,
    baseline_path,
    load_baseline,
    save_baseline,
)
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.records import BASELINE, VariantFacts
from pytest_ragft.store import Store
from pytest_ragft.suite import Suite
from tests.evaluation_parts import (
    BrokenRetriever,
    Toy,
    WordJudge,
    everything,
    make_evaluator,
    make_suite,
)

FACTS = VariantFacts(name="prod", spec="toy", role="variant", fingerprint="toy prod")
WORDS = ("words", WordJudge().fingerprint)
PROD = ("prod", "demo")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return baseline_path(tmp_path, "v1")


@pytest.fixture
def evaluation(tmp_path: Path, path: Path) -> Evaluation:
    """What is saved under `path`."""
    return saved_as(path, Toy(name="prod"))


def saved_as(path: Path, toy: Toy) -> Evaluation:
    evaluator = make_evaluator(Store(path.with_name("store.sqlite")), {"prod": toy})
    evaluation = evaluator.evaluate(everything(evaluator))
    save_baseline(path, evaluation, [make_suite()], FACTS, WORDS)
    return evaluation


def against(
    tmp_path: Path, saved: SavedBaseline, suite: Suite, **settings: Any
) -> tuple[Evaluator, Toy]:
    toy = Toy(name="new")
    evaluator = make_evaluator(
        Store(tmp_path / "new.sqlite"), {"new": toy}, [suite], saved=saved, **settings
    )
    evaluator.evaluate(everything(evaluator, BASELINE, "new"))
    return evaluator, toy


def test_answers_and_scores_are_taken_over(tmp_path: Path, path: Path) -> None:
    """Nothing is answered or judged again for the baseline."""
    judge = WordJudge(failing=frozenset())
    wrong = Toy(name="prod", answer=lambda request: "no idea")
    evaluation = saved_as(path, wrong)
    evaluator, toy = against(tmp_path, load_baseline(path), make_suite(), judge=judge)
    taken = evaluator.evaluation

    assert not taken.errors
    assert not taken.notes["demo"]
    assert taken.answers[BASELINE, "demo"] == evaluation.answers[PROD]
    assert taken.scores[BASELINE, "demo"] == evaluation.scores[PROD]
    assert sum(judge.calls) == 12
    pairs = taken.comparison("accuracy", "new", [make_suite()], limit=None).pairs
    assert {(p.baseline.value, p.variant.value) for p in pairs} == {(0.0, 1.0)}
    assert len(toy.calls) == 3


def test_the_variant_answers_over_the_saved_passages(
    tmp_path: Path, path: Path, evaluation: Evaluation
) -> None:
    """Even where today's corpus holds none of them."""
    suite = make_suite()
    passages = {f"new {i}": replace(p, id=f"new {i}") for i, p in suite.passages.items()}
    suite = replace(suite, passages=passages)
    evaluator, _ = against(tmp_path, load_baseline(path), suite)
    now = evaluator.evaluation

    assert now.hits == evaluation.hits
    assert now.answers["new", "demo"]["q3"].text == "item 3 of demo has the code code-3"
    assert [p.id for p in evaluator.passages("demo", "q3")] == ["p3", "p4"]
    assert now.notes == {
        "demo": [
            "the index changed since the saved baseline: today's index gives other passages for "
            "12 of 12 questions than the saved baseline's, over which all variants answered",
            "its retrieval metrics are those of the saved baseline's passages",
        ]
    }


def test_a_changed_text_is_another_passage(
    tmp_path: Path, path: Path, evaluation: Evaluation
) -> None:
    suite = make_suite()
    passages = dict(suite.passages)
    passages["p3"] = replace(passages["p3"], text="item 3 was withdrawn")
    evaluator, _ = against(tmp_path, load_baseline(path), replace(suite, passages=passages))

    assert evaluator.evaluation.answers["new", "demo"]["q3"].text != "item 3 was withdrawn"
    assert "for 2 of 12 questions" in evaluator.evaluation.notes["demo"][0]


def test_an_index_that_is_gone_is_told(tmp_path: Path, path: Path, evaluation: Evaluation) -> None:
    evaluator, _ = against(
        tmp_path,
        load_baseline(path),
        make_suite(),
        retriever_of=lambda suite: BrokenRetriever(),
    )

    assert not evaluator.evaluation.errors
    (note,) = evaluator.evaluation.notes["demo"]
    assert "what today's index gives is unknown: the server is gone" in note


def test_under_a_limit(tmp_path: Path, path: Path, evaluation: Evaluation) -> None:
    evaluator, toy = against(tmp_path, load_baseline(path), make_suite(), limit=5)
    now = evaluator.evaluation

    assert sum(map(len, toy.calls)) == 5
    pairs = now.comparison("accuracy", "new", [make_suite()], limit=5).pairs
    assert {(p.baseline.value, p.variant.value) for p in pairs} == {(1.0, 1.0)}


def test_what_was_answered_over_saved_passages_is_saved_with_them(
    tmp_path: Path, path: Path, evaluation: Evaluation
) -> None:
    """The next baseline holds the passages that were shown, not today's under their ids."""
    suite = make_suite()
    passages = {i: replace(p, text="changed") for i, p in suite.passages.items() if i != "p0"}
    suite = replace(suite, passages=passages)
    evaluator, _ = against(tmp_path, load_baseline(path), suite)
    next_path = baseline_path(tmp_path, "v2")
    facts = replace(FACTS, name="new")
    save_baseline(next_path, evaluator.evaluation, [suite], facts, WORDS)

    assert load_baseline(next_path).suites["demo"].texts == make_suite().passages


def test_offline(tmp_path: Path, path: Path, evaluation: Evaluation) -> None:
    against(tmp_path, load_baseline(path), make_suite())
    evaluator, toy = against(tmp_path, load_baseline(path), make_suite(), offline=True)

    assert not evaluator.evaluation.errors
    assert not toy.calls
