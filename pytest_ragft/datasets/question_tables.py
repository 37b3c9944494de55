"""Tables of questions with reference answers as people keep them: CSV, JSONL, any column names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pytest_ragft.datasets.cells import read_table, written_list
from pytest_ragft.datasets.documents.reading import decoded
from pytest_ragft.datasets.fields import show, suggest
from pytest_ragft.datasets.files import read_bytes
from pytest_ragft.datasets.jsonl import named_lines, parse_line, read_rows
from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.foreign import mended
from pytest_ragft.records import QuestionType

Role = Literal[
    "id", "question", "references", "facts", "relevant", "document", "page", "answerable", "type",
    "tags",
]  # fmt: skip
"""What a column may hold."""

ROLES: tuple[Role, ...] = get_args(Role)

_NAMES: Mapping[Role, tuple[str, ...]] = {
    "id": ("id", "qid", "question_id", "key"),
    "question": ("question", "query", "prompt", "user_input", "input", "user"),
    "references": (
        "references", "reference", "reference_answer", "reference_answers", "answers", "answer",
        "expected", "expected_output", "expected_answer", "ground_truth", "ground_truths", "gold",
        "gold_answer", "target", "ideal",
    ),
    "facts": ("facts", "key_facts", "must_have"),
    "relevant": ("relevant", "passage", "passages", "passage_id", "passage_ids",
                 "reference_contexts", "evidence"),
    "document": (
        "document", "document_id", "doc", "doc_id", "source", "sources", "file", "filename",
        "file_name", "path", "url",
    ),
    "page": ("page", "page_number", "page_no"),
    "answerable": ("answerable", "is_answerable", "unanswerable", "is_impossible", "impossible"),
    "type": ("type", "question_type", "answer_type"),
    "tags": ("tags", "tag", "category", "topic", "labels"),
}  # fmt: skip
"""Names by which a column is known, the surest first."""

_NEGATIVE = ("unanswerable", "is_impossible", "impossible")
_TRUE = frozenset({"true", "yes", "y", "1", "t", "wahr", "vrai"})
_FALSE = frozenset({"false", "no", "n", "0", "f", "falsch", "faux"})
_LINE = re.compile(r"\d+$")
# What spreadsheets begin with: they are archives.
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A row as it was given; what it leaves out is empty or None."""

    line: int
    """In its file; the last one where a cell holds several."""
    question: str
    id: str = ""
    references: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    relevant: tuple[str, ...] = ()
    document: str = ""
    page: str = ""
    answerable: bool | None = None
    type: QuestionType | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTable:
    """The rows of a table, and how its columns were read."""

    rows: tuple[QuestionRow, ...]
    columns: Mapping[Role, str]
    """Name of the column of each role, as the file has it in lower case."""
    unread: tuple[str, ...]
    """The other columns."""


def read_question_table(
    path: Path,
    *,
    columns: Mapping[Role, str] | None = None,
    separator: str | None = None,
    encoding: str | None = None,
) -> QuestionTable:
    """The questions of a CSV file (commas, semicolons or tabs) or of JSON lines.

    Columns are found by the names that are common, or as they are given. A cell, or a value, may
    hold several texts as a list that is written out; with `separator`, between separators.

    Args:
        path: ``.jsonl``, ``.ndjson`` or ``.json`` with an object a line; anything else is CSV.
            Either may be gzip.
        columns: By role, over what is found; an empty name for a role that no column has.
        separator: Between texts of one cell.
        encoding: Of a file that is not UTF-8.

    Raises:
        InputError: the file, a column or a row is unusable; the message names file and line of the
            first five, with what is accepted.
    """
    lines = path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson", ".json"))
    try:
        data = read_bytes(path)
        if data.startswith(_ZIP):
            raise InputError(f"{path}: is a spreadsheet or an archive; save the table as CSV")
        text = decoded(data, path, encoding)
        rows = list(_objects(text, path) if lines else _cells(text, path))
        names = list(dict.fromkeys(name for _, values in rows for name in values))
        if not rows:
            raise InputError(f"{path}: holds no question; give one a row, below a row of names")
        roles = _roles(names, columns or {}, path)
        _pages_that_are_files(roles, [values for _, values in rows])
        reader = _RowReader(roles, separator)
        read = read_rows([(f"{path}, line {n}", values) for n, values in rows], reader.row, path)
    except SuiteError as error:
        raise InputError(str(error)) from None
    taken = set(roles.values())
    return QuestionTable(
        rows=tuple(read), columns=roles, unread=tuple(n for n in names if n not in taken)
    )


