"""ClapNQ: questions of Natural Questions with long answers that several people wrote.

Source: https://github.com/primeqa/clapnq (``annotated_data``), files such as
``clapnq_dev_answerable.jsonl`` and ``clapnq_dev_unanswerable.jsonl``. Licence: Apache-2.0. Paper:
Rosenthal et al., "CLAPnq: Cohesive Long-form Answers from Passages in Natural Questions for RAG
systems", TACL 13 (2025).

A line is ``{"id", "input", "passages": [{"title", "text"}], "output": [{"answer", "meta"}]}``. What
the annotators wrote are references, the longest first; answers that are blank or say "NA" are left
out, and a question without any is unanswerable: its passage stands in the corpus and is relevant to
nothing. A passage's document is Wikipedia's title. All questions are of the type summary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.answers import (
    NO_TEXT,
    fullest_first,
    keep,
    named,
    says_something,
)
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.json_files import read_lines, records
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.records import QAExample

OPTIONS = ("encoding",)

_KEYS = ("id", "input", "passages", "output")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions and passages; see `pytest_ragft.datasets.formats.port.Format`."""
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    collector = Collector()
    for path in files:
        read_lines(path, lambda value, where: _add(value, where, collector), encoding)
    return collector.collected()


def _add(value: object, where: str, collector: Collector) -> None:
    fields = Fields(value, where=where, known=_KEYS, others=True)
    name, question = named(fields, "id"), fields.text("input")
    # Without the key a question would be unanswerable by mistake.
    fields.items("output")
    outputs = records(fields, "output", ("answer",))
    answers = [output.text("answer", "", empty=True) for output in outputs]
    references = fullest_first(filter(says_something, answers))
    passages = [
        (passage.text("title", "", empty=True).strip(), passage.text("text"))
        for passage in records(fields, "passages", ("title", "text"))
    ]
    ids = [collector.passage(text, title=title, document=title or name) for title, text in passages]
    for answer in answers:
        if references and not says_something(answer):
            collector.note(NO_TEXT, name)
    example = QAExample(
        id=name,
        question=question.strip(),
        references=references,
        relevant=tuple(dict.fromkeys(ids)) if references else (),
        document=(passages[0][0] or name) if passages else None,
        answerable=bool(references),
        type="summary",
    )
    keep(collector, example, where)
