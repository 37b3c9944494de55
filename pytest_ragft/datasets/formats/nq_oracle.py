"""Natural Questions with the passage that answers each, as "Lost in the Middle" published them.

Source: https://github.com/nelson-liu/lost-in-the-middle (``qa_data``), files such as
``nq-open-oracle.jsonl.gz`` and ``nq-open-20_total_documents_gold_at_9.jsonl.gz``. Licence: MIT; the
questions are of Natural Questions (CC BY-SA 3.0), the passages of Wikipedia. Paper: Liu et al.,
"Lost in the Middle: How Language Models Use Long Contexts", TACL 12 (2024).

A line is ``{"question", "answers", "ctxs": [{"title", "text", "isgold", …}],
"nq_annotated_gold"}``. All answers are references, that of the most words first. The corpus is the
passages of all questions, each once, with Wikipedia's title as document; relevant are those with
``isgold``. The annotation is not read: its long answer is a paragraph of the page, and a short
answer alone is right. There are no ids: they are made of the questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.answers import filled, fullest_first, keep, named_by
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.json_files import read_lines, records
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.records import QAExample

OPTIONS = ("encoding",)

_KEYS = ("question", "answers", "ctxs")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions and passages; see `pytest_ragft.datasets.formats.port.Format`."""
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    collector = Collector()
    for path in files:
        read_lines(path, lambda value, where: _add(value, where, collector), encoding)
    return collector.collected()


def _add(value: object, where: str, collector: Collector) -> None:
    fields = Fields(value, where=where, known=_KEYS, others=True)
    question = fields.text("question").strip()
    fields.items("answers")
    answers = fullest_first(filled(fields, "answers")[0])
    name, relevant, pages = named_by("nq", question), [], []
    for passage in records(fields, "ctxs", ("title", "text", "isgold")):
        title = passage.text("title", "", empty=True).strip()
        page = title or name
        passage_id = collector.passage(passage.text("text"), title=title, document=page)
        if passage.flag("isgold", False):
            relevant.append(passage_id)
            pages.append(page)
    if not relevant:
        collector.note("questions without a gold passage", name)
    example = QAExample(
        id=name,
        question=question,
        references=answers,
        relevant=tuple(dict.fromkeys(relevant)),
        document=pages[0] if pages else None,
    )
    keep(collector, example, where)
