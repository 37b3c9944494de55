"""Types of options: what people write, parsed, or a ValueError that says what is accepted.

Imported by every pytest run that has the plugin installed, so it is light.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LONGEST_NAME = 200
_DURATION = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)([smhd]?)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_METRIC_MARGIN = re.compile(r"([a-z][a-z0-9@-]*):(.+)")


def text(value: str) -> str:
    """A value that is not blank."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def path(value: str) -> Path:
    """A path."""
    return Path(text(value))


def name(value: str) -> str:
    """A name that a file may have, too."""
    from pytest_ragft.records.answering import NAME

    if not NAME.fullmatch(value):
        raise ValueError("a name consists of letters, digits, '.', '_' and '-'")
    if len(value) > _LONGEST_NAME:
        raise ValueError(f"a name has at most {_LONGEST_NAME} characters, as it names a file")
    return value


def baseline(value: str) -> str:
    """What variants are compared with; ``saved:NAME`` names a file as `name` allows it."""
    from pytest_ragft.gating.settings import SAVED

    if text(value).startswith(SAVED):
        name(value.removeprefix(SAVED))
    return value


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError("must be a number, such as 0.05") from None


def fraction(value: str) -> float:
    """A fraction of the scale, between 0 and 1."""
    number = _number(value)
    if not 0.0 < number < 1.0:
        raise ValueError("must be a fraction of the scale between 0 and 1, such as 0.05")
    return number


def alpha(value: str) -> float:
    """An error rate, above 0 and at most 0.1."""
    number = _number(value)
    if not 0.0 < number <= 0.1:
        raise ValueError("must be above 0 and at most 0.1")
    return number


def margin(value: str) -> tuple[str, float]:
    """Metric and fraction of its scale, as in ``accuracy:0.05``."""
    from pytest_ragft.suite import GATED, is_retrieval

    match = _METRIC_MARGIN.fullmatch(value)
    if match is None or not (match[1] in GATED or is_retrieval(match[1])):
        raise ValueError(
            f"expected METRIC:FRACTION with {', '.join(GATED)}, or a retrieval metric such as "
            "recall@5"
        )
    return match[1], fraction(match[2])


def knowledge(value: str) -> tuple[str, ...]:
    """What questions are asked with: a list of kinds of knowledge, with ``retrieved`` in it."""
    from typing import get_args

    from pytest_ragft.records.answering import Knowledge

    kinds = tuple(kind.strip() for kind in value.split(","))
    known = get_args(Knowledge)
    if not set(kinds) <= set(known) or len(set(kinds)) < len(kinds):
        raise ValueError(f"expected a list of {', '.join(known)}, each at most once")
    if "retrieved" not in kinds:
        raise ValueError(
            "retrieved must be in the list: gates speak about it alone, and the others are "
            "compared with it"
        )
    return tuple(kind for kind in known if kind in kinds)


def positive_integer(value: str) -> int:
    """A whole number of at least 1."""
    if not value.isdecimal() or int(value) < 1:
        raise ValueError("must be a whole number of at least 1")
    return int(value)


def duration(value: str) -> float:
    """A time in seconds, as in ``30m``, ``12h`` or ``7d``."""
    match = _DURATION.fullmatch(value.strip())
    if match is None or (not match[2] and float(match[1])):
        raise ValueError("expected a time with its unit (s, m, h or d), such as 12h or 7d, or 0")
    return float(match[1]) * _SECONDS.get(match[2], 0)


def shown(value: object) -> str:
    """A value for messages, without the user and password that a URL may hold."""
    from pytest_ragft.endpoint.address import without_credentials

    return without_credentials(repr(value))


def url(value: str) -> str:
    """The address of a server, without user and password."""
    from pytest_ragft.retrieval.settings import URL

    if not URL.fullmatch(value):
        raise ValueError(
            "expected http://HOST:PORT or https://…; user, password and API key come from "
            "RAGFT_ES_USER, RAGFT_ES_PASSWORD and RAGFT_ES_API_KEY"
        )
    return value


def choice(*accepted: str) -> Callable[[str], str]:
    """One of `accepted`."""

    def parse(value: str) -> str:
        if value not in accepted:
            raise ValueError(f"expected one of {', '.join(accepted)}")
        return value

    return parse


def backend(value: str) -> str:
    """A backend of the package, or a retriever of the user's own, which is opened later."""
    from pytest_ragft.importing import FORM, RETRIEVERS, names_own
    from pytest_ragft.retrieval.settings import BACKENDS

    if value not in BACKENDS and not names_own(value, RETRIEVERS):
        raise ValueError(f"expected one of {', '.join(BACKENDS)}, or a retriever as {FORM}")
    return value


def flag(value: str) -> bool:
    """A truth value."""
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("expected one of 1, true, yes, on, 0, false, no, off")


def argument_type(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """`parse` for argparse, which shows the text of an ArgumentTypeError alone."""

    def parse_argument(value: str) -> Any:
        from argparse import ArgumentTypeError

        try:
            return parse(value)
        except ValueError as error:
            raise ArgumentTypeError(f"{shown(value)}: {error}") from None

    return parse_argument
