"""PubMedQA and K-QA."""

from __future__ import annotations

from pathlib import Path

from tests.question_sets import made, pubmed, scores


def test_pubmedqa(tmp_path: Path) -> None:
    rows = {
        "101": pubmed("yes"),
        "102": pubmed("no", "No, not at all."),
        "103": pubmed("maybe"),
        "104": pubmed(None),
        "105": pubmed("no", "Yes, they do.", LABELS=[]),
        "106": pubmed("yes", ""),
    }
    found = made(tmp_path, "pubmedqa", rows)

    assert [(e.id, e.references, e.facts, e.type, e.tags) for e in found.examples] == [
        ("101", ("Yes. They do.", "Yes"), ("yes",), "yesno", ("yes",)),
        ("102", ("No, not at all.", "No"), ("no",), "yesno", ("no",)),
        ("103", ("Maybe. They do.", "Maybe"), (), None, ("maybe",)),
        ("104", ("They do.",), (), "summary", ()),
        ("105", ("No",), ("no",), "yesno", ("no",)),
        ("106", ("Yes",), ("yes",), "yesno", ("yes",)),
    ]
    assert [(p.title, p.text, p.document) for p in found.passages[:2]] == [
        ("METHODS", "We looked.", "101"), ("RESULTS", "They rose.", "101")
    ]  # fmt: skip
    assert len(found.passages) == 12
    assert found.examples[0].relevant == tuple(p.id for p in found.passages[:2])
    assert [e.document for e in found.examples] == list(rows)
    assert found.notes == (
        "answers that contradict the yes or no of their question, left out: 1 (105)",
    )
    yes, no, maybe = found.examples[:3]
    assert scores(yes, "Yes") == scores(no, "No") == scores(maybe, "Maybe") == (1.0, 1.0)
    assert scores(yes, "No")[0] == scores(no, "Yes")[0] == scores(maybe, "No")[0] == 0.0


def test_kqa(tmp_path: Path) -> None:
    row = {
        "Question": "Do tides hurt?",
        "Free_form_answer": "They do not. Rest.",
        "Must_have": ["Tides do not hurt", " ", "Rest"],
        "Nice_to_have": ["Drink"],
        "Sources": "x",
        "ICD_10_diag": "y",
    }
    found = made(tmp_path, "kqa", [row, {"Question": "And ebb?"}])

    (example,) = found.examples
    assert example.facts == ("Tides do not hurt", "Rest")
    assert (example.references, example.type) == (("They do not. Rest.",), "summary")
    assert [note.partition(":")[0] for note in found.notes] == [
        "must-have statements that are blank, left out",
        "questions without an answer in the files, left out",
    ]
