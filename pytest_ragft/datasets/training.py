"""Training data as tools for fine-tuning take it: what is asked and what is taught, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

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
# Roles by the name that chat templates know; others, such as a tool's, have none.
_ROLES = {"system": "system", "user": "user", "human": "user"} | dict.fromkeys(
    _TAUGHT_ROLES, "assistant"
)
_SYSTEM = ("system", "system_prompt")

_Messages: TypeAlias = tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPair:
    """A row of training data, or one turn of it."""

    where: str
    """File and line, for messages."""
    asked: str
    """What the model is given; all of a text whose parts are not told apart."""
    taught: str = ""
    """What it learns to reply; empty where that is not told apart."""
    shown: str = ""
    """What stands beside what is asked, such as passages, and asks nothing itself; empty where that
    is not told apart."""
    messages: tuple[Mapping[str, str], ...] = ()
    """What the reply follows, as a chat with `role` and `content`, a user's message last; empty
    where the row does not say so, or a role is none of system, user and assistant."""
    reply: str = ""
    """The one reply to `messages`, where `taught` may hold several columns."""


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
    system = next((known[key] for key in _SYSTEM if isinstance(known.get(key), str)), "")
    if turns is not None:
        yield from _turns(turns, where, system)
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
    messages, reply = _chat(known, where, system)
    yield TrainingPair(
        where=where,
        asked="\n".join(asked),
        taught="\n".join(taught),
        messages=messages,
        reply=reply,
    )


def _chat(known: Mapping[str, object], where: str, system: str) -> tuple[_Messages, str]:
    """A row's one reply with what it follows; nothing where the row does not say both."""
    replies = [known[key] for key in _TAUGHT if known.get(key)]
    replies += [one for key in _LISTS for one in _list(known.get(key)) if one]
    before: list[Mapping[str, str]] = []
    texts: list[str] = []
    for value in (known[key] for key in _ASKED if known.get(key)):
        if _is_chat(value):
            before += _roles(value, where)
        else:
            texts.append(_said(value, where))
    if texts:
        before.append({"role": "user", "content": "\n".join(texts)})
    if not replies:
        return (), ""
    *more, last = _roles(replies[0], where) if _is_chat(replies[0]) else [_reply(replies[0], where)]
    return _following(before or more, last, system)


def _reply(value: object, where: str) -> Mapping[str, str]:
    return {"role": "assistant", "content": _said(value, where)}


def _following(
    before: Sequence[Mapping[str, str]], reply: Mapping[str, str], system: str
) -> tuple[_Messages, str]:
    """Messages and the reply to them, where chat templates take them."""
    if system and not any(message["role"] == "system" for message in before):
        before = [{"role": "system", "content": system}, *before]
    known = all(message["role"] for message in before) and reply["role"] == "assistant"
    if not known or not before or before[-1]["role"] != "user":
        return (), ""
    return tuple(before), reply["content"]


def _is_chat(value: object) -> bool:
    """Whether a column holds messages and not a text."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, Mapping) and any(key in one for key in _ROLE) for one in value)
    )


def _roles(turns: object, where: str) -> list[Mapping[str, str]]:
    """Messages with the roles that chat templates know; another role is empty."""
    return [
        {
            "role": _ROLES.get(str(next(turn[key] for key in _ROLE if key in turn)), ""),
            "content": _said(next((turn[key] for key in _SAID if key in turn), None), where),
        }
        for turn in cast("list[Mapping[str, object]]", turns)
    ]


def _texts(value: object) -> list[str]:
    """The texts of a value of any form; numbers are none."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def _list(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else [value]


def _turns(turns: object, where: str, system: str) -> Iterator[TrainingPair]:
    """A pair for each reply with what was said since the one before; an open end, too."""
    if not isinstance(turns, Sequence) or isinstance(turns, str) or not turns:
        raise InputError(f"{where}: {show(turns)} is no list of messages with role and content")
    asked: list[str] = []
    before: list[Mapping[str, str]] = []
    for turn in turns:
        if not isinstance(turn, Mapping):
            raise InputError(f"{where}: {show(turn)} is no message with role and content")
        role = next((turn[key] for key in _ROLE if key in turn), "")
        said = _said(next((turn[key] for key in _SAID if key in turn), None), where)
        message = {"role": _ROLES.get(str(role), ""), "content": said}
        if role in _TAUGHT_ROLES:
            messages, reply = _following(before, message, system)
            yield TrainingPair(
                where=where, asked="\n".join(asked), taught=said, messages=messages, reply=reply
            )
            asked = []
        elif said:
            asked.append(said)
        before.append(message)
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
