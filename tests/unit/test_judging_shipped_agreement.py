"""What is said of a judge's agreement with people, for a mix of references."""

from __future__ import annotations

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.judging.offline import OfflineJudge
from pytest_ragft.judging.shipped_agreement import _measured, shipped_agreement


class Another(ReferenceJudge):
    version = "reference/0"


def test_each_kind_is_told_with_what_was_measured_of_it():
    told = shipped_agreement(ReferenceJudge(), {"name": 430, "number": 120, "choice": 2})
    assert "by kind of the 552 references: 430 names: κ 0." in told
    assert "120 numbers: κ 0." in told
    assert told.endswith("2 choices: not measured")


def test_nothing_is_told_of_a_version_that_was_not_measured():
    assert shipped_agreement(Another(), {"name": 1}) == ""
    assert shipped_agreement(ReferenceJudge(), {}) == ""


def test_offline_it_is_the_same_judge():
    kinds = {"name": 3}
    assert shipped_agreement(OfflineJudge(ReferenceJudge()), kinds)
    assert shipped_agreement(OfflineJudge(Another()), kinds) == ""


def test_the_data_are_of_the_judge_that_ships():
    """Whoever changes its scores measures them again: `python -m studies.judge.agreement`."""
    assert ReferenceJudge().version in _measured()
