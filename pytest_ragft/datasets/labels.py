"""Reader of human labels: CSV, as sheets and spreadsheets have it, or one JSON object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from pytest_ragft.datasets.cells import read_table
from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.jsonl import named_lines, parse_line, read_rows
from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.records import QuestionType

_DECIMAL_COMMA = re.compile(r"[01]?,\d+")
_LISTS = ("references", "facts")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_UNSURE = "?"
_KEYS = (
    "id", "question", "references", "answer", "label", "facts", "variant", "metric", "rater",
    "answerable", "type",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a person says about one answer."""

    where: str
    """File and line, for messages."""
    id: str
    question: str
    references: tuple[str, ...]
    facts: tuple[str, ...] = ()
    answer: str
    label: float | None
    """In [0, 1]: how right, or how complete, the answer is; None where it is not filled in."""
    unsure: bool = False
    """Filled in with ``?``: whoever labels cannot say."""
    variant: str | None = None
    metric: str | None = None
    rater: str | None = None
    answerable: bool = True
    type: QuestionType | None = None


def read_labels(path: Path) -> tuple[Label, ...]:
    """The labels of a file, in its order.

    Fields: `id`, `question`, `references`, `answer`, `label`; optional `facts`, `variant`,
    `metric`, `rater`, `answerable`, `type`; others are not read. In CSV, `references` and `facts`
    hold one text a line, or a JSON list. A label is a number, or ``?`` where one cannot say.

    Args:
        path: JSONL when its name ends with ``.jsonl`` or ``.json``, else CSV; both in UTF-8.

    Raises:
        InputError: the file cannot be read, or a line is wrong; the message names file, line and
            field of the first five.
    """
    try:
        labels = read_rows(_rows(read_text(path), path), _label, path)
    except SuiteError as error:
        raise InputError(str(error)) from None
    if not labels:
        raise InputError(f"{path}: holds no label; give one row for each answer")
    return tuple(labels)


def listed(texts: Sequence[str]) -> str:
    """Texts as one cell of a table: one a line where that can be read back, else a JSON list."""
    plain = "\n".join(texts)
    return plain if _texts(plain) == list(texts) else json.dumps(texts, ensure_ascii=False)


def _rows(text: str, path: Path) -> Iterator[tuple[str, str | Mapping[str, str]]]:
    if path.suffix in (".jsonl", ".json"):
        yield from named_lines(text, path)
    else:
        for number, cells in read_table(text, str(path)):
            yield f"{path}, line {number}", cells


def _label(row: str | Mapping[str, str], where: str) -> Label:
    parsed = parse_line(row, where) if isinstance(row, str) else _from_cells(row)
    fields = Fields(parsed, where=where, known=_KEYS, others=True)
    value = fields.given
    if "answer" not in value:
        raise SuiteError(f"{where}: 'answer' is missing: give the text that was labelled")
    kind = fields.choice("type", get_args(QuestionType)) if "type" in fields else None
    return Label(
        where=where,
        id=fields.identifier("id"),
        question=fields.text("question"),
        references=fields.texts("references", required=True, lone=True),
        facts=fields.texts("facts", lone=True),
        answer=fields.text("answer", "", empty=True),
        label=_value(fields, value.get("label")),
        unsure=value.get("label") == _UNSURE,
        variant=fields.optional_text("variant"),
        metric=fields.optional_text("metric"),
        rater=fields.optional_text("rater"),
        answerable=fields.flag("answerable", True),
        type=cast("QuestionType | None", kind),
    )


def _value(fields: Fields, label: object) -> float | None:
    if label is None or label == _UNSURE:
        return None
    number = isinstance(label, int | float) and not isinstance(label, bool)
    if not number or not 0.0 <= cast(float, label) <= 1.0:
        raise fields.wrong(
            "label",
            "must be a number from 0 (wrong) to 1 (right), or ? where one cannot say; bring "
            "another scale to it first, such as (x - 1) / 4 for 1 to 5",
        )
    return float(cast(float, label))


def _from_cells(cells: Mapping[str, str]) -> dict[str, object]:
    """A table's row with the types that JSON would have; empty cells left out."""
    row: dict[str, object] = {column: cell for column, cell in cells.items() if cell.strip()}
    for column in ("answer", "references"):
        if column in cells:
            row.setdefault(column, "")
    for column in _LISTS:
        if column in row:
            row[column] = _texts(str(row[column]))
    if "label" in row:
        row["label"] = _number(str(row["label"]).strip())
    if (answerable := str(row.get("answerable", "")).strip().lower()) in _FLAGS:
        row["answerable"] = _FLAGS[answerable]
    return row


def _texts(cell: str) -> list[object]:
    if cell.startswith("["):
        with suppress(ValueError, RecursionError):
            items = json.loads(cell)
            if isinstance(items, list):
                return items
    return [line.strip() for line in cell.splitlines() if line.strip()]


def _number(cell: str) -> object:
    """The number of a cell; a cell that holds none as it is."""
    if _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    try:
        return float(cell)
    except ValueError:
        return cell
