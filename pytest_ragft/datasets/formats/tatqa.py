"""TAT-QA: questions on tables and paragraphs of annual reports, most of them answered by numbers.

Source: https://github.com/NExTplusplus/TAT-QA (``dataset_raw``), files such as
``tatqa_dataset_dev.json``. Licence: CC BY 4.0 for the data. Paper: Zhu et al., "TAT-QA: A Question
Answering Benchmark on a Hybrid of Tabular and Textual Content in Finance", ACL 2021.

A file is a list of ``{"table": {"uid", "table"}, "paragraphs": [{"uid", "order", "text"}],
"questions": [{"uid", "question", "answer", "answer_type", "scale", …}]}``.

- A table is a passage, one row a line and " | " between cells; a paragraph is one, too. Ids are the
  makers', the document of all of them is the table's.
- Relevant: the table where ``answer_from`` names it, and the paragraphs in ``rel_paragraphs``.
- Numbers have their scale: "-12.6 million", "34.61%". Several spans are one reference, joined by
  semicolons, of the type list, and the facts.
- The derivation, such as ``44.1-56.7``, is a way and no answer, and is not read. How an answer was
  made and from what are tags: ``arithmetic``, ``table-text``. Questions of the test set without
  answers are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from pytest_ragft.datasets.fields import Fields, show
from pytest_ragft.datasets.formats.answers import keep, named
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.json_files import numbered, read_document, records
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.jsonl import read_rows
from pytest_ragft.records import QAExample, QuestionType

OPTIONS = ("encoding",)

_SCALES = ("", "thousand", "million", "billion", "percent")
_TYPES: Mapping[str, QuestionType | None] = {
    "span": None, "multi-span": "list", "arithmetic": "number", "count": "number"
}  # fmt: skip
_KEYS = ("uid", "question", "answer", "answer_type", "scale", "answer_from", "rel_paragraphs")
_PARAGRAPH = ("uid", "order", "text")


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions, tables and paragraphs; see `pytest_ragft.datasets.formats.port.Format`."""
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    collector = Collector()
    for path in files:
        rows = numbered(read_document(path, encoding), path)
        read_rows(rows, lambda row, where: _add(row, where, collector), path)
    return collector.collected()


def _add(row: object, where: str, collector: Collector) -> None:
    fields = Fields(row, where=where, known=("table", "paragraphs", "questions"), others=True)
    table = Fields(
        fields.given.get("table"), where=f"{where}: table", known=("uid", "table"), others=True
    )
    document = table.identifier("uid")
    given = records(fields, "paragraphs", _PARAGRAPH)
    paragraphs = [
        (p.identifier("order"), p.identifier("uid"), p.text("text", empty=True)) for p in given
    ]
    examples = [
        _example(asked, document, {order: uid for order, uid, _ in paragraphs})
        for asked in records(fields, "questions", _KEYS)
    ]
    collector.passage(_rows(table), document=document, id=document)
    for _, uid, text in paragraphs:
        collector.passage(text, document=document, id=uid)
    for example, place in examples:
        keep(collector, example, place)


def _rows(table: Fields) -> str:
    rows = table.given.get("table")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise table.wrong("table", "must be a list of rows, each a list of cells")
    lines = (" | ".join(_spaced(cell) for cell in row) for row in rows)
    return "\n".join(line for line in lines if line.strip(" |"))


def _spaced(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _example(asked: Fields, document: str, orders: Mapping[str, str]) -> tuple[QAExample, str]:
    """A question, and where it stands."""
    kind = asked.choice("answer_type", tuple(_TYPES)) if "answer_type" in asked else None
    parts = _parts(asked) if "answer" in asked else []
    scale = asked.choice("scale", _SCALES) if asked.given.get("scale") else ""
    scaled = [_scaled(part, scale) for part in parts]
    source = asked.text("answer_from", "", empty=True)
    relevant = [document] if source.startswith("table") else []
    for order in map(str, asked.items("rel_paragraphs", required=False)):
        if order not in orders:
            raise asked.wrong("rel_paragraphs", f"{order!r} is the order of no paragraph")
        relevant.append(orders[order])
    several = len(parts) > 1
    example = QAExample(
        id=named(asked, "uid"),
        question=asked.text("question").strip(),
        references=("; ".join(scaled),) if scaled else (),
        facts=tuple(dict.fromkeys(scaled)) if several else (),
        relevant=tuple(dict.fromkeys(relevant)),
        document=document,
        type=_TYPES[kind] if kind and (several or kind != "multi-span") else None,
        tags=tuple(filter(None, (kind, source))),
    )
    return example, asked.where


def _parts(asked: Fields) -> list[str]:
    value = asked.given["answer"]
    parts = value if isinstance(value, list) else [value]
    texts = [_text(part, asked) for part in parts]
    return [text for text in texts if text]


def _text(part: object, asked: Fields) -> str:
    if isinstance(part, str):
        return part.strip()
    if isinstance(part, int | float) and not isinstance(part, bool):
        # repr gives the digits of the file, "f" no exponent.
        return format(Decimal(repr(part)), "f")
    raise asked.wrong("answer", f"{show(part)} in it is neither a text nor a number")


def _scaled(part: str, scale: str) -> str:
    if not scale or not any(map(str.isdigit, part)):
        return part
    if scale == "percent":
        return part if "%" in part or "percent" in part else f"{part}%"
    return part if any(other in part.lower() for other in _SCALES[1:]) else f"{part} {scale}"
