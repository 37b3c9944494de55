"""The key ``checks`` of a question: rules for its answer, read with every mistake named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.records import Check

LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hi", "hu", "it", "ja", "ko", "nl",
    "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
"""Languages (ISO 639-1) that a check can ask for, and that are told from each other."""
REGISTERS = ("formal", "informal")
WRITINGS = ("lower", "upper")
ADDRESSING = ("de", "en", "fr")
"""Languages whose registers are known."""

_MOST = 1e15

Value = bool | int | float | str | tuple[str, ...]


def read_checks(fields: Fields) -> tuple[Check, ...]:
    """The checks of a question, in their order.

    Args:
        fields: of the question's line.

    Raises:
        SuiteError: a check is unknown, its value is none, or two of them contradict each other.
    """
    if "checks" not in fields:
        return ()
    table = fields.table("checks", tuple(_FORMS))
    given = [name for name in table.given if name in table]
    if not given:
        raise fields.wrong("checks", 'must hold a rule, such as {"max_words": 20}, or be left out')
    checks = tuple(Check(name=name, value=_FORMS[name](table, name)) for name in given)
    _check_together(table, {check.name: check.value for check in checks})
    return checks


def _check_together(table: Fields, values: Mapping[str, Value]) -> None:
    for least, most in (("min_words", "max_words"), ("min_words", "words"), ("words", "max_words")):
        low, high = values.get(least), values.get(most)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            raise table.wrong(most, f"is less than {least} = {low}: no answer holds both")
    language = values.get("language", "en")
    if "register" in values and language not in ADDRESSING:
        raise table.wrong("register", f"is known for language = {', '.join(ADDRESSING)} only")


def _number_of(fields: Fields, name: str) -> int:
    value = fields.integer(name)
    assert value is not None, "it is there"
    return value


def _amount(fields: Fields, name: str) -> float:
    value = fields.number(name, least=-_MOST, up_to=_MOST)
    assert value is not None, "it is there"
    return value


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    texts = fields.texts(name, lone=True, unique=True)
    if not texts:
        raise fields.wrong(name, "must be a text or a list of texts")
    return texts


def _text(fields: Fields, name: str) -> str:
    return fields.text(name)


def _flag(fields: Fields, name: str) -> bool:
    return fields.flag(name, True)


def _json(fields: Fields, name: str) -> bool | tuple[str, ...]:
    value = fields.given[name]
    if value is True:
        return True
    if not isinstance(value, list) or not value:
        raise fields.wrong(name, "must be true, or the list of keys that its object has")
    return fields.texts(name, unique=True)


def _pattern(fields: Fields, name: str) -> str:
    text = fields.text(name)
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise fields.wrong(name, f"is no regular expression: {error}") from None
    return text


def _one_of(accepted: tuple[str, ...]) -> Callable[[Fields, str], str]:
    return lambda fields, name: fields.choice(name, accepted)


_FORMS: Mapping[str, Callable[[Fields, str], Value]] = {
    "words": _number_of,
    "min_words": _number_of,
    "max_words": _number_of,
    "sentences": _number_of,
    "lines": _number_of,
    "items": _number_of,
    "json": _json,
    "number": _amount,
    "contains": _texts,
    "excludes": _texts,
    "starts": _text,
    "ends": _text,
    "matches": _pattern,
    "case": _one_of(WRITINGS),
    "language": _one_of(LANGUAGES),
    "register": _one_of(REGISTERS),
    "declines": _flag,
}

CHECK_NAMES = tuple(_FORMS)
"""All that a question may ask for; `judging.checks` says when an answer holds each."""


def expect_alone(fields: Fields, *, answerable: bool, facts: bool) -> None:
    """Refuse what a question with checks has no use for.

    Raises:
        SuiteError: it has facts, or says that it has no answer.
    """
    if not answerable:
        raise fields.wrong(
            "answerable", "stands beside checks; an answer that must decline holds declines = true"
        )
    if facts:
        raise fields.wrong("facts", "stand beside checks, which decide alone; use contains")
