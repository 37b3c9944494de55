"""Training data as tools for fine-tuning take it: what is asked and what is taught, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pytest_ragft.datasets.cells import read_table
from pytest_ragft.datasets.fields import show
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.jsonl import numbered_lines, parse_document, parse_line
from pytest_ragft.errors import InputError, SuiteError

_TABLES = {".csv", ".tsv"}
_JSON = {".jsonl", ".json", ".ndjson"}
_BINARY = {".parquet": "Parquet", ".arrow": "Arrow", ".xlsx": "Excel"}
# Columns of what is asked and of what is taught; every one that a row has counts.
_ASKED = ("instruction", "input", "question", "prompt", "query", "context")
_TAUGHT = ("completion", "output", "answer", "response", "chosen", "target")
# Columns of lists of accepted answers, and of texts that are not told apart.
_LISTS = ("answers", "references")
_WHOLE = ("text", "content")
# What a model is not taught, where pairs are ranked.
_UNTAUGHT = ("rejected",)
_TURNS = ("messages", "conversations", "conversation")
_FORMS = (
    "messages (chat), prompt and completion, instruction, input and output, question and answer, "
    "or text"
)
_ROLE, _SAID = ("role", "from"), ("content", "value")
_TAUGHT_ROLES = frozenset({"assistant", "gpt", "model", "bot"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPair:
    """A row of training data, or one turn of it."""

    where: str
    """File and line, for messages."""
    asked: str
    """What the model is given; all of a text whose parts are not told apart."""
    taught: str = ""
    """What it learns to reply; empty where that is not told apart."""


def read_training(path: Path) -> Iterator[TrainingPair]:
    """The rows of a file: JSON Lines, a JSON array, CSV or lines of text, plain or gzip.

    JSON and CSV are known by the file's name (``.jsonl``, ``.json``, ``.ndjson``, ``.csv``,
    ``.tsv``, each also with ``.gz``), everything else is lines of text. A conversation gives a
    pair for each reply.

    Raises:
        InputError: the file cannot be read, a row is malformed or of no known form, or there is
            none; the message names the line and what is accepted.
    """
    name = path.name.lower().removesuffix(".gz")
    suffix = name[name.rfind(".") :] if "." in name else ""
    if suffix in _BINARY:
        raise InputError(
            f"{path}: {_BINARY[suffix]} is not read here; save it as JSON Lines, one row a line"
        )
    text = _text(path)
    rows: Iterator[TrainingPair]
    if suffix in _TABLES:
        rows = _of_table(text, path)
    elif suffix in _JSON:
        rows = _of_json(text, path)
    else:
        rows = (
            TrainingPair(where=f"{path}, line {number}", asked=line)
            for number, line in numbered_lines(text)
        )
    found = False
    for row in rows:
        found = True
        yield row
    if not found:
        raise InputError(f"{path}: holds no row of training data")


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except SuiteError as error:
        raise InputError(str(error)) from error


def _of_json(text: str, path: Path) -> Iterator[TrainingPair]:
    if text.lstrip().startswith("["):
        yield from _of_array(text, path)
        return
    for number, line in numbered_lines(text):
        where = f"{path}, line {number}"
        try:
            value = parse_line(line, where)
        except SuiteError as error:
            raise InputError(f"{error}; accepted is one JSON object a line") from None
        yield from _pairs(value, where)


def _of_array(text: str, path: Path) -> Iterator[TrainingPair]:
    """The pairs of a text that begins with a bracket, and so holds a list or is no JSON."""
    try:
        rows = cast("list[object]", parse_document(text, path))
    except SuiteError as error:
        raise InputError(str(error)) from None
    for number, row in enumerate(rows, start=1):
        yield from _pairs(row, f"{path}, row {number}")


def _of_table(text: str, path: Path) -> Iterator[TrainingPair]:
    for number, row in read_table(text, str(path)):
        yield from _pairs(row, f"{path}, line {number}")


def _pairs(row: object, where: str) -> Iterator[TrainingPair]:
    """The pairs of one row.

    Raises:
        InputError: it has no known form.
    """
    if not isinstance(row, Mapping):
        raise InputError(f"{where}: {show(row)} is no row of training data; give {_FORMS}")
    known = {str(key).lower(): value for key, value in row.items() if value is not None}
    turns = next((known[key] for key in _TURNS if key in known), None)
    if turns is not None:
        yield from _turns(turns, where)
        return
    asked = [text for key in _ASKED if (text := _said(known.get(key), where))]
    taught = [text for key in _TAUGHT if (text := _said(known.get(key), where))]
    taught += [
        text for key in _LISTS for one in _list(known.get(key)) if (text := _said(one, where))
    ]
    whole = [text for key in _WHOLE if (text := _said(known.get(key), where))]
    if not (asked or taught or whole):
        raise InputError(
            f"{where}: none of the keys {show(list(row))} holds what is trained on; give {_FORMS}"
        )
    # Whichever column a tool is told to train on, the question may stand in it.
    read = {*_ASKED, *_TAUGHT, *_LISTS, *_WHOLE, *_UNTAUGHT}
    others = [text for key, value in known.items() if key not in read for text in _texts(value)]
    asked = [*asked, *whole, *others]
    yield TrainingPair(where=where, asked="\n".join(asked), taught="\n".join(taught))


def _texts(value: object) -> list[str]:
    """The texts of a value of any form; numbers are none."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def _list(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else [value]


def _turns(turns: object, where: str) -> Iterator[TrainingPair]:
    """A pair for each reply with what was said since the one before; an open end, too."""
    if not isinstance(turns, Sequence) or isinstance(turns, str) or not turns:
        raise InputError(f"{where}: {show(turns)} is no list of messages with role and content")
    asked: list[str] = []
    for turn in turns:
        if not isinstance(turn, Mapping):
            raise InputError(f"{where}: {show(turn)} is no message with role and content")
        role = next((turn[key] for key in _ROLE if key in turn), "")
        said = _said(next((turn[key] for key in _SAID if key in turn), None), where)
        if role in _TAUGHT_ROLES:
            yield TrainingPair(where=where, asked="\n".join(asked), taught=said)
            asked = []
        elif said:
            asked.append(said)
    if asked:
        yield TrainingPair(where=where, asked="\n".join(asked))


def _said(value: object, where: str) -> str:
    """The text of a value: itself, or that of the messages or parts that it holds."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, Mapping):
        found = next((value[key] for key in (*_SAID, "text") if key in value), None)
        return _said(found, where)
    if isinstance(value, list):
        return "\n".join(filter(None, (_said(one, where) for one in value)))
    raise InputError(f"{where}: {show(value)} is no text")
