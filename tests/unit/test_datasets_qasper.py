"""Qasper: papers in two layouts, several annotators, evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_ragft.errors import SuiteError
from tests.question_sets import PAPER, converted, made


def test_the_makers_layout(tmp_path: Path) -> None:
    found = made(tmp_path, "qasper", {"1909.1": PAPER})

    assert [(p.title, p.text) for p in found.passages] == [
        ("On tides: Abstract", "We look."),
        ("On tides: Intro", "Paragraph one."),
        ("On tides: Intro", "Paragraph two."),
        ("On tides: Data: Size", "Paragraph three."),
        ("On tides: Figures and tables", "Table 1: Sizes."),
    ]
    assert {p.document for p in found.passages} == {"1909.1"}
    texts = {p.id: p.text for p in found.passages}
    by_id = {e.id: e for e in found.examples}
    assert list(by_id) == ["yes", "mixed", "spans", "free", "half", "most", "none"]
    assert {e.id: [texts[p] for p in e.relevant] for e in found.examples if e.relevant} == {
        "yes": ["Paragraph one."],
        "spans": ["Paragraph two."],
        "free": ["Table 1: Sizes.", "Paragraph three."],
    }
    assert [(e.id, e.references) for e in found.examples] == [
        ("yes", ("Yes",)),
        ("mixed", ("No",)),
        ("spans", ("LSTM; GRU",)),
        ("free", ("It is really small", "Small.")),
        ("half", ("Some.",)),
        ("most", ()),
        ("none", ()),
    ]
    assert [e.type for e in found.examples] == ["yesno", "yesno", "list", *[None] * 4]
    assert by_id["yes"].facts == ("yes",)
    assert by_id["free"].tags == ("abstractive", "extractive")
    assert [e.id for e in found.examples if not e.answerable] == ["most", "none"]
    assert found.notes == (
        "questions that annotators answer by yes and by no, the first one counts: 1 (mixed)",
        "pieces of evidence that stand in no passage: 1 (free)",
        "questions that half of the annotators or fewer call unanswerable, answerable here: "
        "1 (half)",
        "questions that most annotators call unanswerable but not all, unanswerable here: 1 (most)",
        "annotations that are blank or say NA, left out: 1 (blank)",
        "questions without an answer in the files, left out: 1 (blank)",
    )


@pytest.mark.parametrize("between", ["\n", ",\n", ""])
def test_papers_in_a_row_with_lists_of_values(tmp_path: Path, between: str) -> None:
    makers = made(tmp_path, "qasper", {"1909.1": PAPER, "1909.2": PAPER | {"qas": []}})
    second = converted(PAPER) | {"id": "1909.2", "qas": {}}
    papers = [json.dumps(converted(PAPER), indent=1), json.dumps(second)]

    assert made(tmp_path, "qasper", between.join(papers)) == makers
    assert made(tmp_path, "qasper", f"[{','.join(papers)}]") == makers


def test_options(tmp_path: Path) -> None:
    found = made(tmp_path, "qasper", {"1": PAPER}, passages="section", name_paper=True)

    assert found.examples[0].question == "On tides: What of yes?"
    texts = {p.id: p.text for p in found.passages}
    assert "Paragraph one.\n\nParagraph two." in texts.values()
    assert [texts[p] for p in found.examples[0].relevant] == ["Paragraph one.\n\nParagraph two."]
    with pytest.raises(SuiteError, match=r"\[suite.reader\]: passages = 'page': must be one of"):
        made(tmp_path, "qasper", {"1": PAPER}, passages="page")
