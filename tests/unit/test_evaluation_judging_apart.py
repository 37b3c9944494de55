"""Cases judged outside a run: each once, kept as it goes, and asked for again when missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ragft.errors import JudgeError
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.judging_cases import BATCH, judge_cases
from pytest_ragft.records import Case, QAExample
from pytest_ragft.store import Store
from tests.evaluation_parts import Watched, WordJudge


def case(i: int, answer: str = "code") -> Case:
    example = QAExample(id=f"q{i}", question=f"Which {i}?", references=("code",), facts=("code",))
    return Case(example=example, answer=answer)


@pytest.fixture
def archive(tmp_path: Path):
    store = Store(tmp_path / "store.sqlite")
    yield Archive(store)
    store.close()


def test_scores_come_in_order_and_equal_cases_once(archive: Archive) -> None:
    judge, shown = WordJudge(), Watched()
    cases = [case(1), case(2, "no"), case(1), case(3)]
    scores = judge_cases(judge, archive, cases, shown)
    assert [of["accuracy"].value for of in scores] == [1.0, 0.0, 1.0, 1.0]
    assert sum(judge.calls) == 3
    assert judge_cases(judge, archive, cases, shown) == scores
    assert sum(judge.calls) == 3, "kept"


def test_what_was_scored_before_a_failure_is_kept(archive: Archive) -> None:
    cases = [case(i) for i in range(BATCH + 10)]
    broken = WordJudge(broken=lambda of: of.example.id == f"q{BATCH + 3}")
    with pytest.raises(JudgeError, match="broken"):
        judge_cases(broken, archive, cases, Unfinished())
    mended = WordJudge()
    judge_cases(mended, archive, cases, Watched())
    assert 7 <= sum(mended.calls) <= 10


def test_a_missing_score_is_asked_for_again(archive: Archive) -> None:
    cases = [case(1), case(2)]
    scores = judge_cases(WordJudge(failing=frozenset({"q2"})), archive, cases, Watched())
    assert [of["accuracy"].status for of in scores] == ["scored", "missing"]
    again = WordJudge()
    assert judge_cases(again, archive, cases, Watched())[1]["accuracy"].value == 1.0
    assert again.calls == [1]


def test_another_judge_is_asked_anew(archive: Archive) -> None:
    judge_cases(WordJudge(), archive, [case(1)], Watched())
    other = WordJudge(version="2")
    judge_cases(other, archive, [case(1)], Watched())
    assert other.calls == [1]


class Unfinished(Watched):
    def _phase(self, title: str, total: int):
        from contextlib import nullcontext

        return nullcontext(self)
