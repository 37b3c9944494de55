"""Answering: batches of whole suites, what is kept, and errors that stay where they belong."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.records import Answer
from pytest_ragft.store import Store
from pytest_ragft.suite import Suite
from tests.evaluation_parts import (
    BrokenRetriever,
    NumberRetriever,
    Toy,
    ToyEngine,
    Watched,
    WordJudge,
    everything,
    make_evaluator,
    make_suite,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def run(store: Store, toy: Toy, suite: Suite | None = None, **settings: object) -> Evaluation:
    evaluator = make_evaluator(store, {"variant": toy}, [suite or make_suite()], **settings)
    return evaluator.evaluate(everything(evaluator))


ARM = ("variant", "demo")


def test_every_question_is_answered_and_judged(store: Store) -> None:
    evaluation = run(store, Toy())

    assert not evaluation.errors
    assert evaluation.answers[ARM]["q3"].text == "item 3 of demo has the code code-3"
    assert [h.passage_id for h in evaluation.hits["demo"]["q3"]] == ["p3", "p4"]
    scores = evaluation.scores[ARM]
    assert len(scores) == 12
    assert all(s["accuracy"].value == s["completeness"].value == 1.0 for s in scores.values())
    assert evaluation.computed[ARM] == 12


def test_a_second_run_computes_nothing(store: Store) -> None:
    toy, judge = Toy(), WordJudge()
    first = run(store, toy, judge=judge)
    toy.calls.clear()
    judge.calls.clear()
    watched = Watched()
    second = run(store, toy, judge=judge, progress=watched)

    assert not toy.calls
    assert not judge.calls
    assert not watched.phases
    assert second.computed[ARM] == 0
    assert (second.hits, second.answers, second.scores) == (
        first.hits,
        first.answers,
        first.scores,
    )


def test_a_narrowed_run_gives_the_answers_of_a_whole_one(tmp_path: Path) -> None:
    whole = run(Store(tmp_path / "whole.sqlite"), Toy())
    toy = Toy()
    evaluator = make_evaluator(Store(tmp_path / "narrow.sqlite"), {"variant": toy})

    narrow = evaluator.evaluate({ARM: frozenset({"q5"})})

    assert len(toy.calls) == 1
    assert len(toy.calls[0]) == 4
    assert narrow.answers[ARM].items() <= whole.answers[ARM].items()
    assert set(narrow.scores[ARM]) == {"q5"}
    complete = evaluator.evaluate({ARM: None})
    assert complete.answers == whole.answers
    assert complete.scores == whole.scores
    assert len(toy.calls) == 3


def test_an_edit_elsewhere_changes_no_answer(store: Store) -> None:
    """The new question shifts all batches; what was there stays, though its batch is computed."""
    before = run(store, Toy()).answers[ARM]
    longer = make_suite(questions=13)
    question = "Now what is, to be quite sure about it, the code of item 12 of demo?"
    longer = replace(
        longer, examples=(*longer.examples[:12], replace(longer.examples[12], question=question))
    )
    passages = dict(longer.passages)
    passages["p12"] = replace(passages["p12"], id="p12")
    toy = Toy()
    evaluation = run(store, toy, replace(longer, passages=passages))

    after = evaluation.answers[ARM]
    unchanged = [f"q{i}" for i in range(11)]  # q11 is now shown p12, no longer p0
    assert {i: after[i] for i in unchanged} == {i: before[i] for i in unchanged}
    assert evaluation.computed[ARM] == 2
    assert {name for call in toy.calls for name in call} > {"demo/q11", "demo/q12"}


def test_an_answer_with_an_error_is_asked_for_again(store: Store) -> None:
    judge = WordJudge()
    watched = Watched()
    evaluation = run(store, Toy(failing=frozenset({"q5"})), judge=judge, progress=watched)

    assert not evaluation.errors
    assert (watched.phases[0][1], watched.ends[0]) == (12, 11)
    assert evaluation.answers[ARM]["q5"].error == "it does not fit"
    for metric in ("accuracy", "completeness"):
        score = evaluation.scores[ARM]["q5"][metric]
        assert (score.status, score.value) == ("missing", None)
        assert "it does not fit" in score.reason
    assert sum(judge.calls) == 11

    toy = Toy()
    again = run(store, toy, judge=judge)
    assert again.answers[ARM]["q5"].error is None
    assert again.scores[ARM]["q5"]["accuracy"].value == 1.0
    # Its batch was computed again as a whole; the three others stayed.
    assert [len(call) for call in toy.calls] == [4]
    assert again.computed[ARM] == 1


def test_an_answer_with_an_error_is_not_asked_for_again_in_the_same_run(store: Store) -> None:
    toy = Toy(failing=frozenset({"q5"}))
    evaluator = make_evaluator(store, {"variant": toy})
    for _ in range(2):
        evaluator.evaluate({ARM: None})

    assert len(toy.calls) == 3


def test_equal_prompts_have_one_answer(store: Store) -> None:
    """Whatever batch each is in, the run that computes and all later ones say the same."""
    suite = make_suite()
    twin = replace(suite.examples[0], id="twin")
    suite = replace(suite, examples=(*suite.examples, twin))
    other = replace(suite, name="other", examples=suite.examples[:1])
    toy = Toy()
    runs = []
    for _ in range(2):
        evaluator = make_evaluator(store, {"variant": toy}, [suite, other])
        runs.append(evaluator.evaluate(everything(evaluator)).answers)

    assert runs[0] == runs[1]
    assert runs[0][ARM]["q0"] == runs[0][ARM]["twin"] == runs[0]["variant", "other"]["q0"]


def test_one_engine_is_loaded_once_for_all_its_arms(store: Store) -> None:
    shared, own = ToyEngine("shared"), ToyEngine("own")
    order: list[str] = []

    def toy(name: str, engine: ToyEngine) -> Toy:
        return Toy(name=name, engine=engine, before=lambda call: order.append(name))

    toys = {n: toy(n, own if n == "b" else shared) for n in ("a", "b", "c")}
    watched = Watched()
    suites = [make_suite("one"), make_suite("two")]
    evaluator = make_evaluator(store, toys, suites, progress=watched)
    evaluator.evaluate(everything(evaluator))

    assert "".join(order) == "aaaaaaccccccbbbbbb"
    assert (shared.released, own.released) == (1, 1)
    assert watched.phases[:2] == [("answering with a, c", 48), ("answering with b", 24)]
    assert watched.ends[:2] == [48, 24]


def test_errors_of_one_arm_do_not_stop_others(store: Store) -> None:
    engine = ToyEngine()
    toys = {"bad": Toy(name="bad", engine=engine, broken_after=1), "good": Toy(engine=engine)}
    watched = Watched()
    evaluator = make_evaluator(store, toys, progress=watched)
    evaluation = evaluator.evaluate(everything(evaluator))

    assert evaluation.errors == {("bad", "demo"): "bad is broken"}
    assert len(toys["bad"].calls) == 2
    assert watched.phases[0] == ("answering with bad, good", 24)
    assert watched.ends[0] == 4 + 12
    assert engine.released == 1
    assert len(evaluation.scores["good", "demo"]) == 12
    # What was done is kept, and what was not says why.
    assert len(evaluation.scores["bad", "demo"]) == 4
    unanswered = evaluation.score(("bad", "demo"), "q11", "accuracy")
    assert (unanswered.status, unanswered.reason) == ("missing", "bad is broken")

    toys["bad"].broken_after = None
    toys["bad"].calls.clear()
    evaluator = make_evaluator(store, toys)
    assert not evaluator.evaluate(everything(evaluator)).errors
    assert len(toys["bad"].calls) == 2


class Shirker(Toy):
    """Gives fewer answers than were asked for."""

    def generate(self, batch: object) -> list[Answer]:
        return super().generate(batch)[:-1]  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", [None, ToyEngine()], ids=["recorded", "model"])
def test_too_few_answers_are_an_error(store: Store, engine: ToyEngine | None) -> None:
    evaluation = run(store, Shirker(engine=engine))

    (message,) = evaluation.errors.values()
    assert "'variant' gave" in message
    assert not evaluation.scores[ARM]


def test_a_retriever_that_fails_stops_its_suite_alone(store: Store) -> None:
    def opener(suite: Suite) -> object:
        return BrokenRetriever() if suite.name == "lost" else NumberRetriever(suite)

    suites = [make_suite("lost"), make_suite("demo")]
    evaluator = make_evaluator(store, {"a": Toy(), "b": Toy(name="b")}, suites, retriever_of=opener)
    evaluation = evaluator.evaluate(everything(evaluator))

    assert evaluation.errors == {(n, "lost"): "the server is gone" for n in "ab"}
    assert len(evaluation.scores["a", "demo"]) == len(evaluation.scores["b", "demo"]) == 12


class Foreign(NumberRetriever):
    def retrieve(self, queries: object, k: int) -> list[object]:  # type: ignore[override]
        hits = super().retrieve(queries, k)  # type: ignore[arg-type]
        return [(replace(first, passage_id="unheard-of"), *rest) for first, *rest in hits]


class Short(NumberRetriever):
    def retrieve(self, queries: object, k: int) -> list[object]:  # type: ignore[override]
        return super().retrieve(queries, k)[1:]  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(("retriever", "what"), [(Foreign, "'unheard-of'"), (Short, "11 of 12")])
def test_hits_that_cannot_be_used(store: Store, retriever: object, what: str) -> None:
    evaluation = run(store, Toy(), retriever_of=retriever)

    (message,) = evaluation.errors.values()
    assert what in message
    assert "suites/demo/suite.toml" in message
    # Nothing of it was kept: with the right index the run goes well.
    assert not run(store, Toy()).errors


def test_a_suite_is_searched_once(store: Store) -> None:
    opened: list[NumberRetriever] = []

    def opener(suite: Suite) -> NumberRetriever:
        opened.append(NumberRetriever(suite))
        return opened[-1]

    for _ in range(2):
        evaluator = make_evaluator(store, {"a": Toy(), "b": Toy(name="b")}, retriever_of=opener)
        evaluator.evaluate(everything(evaluator))
        evaluator.ask("a", "demo", "And item 7 ?")
        evaluator.ask("b", "demo", "And item 7 ?")

    assert len(opened) == 2
    assert [retriever.calls for retriever in opened] == [3, 2]


class Overtaken(Store):
    """Another process computes all that is wanted while this one waits for its first lock."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        other = Store(self.path)
        run(other, Toy(), judge=WordJudge())
        other.close()
        return super().lock(name)


@pytest.mark.parametrize("engine", [ToyEngine(), None], ids=["answers", "scores"])
def test_what_another_process_computed_meanwhile_is_not_computed_again(
    tmp_path: Path, engine: ToyEngine | None
) -> None:
    toy, judge, watched = Toy(engine=engine), WordJudge(), Watched()
    evaluation = run(Overtaken(tmp_path / "store.sqlite"), toy, judge=judge, progress=watched)

    assert len(toy.calls) == (0 if engine else 1)
    assert not judge.calls
    assert len(evaluation.scores[ARM]) == 12
    assert not watched.phases
