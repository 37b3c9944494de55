"""Judging: each case once, missing scores stay missing, and one arm's failure is its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import BASELINE, Case, Score
from pytest_ragft.store import Store
from tests.evaluation_parts import (
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


ARM = ("variant", "demo")


def run(
    store: Store,
    judge: WordJudge,
    questions: int = 12,
    progress: Watched | None = None,
    **toys: Toy,
) -> Evaluation:
    toys = toys or {"variant": Toy(engine=None)}
    suites = [make_suite(questions=questions)]
    evaluator = make_evaluator(store, toys, suites, judge, progress=progress or Watched())
    return evaluator.evaluate(everything(evaluator))


class Moody(WordJudge):
    """Never gives the same score twice, as a language model may."""

    given: int = 0

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        super().judge(cases)
        scores: list[Scores] = []
        for _ in cases:
            self.given += 1
            score = Score(metric="accuracy", value=1 / self.given)
            scores.append(
                {"accuracy": score, "completeness": replace(score, metric="completeness")}
            )
        return scores


def test_equal_answers_have_equal_scores(store: Store) -> None:
    """Otherwise a judge that wavers would find differences between two equal systems."""
    judge = Moody()
    evaluation = run(store, judge, baseline=Toy(), variant=Toy(name="tuned"))

    assert sum(judge.calls) == 12
    assert evaluation.scores[BASELINE, "demo"] == evaluation.scores[ARM]
    again = run(store, Moody(), baseline=Toy(), variant=Toy(name="tuned"))
    assert again.scores == evaluation.scores


def test_fresh_and_kept_scores_are_the_same(store: Store) -> None:
    """Evidence that was a tuple is a list from the start: reports of both runs agree."""
    fresh = run(store, WordJudge()).scores[ARM]["q3"]["completeness"]
    kept = run(store, WordJudge()).scores[ARM]["q3"]["completeness"]

    assert fresh == kept
    assert fresh.evidence == {"covered": ["code-3", "item 3"], "passages": 2}


def test_a_missing_score_is_asked_for_again_by_the_next_run(store: Store) -> None:
    evaluation = run(store, WordJudge(failing=frozenset({"q3", "q4"})))

    assert not evaluation.errors
    assert evaluation.scores[ARM]["q3"]["accuracy"].reason == "no reply"
    judge = WordJudge()
    again = run(store, judge)
    assert sum(judge.calls) == 2
    assert again.scores[ARM]["q3"]["accuracy"].value == 1.0


def test_a_missing_score_is_not_asked_for_until_it_suits(store: Store) -> None:
    judge = WordJudge(failing=frozenset({"q3"}))
    evaluator = make_evaluator(store, {"variant": Toy(engine=None)}, judge=judge)
    for _ in range(2):
        evaluator.evaluate({ARM: None})

    assert sum(judge.calls) == 12


def test_a_judge_that_fails_in_mid_run(store: Store) -> None:
    """The batches before are kept; those after it are not tried for the arms that failed."""
    judge = WordJudge(broken=lambda case: case.example.id == "q300")
    watched = Watched()
    evaluation = run(store, judge, 700, watched)

    assert evaluation.errors == {ARM: "the judge is broken"}
    kept = len(evaluation.scores[ARM])
    assert (watched.phases, watched.ends) == ([("judging (words)", 700)], [kept])
    assert 256 <= kept <= 300
    assert sum(judge.calls) <= 512
    assert evaluation.score(ARM, "q300", "accuracy").reason == "the judge is broken"
    judge = WordJudge()
    again = run(store, judge, 700)
    assert not again.errors
    assert sum(judge.calls) == 700 - kept


def test_a_judge_that_fails_on_one_arm_goes_on_with_the_others(store: Store) -> None:
    judge = WordJudge(broken=lambda case: "garbled" in case.answer)
    bad = Toy(engine=None, answer=lambda request: f"garbled {request.id}")
    evaluation = run(store, judge, 512, bad=bad, good=Toy(engine=None))

    assert evaluation.errors == {("bad", "demo"): "the judge is broken"}
    assert sum(judge.calls) <= 1 + 512
    assert len(evaluation.scores["good", "demo"]) == 512


class Careless(WordJudge):
    """Breaks the port's rules in a way of one's choice."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        scores = [dict(s) for s in super().judge(cases)]
        if cases[0].example.id != "q0" and self.how != "too few":
            return list(scores)
        first = scores[0]
        if self.how == "too few":
            return list(scores[1:])
        if self.how == "swapped":
            first["accuracy"], first["completeness"] = first["completeness"], first["accuracy"]
        if self.how == "odd evidence":
            first["accuracy"] = replace(first["accuracy"], evidence={"words": {"a", "b"}})
        if self.how == "NaN evidence":
            first["accuracy"] = replace(first["accuracy"], evidence={"p": float("nan")})
        return list(scores)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("too few", "gave scores to 0 of 1 cases"),
        ("swapped", "gave a score of 'completeness' as 'accuracy'"),
        ("odd evidence", "plain, finite values"),
        ("NaN evidence", "plain, finite values"),
    ],
)
def test_what_breaks_the_rules_is_a_missing_score(store: Store, how: str, message: str) -> None:
    evaluation = run(store, Careless(how))

    assert not evaluation.errors
    score = evaluation.score(ARM, "q0", "accuracy")
    assert score.status == "missing"
    assert "the judge 'words' (Careless) gave " in score.reason
    assert message in score.reason
    # It kept the rules for the others; in a batch of too few nobody knows whose scores are there.
    others = {evaluation.score(ARM, f"q{i}", "accuracy").status for i in range(1, 12)}
    assert others == {"missing" if how == "too few" else "scored"}


