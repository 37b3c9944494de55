"""Tables of anybody's, row by row: which column holds what, and what their cells mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast, get_args

from pytest_ragft.datasets.cells import written_list
from pytest_ragft.datasets.fields import Fields, suggest
from pytest_ragft.datasets.formats.collecting import Collector, digest, question_id
from pytest_ragft.datasets.formats.port import READER
from pytest_ragft.datasets.jsonl import Row, read_rows
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import QAExample, QuestionType

FIELDS = (
    "id", "question", "references", "facts", "relevant", "document", "answerable", "type", "tags",
    "passages", "passage_ids", "title",
)  # fmt: skip
"""What a column can be named for; `passages` are texts that hold the answer."""

OPTIONS = ("columns", "encoding", "separator", "unanswerable")
"""Of every form of tables."""

COLUMNS = "[suite.columns]"
_COLUMN_KEYS = ("column", "value", "values", "separator")
_LISTS = ("references", "facts", "relevant", "tags", "passages", "passage_ids")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_UNREFERENCED = "questions without a reference answer, left out"
_UNUSED = "questions marked as not answerable, whose reference answers are left out"
_MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a field of a question comes from."""

    means: str
    """The field."""
    path: tuple[str, ...] = ()
    """Keys from the row inwards; of one column, its name."""
    name: str = ""
    """As it was given."""
    constant: object = _MISSING
    """For every row, in place of a column."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What stands for what, by the cell's text."""
    separator: str | None = None
    """Between the texts of one cell."""
    given: bool = True
    """Whether somebody named it; else it is looked for under the field's own name."""

    def of(self, row: Mapping[str, object]) -> object:
        """The value in a row; `_MISSING` where it has none."""
        if self.constant is not _MISSING:
            return self.constant
        value = row[self.name] if self.name in row else _within(row, self.path)
        if self.values and value is not None and value is not _MISSING:
            return self.values.get(str(_plain(value)).lower(), value)
        return value


class Rows:
    """Reads rows into a collector.

    Args:
        options: with `OPTIONS` among them.
        own: Columns that a form has under another name than its field's, by field.
        cells: Whether all values are texts, as in CSV, where lists are written out.
        unreferenced: Whether questions without a reference answer are kept: they serve retrieval.

    Raises:
        SuiteError: an option is wrong.
    """

    def __init__(
        self,
        options: Mapping[str, object],
        *,
        own: Mapping[str, str] | None = None,
        cells: bool = False,
        unreferenced: bool = False,
    ) -> None:
        fields = Fields(options, where=READER, known=OPTIONS, others=True)
        separator = fields.text("separator", "", empty=True) or None
        self.blank_is_unanswerable = (
            "unanswerable" in fields and fields.choice("unanswerable", ("empty",)) == "empty"
        )
        given = Fields(fields.given.get("columns") or {}, where=COLUMNS, known=FIELDS)
        self._columns = {
            name: _column(name, given, (own or {}).get(name, name), separator) for name in FIELDS
        }
        bare = unreferenced or self.blank_is_unanswerable
        self._needed = ("question",) if bare else ("question", "references")
        self._unreferenced = unreferenced
        self._cells = cells
        self._found: set[str] = set()
        self._keys: dict[str, None] = {}

    def expect(self, header: Collection[str], name: object) -> None:
        """Find out whether a table has the columns that are named.

        Raises:
            SuiteError: it lacks one; the message names those that it has.
        """
        for column in self._columns.values():
            there = column.name in header or column.path[0] in header if column.path else True
            if not there and (column.given or column.means in self._needed):
                raise _no_column(column, header, name)

    @property
    def tops(self) -> list[str]:
        """The columns that may be read, where whole columns can be left out."""
        return [name for c in self._columns.values() for name in (c.name, *c.path[:1]) if name]

    def read(
        self,
        rows: Iterable[tuple[str, Row]],
        collector: Collector,
        name: object,
        parse: Callable[[Row, str], object] = lambda row, _: row,
    ) -> None:
        """Add the questions of rows.

        Args:
            rows: Where each stands, for messages, and its values by column, or what `parse` makes
                them of.
            collector: gets questions and passages.
            name: of the file, for messages.
            parse: Gets a row and where it stands.

        Raises:
            SuiteError: rows are wrong, or a column is in none.
        """
        try:
            read_rows(rows, lambda row, where: self._row(parse(row, where), where, collector), name)
        except SuiteError:
            # Every row says that it lacks the question, then, and none why.
            self._expect_found([self._columns["question"]], name)
            raise
        self._expect_found(self._columns.values(), name)

    def _expect_found(self, columns: Iterable[Column], name: object) -> None:
        for column in columns:
            wanted = column.given or column.means in self._needed
            if self._keys and wanted and column.path and column.means not in self._found:
                raise _no_column(column, self._keys, name)

    def _row(self, row: object, where: str, collector: Collector) -> None:
        if not isinstance(row, Mapping):
            raise SuiteError(f"{where}: {row!r:.80} is not a table of keys and values")
        self._keys.update(dict.fromkeys(map(str, row)))
        values = {name: self._value(column, row) for name, column in self._columns.items()}
        self._add(Fields(values, where=where, known=FIELDS), where, collector)

    def _value(self, column: Column, row: Mapping[str, object]) -> object:
        value = column.of(row)
        if value is _MISSING:
            return None
        self._found.add(column.means)
        if column.means in _LISTS:
            return self._texts(value, column.separator)
        value = _plain(value)
        if column.means == "answerable":
            return _TRUTHS.get(str(value).strip().lower(), value)
        if isinstance(value, str):
            return value.strip() or None
        return value if isinstance(value, Sequence | Mapping) or value is None else _text(value)

    def _texts(self, value: object, separator: str | None) -> object:
        """The texts of a cell; what is no text stays, for the message."""
        if isinstance(value, str):
            value = _split(value, separator, written_out=self._cells)
        items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        texts = [_text(_plain(item)) for item in items]
        return [text for text in texts if not (text is None or text == "")]

    def _add(self, fields: Fields, where: str, collector: Collector) -> None:
        question = fields.text("question")
        passages = self._passages(fields, collector)
        document = fields.optional_text("document")
        if "id" in fields:
            name = question_id(fields.text("id"))
        else:
            name = f"q-{digest(question, document or '', *passages)}"
        references = tuple(dict.fromkeys(fields.texts("references")))
        answerable = fields.flag("answerable", bool(references) or not self.blank_is_unanswerable)
        if answerable and not references and not self._unreferenced:
            collector.note(_UNREFERENCED, name)
            return
        if references and not answerable:
            collector.note(_UNUSED, name)
        kind = fields.choice("type", get_args(QuestionType)) if "type" in fields else None
        relevant = fields.texts("relevant", unique=True) if "relevant" in fields else passages
        example = QAExample(
            id=name,
            question=question,
            references=references if answerable else (),
            facts=tuple(dict.fromkeys(fields.texts("facts"))) if answerable else (),
            relevant=relevant if answerable else (),
            document=document,
            answerable=answerable,
            type=cast("QuestionType | None", kind),
            tags=tuple(dict.fromkeys(fields.texts("tags"))),
        )
        collector.question(example, where, named="id" in fields)

    def _passages(self, fields: Fields, collector: Collector) -> tuple[str, ...]:
        texts, names = fields.texts("passages"), fields.texts("passage_ids")
        if names and len(names) != len(texts):
            raise fields.wrong("passage_ids", f"must be one for each of {len(texts)} passages")
        title, document = fields.text("title", ""), fields.optional_text("document")
        ids = [
            collector.passage(text, title=title, document=document or title or None, id=name)
            for text, name in zip(texts, names or [None] * len(texts), strict=True)
        ]
        return tuple(dict.fromkeys(ids))


