"""From what a model says to what it decided, strictly: what is not of the form is no decision."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from pytest_ragft.endpoint.completion import MalformedError, without_reasoning
from pytest_ragft.judging.llm.fence import sanitised
from pytest_ragft.judging.llm.rubrics import BEST, MOST_STATEMENTS

_CODE = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)
_SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A decision on a rubric's scale."""

    rating: int
    reason: str


def read_object(content: str) -> dict[str, Any]:
    """The one JSON object that a reply consists of.

    It may stand in a code block, behind what a reasoning model thought aloud. An object somewhere
    within other words does not count: it may be quoted from the answer.

    Raises:
        MalformedError: the reply is something else, was cut while thinking, or names a key twice.
    """
    spoken = without_reasoning(content)
    if spoken is None:
        raise MalformedError("the reply was cut while it was thinking")
    text = spoken.strip()
    code = _CODE.fullmatch(text)
    try:
        value = json.loads(
            code[1] if code else text, object_pairs_hook=_unique, parse_constant=_refuse
        )
    except MalformedError:
        raise
    except (ValueError, RecursionError):
        raise MalformedError("the reply is not one JSON object") from None
    if not isinstance(value, dict):
        raise MalformedError("the reply is not one JSON object")
    return value


def read_rating(content: str, *, key: str = "rating", best: int = BEST) -> Rating:
    """The rating of a reply, a whole number from 0 to `best`.

    Raises:
        MalformedError: there is none; text, booleans and fractions are none.
    """
    value = read_object(content)
    if key not in value:
        raise MalformedError(f"the reply has no {key!r}")
    rating = value[key]
    # JSON has one kind of number: 4.0 is the whole number 4.
    if isinstance(rating, float) and rating.is_integer():
        rating = int(rating)
    if not isinstance(rating, int) or isinstance(rating, bool) or not 0 <= rating <= best:
        raise MalformedError(f"the {key} is not a whole number from 0 to {best}")
    reason = value.get("reason")
    return Rating(rating=rating, reason=shown(reason) if isinstance(reason, str) else "")


def read_statements(content: str) -> tuple[str, ...]:
    """The statements of a reply, distinct, in their order; at least one.

    Raises:
        MalformedError: it has none, or too many, or they are no texts.
    """
    found = read_object(content).get("statements")
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise MalformedError("the reply has no list of statements")
    texts = tuple(
        dict.fromkeys(line for text in found if (line := " ".join(sanitised(text).split())))
    )
    if not texts:
        raise MalformedError("no statement was found")
    if len(texts) > MOST_STATEMENTS:
        raise MalformedError(f"there are more than {MOST_STATEMENTS} statements")
    return texts


def read_verdicts(content: str, expected: int) -> tuple[bool, ...]:
    """Whether each of the statements 1 to `expected` is supported.

    Raises:
        MalformedError: one is missing or judged twice, or a verdict is not true or false.
    """
    found = read_object(content).get("verdicts")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise MalformedError("the reply has no list of verdicts")
    verdicts: dict[int, bool] = {}
    for one in found:
        number, supported = one.get("number"), one.get("supported")
        if not isinstance(supported, bool) or type(number) is not int or number in verdicts:
            raise MalformedError("a verdict has no number of its own or is not true or false")
        verdicts[number] = supported
    if set(verdicts) != set(range(1, expected + 1)):
        raise MalformedError(f"there is not one verdict for each of {expected} statements")
    return tuple(verdicts[number] for number in range(1, expected + 1))


def shown(text: str) -> str:
    """A model's words, on one line and short enough for a report."""
    line = " ".join(sanitised(text).split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


# Of a key that stands twice readers of JSON take the first or the last: neither is a decision.
def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise MalformedError("the reply names a key twice")
    return value


# Python reads NaN and Infinity, which are no JSON.
def _refuse(constant: str) -> NoReturn:
    raise MalformedError(f"the reply holds {constant}")
