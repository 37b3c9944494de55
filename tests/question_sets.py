"""Published question sets in small, in the layouts of their makers; the texts are made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_ragft.datasets.formats.opening import read_set
from pytest_ragft.datasets.formats.port import QuestionSet
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, QAExample


def made(folder: Path, form: str, content: object, **options: object) -> QuestionSet:
    """What the reader makes of a file: a list is written as lines, all else as a document."""
    path = folder / "set.json"
    path.write_text(text_of(content), encoding="utf-8")
    return read_set(form, [path], options)


def scores(example: QAExample, answer: str) -> tuple[float | None, float | None]:
    """Accuracy and completeness by the reference judge."""
    (found,) = ReferenceJudge().judge([Case(example=example, answer=answer)])
    return found["accuracy"].value, found["completeness"].value


def snippet(text: str, document: int) -> dict[str, object]:
    return {
        "text": text,
        "document": f"http://www.ncbi.nlm.nih.gov/pubmed/{document}",
        "beginSection": "abstract",
        "offsetInBeginSection": 0,
    }


def bio(name: str, kind: str, ideal: object, exact: object = None, **more: object) -> Any:
    row = {"id": name, "body": "Which tides?", "type": kind, "ideal_answer": ideal}
    return row | ({} if exact is None else {"exact_answer": exact}) | more


def annotation(**given: object) -> dict[str, object]:
    answer = {
        "unanswerable": False,
        "extractive_spans": [],
        "yes_no": None,
        "free_form_answer": "",
        "evidence": [],
        "highlighted_evidence": [],
    }
    return {"answer": answer | given, "annotation_id": "a", "worker_id": "w"}


def asked(name: str, *answers: Mapping[str, object]) -> dict[str, Any]:
    return {"question": f"What of {name}?", "question_id": name, "answers": list(answers)}


NONE = annotation(unanswerable=True)
QUESTIONS = [
    asked("yes", annotation(yes_no=True, evidence=["Paragraph  one."]), annotation(yes_no=True)),
    asked("mixed", annotation(yes_no=False), annotation(yes_no=True)),
    asked("spans", annotation(extractive_spans=["LSTM BIBREF3", "GRU"], evidence=["graph two"])),
    asked(
        "free",
        annotation(free_form_answer="Small.", evidence=["FLOAT SELECTED: Table 1: Sizes."]),
        annotation(extractive_spans=["It is really small"], evidence=["Data ::: Size", "nowhere"]),
    ),
    asked("half", NONE, annotation(free_form_answer="Some.")),
    asked("most", NONE, annotation(free_form_answer="Some."), NONE),
    asked("none", NONE),
    asked("blank", annotation()),
]
PAPER: dict[str, Any] = {
    "title": "On tides",
    "abstract": "We look.",
    "full_text": [
        {"section_name": "Intro", "paragraphs": ["Paragraph one.", "", "Paragraph two."]},
        {"section_name": "Data ::: Size", "paragraphs": ["Paragraph three."]},
        {"section_name": None, "paragraphs": []},
    ],
    "figures_and_tables": [{"file": "1.png", "caption": "Table 1: Sizes."}],
    "qas": QUESTIONS,
}


def columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {key: [row[key] for row in rows] for key in rows[0]}


def converted(paper: dict[str, Any]) -> dict[str, Any]:
    """The same paper as conversions have it: objects of lists in place of lists of objects."""
    questions = [question | {"answers": columns(question["answers"])} for question in paper["qas"]]
    sections = [s | {"section_name": s["section_name"] or ""} for s in paper["full_text"]]
    return paper | {
        "id": "1909.1",
        "full_text": columns(sections),
        "figures_and_tables": columns(paper["figures_and_tables"]),
        "qas": columns(questions),
    }


def context(*questions: Mapping[str, object]) -> dict[str, object]:
    return {
        "table": {"uid": "t1", "table": [["", "2019"], ["Tides", "1,234.5"], ["", ""]]},
        "paragraphs": [{"uid": "p1", "order": 1, "text": "All in thousands."}],
        "questions": list(questions),
    }


def tat(name: str, answer: object, kind: str, scale: str = "", **more: object) -> dict[str, object]:
    row: dict[str, object] = {"uid": name, "order": 1, "question": "How much?", "answer": answer}
    row |= {"derivation": "", "answer_type": kind, "answer_from": "table", "scale": scale}
    return row | {"rel_paragraphs": [], "req_comparison": False} | more


def pubmed(decision: str | None, conclusion: str = "They do.", **more: object) -> dict[str, object]:
    row: dict[str, object] = {
        "QUESTION": "Do tides matter?",
        "CONTEXTS": ["We looked.", "They rose."],
        "LABELS": ["METHODS", "RESULTS"],
        "MESHES": ["Tides"],
        "YEAR": "2011",
        "reasoning_required_pred": "yes",
        "LONG_ANSWER": conclusion,
    }
    return row | ({} if decision is None else {"final_decision": decision}) | more


def report(name: str, **more: object) -> dict[str, object]:
    evidence = [
        {
            "evidence_text": "Tides 12",
            "doc_name": "TIDE_2018_10K",
            "evidence_page_num": 3,
            "evidence_text_full_page": "Page 3. Tides 12. More.",
        }
    ]
    row: dict[str, object] = {
        "financebench_id": name,
        "question": "How many tides?",
        "answer": "12",
    }
    row |= {"doc_name": "TIDE_2018_10K", "question_type": "metrics-generated"}
    return row | {"justification": "Read.", "evidence": evidence} | more


PASSAGE: dict[str, object] = {"title": "Tide", "text": "The moon pulls."}
GOOD: dict[str, object] = {
    "bioasq": {"questions": [bio("q", "summary", ["The moon."], snippets=[snippet("Moon.", 1)])]},
    "nq-open": [{"question": "who", "answer": ["moon"]}],
    "nq-oracle": [
        {"question": "who", "answers": ["moon"], "ctxs": [PASSAGE | {"isgold": True}]},
    ],
    "clapnq": [{"id": "1", "input": "who", "passages": [PASSAGE], "output": [{"answer": "moon"}]}],
    "qasper": {"1909.1": PAPER},
    "tatqa": "[" + json.dumps(context(tat("a", 4, "count"))) + "]",
    "pubmedqa": {"1": pubmed("yes")},
    "kqa": [{"Question": "who", "Free_form_answer": "moon", "Must_have": ["moon"]}],
    "financebench": [report("f1")],
}
"""By form a file of one question, or few: lines, a document, or its text."""


def text_of(content: object) -> str:
    """The file: a list is written as lines, all else as a document."""
    if isinstance(content, list):
        return "\n".join(json.dumps(row, ensure_ascii=False) for row in content)
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
