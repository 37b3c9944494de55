"""Judged cases are kept as they come: whoever is ended loses about a second's work."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.errors import JudgeError
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.codec import SCORES
from pytest_ragft.evaluation.judging_cases import BATCH, Keeper, Pace, case_key, judge_cases
from pytest_ragft.judging.jury import Jury
from pytest_ragft.judging.llm.opening import open_llm_judge
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Case
from pytest_ragft.store import Store
from tests.endpoint_server import Answer, Call, Server, chat
from tests.evaluation_parts import Watched, WordJudge
from tests.llm_scripts import is_probe
from tests.unit.test_evaluation_judging_apart import case


@pytest.fixture
def archive(tmp_path: Path):
    store = Store(tmp_path / "store.sqlite")
    yield Archive(store)
    store.close()


@dataclass
class Clocked(WordJudge):
    """Takes `each` seconds a case, on a clock of its own; several at a time where it can."""

    each: float = 0.0
    at_once: int = 1
    now: float = 0.0
    waited: list[float] = field(default_factory=list)
    """Seconds of each call."""

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        seconds = self.each * -(-len(cases) // self.at_once)
        self.now += seconds
        self.waited.append(seconds)
        return super().judge(cases)


def judge_all(judge: Clocked, archive: Archive, n: int) -> None:
    keeper = Keeper(judge, archive, clock=lambda: judge.now)
    cases = {case_key(judge, of): of for of in map(case, range(n))}
    keeper.judge(cases, lambda key, scores: None)


@given(st.floats(0.001, 5.0))
def test_no_more_than_a_second_is_at_stake(each: float) -> None:
    pace, longest = Pace(), 0.0
    for _ in range(40):
        seconds = pace.size * each
        longest = max(longest, seconds)
        pace.note(pace.size, seconds)
    assert longest <= max(2.0, 2 * each), "the size is doubled once too often, and then reduced"
    assert pace.size * each <= max(2.0, each)
    assert pace.size <= BATCH


def test_a_judge_that_waits_for_a_server_has_many_under_way(archive: Archive) -> None:
    judge = Clocked(each=2.0, at_once=64)
    judge_all(judge, archive, 1000)
    assert sum(judge.waited) <= 3 * 2.0 * 1000 / 64
    assert max(judge.calls) >= 64


def test_a_slow_judge_is_given_one_case_at_a_time(archive: Archive) -> None:
    judge = Clocked(each=3.0)
    judge_all(judge, archive, 20)
    assert sum(judge.calls) == 20
    assert max(judge.calls) <= 2


def test_a_fast_judge_is_given_many(archive: Archive) -> None:
    judge = Clocked(each=0.0001)
    judge_all(judge, archive, 2000)
    assert len(judge.calls) < 20


def test_each_case_of_a_server_is_kept_before_the_last_is_judged(archive: Archive) -> None:
    """One of fifty replies does not come: what came before is in the store by then."""
    kept: list[int] = []
    cases = [case(i, f"code {i}, or another") for i in range(50)]

    def script(call: Call) -> Answer:
        if not is_probe(call) and "code 49" in call.text:
            deadline = time.monotonic() + 20
            while (n := len(archive.load(SCORES, by_key))) < 49 and time.monotonic() < deadline:
                time.sleep(0.01)
            kept.append(n)
        return chat({"reason": "r", "rating": 4})

    with Server(script) as server:
        judge = open_llm_judge(f"openai:m@{server.url}", {"RAGFT_JUDGE_CONCURRENCY": "1"})
        judge.negotiate()  # type: ignore[attr-defined]
        by_key = {case_key(judge, of): of for of in cases}
        scores = judge_cases(judge, archive, cases, Watched())
    assert all(of["accuracy"].value == 1.0 for of in scores)
    assert kept == [49, 49]


def test_what_a_member_of_a_jury_gave_is_kept_when_another_fails(archive: Archive) -> None:
    first, second = WordJudge(name="first"), WordJudge(name="second", broken=lambda of: True)
    cases = [case(i) for i in range(5)]
    with pytest.raises(JudgeError):
        judge_cases(Jury([first, second]), archive, cases, Unfinished())
    first.calls.clear()
    second.broken = lambda of: False
    scores = judge_cases(Jury([first, second]), archive, cases, Watched())
    assert (sum(first.calls), sum(second.calls)) == (0, 1 + 5)
    assert all(of["accuracy"].value == 1.0 for of in scores)
    # By itself, too, it is not asked again.
    judge_cases(first, archive, cases, Watched())
    assert sum(first.calls) == 0


class Streamed(WordJudge):
    """Gives the cases from the last to the first, and then what it is told to."""

    def __init__(self, then: Callable[[Callable[[int, Scores], None]], None]) -> None:
        super().__init__()
        self.then = then

    def judge_each(self, cases: Sequence[Case], done: Callable[[int, Scores], None]) -> None:
        for at in reversed(range(1, len(cases))):
            done(at, self._judge(cases[at]))
        self.then(done)


def fail(done: object) -> None:
    raise LookupError("mine")


@pytest.mark.parametrize(
    ("then", "why"),
    [
        (fail, "raised LookupError"), (lambda done: None, "gave no scores"),
        (lambda done: done(0, {}), "gave no score of 'accuracy'"),
        (lambda done: done(0, None), "instead of a mapping"),
    ],
)  # fmt: skip
def test_what_a_streaming_judge_leaves_out_is_missing(
    archive: Archive, then: Callable[[object], None], why: str
) -> None:
    cases = [case(i) for i in range(4)]
    scores = judge_cases(Streamed(then), archive, cases, Watched())
    assert [of["accuracy"].status for of in scores] == ["missing", *["scored"] * 3]
    assert why in scores[0]["accuracy"].reason
    again = Streamed(lambda done: None)
    assert judge_cases(again, archive, cases[1:], Watched()) == scores[1:]


def test_a_second_score_of_a_case_does_not_count(archive: Archive) -> None:
    def twice(done: Callable[[int, Scores], None]) -> None:
        done(0, WordJudge()._judge(case(0)))
        done(0, WordJudge()._judge(case(0, "no")))

    (scores,) = judge_cases(Streamed(twice), archive, [case(0)], Watched())
    assert scores["accuracy"].value == 1.0


class Unfinished(Watched):
    def _phase(self, title: str, total: int):
        from contextlib import nullcontext

        return nullcontext(self)
