"""A judge whose server grants something else than when its kept scores were given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_ragft.errors import JudgeError
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.evaluation.judging_cases import judge_cases
from pytest_ragft.judging.jury import Jury
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import BASELINE, Case
from pytest_ragft.store import Store
from tests.evaluation_parts import Toy, Watched, WordJudge, everything, make_evaluator
from tests.unit.test_evaluation_judging_apart import Unfinished, case

VARIANT, OTHER = ("variant", "demo"), ("other", "demo")


@dataclass
class Served(WordJudge):
    """`version` is what its server granted when it was last asked, `grants` what it does today."""

    grants: str = "1"
    asked: int = 0
    notes = ()

    def negotiate(self) -> None:
        self.asked += 1
        self.version = self.grants

    def check(self) -> None:
        self.negotiate()


class Hasty(Served):
    """Negotiates in the midst of judging."""

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        self.version = self.grants
        return super().judge(cases)

    def negotiate(self) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path / "store.sqlite")
    yield opened
    opened.close()


def recorded(**more: Toy) -> dict[str, Toy]:
    return {BASELINE: Toy(engine=None), "variant": Toy(engine=None, name="v")} | more


def wrong() -> Toy:
    return Toy(engine=None, name="other", answer=lambda request: f"wrong {request.id}")


@pytest.fixture
def cached(store: Store) -> Store:
    """Scores of baseline and variant by a judge whose server granted "1"."""
    evaluator = make_evaluator(store, recorded(), judge=Served())
    assert not evaluator.evaluate(everything(evaluator)).errors
    return store


def test_kept_scores_are_read_without_asking_the_server(cached: Store) -> None:
    judge = Served(grants="2")
    evaluator = make_evaluator(cached, recorded(), judge=judge)
    evaluation = evaluator.evaluate(everything(evaluator))
    assert (judge.asked, judge.calls, evaluation.judge) == (0, [], Served().fingerprint)


def test_an_unchanged_server_is_asked_for_what_is_missing_alone(cached: Store) -> None:
    judge = Served()
    evaluator = make_evaluator(cached, recorded(other=wrong()), judge=judge)
    evaluator.evaluate(everything(evaluator))
    assert (judge.asked, sum(judge.calls)) == (1, 12)


def test_where_one_score_is_missing_all_are_asked_anew(cached: Store) -> None:
    judge = Served(grants="2")
    evaluator = make_evaluator(cached, recorded(other=wrong()), judge=judge)
    evaluation = evaluator.evaluate(everything(evaluator))
    # Baseline and variant give equal answers, which are judged once.
    assert (judge.asked, sum(judge.calls)) == (1, 24)
    assert evaluation.judge == Served(version="2").fingerprint
    assert {len(scores) for scores in evaluation.scores.values()} == {12}
    assert not evaluation.errors


def test_of_the_server_as_it_was_no_score_stays(cached: Store) -> None:
    judge = Served(grants="2", broken=lambda case: True)
    evaluator = make_evaluator(cached, recorded(other=wrong()), judge=judge)
    evaluation = evaluator.evaluate(everything(evaluator))
    assert evaluation.errors.keys() == {(BASELINE, "demo"), VARIANT, OTHER}
    assert not any(evaluation.scores.values())


def test_in_a_jury_too(cached: Store) -> None:
    def jury(judge: Served) -> Jury:
        return Jury([judge, WordJudge(name="other")])

    before = make_evaluator(cached, recorded(), judge=jury(Served()))
    before.evaluate(everything(before))
    judge = Served(grants="2")
    evaluator = make_evaluator(cached, recorded(other=wrong()), judge=jury(judge))
    evaluator.evaluate(everything(evaluator))
    assert (judge.asked, sum(judge.calls)) == (1, 24)


@pytest.mark.parametrize("exchanged", [False, True], ids=["later", "in another process"])
def test_what_is_wanted_later_does_not_mix_with_what_was_shown(
    cached: Store, exchanged: bool
) -> None:
    judge = Served(grants="2")
    evaluator = make_evaluator(cached, recorded(other=wrong()), judge=judge)
    evaluation = evaluator.evaluate(everything(evaluator, BASELINE, "variant"))
    shown = dict(evaluation.scores[BASELINE, "demo"])
    if exchanged:
        plain = json.loads(json.dumps(evaluation.to_plain()))
        evaluation = Evaluation.from_plain(plain)
        generators = recorded(other=wrong())
        evaluator = make_evaluator(cached, generators, judge=judge, evaluation=evaluation)

    evaluator.evaluate(everything(evaluator, "other"))

    assert "the two do not mix" in evaluation.errors[OTHER]
    assert not evaluation.scores[OTHER]
    assert evaluation.scores[BASELINE, "demo"] == shown
    assert VARIANT not in evaluation.errors
    assert judge.calls == []


def test_it_is_found_before_answers_are_computed(cached: Store) -> None:
    toy = Toy(name="other", answer=lambda request: f"wrong {request.id}")
    evaluator = make_evaluator(cached, recorded(other=toy), judge=Served(grants="2"))
    evaluator.evaluate(everything(evaluator, BASELINE, "variant"))
    evaluation = evaluator.evaluate(everything(evaluator, "other"))
    assert "the two do not mix" in evaluation.errors[OTHER]
    assert toy.calls == []


def test_cases_outside_of_a_run_are_asked_anew_too(store: Store) -> None:
    cases = [case(1), case(2)]
    judge_cases(Served(), Archive(store), cases[:1], Watched())
    judge = Served(grants="2")
    judge_cases(judge, Archive(store), cases, Watched())
    assert (judge.asked, sum(judge.calls)) == (1, 2)
    again = Served(version="2", grants="1")
    judge_cases(again, Archive(store), cases, Watched())
    assert (again.asked, again.calls) == (0, [])


def test_a_judge_that_becomes_another_one_while_it_judges_keeps_nothing(store: Store) -> None:
    with pytest.raises(JudgeError, match="found its server changed"):
        judge_cases(Hasty(grants="2"), Archive(store), [case(1)], Unfinished())
    judge = Served()
    judge_cases(judge, Archive(store), [case(1)], Watched())
    assert judge.calls == [1]