def _cells(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    yield from read_table(text, str(path))


def _objects(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    if text.lstrip().startswith("["):
        raise InputError(f"{path}: is a JSON array; give one object a line (JSON Lines) or a CSV")
    for where, line in named_lines(text, path):
        value = parse_line(line, where)
        if not isinstance(value, dict):
            raise InputError(f"{where}: {show(value)} is no object; give one a line")
        number = _LINE.search(where)
        assert number is not None
        yield int(number[0]), {str(key).strip().lower(): of for key, of in value.items()}


def _roles(names: Sequence[str], given: Mapping[Role, str], path: Path) -> dict[Role, str]:
    roles: dict[Role, str] = {}
    for role, name in given.items():
        if not name.strip():
            continue
        if name.strip().lower() not in names:
            raise InputError(
                f"--columns {role}={name}: {path} has no such column"
                f"{suggest(name.lower(), names)}; it has {', '.join(map(repr, names))}"
            )
        roles[role] = name.strip().lower()
    plain = {re.sub(r"[\s-]+", "_", name): name for name in reversed(names)}
    for role in ROLES:
        found = [plain[known] for known in _NAMES[role] if known in plain]
        free = [name for name in found if name not in roles.values()]
        if role not in given and free:
            roles[role] = free[0]
    for role in ("question", "references"):
        if role not in roles:
            raise InputError(
                f"{path}: no column is known for {role} (such as "
                f"{', '.join(map(repr, _NAMES[role][:5]))}); it has "
                f"{', '.join(map(repr, names))}: say which with --columns {role}=NAME"
            )
    return roles


def _pages_that_are_files(roles: dict[Role, str], rows: Sequence[Mapping[str, object]]) -> None:
    """A column of pages that are no numbers names documents: "setup.html" is a page, too."""
    if "page" in roles and "document" not in roles:
        values = (str(row.get(roles["page"]) or "").strip() for row in rows)
        if not all(value.isdigit() for value in values if value):
            roles["document"] = roles.pop("page")


class _RowReader:
    """Reads the values of a row by their roles."""

    def __init__(self, roles: Mapping[Role, str], separator: str | None) -> None:
        self._roles, self._separator = roles, separator

    def row(self, values: Mapping[str, object], where: str) -> QuestionRow:
        """A row; raises SuiteError for one that is wrong."""
        number = _LINE.search(where)
        assert number is not None
        question = self._text(values, "question", where)
        if not question:
            raise SuiteError(f"{where}: {self._roles['question']!r} is empty; ask something")
        return QuestionRow(
            line=int(number[0]),
            id=self._text(values, "id", where),
            question=question,
            references=self._texts(values, "references", where),
            facts=self._texts(values, "facts", where),
            relevant=self._texts(values, "relevant", where),
            document=next(iter(self._texts(values, "document", where)), ""),
            page=self._text(values, "page", where),
            answerable=self._flag(values, where),
            type=self._type(values, where),
            tags=self._texts(values, "tags", where),
        )

    def _value(self, values: Mapping[str, object], role: Role) -> object:
        return values.get(self._roles[role]) if role in self._roles else None

    def _text(self, values: Mapping[str, object], role: Role, where: str) -> str:
        value = self._value(values, role)
        if value is None:
            return ""
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return mended(str(value)).strip()
        raise SuiteError(f"{where}: {self._roles[role]!r} = {show(value)}: must be a text")

    def _texts(self, values: Mapping[str, object], role: Role, where: str) -> tuple[str, ...]:
        value = self._value(values, role)
        if isinstance(value, str):
            value = _listed(value, self._separator)
        items = value if isinstance(value, list) else [] if value is None else [value]
        for item in items:
            if not isinstance(item, str | int | float):
                raise SuiteError(
                    f"{where}: {self._roles[role]!r} = {show(item)}: must be a text or a list "
                    "of texts"
                )
        texts = (mended(str(item)).strip() for item in items)
        return tuple(dict.fromkeys(text for text in texts if text))

    def _flag(self, values: Mapping[str, object], where: str) -> bool | None:
        value = self._value(values, "answerable")
        said = str("" if value is None else value).strip().lower().removesuffix(".0")
        if not said:
            return None
        if said not in _TRUE | _FALSE:
            raise SuiteError(
                f"{where}: {self._roles['answerable']!r} = {show(value)}: must be true or false"
            )
        name = re.sub(r"[\s-]+", "_", self._roles["answerable"])
        return (said in _TRUE) is not (name in _NEGATIVE)

    def _type(self, values: Mapping[str, object], where: str) -> QuestionType | None:
        """A type that the judge knows; None for other people's, which are no mistake."""
        said = self._text(values, "type", where).lower()
        return said if said in get_args(QuestionType) else None  # type: ignore[return-value]


def _listed(cell: str, separator: str | None) -> list[object]:
    """The texts of a cell: those of a list written out, or what stands between separators."""
    items = written_list(cell)
    if items is not None and all(isinstance(item, str | int | float) for item in items):
        return items
    return list(cell.split(separator)) if separator else [cell]
