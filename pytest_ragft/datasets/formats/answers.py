"""What readers of published sets make references of."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.formats.collecting import Collector, digest, question_id
from pytest_ragft.records import QAExample

UNANSWERED = "questions without an answer in the files, left out"
NO_TEXT = "annotations that are blank or say NA, left out"
CONTRADICTS = "answers that contradict the yes or no of their question, left out"


def keep(collector: Collector, example: QAExample, where: str) -> None:
    """Add a question; an answerable one without a reference is left out and noted."""
    if example.answerable and not example.references:
        collector.note(UNANSWERED, example.id)
    else:
        collector.question(example, where)


def named(fields: Fields, key: str) -> str:
    """A valid id of the question that has its makers' in `key`."""
    return question_id(fields.identifier(key))


def named_by(prefix: str, question: str) -> str:
    """The id of a question that has none: it stays where lines are added, left out or moved."""
    return f"{prefix}-{digest(question)}"


def filled(fields: Fields, key: str) -> tuple[tuple[str, ...], int]:
    """The texts in a list that are not blank, stripped, and how many are.

    A text that stands alone is a list of one; a list that is left out is an empty one.

    Raises:
        SuiteError: something in the list is no text.
    """
    value = fields.given.get(key)
    items = value if isinstance(value, list) else [value] if isinstance(value, str) else value
    if isinstance(items, list):
        items = [text for text in items if not isinstance(text, str) or text.strip()]
    texts = Fields({key: items}, where=fields.where, known=(key,)).texts(key)
    blank = len(value) - len(texts) if isinstance(value, list) else 0
    return tuple(text.strip() for text in texts), blank


def fullest_first(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts that are not blank, each once, that of the most words first; the others in order."""
    kept = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if kept:
        fullest = max(kept, key=lambda text: len(text.split()))
        kept.remove(fullest)
        kept.insert(0, fullest)
    return tuple(kept)


def says_something(answer: str) -> bool:
    """Whether an annotator wrote an answer, and no mark that there is none."""
    return answer.strip().upper() not in ("", "NA", "N/A", ".", "-")


_YES_NO = re.compile(r"\W*(?P<said>yes|no)\b", re.IGNORECASE)


def opened(answer: str, said: str) -> str | None:
    """An answer to a yes/no question so that it opens with what it says; None where it denies it.

    Args:
        answer: Perhaps with reasons only.
        said: ``yes`` or ``no``.
    """
    opening = _YES_NO.match(answer)
    if opening is None:
        return f"{said.capitalize()}. {answer.strip()}"
    return answer.strip() if opening["said"].lower() == said else None
