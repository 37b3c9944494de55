"""Topics and judgments of a TREC track; the passages come from ``corpus = …``.

Source: https://trec.nist.gov/data.html. What may be done with a collection says its agreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.beir import grades_of, with_relevance
from pytest_ragft.datasets.formats.collecting import Collector, question_id
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.trec import TOPIC_PARTS, is_qrels, read_topics
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import QAExample

OPTIONS = ("encoding", "least_grade", "topic")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """Topics that were judged, as questions; they have no reference answers and serve retrieval.

    A file whose lines are four words with a grade at the end holds judgments, any other topics.

    Raises:
        SuiteError: see `Format`.
    """
    fields = Fields(options, where=READER, known=OPTIONS)
    encoding, least = fields.optional_text("encoding"), fields.integer("least_grade") or 1
    part = fields.choice("topic", TOPIC_PARTS, "title")
    collector, judged = Collector(), list[Path]()
    for file in files:
        if is_qrels(file, encoding):
            judged.append(file)
            continue
        for name, query in read_topics(file, part, encoding).items():
            example = QAExample(id=question_id(name), question=query, references=())
            collector.question(example, str(file))
    grades = grades_of(judged, encoding)
    if not grades:
        raise SuiteError(f"{files[0]}: no file with judgments (qrels) stands beside the topics")
    examples = with_relevance(collector, grades, least)
    return QuestionSet(examples=examples, notes=collector.notes)
