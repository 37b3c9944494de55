"""Qasper: questions about papers on natural language processing, with evidence paragraphs.

Source: https://allenai.org/data/qasper, files such as ``qasper-dev-v0.3.json``. Licence: CC BY 4.0.
Paper: Dasigi et al., "A Dataset of Information-Seeking Questions and Answers Anchored in Research
Papers", NAACL 2021.

Two layouts are read: the makers' (an object of papers by id, ``full_text`` and ``qas`` as lists of
objects), and that of its conversions (papers one after another or one a line, each with its ``id``,
``full_text`` and ``qas`` as objects of lists).

- Passages: abstract, paragraphs, and the captions of figures and tables, with "paper: section" as
  title and the paper as document. With the option ``passages = "section"`` a section is one
  passage.
- Relevant: passages that annotators gave as evidence, from any of them; evidence that is in no
  passage is counted.
- Answers: spans (several joined by semicolons), free text, yes or no; all are references, that of
  the most words first, without the marks of citations (``BIBREF12``). A question is unanswerable
  when more than half of its annotators say so. Where annotators differ in yes and no, the first one
  counts.
- Types: yesno (with the decision as fact) or list where all who answered agree, else none; how they
  answered is a tag.
- Questions do not name their paper. With the option ``name_paper = true`` they begin with its
  title, which a search over several papers needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.answers import NO_TEXT, filled, fullest_first, keep, named
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.json_files import Row, entries, read_objects
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.jsonl import read_rows
from pytest_ragft.records import QAExample, QuestionType

OPTIONS = ("encoding", "name_paper", "passages")

_UNITS = ("paragraph", "section")
_MARK = re.compile(r"\s*\b(?:BIBREF|SECREF|FIGREF|TABREF|INLINEFORM|DISPLAYFORM)\d+\b")
_FLOAT = "FLOAT SELECTED:"
_PAPER = ("title", "abstract", "full_text", "qas", "figures_and_tables", "id")
_FEW = 8
_DIVIDED = "questions that half of the annotators or fewer call unanswerable, answerable here"
_MOST_DECLINE = "questions that most annotators call unanswerable but not all, unanswerable here"
_YES_AND_NO = "questions that annotators answer by yes and by no, the first one counts"
_NOWHERE = "pieces of evidence that stand in no passage"
Kind = Literal["extractive", "abstractive", "yes-no", "unanswerable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    kind: Kind
    texts: tuple[str, ...]
    evidence: tuple[str, ...]


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions and papers; see `pytest_ragft.datasets.formats.port.Format`."""
    asked = Fields(options, where=READER, known=OPTIONS)
    encoding, collector = asked.optional_text("encoding"), Collector()
    whole = asked.choice("passages", _UNITS, "paragraph") == "section"
    titled = asked.flag("name_paper", False)
    for path in files:
        rows = _papers(read_objects(path, encoding), path)
        read_rows(
            rows, lambda row, where: _add(row, where, collector, whole=whole, titled=titled), path
        )
    return collector.collected()


def _papers(rows: Iterable[Row], path: Path) -> Iterator[tuple[str, tuple[str, object]]]:
    """The papers, each with its id, of either layout."""
    for where, value in rows:
        if isinstance(value, Mapping) and "qas" in value:
            fields = Fields(value, where=where, known=_PAPER, others=True)
            yield where, (str(fields.given.get("id") or ""), value)
        elif isinstance(value, list):
            yield from _papers(
                ((f"{where}, record {n}", item) for n, item in enumerate(value, start=1)), path
            )
        else:
            for key, place, paper in entries(value, path, by="paper id"):
                yield place, (key, paper)


def _add(
    row: tuple[str, object], where: str, collector: Collector, *, whole: bool, titled: bool
) -> None:
    name, value = row
    fields = Fields(value, where=where, known=_PAPER, others=True)
    title = fields.text("title", "", empty=True).strip()
    document = name.strip() or fields.text("title").strip()
    if "qas" not in fields:
        # Another file's records would be papers without a question.
        fields.items("qas")
    questions = [
        (asked, [_answer(given) for given in _rows(asked, "answers")])
        for asked in _rows(fields, "qas")
    ]
    sections = list(_sections(fields))
    paper = _Paper(collector, document, title)
    for section, paragraphs in sections:
        paper.add(section, paragraphs, whole=whole)
    for asked, answers in questions:
        question = asked.text("question").strip()
        example = _example(
            named(asked, "question_id"),
            f"{title}: {question}" if titled and title else question,
            answers,
            paper,
            collector,
        )
        keep(collector, example, asked.where)


def _rows(fields: Fields, key: str) -> list[Fields]:
    """The objects in `key`: a list of them, or an object of lists of their values."""
    value = fields.given.get(key)
    where = f"{fields.where}: {key}"
    if isinstance(value, Mapping):
        columns = {name: column for name, column in value.items() if isinstance(column, list)}
        if len({len(column) for column in columns.values()}) > 1:
            raise fields.wrong(key, "its lists must be of one length")
        count = len(next(iter(columns.values()), ()))
        value = [{name: column[n] for name, column in columns.items()} for n in range(count)]
    if value is None:
        return []
    if not isinstance(value, list):
        raise fields.wrong(key, "must be a list of objects, or an object of lists")
    return [
        Fields(item, where=f"{where} {number}", known=(), others=True)
        for number, item in enumerate(value, start=1)
    ]


