"""Questions, references and answers with the range that the reference judge's score must be in."""

import json
from pathlib import Path

import pytest

from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("judging_cases.jsonl").read_text("utf-8").splitlines()
]
JUDGE = ReferenceJudge()


def case_of(row: dict[str, object]) -> Case:
    """The question and the answer of a row."""
    example = QAExample(
        id=row["id"],
        question=row["question"],
        references=tuple(row["references"]),
        answerable=row.get("answerable", True),
        type=row.get("type"),
    )
    return Case(example=example, answer=row["answer"])


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_score_is_in_its_range(row: dict[str, object]) -> None:
    (scores,) = JUDGE.judge([case_of(row)])

    for metric in {"accuracy", "completeness"}.intersection(row):
        low, high = row[metric]
        assert low <= scores[metric].value <= high, scores[metric].reason
