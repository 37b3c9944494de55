"""FinanceBench: questions on annual reports, with the pages that answer them.

Source: https://github.com/patronus-ai/financebench (``data/financebench_open_source.jsonl``), also
on the Hub as ``PatronusAI/financebench``. Licence: CC BY-NC 4.0. Paper: Islam et al.,
"FinanceBench: A New Benchmark for Financial Question Answering", arXiv:2311.11944 (2023).

A line is ``{"financebench_id", "question", "answer", "doc_name", "question_type", "evidence":
[{"evidence_text", "doc_name", "evidence_page_num", "evidence_text_full_page"}]}``. The corpus is
the evidence of all questions, each text of a report once; with the option ``passages = "page"``
whole pages. The document is the report, the question's type a tag; the justification is not read.

Lines of answers are read, too: ``{"id", "system", "question", "references", "document"}``, several
a question. Only the question is taken from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.answers import filled, fullest_first, keep, named
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.json_files import read_lines, records
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.jsonl import read_rows
from pytest_ragft.records import QAExample

OPTIONS = ("encoding", "passages")

_UNITS = ("evidence", "page")
_KEYS = ("financebench_id", "id", "question", "answer", "references", "doc_name", "document")
_EVIDENCE = ("evidence_text", "evidence_text_full_page", "doc_name", "evidence_doc_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    question: str
    references: tuple[str, ...]
    document: str
    kind: tuple[str, ...]
    passages: tuple[tuple[str, str], ...] = field(compare=False)
    """Report and text of each evidence."""
    recorded: bool = field(compare=False)
    """Whether it is a system's answer to the question."""


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions and evidence; see `pytest_ragft.datasets.formats.port.Format`."""
    asked = Fields(options, where=READER, known=OPTIONS)
    encoding = asked.optional_text("encoding")
    pages = asked.choice("passages", _UNITS, "evidence") == "page"
    collector, first = Collector(), dict[str, _Row]()
    for path in files:
        rows = read_lines(path, lambda value, where: (_row(value, where, pages), where), encoding)
        placed = ((where, row) for row, where in rows)
        read_rows(placed, lambda row, where: _add(row, where, first, collector), path)
    return collector.collected()


def _add(row: _Row, where: str, first: dict[str, _Row], collector: Collector) -> None:
    known = first.setdefault(row.name, row)
    if row.recorded:
        collector.note("answers of systems, not read: of each question the first line is", row.name)
    if known is not row and row.recorded and known == row:
        return
    relevant = [
        collector.passage(text, title=document, document=document)
        for document, text in row.passages
    ]
    example = QAExample(
        id=row.name,
        question=row.question,
        references=row.references,
        relevant=tuple(dict.fromkeys(relevant)),
        document=row.document,
        tags=row.kind,
    )
    keep(collector, example, where)


def _row(value: object, where: str, pages: bool) -> _Row:
    fields = Fields(value, where=where, known=_KEYS, others=True)
    recorded = "system" in fields
    document = fields.identifier("document" if "document" in fields else "doc_name")
    if recorded or "references" in fields:
        references = filled(fields, "references")[0]
    else:
        references = (fields.identifier("answer"),)
    passages = []
    for evidence in records(fields, "evidence", _EVIDENCE):
        key = "evidence_text_full_page" if pages else "evidence_text"
        report = "doc_name" if "doc_name" in evidence else "evidence_doc_name"
        text = evidence.text(key).strip()
        passages.append((evidence.text(report, document), text))
    kind = fields.text("question_type", "", empty=True).strip()
    return _Row(
        name=named(fields, "financebench_id" if "financebench_id" in fields else "id"),
        question=fields.text("question").strip(),
        references=fullest_first(references),
        document=document,
        kind=(kind,) if kind else (),
        passages=tuple(passages),
        recorded=recorded,
    )