def test_a_case_on_which_the_judge_raises_costs_only_itself(store: Store) -> None:
    class Fragile(WordJudge):
        def judge(self, cases: Sequence[Case]) -> list[Scores]:
            scores = super().judge(cases)
            assert all(case.example.id not in ("q3", "q300") for case in cases)
            return scores

    judge = Fragile()
    evaluation = run(store, judge, 512)

    assert not evaluation.errors
    statuses = {i: scores["accuracy"].status for i, scores in evaluation.scores[ARM].items()}
    assert len(statuses) == 512
    assert {i for i, status in statuses.items() if status != "scored"} == {"q3", "q300"}
    reason = evaluation.score(ARM, "q3", "accuracy").reason
    assert "the judge 'words' (" in reason
    assert "Fragile) raised AssertionError: " in reason
    assert sum(judge.calls) < 3 * 512, "only the batch that fails is judged again"
    # What is missing is asked again, and nothing else.
    judge = Fragile()
    run(store, judge, 512)
    assert judge.calls == [1, 1]


class Forgetful(WordJudge):
    def _judge(self, case: Case) -> dict[str, Score]:
        every = super()._judge(case)
        return {"accuracy": every["accuracy"]} if case.example.id == "q0" else every


def test_a_metric_without_a_score_is_missing(store: Store) -> None:
    evaluation = run(store, Forgetful())

    assert not evaluation.errors
    scores: Mapping[str, Score] = evaluation.scores[ARM]["q0"]
    assert scores["completeness"].status == "missing"
    judge = WordJudge()
    assert run(store, judge).scores[ARM]["q0"]["completeness"].value == 1.0
    assert judge.calls == [1]


def test_progress_counts_what_is_left_to_judge(store: Store) -> None:
    run(store, WordJudge(), 5)
    watched = Watched()
    toys = {"variant": Toy(engine=None)}
    # The last of the five is shown another passage now, but is answered from its first.
    evaluator = make_evaluator(store, toys, [make_suite(questions=7)], progress=watched)
    evaluator.evaluate(everything(evaluator))

    assert watched.phases == [("judging (words)", 2)]


class TestComparison:
    def test_pairs_every_question(self, store: Store) -> None:
        engine = ToyEngine()
        toys = {
            BASELINE: Toy(engine=engine),
            "variant": Toy(name="v", engine=engine, failing=frozenset({"q1"})),
        }
        suite = make_suite()
        evaluator = make_evaluator(store, toys, [suite])
        evaluation = evaluator.evaluate(everything(evaluator))
        comparison = evaluation.comparison("accuracy", "variant", [suite], limit=None)

        assert [pair.id for pair in comparison.pairs] == [f"q{i}" for i in range(12)]
        assert not comparison.limited
        first, second, *_ = comparison.pairs
        assert (first.baseline.value, first.variant.value) == (1.0, 1.0)
        assert (first.cluster, first.relevant_retrieved) == ("d0", True)
        assert (second.baseline.value, second.variant.status) == (1.0, "missing")

    def test_what_was_not_evaluated_is_missing_and_never_drops_out(self) -> None:
        suite = make_suite()
        evaluation = Evaluation()
        evaluation.errors["variant", "demo"] = "the model is broken"
        comparison = evaluation.comparison("accuracy", "variant", [suite], limit=None)

        assert len(comparison.pairs) == 12
        pair = comparison.pairs[5]
        assert (pair.baseline.status, pair.variant.status) == ("missing", "missing")
        assert pair.variant.reason == "the model is broken"
        assert "not evaluated" in pair.baseline.reason
        assert pair.relevant_retrieved is None

    def test_a_limit_is_told(self) -> None:
        suite = make_suite()
        pairs = {n: Evaluation().comparison("accuracy", "v", [suite], limit=n) for n in (5, 12)}

        assert [len(comparison.pairs) for comparison in pairs.values()] == [5, 12]
        assert [comparison.limited for comparison in pairs.values()] == [True, False]

    def test_a_question_without_a_document_is_its_own_cluster(self) -> None:
        examples = tuple(replace(e, document=None) for e in make_suite().examples)
        comparison = Evaluation().comparison(
            "accuracy", "v", [make_suite(examples=examples)], limit=None
        )

        assert len({pair.cluster for pair in comparison.pairs}) == 12


def test_another_process_of_the_run_reads_the_same(store: Store) -> None:
    evaluation = run(store, WordJudge(failing=frozenset({"q3"})))
    evaluation.errors["other", "demo"] = "broken"
    read = Evaluation.from_plain(json.loads(json.dumps(evaluation.to_plain(), allow_nan=False)))

    assert (read.hits, read.answers, read.scores, read.errors) == (
        evaluation.hits,
        evaluation.answers,
        evaluation.scores,
        evaluation.errors,
    )
    # It goes on from there without computing what it was told.
    evaluator = make_evaluator(
        Store(store.path.with_name("elsewhere.sqlite")),
        {"variant": Toy(engine=None, broken_after=0)},
        evaluation=read,
    )
    assert evaluator.evaluate({ARM: None}).scores[ARM] == evaluation.scores[ARM]
    assert [p.id for p in evaluator.passages("demo", "q3")] == ["p3", "p4"]
