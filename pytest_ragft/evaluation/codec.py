"""Records as the JSON text that the store and the saved baselines keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from pytest_ragft.errors import StoreError
from pytest_ragft.records import Answer, Hit, Score

_Record = TypeVar("_Record", Answer, Score)


def to_plain(record: Answer | Score) -> dict[str, Any]:
    """A flat record's fields; those at their default are left out."""
    return {
        f.name: value for f in fields(record) if (value := getattr(record, f.name)) != f.default
    }


def answer_from(plain: Mapping[str, Any]) -> Answer:
    """The answer whose fields `plain` holds."""
    return _checked(Answer, plain)


def scores_to_plain(scores: Mapping[str, Score]) -> list[dict[str, Any]]:
    """Scores as a list of their fields."""
    return [to_plain(score) for score in scores.values()]


def scores_from(plain: list[Mapping[str, Any]]) -> dict[str, Score]:
    """Scores by metric."""
    scores = [_checked(Score, fields_) for fields_ in plain]
    return {score.metric: score for score in scores}


def hits_to_plain(hits: tuple[Hit, ...]) -> list[list[Any]]:
    """Hits as pairs of passage id and score."""
    return [[hit.passage_id, hit.score] for hit in hits]


def hits_from(plain: list[list[Any]]) -> tuple[Hit, ...]:
    """Hits from pairs of passage id and score."""
    return tuple(Hit(passage_id=passage_id, score=score) for passage_id, score in plain)


def dumps(plain: object) -> str:
    """Compact JSON; NaN and infinity are refused."""
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def loads(text: str) -> Any:
    """JSON read back from the store.

    Raises:
        StoreError: the text is damaged.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreError(
            f"an entry of the store is damaged ({error}); run once with --ragft-cache=refresh"
        ) from error


def _checked(kind: type[_Record], plain: Mapping[str, Any]) -> _Record:
    try:
        return kind(**plain)
    except (TypeError, ValueError) as error:
        raise StoreError(
            f"an entry of the store is damaged ({error}); run once with --ragft-cache=refresh"
        ) from error