def _column(name: str, given: Fields, own: str, separator: str | None) -> Column:
    value = given.given.get(name)
    if value is None:
        return Column(means=name, path=_path(own), name=own, separator=separator, given=False)
    if isinstance(value, str):
        path = given.text(name)
        return Column(means=name, path=_path(path), name=path, separator=separator)
    table = given.table(name, _COLUMN_KEYS)
    if ("value" in table) == ("column" in table):
        raise given.wrong(name, "must have either column, its name, or value, for every row")
    if "value" in table:
        return Column(means=name, constant=table.given["value"])
    values = table.given.get("values", {})
    if not isinstance(values, Mapping):
        raise table.wrong("values", "must be a table of what stands for what")
    path = table.text("column")
    return Column(
        means=name,
        path=_path(path),
        name=path,
        values={str(cell).lower(): meaning for cell, meaning in values.items()},
        separator=table.text("separator", "", empty=True) or separator,
    )


def _path(name: str) -> tuple[str, ...]:
    return tuple(name.split("."))


def _within(value: object, path: Sequence[str]) -> object:
    """What lies at a path of keys; of a list, what lies there in each of its items."""
    for position, key in enumerate(path):
        if isinstance(value, Mapping):
            if key not in value:
                return _MISSING
            value = value[key]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if key.isdecimal():
                return _within(value[int(key)], path[position + 1 :]) if _has(value, key) else None
            return list(_each(value, path[position:]))
        else:
            return None if value is None else _MISSING
    return value


def _has(items: Sequence[object], key: str) -> bool:
    return int(key) < len(items)


def _each(items: Sequence[object], path: Sequence[str]) -> Iterator[object]:
    for item in items:
        value = _within(item, path)
        if isinstance(value, list):
            yield from value
        elif value is not _MISSING:
            yield value


def _plain(value: object) -> object:
    """A value of a table as JSON would have it; what is no number is nothing."""
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value


def _text(value: object) -> object:
    """A scalar as text, other things as they are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _split(cell: str, separator: str | None, *, written_out: bool) -> object:
    if separator is not None:
        return cell.split(separator)
    items = written_list(cell) if written_out else None
    return [cell] if items is None else items


def _no_column(column: Column, header: Iterable[str], name: object) -> SuiteError:
    known = [key for key in header if key]
    shown = ", ".join(known[:30]) + (", …" if len(known) > 30 else "")
    if not column.given:
        return SuiteError(
            f"{name}: no column {column.name!r}; name the one that holds it with {COLUMNS} "
            f"{column.means} = …{suggest(column.name, known)} (the columns are: {shown})"
        )
    return SuiteError(
        f"{name}: {COLUMNS} {column.means} = {column.name!r}: there is no such column"
        f"{suggest(column.name, known)} (the columns are: {shown})"
    )
