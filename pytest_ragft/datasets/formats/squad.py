"""The layout of SQuAD: questions on paragraphs of articles, answered by words of the paragraph.

Source: Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250 (1.1), and 2018,
https://arxiv.org/abs/1806.03822 (2.0, with questions that have no answer). Licence of their data:
CC BY-SA 4.0. Many other data sets are published in the layout, in other languages, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.collecting import Collector, question_id
from pytest_ragft.datasets.formats.json_files import read_document
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.jsonl import read_rows
from pytest_ragft.records import QAExample

OPTIONS = ("encoding",)

_NO_ANSWER = "questions without an answer that are not marked as impossible, left out"
_ELSEWHERE = "questions with an answer that is not the paragraph's words at its place"


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """Questions with the answers of all annotators, each once, in their order.

    A paragraph is a passage, and relevant to the questions on it; an article is a document. A
    question with ``is_impossible`` has no answer, and its plausible ones are not read.

    Raises:
        SuiteError: see `Format`.
    """
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    collector = Collector()
    for file in files:
        document = _fields(read_document(file, encoding), str(file), ("data",))
        read_rows(_paragraphs(document), lambda row, where: _paragraph(row, where, collector), file)
    return collector.collected()


def _paragraphs(document: Fields) -> Iterator[tuple[str, tuple[str, object]]]:
    """Each paragraph with where it stands and the title of its article."""
    for number, item in enumerate(document.items("data"), start=1):
        article = _fields(item, f"{document.where}, article {number}", ("title", "paragraphs"))
        title = article.text("title", "", empty=True).strip()
        for position, paragraph in enumerate(article.items("paragraphs"), start=1):
            yield f"{article.where}, paragraph {position}", (title, paragraph)


def _paragraph(row: tuple[str, object], where: str, collector: Collector) -> None:
    title, given = row
    paragraph = _fields(given, where, ("context", "qas"))
    context = paragraph.text("context")
    passage = collector.passage(context, title=title, document=title or None)
    for number, item in enumerate(paragraph.items("qas"), start=1):
        qa = _fields(
            item, f"{where}, question {number}", ("id", "question", "answers", "is_impossible")
        )
        name = question_id(qa.identifier("id"))
        answerable = not qa.flag("is_impossible", False)
        references = _references(qa, context, name, collector) if answerable else ()
        if answerable and not references:
            collector.note(_NO_ANSWER, name)
            continue
        example = QAExample(
            id=name,
            question=qa.text("question"),
            references=references,
            relevant=(passage,) if answerable else (),
            document=title or passage,
            answerable=answerable,
        )
        collector.question(example, qa.where)


def _references(qa: Fields, context: str, name: str, collector: Collector) -> tuple[str, ...]:
    texts, displaced = [], False
    for number, item in enumerate(qa.items("answers", required=False), start=1):
        answer = _fields(item, f"{qa.where}, answer {number}", ("text", "answer_start"))
        text, start = answer.text("text", empty=True), answer.integer("answer_start", least=-1)
        displaced |= start is not None and not context.startswith(text, max(start, 0))
        texts += [text.strip()] if text.strip() else []
    if displaced:
        collector.note(_ELSEWHERE, name)
    return tuple(dict.fromkeys(texts))


def _fields(given: object, where: str, known: tuple[str, ...]) -> Fields:
    return Fields(given, where=where, known=known, others=True)
