"""Several answers to a question: kept, judged, averaged within it, and paired draw by draw."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.errors import BaselineError
from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.baseline import load_baseline, save_baseline
from pytest_ragft.evaluation.drawing import draw_notes, drawn_requests, mean_scores, orders
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.records import (
    BASELINE,
    Answer,
    Draw,
    Passage,
    Prompt,
    Request,
    Sampling,
    Score,
    VariantFacts,
)
from pytest_ragft.retrieval.settings import RetrievalSettings
from pytest_ragft.store import Store, fingerprint
from pytest_ragft.suite import Suite
from tests.evaluation_parts import Toy, WordJudge, everything, make_evaluator, make_suite

ARM = "ft", "demo"
SAMPLED = GenerationSettings(samples=3, temperature=0.7, seed=5)
ORDERED = GenerationSettings(samples=3, vary="order")
PROMPT = Prompt(system="s", user="{context}{question}", question="q?")


def drawn_suite(settings: GenerationSettings = SAMPLED, **changes: Any) -> Suite:
    return make_suite(generation=settings, retrieval=RetrievalSettings(k=3), **changes)


def sometimes(request: Request) -> str:
    """Right in the first draw, and in the third of every other question."""
    number = int(request.id[1:])
    right = request.sample == 0 or (request.sample == 2 and number % 2 == 0)
    return f"item {number} has the code code-{number}" if right else "nobody knows"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite")
    yield store
    store.close()


def run(store: Store, suite: Suite, judge: WordJudge | None = None, **toys: Toy) -> Evaluation:
    evaluator = make_evaluator(store, toys, [suite], judge)
    return evaluator.evaluate(everything(evaluator))


def request_of(**changes: Any) -> Request:
    return replace(Request(suite="s", id="q", prompt=PROMPT), **changes)


# ——— what one greedy answer was before there were draws


def test_keys_and_fingerprints_of_single_greedy_answers_are_what_they_were() -> None:
    known = keys.answer_key("generator", "prompt", None, request_of())
    limited = keys.answer_key("generator", "prompt", 5, request_of())
    assert (known, limited) == (
        "28e28a60a4b23cc257f5c23684cd755b",
        "74097d753897997621ec6464d1ad9f8e",
    )
    plain = GenerationSettings().plain()
    other = GenerationSettings(max_new_tokens=7, thinking="off", stop=("x",)).plain()
    assert (fingerprint(plain), fingerprint(other)) == (
        "3a512ac1ab3de0aafcb888dd680bdedd",
        "92019bbc2b3cda695b1e62f47362bc16",
    )


def test_stored_answers_of_a_suite_without_draws_are_the_first_of_its_orders(store: Store) -> None:
    toy = Toy(name="ft")
    single = run(store, drawn_suite(GenerationSettings()), ft=toy)
    calls = len(toy.calls)
    varied = run(store, drawn_suite(ORDERED), ft=toy)

    assert len(toy.calls) == 3 * calls
    assert varied.answers[ARM] == single.answers[ARM]
    assert varied.computed[ARM] == 24


def test_everything_about_a_draw_is_in_its_key() -> None:
    warm, other = Sampling(temperature=0.7, seed=1), Sampling(temperature=0.7, seed=2)
    draws: list[dict[str, Any]] = [
        {},
        {"sample": 1},
        {"sample": 2},
        {"sampling": warm},
        {"sampling": warm, "sample": 1},
        {"sampling": other},
        {"sampling": replace(warm, temperature=0.8)},
        {"sampling": replace(warm, top_p=0.9)},
        {"sampling": replace(warm, top_p=1.0)},
    ]
    found = [keys.answer_key("g", "p", None, request_of(**draw)) for draw in draws]
    assert len(set(found)) == len(draws)
    more = [keys.answer_key("g", "p", None, request_of(**draw, samples=9)) for draw in draws]
    assert more == found


# ——— what is asked


def test_orders_begin_with_the_ranked_one_and_never_repeat() -> None:
    found = orders("abcd", 6, (0, "q"))
    assert found[0] == tuple("abcd")
    assert len(set(found)) == 6
    assert all(sorted(order) == list("abcd") for order in found)
    assert orders("abcd", 3, (0, "q")) == found[:3]
    assert orders("abcd", 6, (1, "q")) != found
    assert orders("abcd", 6, (0, "another")) != found
    assert len(orders("abcd", 24, (0, "q"))) == len(orders("abcd", 99, (0, "q"))) == 24
    assert orders("a", 4, (0, "q")) == [("a",)]
    assert orders("", 4, (0, "q")) == [()]


def test_draws_come_one_after_the_other_with_seeds_of_their_own() -> None:
    prompts = {"a": PROMPT, "b": replace(PROMPT, question="r?")}
    asked = drawn_requests("s", SAMPLED, prompts)

    assert [(r.id, r.sample, r.samples) for r in asked] == [
        (i, sample, 3) for sample in range(3) for i in "ab"
    ]
    seeds = [r.sampling.seed for r in asked if r.sampling]
    assert len(set(seeds)) == 6
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert asked == drawn_requests("s", SAMPLED, prompts)
    fewer = drawn_requests("s", replace(SAMPLED, samples=2), prompts)
    assert [replace(r, samples=3) for r in fewer] == asked[:4]
    other = drawn_requests("s", replace(SAMPLED, seed=6), prompts)
    assert set(seeds).isdisjoint(r.sampling.seed for r in other if r.sampling)


def test_a_question_has_no_more_draws_than_its_passages_have_orders(store: Store) -> None:
    passages = tuple(Passage(id=str(i), text=str(i)) for i in range(2))
    prompts = {"two": replace(PROMPT, passages=passages), "none": PROMPT}
    asked = drawn_requests("s", ORDERED, prompts)
    assert [(r.id, r.sample, r.samples) for r in asked] == [
        ("two", 0, 2),
        ("none", 0, 1),
        ("two", 1, 2),
    ]
    assert asked[0].prompt.passages == asked[2].prompt.passages[::-1]

    toy = Toy(name="ft")
    evaluation = run(store, replace(drawn_suite(ORDERED), retrieval=RetrievalSettings(k=1)), ft=toy)
    assert not evaluation.draws[ARM]
    note = "12 questions with fewer passages than 3 orders need.*12 of them have one order alone"
    assert any(re.search(note, line) for line in evaluation.notes["demo"])


def test_what_draws_do_is_said() -> None:
    (said,) = draw_notes(SAMPLED, {"q": 3})
    assert said == (
        "3 answers a question, sampled at temperature 0.7, seed 5, averaged within the question"
    )
    (alone,) = draw_notes(GenerationSettings(temperature=1.0, top_p=0.9), {"q": 1})
    assert "temperature 1, top_p 0.9, seed 0: how much of the spread is sampling" in alone
    (order,) = draw_notes(ORDERED, {"q": 3})
    assert "changes the question asked" in order
    assert draw_notes(GenerationSettings(), {"q": 1}) == []


# ——— scores


def test_scores_are_averaged_within_the_question(store: Store) -> None:
    evaluation = run(store, drawn_suite(), ft=Toy(name="ft", answer=sometimes))

    even, odd = (evaluation.scores[ARM][i]["accuracy"] for i in ("q0", "q1"))
    assert (even.value, odd.value) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert even.reason == "mean of 3 draws: 1, 0, 1"
    assert even.evidence["draws"] == [1.0, 0.0, 1.0]
    assert [draw.scores["accuracy"].value for draw in evaluation.drawn(ARM, "q1")] == [1, 0, 0]
    assert evaluation.computed[ARM] == 36


def compared(evaluation: Evaluation, suite: Suite) -> dict[str, Any]:
    comparison = evaluation.comparison("accuracy", "ft", [suite], limit=None)
    assert len(comparison.pairs) == 12
    return {pair.id: pair for pair in comparison.pairs}


def failing_at(*draws: tuple[str, int]) -> Any:
    """A toy that fails at some draws of some questions."""

    class Failing(Toy):
        def generate(self, batch: Any) -> list[Answer]:
            answers = super().generate(batch)
            return [
                Answer(text="", finish="error", error="the server is full")
                if (request.id, request.sample) in draws
                else answer
                for request, answer in zip(batch, answers, strict=True)
            ]

    return Failing(name="ft", answer=sometimes)


def test_a_draw_that_one_side_lacks_makes_the_pair_missing(store: Store) -> None:
    suite = drawn_suite()
    base = Toy(name="base", answer=sometimes)
    pairs = compared(run(store, suite, baseline=base, ft=failing_at(("q4", 1))), suite)

    lost = pairs["q4"]
    assert (lost.variant.status, lost.baseline.status) == ("missing", "scored")
    assert lost.variant.reason == (
        "draw 2 of this question is missing, which the other side has: no answer to judge: the "
        "server is full"
    )
    assert lost.draws == ()
    assert pairs["q5"].draws == ((1, 1), (0, 0), (0, 0))


def test_a_draw_that_both_sides_lack_makes_means_of_fewer(store: Store) -> None:
    suite = drawn_suite()
    both = [failing_at(("q4", 1)), replace(failing_at(("q4", 1)), name="base")]
    pairs = compared(run(store, suite, ft=both[0], baseline=both[1]), suite)

    assert pairs["q4"].draws == ((1, 1), (1, 1))
    assert pairs["q4"].variant.value == pairs["q4"].baseline.value == 1


def test_all_draws_of_a_question_lost_are_a_missing_score(store: Store) -> None:
    suite = drawn_suite()
    lost = failing_at(*(("q4", sample) for sample in range(3)))
    pairs = compared(run(store, suite, ft=lost, baseline=Toy(name="base", answer=sometimes)), suite)
    assert pairs["q4"].variant.status == "missing"
    assert "the server is full" in pairs["q4"].variant.reason


def test_a_judge_that_stops_half_way_leaves_no_mean_of_what_it_did(store: Store) -> None:
    suite = drawn_suite()
    judge = WordJudge(broken=lambda case: case.answer == "nobody knows")
    evaluation = run(store, suite, judge, ft=Toy(name="ft", answer=sometimes))
    assert evaluation.errors
    assert not evaluation.scores[ARM]


def test_statuses_of_draws() -> None:
    def scored(*values: float | str) -> Score:
        draws = [
            Draw(
                sample=i,
                answer=Answer(text="", finish="stop"),
                scores={
                    "m": Score(metric="m", value=value, evidence={"kind": "date", "rank": i})
                    if isinstance(value, float)
                    else Score(metric="m", value=None, status=value, reason=f"is {value}")  # type: ignore[arg-type]
                },
            )
            for i, value in enumerate(values)
        ]
        return mean_scores(draws)["m"]

    assert scored("not_applicable", "missing").status == "not_applicable"
    assert scored("missing", "missing").reason == "is missing"
    assert scored(1.0, "missing", 0.5).value == 0.75
    assert scored(1.0, "missing", 0.5).reason == "mean of 2 draws: 1, missing, 0.5"
    assert scored(1.0, "not_applicable").status == "missing"
    assert scored(0.1, 0.1, 0.1).value == 0.1
    assert scored(1.0, 0.0).evidence == {"kind": "date", "draws": [1.0, 0.0]}


# ——— kept


def test_a_run_that_was_ended_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = run(Store(tmp_path / "whole"), drawn_suite(), ft=Toy(name="ft", answer=sometimes))
    store = Store(tmp_path / "store")
    ended = run(store, drawn_suite(), ft=Toy(name="ft", answer=sometimes, broken_after=4))
    assert ended.errors
    assert not ended.scores[ARM].keys() & {"q11"}

    rest = Toy(name="ft", answer=sometimes)
    again = run(store, drawn_suite(), ft=rest)
    assert len(rest.calls) == 5
    assert (again.answers, again.scores, again.draws) == (whole.answers, whole.scores, whole.draws)


def test_more_draws_keep_the_first_ones(store: Store) -> None:
    toy = Toy(name="ft", answer=sometimes)
    run(store, drawn_suite(replace(SAMPLED, samples=2)), ft=toy)
    more = run(store, drawn_suite(), ft=toy)
    assert more.computed[ARM] == 12


def test_a_batch_holds_one_draw_of_each_question(store: Store) -> None:
    toy = Toy(name="ft", rows=100)
    run(store, drawn_suite(), ft=toy)
    assert [len(call) for call in toy.calls] == [12, 12, 12]


def test_a_limited_run_draws_as_often(store: Store) -> None:
    toy = Toy(name="ft", answer=sometimes)
    evaluator = make_evaluator(store, {"ft": toy}, [drawn_suite()], limit=4)
    evaluation = evaluator.evaluate(everything(evaluator))
    assert evaluation.computed[ARM] == 12
    assert {len(draws) for draws in evaluation.draws[ARM].values()} == {3}


def test_other_processes_read_the_same_draws(store: Store) -> None:
    evaluation = run(store, drawn_suite(), ft=Toy(name="ft", answer=sometimes))
    read = Evaluation.from_plain(json.loads(json.dumps(evaluation.to_plain())))
    assert read.draws == evaluation.draws
    assert read.scores == evaluation.scores


def test_a_new_question_is_asked_once(store: Store) -> None:
    toy = Toy(name="ft")
    evaluator = make_evaluator(store, {"ft": toy}, [drawn_suite()])
    evaluator.ask("ft", "demo", "Which code has item 3 ?")
    assert len(toy.calls) == 1


FACTS = VariantFacts(name="ft", spec="toy", role="variant", fingerprint="toy ft")


def saved_at(tmp_path: Path, suite: Suite, toy: Toy) -> Any:
    evaluator = make_evaluator(Store(tmp_path / "store.sqlite"), {"ft": toy}, [suite])
    evaluation = evaluator.evaluate(everything(evaluator))
    path = tmp_path / "v1.json"
    save_baseline(path, evaluation, [suite], FACTS, ("words", WordJudge().fingerprint))
    return load_baseline(path), evaluation


def test_a_saved_baseline_holds_all_draws(tmp_path: Path) -> None:
    suite = drawn_suite()
    saved, evaluation = saved_at(tmp_path, suite, Toy(name="ft", answer=sometimes))
    assert saved.suites["demo"].draws == evaluation.draws[ARM]
    saved.check([suite], WordJudge().fingerprint)

    new = Toy(name="new", answer=sometimes)
    evaluator = make_evaluator(Store(tmp_path / "other.sqlite"), {"ft": new}, [suite], saved=saved)
    later = evaluator.evaluate({ARM: None, (BASELINE, "demo"): None})
    assert compared(later, suite)["q0"].draws == ((1, 1), (0, 0), (1, 1))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (GenerationSettings(), "which asks for one greedy answer a question"),
        (replace(SAMPLED, samples=2), "which asks for samples = 2, temperature = 0.7, seed = 5"),
        (replace(SAMPLED, seed=6), "which asks for samples = 3, temperature = 0.7, seed = 6"),
        (ORDERED, "which asks for samples = 3, vary = 'order'"),
    ],
)
def test_a_saved_baseline_refuses_other_draws(
    tmp_path: Path, settings: GenerationSettings, said: str
) -> None:
    saved, _ = saved_at(tmp_path, drawn_suite(), Toy(name="ft", answer=sometimes))
    with pytest.raises(BaselineError, match="samples = 3, temperature") as e:
        saved.check([drawn_suite(settings)], WordJudge().fingerprint)
    assert said in str(e.value)


def test_a_baseline_with_a_lost_draw_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="must be complete: 1 questions"):
        saved_at(tmp_path, drawn_suite(), failing_at(("q4", 1)))
