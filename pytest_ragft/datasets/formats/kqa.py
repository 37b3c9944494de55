"""K-QA: patients' questions with physicians' answers, split into statements.

Source: https://github.com/Itaymanes/K-QA (``dataset/questions_w_answers.jsonl``). Licence: MIT.
Paper: Manes et al., "K-QA: A Real-World Medical Q&A Benchmark", BioNLP 2024.

A line is ``{"Question", "Free_form_answer", "Must_have", "Nice_to_have", …}``. The free answer is
the reference, the must-have statements are the facts; the nice-to-have ones, whose lack is no
fault, are not read. There are no ids: they are made of the questions. There are no passages: give a
``corpus``. Questions without an answer, as in the unanswered part, are left out, and counted. All
are of the type summary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.answers import filled, fullest_first, keep, named_by
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.json_files import read_lines
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.records import QAExample

OPTIONS = ("encoding",)

_KEYS = ("Question", "Free_form_answer", "Must_have")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions of K-QA; see `pytest_ragft.datasets.formats.port.Format`."""
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    collector = Collector()
    for path in files:
        for example, where, blank in read_lines(path, _example, encoding):
            for _ in range(blank):
                collector.note("must-have statements that are blank, left out", example.id)
            keep(collector, example, where)
    return collector.collected()


def _example(value: object, where: str) -> tuple[QAExample, str, int]:
    fields = Fields(value, where=where, known=_KEYS, others=True)
    question = fields.text("Question").strip()
    facts, blank = filled(fields, "Must_have")
    example = QAExample(
        id=named_by("kqa", question),
        question=question,
        references=fullest_first([fields.text("Free_form_answer", "", empty=True)]),
        facts=tuple(dict.fromkeys(facts)),
        type="summary",
    )
    return example, where, blank