def _sections(fields: Fields) -> Iterator[tuple[str, list[str]]]:
    yield "Abstract", [fields.text("abstract", "", empty=True).strip()]
    for section in _rows(fields, "full_text"):
        name = section.text("section_name", "", empty=True)
        yield name, list(filled(section, "paragraphs")[0])
    captions = [
        row.text("caption", "", empty=True).strip() for row in _rows(fields, "figures_and_tables")
    ]
    for caption in captions:
        yield "Figures and tables", [caption]


def _answer(given: Fields) -> _Answer:
    """One annotator's answer, which stands in a table of its own beside who gave it."""
    answer = given
    if isinstance(given.given.get("answer"), Mapping):
        answer = Fields(given.given["answer"], where=given.where, known=(), others=True)
    spans = [_plain(text) for text in filled(answer, "extractive_spans")[0]]
    free = _plain(answer.text("free_form_answer", "", empty=True))
    evidence = filled(answer, "evidence")[0]
    kind: Kind = "abstractive"
    texts = tuple(filter(None, [free]))
    if answer.flag("unanswerable", False):
        kind, texts = "unanswerable", ()
    elif "yes_no" in answer:
        kind, texts = "yes-no", ("Yes" if answer.flag("yes_no", False) else "No",)
    elif any(spans):
        kind, texts = "extractive", tuple(filter(None, spans))
    return _Answer(kind=kind, texts=texts, evidence=evidence)


def _plain(text: str) -> str:
    return _MARK.sub("", text).strip()


def _example(
    name: str, question: str, answers: list[_Answer], paper: _Paper, collector: Collector
) -> QAExample:
    declined = sum(answer.kind == "unanswerable" for answer in answers)
    answerable = not answers or 2 * declined <= len(answers)
    given = [answer for answer in answers if answer.kind != "unanswerable"]
    for answer in given:
        if not answer.texts:
            collector.note(NO_TEXT, name)
    if 0 < declined < len(answers):
        collector.note(_DIVIDED if answerable else _MOST_DECLINE, name)
    given = [answer for answer in given if answer.texts]
    polar = [answer.texts for answer in given if answer.kind == "yes-no"]
    if len(set(polar)) > 1:
        collector.note(_YES_AND_NO, name)
        given = [a for a in given if a.kind != "yes-no" or a.texts == polar[0]]
    relevant = [
        passage_id
        for answer in given
        for evidence in answer.evidence
        for passage_id in paper.holding(evidence, name)
    ]
    kinds = tuple(dict.fromkeys(answer.kind for answer in given))
    return QAExample(
        id=name,
        question=question,
        references=fullest_first("; ".join(a.texts) for a in given) if answerable else (),
        facts=_facts(given) if answerable else (),
        relevant=tuple(dict.fromkeys(relevant)) if answerable else (),
        document=paper.document,
        answerable=answerable,
        type=_type(given) if answerable else None,
        tags=kinds if answerable else ("unanswerable",),
    )


def _facts(given: list[_Answer]) -> tuple[str, ...]:
    """The decision, of a yes/no question."""
    return (given[0].texts[0].lower(),) if _type(given) == "yesno" else ()


def _type(given: list[_Answer]) -> QuestionType | None:
    if given and all(answer.kind == "yes-no" for answer in given):
        return "yesno"
    if given and all(len(a.texts) > 1 and all(map(_short, a.texts)) for a in given):
        return "list"
    return None


def _short(text: str) -> bool:
    return len(text.split()) <= _FEW


class _Paper:
    """The passages of a paper, and which of them hold what annotators gave as evidence."""

    def __init__(self, collector: Collector, document: str, title: str) -> None:
        self.document = document
        self._collector, self._title = collector, title
        self._texts: list[tuple[str, str]] = []
        self._sections: dict[str, list[str]] = {}

    def add(self, section: str, paragraphs: Iterable[str], *, whole: bool) -> None:
        """A section, as a whole or by its paragraphs."""
        kept = list(filter(None, paragraphs))
        places = map(str.strip, section.split(":::"))
        title = ": ".join(filter(None, (self._title, *places)))
        for text in ["\n\n".join(kept)] if whole and kept else kept:
            passage_id = self._collector.passage(text, document=self.document, title=title)
            self._texts.append((passage_id, _spaced(text)))
            self._sections.setdefault(_spaced(section), []).append(passage_id)

    def holding(self, evidence: str, question: str) -> list[str]:
        """The passages that hold an evidence of a question; a heading stands for its section."""
        wanted = _spaced(evidence.strip().removeprefix(_FLOAT))
        found = [passage_id for passage_id, text in self._texts if wanted == text]
        found = found or [passage_id for passage_id, text in self._texts if wanted in text]
        found = found or self._sections.get(wanted, [])
        if not found:
            self._collector.note(_NOWHERE, question)
        return found


def _spaced(text: str) -> str:
    return " ".join(text.split())
