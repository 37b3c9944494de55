"""Reasoning on its way through store, saved baselines, other processes and judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pytest_ragft.evaluation.codec import answer_from, answer_to_plain
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import BASELINE, Answer, Case, Score
from pytest_ragft.store import Store
from tests.evaluation_parts import Toy, ToyEngine, WordJudge, everything, make_evaluator, make_suite

ARM = ("variant", "demo")


@dataclass
class Witness(WordJudge):
    """Keeps what it was shown, and likes an answer that says nothing."""

    seen: list[str] = field(default_factory=list)

    @property
    def metrics(self) -> tuple[str, ...]:
        return ("accuracy", "completeness", "style")

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        self.seen += [case.answer for case in cases]
        liked = {m: Score(metric=m, value=1.0) for m in ("accuracy", "completeness", "style")}
        return [liked for _ in cases]


def run(tmp_path: Path, *, judge: WordJudge | None = None, **toys: Toy) -> Evaluation:
    store = Store(tmp_path / "store.sqlite")
    evaluator = make_evaluator(store, toys, [make_suite(questions=4)], judge)
    evaluation = evaluator.evaluate(everything(evaluator))
    store.close()
    return evaluation


def saying(text: str, name: str = "toy", *, recorded: bool = False) -> Toy:
    return Toy(name=name, answer=lambda _: text, engine=None if recorded else ToyEngine(name))


ANSWERS = [
    Answer(text="Paris", finish="stop"),
    Answer(text="Paris", finish="stop", reasoning="Paris or Rome?", completion_tokens=9),
    Answer(text="", finish="length", reasoning="Paris or", reasoning_cut=True),
    Answer(text="a `<think>` tag\n</think>", finish="stop"),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=["none", "some", "cut", "told apart already"])
def test_an_answer_comes_back_as_it_was_kept(answer: Answer) -> None:
    assert answer_from(answer_to_plain(answer)) == answer


def test_what_was_kept_with_its_reasoning_is_told_apart_when_it_is_read() -> None:
    old = {"text": "<think>Rome?</think>\n\nParis", "finish": "stop", "completion_tokens": 9}
    told = Answer(text="Paris", finish="stop", reasoning="Rome?", completion_tokens=9)
    assert answer_from(old) == told
    cut = answer_from({"text": "<think>Rome?", "finish": "length"})
    assert cut.unanswered == "cut while thinking (finish: length)"
    plain = answer_from({"text": " <b> \n", "finish": "stop"})
    assert plain == Answer(text=" <b> \n", finish="stop")


@pytest.mark.parametrize("plain", [{"text": "a", "finish": "stop", "reasoning": 1}, {"text": "a"}])
def test_what_is_no_answer_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        answer_from(plain)


@pytest.mark.parametrize("recorded", [False, True], ids=["model", "recorded"])
def test_no_generator_gets_its_reasoning_judged(tmp_path: Path, recorded: bool) -> None:
    """One of a user's own may not tell it apart."""
    judge = Witness()
    toy = saying("<think>Rome?\ud83e</think>\n\nParis", recorded=recorded)
    answer = run(tmp_path, judge=judge, variant=toy).answers[ARM]["q0"]
    assert (answer.text, answer.reasoning) == ("Paris", "Rome?\ufffd")
    assert set(judge.seen) == {"Paris"}


def test_a_kept_answer_comes_back_with_its_reasoning(tmp_path: Path) -> None:
    fresh = run(tmp_path, variant=saying("<think>Rome?</think>\n\nParis"))
    kept = run(tmp_path, variant=saying("not asked again"))
    assert kept.answers == fresh.answers
    other = Evaluation.from_plain(fresh.to_plain())
    assert other.answers[ARM] == fresh.answers[ARM]


def test_an_answer_that_is_cut_scores_nothing_whatever_the_judge_says(tmp_path: Path) -> None:
    toys = {
        "variant": saying("<think>Rome", "cut"),
        "empty": saying("", "empty"),
        "silent": saying("<think>Rome</think>", "silent"),
    }
    judge = Witness()
    for _ in range(2):  # computed, and then from the store
        evaluation = run(tmp_path, judge=judge, **toys)
        scores = {name: evaluation.scores[name, "demo"]["q0"] for name in toys}
        for metric in ("accuracy", "completeness"):
            score = scores["variant"][metric]
            assert (score.value, score.reason) == (0.0, "cut while thinking (finish: stop)")
            score = scores["silent"][metric]
            assert (score.value, score.reason) == (
                0.0,
                "no answer after its reasoning (finish: stop)",
            )
            # Of an answer that is empty without a reason only the judge can speak.
            assert scores["empty"][metric].value == 1.0
        assert scores["variant"]["style"].value == 1.0
    assert set(judge.seen) == {""}


def test_completeness_of_the_unanswerable_stays_not_applicable(tmp_path: Path) -> None:
    suite = make_suite(questions=2)
    examples = tuple(replace(e, answerable=False, references=()) for e in suite.examples)
    store = Store(tmp_path / "store.sqlite")
    evaluator = make_evaluator(
        store,
        {"variant": saying("<think>I do not know.")},
        [replace(suite, examples=examples)],
        ReferenceJudge(),  # type: ignore[arg-type]
    )
    scores = evaluator.evaluate(everything(evaluator)).scores[ARM]["q0"]
    assert (scores["accuracy"].value, scores["completeness"].status) == (0.0, "not_applicable")
    assert scores["accuracy"].reason == "cut while thinking (finish: stop)"


@pytest.mark.parametrize("text", ["<think>Rome", "", " \n"], ids=["cut", "empty", "blank"])
def test_a_baseline_that_says_nothing_is_refused(tmp_path: Path, text: str) -> None:
    toys = {BASELINE: saying(text), "variant": saying("item", "other")}
    errors = run(tmp_path, **toys).errors
    assert list(errors) == [(BASELINE, "demo")]
    assert "4 of its 4 answers are empty" in errors[BASELINE, "demo"]
    assert ("only thought" in errors[BASELINE, "demo"]) is ("think" in text)


def test_a_baseline_of_which_half_is_empty_counts(tmp_path: Path) -> None:
    turns = iter(["", "", "item", "item"])
    toys = {BASELINE: Toy(answer=lambda _: next(turns)), "variant": saying("item", "other")}
    assert not run(tmp_path, **toys).errors


def test_a_variant_that_says_nothing_is_judged(tmp_path: Path) -> None:
    toys = {BASELINE: saying("item"), "variant": saying("<think>Rome", "other")}
    evaluation = run(tmp_path, **toys)
    assert not evaluation.errors
    assert evaluation.scores[ARM]["q0"]["accuracy"].value == 0.0
