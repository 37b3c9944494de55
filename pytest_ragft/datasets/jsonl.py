"""Readers of questions.jsonl and corpus.jsonl (BEIR's fields), one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar, cast, get_args

from pytest_ragft.datasets.checks import expect_alone, read_checks
from pytest_ragft.datasets.fields import Fields, show
from pytest_ragft.datasets.files import read_text
from pytest_ragft.errors import SuiteError
from pytest_ragft.garbage import no_collection
from pytest_ragft.records import Passage, QAExample, QuestionType

_MISTAKES_SHOWN = 5
# ``metadata`` is BEIR's free field: accepted and not read.
_QUESTION_KEYS = (
    "id", "question", "references", "facts", "relevant", "document", "answerable", "type", "tags",
    "checks", "metadata",
)  # fmt: skip
_PASSAGE_KEYS = ("_id", "title", "text", "document", "metadata")
_PLAIN_KEYS = frozenset(_PASSAGE_KEYS)
_ID_LENGTH = 200
_ID_FORBIDDEN = frozenset(":[]/\\")
ID_RULE = (
    f"must be 1 to {_ID_LENGTH} printable characters without spaces and without : [ ] / \\ "
    "and must not begin with 'gate-' or '-', since it becomes part of a test's node id"
)


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


Record = TypeVar("Record", bound=_Identified)
Row = TypeVar("Row")
Made = TypeVar("Made")


def read_questions(path: Path) -> tuple[QAExample, ...]:
    """The questions of a JSONL file, in its order.

    A question id is 1 to 200 printable characters other than whitespace, colon, brackets, slash
    and backslash; it does not begin with ``gate-`` or ``-``. Whole numbers are ids, too, and a text
    in the place of a list of texts is a list of one. Blank lines, byte order marks and CRLF are
    tolerated.

    Raises:
        SuiteError: the file cannot be read, holds no question, or a line is wrong; the message
            names each line (the first five), key and value.
    """
    return _read(read_text(path), path, _question, "question")


@no_collection()
def read_passages(
    path: Path, *, encoding: str | None = None, others: bool = False
) -> tuple[Passage, ...]:
    """The passages of a JSONL file, in its order, with the fields of BEIR and ``document``.

    A text may be empty or null, as corpora have it, a title may be null or left out.

    Args:
        path: of the file.
        encoding: of the file; UTF-8 without one.
        others: Whether a line may have other fields, too, which are not read.

    Raises:
        SuiteError: as for `read_questions`, or no passage has a text or a title.
    """
    text = read_text(path, encoding)
    passages = _plain_passages(text, others=others)
    if passages is None:
        passages = _read(text, path, partial(_passage, others=others), "passage")
    if not any(passage.text.strip() or passage.title.strip() for passage in passages):
        raise SuiteError(
            f"{path}: no passage has a text or a title, so that nothing can be found; give the "
            "texts in the key 'text'"
        )
    return passages


def _read(
    text: str, path: Path, parse: Callable[[object, str], Record], kind: str
) -> tuple[Record, ...]:
    first: dict[str, str] = {}

    def record_of(line: str, where: str) -> Record:
        record = parse(parse_line(line, where), where)
        if (other := first.setdefault(record.id, where)) != where:
            line_number = other.removeprefix(f"{path}, ")
            raise SuiteError(
                f"{where}: {kind} id {record.id!r} is already that of {line_number}; ids are unique"
            )
        return record

    records = read_rows(named_lines(text, path), record_of, path)
    if not records:
        raise SuiteError(f"{path}: holds no {kind}; give one JSON object a line")
    return tuple(records)


def read_rows(
    rows: Iterable[tuple[str, Row]], read: Callable[[Row, str], Made], name: object
) -> list[Made]:
    """What `read` makes of each row of a file, or an error for all rows that are wrong.

    Args:
        rows: Where each stands, for messages, and the row.
        read: Gets a row and where it stands; raises SuiteError for one that is wrong.
        name: Of the file, for messages.

    Raises:
        SuiteError: rows are wrong; the message has those of the first five.
    """
    made: list[Made] = []
    mistakes: list[str] = []
    for where, row in rows:
        try:
            made.append(read(row, where))
        except SuiteError as error:
            mistakes.append(str(error))
    if mistakes:
        more = len(mistakes) - _MISTAKES_SHOWN
        tail = [f"… and {more} more such lines in {name}"] if more > 0 else []
        raise SuiteError("\n".join(mistakes[:_MISTAKES_SHOWN] + tail))
    return made


def named_lines(text: str, name: object) -> Iterator[tuple[str, str]]:
    """The lines of a JSONL text that are not blank, each with file and line for messages."""
    for number, line in numbered_lines(text):
        yield f"{name}, line {number}", line


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a JSONL text that are not blank, with their numbers from 1.

    A byte order mark stands before a line where files were joined.
    """
    # Not splitlines(): U+2028 and the like may stand unescaped inside a JSON string.
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.removeprefix("\ufeff")
        if line.strip():
            yield number, line


