"""Questions of hand-written tests: asked over what the retriever finds, and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.errors import GenerationError, RetrievalError, StoreError
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.store import Store
from tests.evaluation_parts import (
    BrokenRetriever,
    Toy,
    everything,
    make_evaluator,
    make_suite,
)


def open_(tmp_path: Path, toy: Toy, **settings: object) -> Evaluator:
    return make_evaluator(Store(tmp_path / "store.sqlite"), {"variant": toy}, **settings)


def test_an_answer_is_kept(tmp_path: Path) -> None:
    toy = Toy()
    first = open_(tmp_path, toy).ask("variant", "demo", "What about item 7 ?")
    again = open_(tmp_path, toy, offline=True).ask("variant", "demo", "What about item 7 ?")

    assert first.text == "item 7 of demo has the code code-7"
    assert again == first
    assert toy.calls == [["demo/"]]


def test_asking_a_suites_question_does_not_decide_its_answer(tmp_path: Path) -> None:
    """Alone it is in another batch than in its suite; both answers are kept apart."""
    suite = make_suite()
    question = suite.examples[3].question
    evaluator = open_(tmp_path / "asked", Toy())
    asked = evaluator.ask("variant", "demo", question)
    after = evaluator.evaluate(everything(evaluator)).answers
    evaluator = open_(tmp_path / "undisturbed", Toy())
    undisturbed = evaluator.evaluate(everything(evaluator)).answers

    assert asked.batch_rows == 1
    assert after == undisturbed
    assert evaluator.ask("variant", "demo", question) == asked


def test_offline_asks_nothing_new(tmp_path: Path) -> None:
    toy = Toy()
    with pytest.raises(GenerationError, match=r"no stored answer to 'Item 7 \?'; run once without"):
        open_(tmp_path, toy, offline=True).ask("variant", "demo", "Item 7 ?")
    assert not toy.calls


@pytest.mark.parametrize("variant", ["variant", "baseline"])
def test_recorded_answers_answer_nothing_new(tmp_path: Path, variant: str) -> None:
    with pytest.raises(GenerationError, match="cannot answer a new question"):
        open_(tmp_path, Toy(engine=None)).ask(variant, "demo", "Item 7 ?")


def test_an_answer_that_failed_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match=r"did not answer 'Item 7 \?': it does not fit"):
        open_(tmp_path, Toy(failing=frozenset({""}))).ask("variant", "demo", "Item 7 ?")
    assert open_(tmp_path, Toy()).ask("variant", "demo", "Item 7 ?").error is None


def test_a_search_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(RetrievalError, match="the server is gone"):
        open_(tmp_path, Toy(), retriever_of=lambda suite: BrokenRetriever()).ask(
            "variant", "demo", "Item 7 ?"
        )


def test_a_store_that_fails_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("no database " * 100)
    with pytest.raises(StoreError, match="move it away"):
        open_(tmp_path, Toy()).ask("variant", "demo", "Item 7 ?")


def test_half_a_character(tmp_path: Path) -> None:
    toy = Toy(answer=lambda request: "cut \ud83e")
    first = open_(tmp_path, toy).ask("variant", "demo", "Item 7 ?")

    assert first.text == "cut \ufffd"
    assert open_(tmp_path, toy).ask("variant", "demo", "Item 7 ?") == first


def test_a_changed_passage_is_a_new_question(tmp_path: Path) -> None:
    suite = make_suite()
    passages = dict(suite.passages)
    passages["p7"] = replace(passages["p7"], text="item 7 was withdrawn")
    open_(tmp_path, Toy()).ask("variant", "demo", "Item 7 ?")
    changed = open_(tmp_path, Toy(), suites=[replace(suite, passages=passages)])

    assert changed.ask("variant", "demo", "Item 7 ?").text == "item 7 was withdrawn"
