"""Natural Questions, open: real search queries with short answers.

Source: https://github.com/google-research-datasets/natural-questions (``nq_open``), files such as
``NQ-open.dev.jsonl`` and ``NQ-open.efficientqa.dev.1.1.jsonl``. Licence: CC BY-SA 3.0. Papers:
Kwiatkowski et al., "Natural Questions", TACL 7 (2019); Lee et al., "Latent Retrieval for Weakly
Supervised Open Domain Question Answering", ACL 2019.

A line is ``{"question": …, "answer": […]}`` (or ``answers``, ``def_correct_predictions``, which are
right, too). All answers are references, that of the most words first. There are no ids: they are
made of the questions. There are no passages: give a ``corpus``.
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

_ANSWERS = ("answer", "answers", "def_correct_predictions")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions of NQ-open; see `pytest_ragft.datasets.formats.port.Format`."""
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    collector = Collector()
    for path in files:
        for example, where in read_lines(path, _example, encoding):
            keep(collector, example, where)
    return collector.collected()


def _example(value: object, where: str) -> tuple[QAExample, str]:
    fields = Fields(value, where=where, known=("question", *_ANSWERS), others=True)
    if not any(key in fields for key in _ANSWERS):
        fields.items("answer")
    answers = [text for key in _ANSWERS for text in filled(fields, key)[0]]
    question = fields.text("question").strip()
    name = named_by("nq", question)
    return QAExample(id=name, question=question, references=fullest_first(answers)), where