def parse_line(line: str, where: str) -> object:
    """The JSON value of a line.

    Raises:
        SuiteError: it is no JSON, or a key stands twice; `where` (file and line) is named.
    """
    return _parsed(line, where, lambda error: f"{where}, column {error.colno}", line)


def parse_document(text: str, name: object) -> object:
    """The JSON value that a whole text is.

    Raises:
        SuiteError: it is no JSON, or a key stands twice; file and line are named.
    """

    def place(error: json.JSONDecodeError) -> str:
        return f"{name}, line {error.lineno}, column {error.colno}"

    return _parsed(text, str(name), place, None)


def _parsed(
    text: str, where: str, place: Callable[[json.JSONDecodeError], str], line: str | None
) -> object:
    try:
        return _DECODER.decode(text)
    except _KeyTwice as error:
        raise SuiteError(f"{where}: the key {error.key!r} stands twice; keep one") from None
    except json.JSONDecodeError as error:
        what = f"{place(error)}: not JSON: {error.msg}"
    except (ValueError, RecursionError) as error:
        what = f"{where}: not usable JSON: {error}"
    raise SuiteError(what + ("" if line is None else f"; the line is {show(line)}"))


class _KeyTwice(Exception):
    def __init__(self, key: str) -> None:
        self.key = key


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _KeyTwice(next(key for key in keys if keys.count(key) > 1))
    return values


# json.loads would make a decoder for each line, which takes longer than decoding it.
_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def _question(value: object, where: str) -> QAExample:
    fields = Fields(value, where=where, known=_QUESTION_KEYS)
    answerable = fields.flag("answerable", True)
    checks = read_checks(fields)
    needed = answerable and not checks
    references = fields.texts("references", required=needed, lone=True)
    facts, relevant = fields.texts("facts", unique=True, lone=True), fields.identifiers("relevant")
    if checks:
        expect_alone(fields, answerable=answerable, facts=bool(facts))
    if needed and not references:
        raise fields.wrong(
            "references",
            'an answerable question needs at least one; for the others say "answerable": false',
        )
    for key, given in (("facts", facts), ("relevant", relevant)):
        if not answerable and given:
            raise fields.wrong(key, "must be empty where answerable is false")
    kind = fields.choice("type", get_args(QuestionType)) if "type" in fields else None
    return QAExample(
        id=_question_id(fields),
        question=fields.text("question"),
        references=references,
        facts=facts,
        relevant=relevant,
        document=fields.optional_identifier("document"),
        answerable=answerable,
        type=cast("QuestionType | None", kind),
        tags=fields.texts("tags", lone=True),
        checks=checks,
    )


def is_question_id(name: str) -> bool:
    """Whether a text can be the id of a question, see `ID_RULE`."""
    usable = name.isprintable() and not any(c.isspace() or c in _ID_FORBIDDEN for c in name)
    return usable and 0 < len(name) <= _ID_LENGTH and not name.startswith(("gate-", "-"))


def _question_id(fields: Fields) -> str:
    name = fields.identifier("id")
    if not is_question_id(name):
        raise fields.wrong("id", ID_RULE)
    return name


def _passage(value: object, where: str, *, others: bool = False) -> Passage:
    fields = Fields(value, where=where, known=_PASSAGE_KEYS, others=others)
    given = isinstance(value, Mapping) and "text" in value
    return Passage(
        id=fields.identifier("_id"),
        text=fields.text("text", "" if given else None, empty=True),
        title=fields.text("title", "", empty=True),
        document=fields.optional_identifier("document"),
    )


def _plain_passages(text: str, *, others: bool) -> tuple[Passage, ...] | None:
    """The passages of a text in which all is as it usually is; None for any other.

    A corpus has as many lines as all else together, and its lines need no more than a look at their
    types, unless something is wrong: messages are made by whoever reads it then, line by line.
    """
    passages: dict[str, Passage] = {}
    lines = [line for line in text.split("\n") if line]
    try:
        for line in lines:
            passage = _plain_passage(_DECODER.decode(line), others=others)
            if passage is None:
                return None
            passages[passage.id] = passage
    except (_KeyTwice, ValueError, RecursionError):
        return None
    return tuple(passages.values()) if 0 < len(passages) == len(lines) else None


def _plain_passage(value: object, *, others: bool) -> Passage | None:
    if type(value) is not dict or not (others or value.keys() <= _PLAIN_KEYS):
        return None
    name, text, title = value.get("_id"), value.get("text"), value.get("title")
    document = value.get("document")
    title = "" if title is None else title
    if not (type(name) is str and type(text) is str and type(title) is str and name.strip()):
        return None
    if document is not None and not (type(document) is str and document.strip()):
        return None
    if not (name.isascii() and text.isascii() and title.isascii() and document is None):
        try:
            f"{name}{text}{title}{document}".encode()
        except UnicodeEncodeError:
            return None
    return Passage(id=name, text=text, title=title, document=document)
