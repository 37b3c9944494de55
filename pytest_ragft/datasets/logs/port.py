"""What a reader of another tool's log gives, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

from pytest_ragft.completions import Said, answer_of, finish_of, read_message
from pytest_ragft.datasets.fields import show
from pytest_ragft.errors import SuiteError
from pytest_ragft.foreign import mended
from pytest_ragft.records import Answer

_MODELS = ("assistant", "ai", "model")
_ID_KEYS = ("id", "_id", "qid", "question_id", "query_id", "custom_id", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAnswer:
    """An answer as a log has it, with all that may tell which question it answers."""

    where: str
    """File and line or record, for messages."""
    answer: Answer
    ids: tuple[str, ...] = ()
    """What may be the question's id, perhaps behind its suite's name and ``/`` or ``::``."""
    texts: tuple[str, ...] = ()
    """What may be the question itself, word for word."""
    prompt: str = ""
    """What the model was asked; the question may stand in it."""
    system: str = ""
    """Which of the log's systems answered; empty where the log does not say."""


class LogReader(Protocol):
    """A reader of one tool's logs: a module of this package with these two names."""

    KEYS: frozenset[str]
    """A record with all of these keys is one of this tool's."""

    def read(self, path: Path) -> Iterator[LoggedAnswer]:
        """The answers of a log in its order.

        Raises:
            SuiteError: a record is not of the tool's form; file and record are named.
            MissingDependencyError: a package that its files need is not installed.
        """
        ...


def answered(
    text: object, where: str, *, apart: object = None, finish: object = None, error: object = None
) -> Answer:
    """An answer as a log tells it.

    Args:
        text: What was said; None for nothing.
        where: File and record, for messages.
        apart: Reasoning that the log keeps apart.
        finish: Why the model ended, in the words of its server.
        error: Why there is no answer, if that failed.

    Raises:
        SuiteError: the answer is neither a text nor null.
    """
    if error and not text:
        return Answer(text="", finish="error", error=mended(plain_error(error)))
    if text is not None and not isinstance(text, str):
        raise SuiteError(f"{where}: the answer must be a text or null, got {show(text)}")
    return recorded(
        Said(
            text=text or "",
            thought=apart if isinstance(apart, str) else "",
            finish=finish_of(finish) if isinstance(finish, str) else "stop",
            absent="null" if text is None else "",
        )
    )


def recorded(said: Said) -> Answer:
    """The answer in what was said, as one that was recorded."""
    if said.error is not None:
        return Answer(text="", finish="error", error=mended(said.error))
    answer = answer_of(replace(said, text=mended(said.text), thought=mended(said.thought)))
    return replace(answer, finish="recorded") if answer.finish == "stop" else answer


def plain_error(error: object) -> str:
    """What an error of a log says, in one line."""
    said = error.get("message") if isinstance(error, Mapping) else error
    return " ".join(str(said or error).split())[:300] or "failed"


def said_in(message: object, where: str, *, finish: object = None) -> Answer:
    """The answer that an assistant's message of a chat holds.

    Raises:
        SuiteError: it is no object.
    """
    return recorded(read_message(record(message, where), finish))


def record(value: object, where: str) -> Mapping[str, object]:
    """A record of a log.

    Raises:
        SuiteError: it is no object.
    """
    if not isinstance(value, Mapping):
        raise SuiteError(f"{where}: must be an object, got {show(value)}")
    return value


def ids_of(values: Mapping[str, object]) -> tuple[str, ...]:
    """What may be a question's id among an item's values."""
    found = (values.get(key) for key in _ID_KEYS)
    return tuple(str(v) for v in found if isinstance(v, str | int) and not isinstance(v, bool))


def texts_of(values: Iterable[object]) -> tuple[str, ...]:
    """The texts among an item's values, one of which may be the question."""
    return tuple(mended(value) for value in values if isinstance(value, str) and value.strip())


def prompt_text(messages: object) -> str:
    """What a model was asked, as one text: a text, or messages of a chat.

    Of a chat, what it said before is left out with all before that: examples, or other questions.
    """
    if isinstance(messages, str):
        return messages
    if not isinstance(messages, Sequence):
        return ""
    asked: list[str] = []
    for own, group in groupby(messages, key=_is_own):
        asked = asked if own else [_message(message) for message in group]
    return "\n\n".join(asked)


def _is_own(message: object) -> bool:
    """Whether the model said it, or is to have said it."""
    given = message if isinstance(message, Mapping) else {}
    return str(given.get("role") or given.get("type")).lower() in _MODELS


def _message(message: object) -> str:
    return _content(message.get("content")) if isinstance(message, Mapping) else str(message)


def _content(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(p.get("text", "")) for p in content if isinstance(p, Mapping))
    return content if isinstance(content, str) else ""
