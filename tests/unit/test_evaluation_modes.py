"""Offline, read-only, refreshed and recorded: what is computed then, and what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.store import Store
from tests.evaluation_parts import Toy, everything, make_evaluator


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def run(store: Store, toy: Toy, **settings: object) -> Evaluation:
    evaluator = make_evaluator(store, {"variant": toy}, **settings)
    return evaluator.evaluate(everything(evaluator))


ARM = ("variant", "demo")


class TestOffline:
    def test_what_is_missing_is_an_error_and_nothing_is_computed(self, store: Store) -> None:
        toy = Toy()
        make_evaluator(store, {"variant": toy}).evaluate({ARM: frozenset({"q5"})})
        toy.calls.clear()

        evaluation = run(store, toy, offline=True)

        assert not toy.calls
        (message,) = evaluation.errors.values()
        assert "8 of 12 answers of 'variant' on suite 'demo'" in message
        assert repr(str(store.path)) in message
        assert "run once without --ragft-offline" in message
        assert len(evaluation.scores[ARM]) == 4

    def test_what_is_there_is_enough(self, store: Store) -> None:
        online = run(store, Toy())
        offline = run(store, Toy(broken_after=0), offline=True)

        assert not offline.errors
        assert offline.scores == online.scores

    def test_recorded_answers_need_no_network(self, store: Store) -> None:
        assert not run(store, Toy(engine=None), offline=True).errors


def test_recorded_answers_are_not_kept(store: Store) -> None:
    recorded = Toy(engine=None, answer=lambda request: f"code-{request.id}")
    evaluation = run(store, recorded)

    assert len(recorded.calls) == 1
    assert evaluation.computed[ARM] == 0
    evaluation = run(store, Toy(engine=None, answer=lambda request: "otherwise"))
    assert {answer.text for answer in evaluation.answers[ARM].values()} == {"otherwise"}


def test_read_only_uses_what_is_there_and_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    writing = Store(path)
    make_evaluator(writing, {"variant": Toy()}).evaluate({ARM: frozenset({"q5"})})
    writing.close()
    before = path.read_bytes()
    toys = [Toy(), Toy()]
    runs = [run(Store(path, mode="ro"), toy) for toy in toys]

    assert [len(toy.calls) for toy in toys] == [2, 2]
    assert runs[0].scores == runs[1].scores
    assert len(runs[0].scores[ARM]) == 12
    assert path.read_bytes() == before
    evaluation = run(Store(path), Toy(answer=lambda request: "computed now"))
    assert sum(a.text == "computed now" for a in evaluation.answers[ARM].values()) == 8


def test_refresh_computes_everything_once(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    run(Store(path), Toy(answer=lambda request: "old"))
    toys = [Toy(answer=lambda request: "new") for _ in range(2)]
    for toy in toys:
        evaluation = run(Store(path, mode="refresh", run="today"), toy)
        assert {answer.text for answer in evaluation.answers[ARM].values()} == {"new"}

    assert [len(toy.calls) for toy in toys] == [3, 0]
    later = run(Store(path), Toy(broken_after=0))
    assert {answer.text for answer in later.answers[ARM].values()} == {"new"}
