"""PubMedQA: yes, no or maybe by the abstract of a study whose title asks.

Source: https://github.com/pubmedqa/pubmedqa (``data/ori_pqal.json``; ``ori_pqaa.json`` and
``ori_pqau.json`` have its layout). Licence: MIT. Paper: Jin et al., "PubMedQA: A Dataset for
Biomedical Research Question Answering", EMNLP 2019.

A file is an object by PubMed id of ``{"QUESTION", "CONTEXTS", "LABELS", "LONG_ANSWER",
"final_decision", …}``. References are the study's conclusion behind the decision ("Yes. …") and the
decision alone; the type is yesno, and the decision the one fact. A "maybe" has neither type nor
fact, as no judge of yes and no knows a third. Questions without a decision, as in
``ori_pqau.json``, have the conclusion only and are summaries. The parts of the abstract are the
corpus, with their labels as titles; all parts are relevant, and the decision is a tag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.answers import CONTRADICTS, fullest_first, keep, opened
from pytest_ragft.datasets.formats.collecting import Collector, question_id
from pytest_ragft.datasets.formats.json_files import entries, read_document
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.jsonl import read_rows
from pytest_ragft.records import QAExample

OPTIONS = ("encoding",)

_KEYS = ("QUESTION", "CONTEXTS", "LABELS", "LONG_ANSWER", "final_decision")
_DECISIONS = ("yes", "no", "maybe")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions and abstracts; see `pytest_ragft.datasets.formats.port.Format`."""
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    collector = Collector()
    for path in files:
        rows = [
            (where, (name, value))
            for name, where, value in entries(read_document(path, encoding), path, by="PubMed id")
        ]
        read_rows(rows, lambda row, where: _add(*row, where, collector), path)
    return collector.collected()


def _add(name: str, value: object, where: str, collector: Collector) -> None:
    fields = Fields(value, where=where, known=_KEYS, others=True)
    question = fields.text("QUESTION").strip()
    decision = fields.choice("final_decision", _DECISIONS) if "final_decision" in fields else None
    conclusion = fields.text("LONG_ANSWER", "", empty=True).strip()
    contexts, labels = _texts(fields, "CONTEXTS"), _texts(fields, "LABELS")
    if labels and len(labels) != len(contexts):
        raise fields.wrong("LABELS", f"must be one for each of the {len(contexts)} CONTEXTS")
    relevant = [
        collector.passage(text.strip(), title=label.strip(), document=name)
        for text, label in zip(contexts, labels or [""] * len(contexts), strict=True)
        if text.strip()
    ]
    polar = decision in ("yes", "no")
    texts = [conclusion, decision.capitalize() if decision else ""]
    if decision is not None and conclusion:
        texts[0] = opened(conclusion, decision) or ""
        if not texts[0]:
            collector.note(CONTRADICTS, question_id(name))
    example = QAExample(
        id=question_id(name),
        question=question,
        references=fullest_first(texts),
        relevant=tuple(dict.fromkeys(relevant)),
        document=name,
        facts=(decision,) if decision and polar else (),
        type="yesno" if polar else "summary" if decision is None else None,
        tags=(decision,) if decision else (),
    )
    keep(collector, example, where)


def _texts(fields: Fields, key: str) -> list[str]:
    """Texts that may be empty, as two lists go together by their places."""
    texts = [text for text in fields.items(key, required=False) if isinstance(text, str)]
    if len(texts) < len(fields.items(key, required=False)):
        raise fields.wrong(key, "must be a list of texts")
    return texts
