"""Questions with gold passages or none: beside what gates read, and never in its way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.evaluation.further import further_requests, gold_hits
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.records import Passage, Request
from pytest_ragft.store import Store
from pytest_ragft.suite import PromptSettings
from tests.evaluation_parts import (
    Toy,
    ToyEngine,
    WordJudge,
    everything,
    make_evaluator,
    make_suite,
)

KINDS = ("gold", "none")
ARM = ("variant", "demo")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def last_line(request: Request) -> str:
    """Right with the gold passage alone; over two retrieved ones it reads the wrong one."""
    if not request.prompt.passages:
        return "I have heard of code-3"
    return request.prompt.passages[-1].text


def run(
    store: Store, generators: dict[str, Toy], kinds: tuple[str, ...] = KINDS, **settings: object
) -> Evaluator:
    evaluator = make_evaluator(store, generators, knowledge=kinds, **settings)
    arms = everything(evaluator)
    evaluator.evaluate(arms, further=list(arms))
    return evaluator


def toys(engine: ToyEngine, **changes: object) -> dict[str, Toy]:
    return {
        name: Toy(name=name, engine=engine, answer=last_line, **changes)
        for name in ("baseline", "variant")
    }


def test_one_load_answers_all_and_each_kind_has_its_own_evaluation(store: Store) -> None:
    engine = ToyEngine()
    generators = toys(engine)
    evaluator = run(store, generators)

    assert engine.released == 1
    gold, none = (evaluator.further.evaluations[kind] for kind in KINDS)
    accuracy = {
        name: [scores["accuracy"].value for scores in of.scores[ARM].values()]
        for name, of in (("retrieved", evaluator.evaluation), ("gold", gold), ("none", none))
    }
    assert sum(accuracy["retrieved"]) == 0
    assert sum(accuracy["gold"]) == 12
    assert sum(accuracy["none"]) == 1
    assert none.answers[ARM]["q3"].text == "I have heard of code-3"
    assert not evaluator.evaluation.errors | gold.errors | none.errors
    # A variant's batches stand together, so that an adapter is put on once.
    order = [name for name, toy in generators.items() for _ in toy.calls]
    assert len(order) == 2 * 3 * 3


def test_what_gates_read_is_the_same_with_and_without(tmp_path: Path) -> None:
    evaluations = []
    for number, kinds in enumerate([(), KINDS]):
        of = Store(tmp_path / f"{number}.sqlite")
        evaluations.append(run(of, toys(ToyEngine()), kinds).evaluation.to_plain())
    assert evaluations[0] == evaluations[1]


def test_a_failure_with_other_passages_leaves_the_gated_answers_alone(store: Store) -> None:
    def answer(request: Request) -> str:
        if request.knowledge == "gold":
            raise ValueError("too long")
        return last_line(request)

    evaluator = run(store, {"variant": Toy(answer=answer)})

    assert not evaluator.evaluation.errors
    assert len(evaluator.evaluation.scores[ARM]) == 12
    assert "too long" in evaluator.further.evaluations["gold"].errors[ARM]
    assert len(evaluator.further.evaluations["none"].scores[ARM]) == 12


def test_what_failed_over_retrieved_passages_is_not_asked_further(store: Store) -> None:
    suite = make_suite()
    toy = Toy(answer=last_line)
    evaluator = make_evaluator(store, {"variant": toy}, [suite], knowledge=KINDS)
    evaluator.evaluation.errors[ARM] = "the index is gone"
    evaluator.evaluate({ARM: None}, further=[ARM])
    assert toy.calls == []
    assert not evaluator.further.evaluations["none"].answers


def test_the_next_run_computes_nothing(store: Store) -> None:
    first = run(store, toys(ToyEngine()))
    engine = ToyEngine()
    generators = toys(engine)
    second = run(store, generators, offline=True)
    assert engine.released == 0
    for kind in KINDS:
        of = second.further.evaluations[kind]
        assert of.to_plain() == first.further.evaluations[kind].to_plain()
        assert not of.errors


def test_offline_without_answers_is_an_error_of_that_kind_alone(store: Store) -> None:
    run(store, toys(ToyEngine()), ())
    evaluator = run(store, toys(ToyEngine()), offline=True)
    assert not evaluator.evaluation.errors
    for kind in KINDS:
        message = evaluator.further.evaluations[kind].errors[ARM]
        assert "offline: 12 of 12 answers" in message


def test_equal_prompts_share_answers(store: Store) -> None:
    """Where retrieval found just the gold passage, one answer counts for both."""
    suite = make_suite(retrieval=replace(make_suite().retrieval, k=1))
    evaluator = run(store, {"variant": Toy(answer=last_line)}, suites=[suite])
    gold = evaluator.further.evaluations["gold"]
    assert gold.answers[ARM] == evaluator.evaluation.answers[ARM]
    toy = Toy(answer=last_line)
    again = run(store, {"variant": toy}, suites=[suite])
    assert toy.calls == []
    assert again.further.evaluations["gold"].answers[ARM] == gold.answers[ARM]


def test_a_judge_that_reads_passages_reads_those_that_were_shown(store: Store) -> None:
    evaluator = run(store, {"variant": Toy(answer=last_line)}, judge=WordJudge(reads_passages=True))

    def read(of: Evaluation) -> object:
        return of.scores[ARM]["q3"]["completeness"].evidence["passages"]

    assert read(evaluator.evaluation) == 2
    assert read(evaluator.further.evaluations["gold"]) == 1
    assert read(evaluator.further.evaluations["none"]) == 0


def test_a_question_that_names_no_passage_is_not_asked_with_gold(store: Store) -> None:
    suite = make_suite()
    examples = tuple(
        replace(example, relevant=() if i < 4 else example.relevant)
        for i, example in enumerate(suite.examples)
    )
    evaluator = run(
        store, {"variant": Toy(answer=last_line)}, suites=[replace(suite, examples=examples)]
    )
    assert len(evaluator.further.evaluations["gold"].answers[ARM]) == 8
    assert len(evaluator.further.evaluations["none"].answers[ARM]) == 12


def test_a_limit_cuts_what_is_asked_further(store: Store) -> None:
    evaluator = run(store, {"variant": Toy(answer=last_line)}, limit=5)
    assert list(evaluator.further.evaluations["gold"].answers[ARM]) == [f"q{i}" for i in range(5)]


def test_gold_passages_stand_in_the_order_of_the_corpus_with_all_parts_of_a_line() -> None:
    suite = make_suite(questions=3)
    parts = [
        Passage(id=f"{line}-{part}", text=f"{line} {part}", parent=line)
        for line in ("p2", "p0", "p1")
        for part in range(2)
    ]
    suite = replace(suite, passages={part.id: part for part in parts})
    (example,) = [replace(suite.examples[0], relevant=("p1", "p2"))]
    hits = gold_hits(suite, [example])
    assert [hit.passage_id for hit in hits["q0"]] == ["p2-0", "p2-1", "p1-0", "p1-1"]


def test_without_passages_the_question_is_put_in_its_own_words() -> None:
    suite = make_suite(
        questions=1, prompt_without=PromptSettings(system="Be brief.", user="Q: {question}")
    )
    (request,) = further_requests(suite, suite.examples, "none").requests
    assert request.knowledge == "none"
    assert request.prompt.messages() == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Q: Which code has item 0 of demo?"},
    ]
    (plain,) = further_requests(make_suite(questions=1), suite.examples, "none").requests
    assert plain.prompt.messages() == [
        {"role": "user", "content": "Which code has item 0 of demo?"},
    ]
    (gold,) = further_requests(suite, suite.examples, "gold").requests
    assert gold.prompt.system == suite.prompt.system


def test_several_answers_a_question_are_averaged_with_other_passages_too(store: Store) -> None:
    """Where orders vary, gold passages have as many as they have orders, and none has one."""
    varied = GenerationSettings(samples=2, vary="order")
    examples = tuple(
        replace(example, relevant=(f"p{i}", f"p{(i + 1) % 12}") if i < 3 else example.relevant)
        for i, example in enumerate(make_suite().examples)
    )
    suite = make_suite(generation=varied, examples=examples)
    evaluator = run(store, {"variant": Toy(answer=last_line)}, suites=[suite])
    gold, none = (evaluator.further.evaluations[kind] for kind in KINDS)
    assert len(evaluator.evaluation.every_answer(ARM)) == 24
    assert len(gold.every_answer(ARM)) == 12 + 3
    assert len(none.every_answer(ARM)) == 12
    # The second order shows the right passage last.
    assert gold.scores[ARM]["q0"]["accuracy"].value == 0.5
    assert gold.scores[ARM]["q5"]["accuracy"].value == 1.0
    assert evaluator.evaluation.scores[ARM]["q5"]["accuracy"].value == 0.5

    drawn = GenerationSettings(samples=2, temperature=0.7)
    again = run(
        store,
        {"variant": Toy(name="drawn", answer=last_line)},
        suites=[make_suite(generation=drawn)],
    )
    assert len(again.further.evaluations["none"].every_answer(ARM)) == 24
