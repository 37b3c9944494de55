"""Records as the plain values and the JSON text that the store and the saved baselines keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, Generic, TypeVar, get_args

from pytest_ragft.reasoning import split_reasoning
from pytest_ragft.records import (
    Answer,
    Draw,
    EndpointUsage,
    Finish,
    Hit,
    Passage,
    Score,
    Status,
    VariantFacts,
)

_T = TypeVar("_T")

_FINISHES = frozenset(get_args(Finish))
_STATUSES = frozenset(get_args(Status))
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Codec(Generic[_T]):
    """How one kind of record is kept. `from_plain` raises on values that no record has."""

    kind: str
    to_plain: Callable[[_T], Any]
    from_plain: Callable[[Any], _T]


def answer_to_plain(answer: Answer) -> dict[str, Any]:
    """An answer's fields; those at their default are left out, but for its reasoning."""
    return _plain(answer, _ANSWER_FIELDS) | {"reasoning": answer.reasoning}


def answer_from(plain: Mapping[str, Any]) -> Answer:
    """The answer whose fields `plain` holds.

    One that was kept before reasoning was told apart holds both in its text.
    """
    answer = Answer(**plain)
    texts = (answer.text, answer.reasoning)
    if not all(isinstance(text, str) for text in texts) or answer.finish not in _FINISHES:
        raise ValueError(f"no answer: {plain!r}")
    if "reasoning" in plain:
        return answer
    parts = split_reasoning(answer.text)
    return replace(answer, text=parts.text, reasoning=parts.reasoning, reasoning_cut=parts.cut)


def variant_from(plain: Mapping[str, Any]) -> VariantFacts:
    """The facts of a variant from the values of their fields."""
    usage = plain.get("usage")
    return VariantFacts(
        **{
            **plain,
            "notes": tuple(plain["notes"]),
            "usage": None if usage is None else EndpointUsage(**usage),
            "trained_on": tuple(plain.get("trained_on", ())),
        }
    )


def scores_to_plain(scores: Mapping[str, Score]) -> list[dict[str, Any]]:
    """Scores as a list of their fields; those at their default are left out."""
    return [_plain(score, _SCORE_FIELDS) for score in scores.values()]


def scores_from(plain: Sequence[Mapping[str, Any]]) -> dict[str, Score]:
    """Scores by metric."""
    scores = {}
    for values in plain:
        score = Score(**values)
        if score.status not in _STATUSES or isinstance(score.value, bool):
            raise ValueError(f"no score: {values!r}")
        scores[score.metric] = score
    return scores


def draws_to_plain(draws: Mapping[int, Draw]) -> list[dict[str, Any]]:
    """A question's draws in their order."""
    return [
        {
            "sample": sample,
            "answer": answer_to_plain(draws[sample].answer),
            "scores": scores_to_plain(draws[sample].scores),
        }
        for sample in sorted(draws)
    ]


def draws_from(plain: Sequence[Mapping[str, Any]]) -> dict[int, Draw]:
    """A question's draws by sample."""
    draws = [
        Draw(
            sample=values["sample"],
            answer=answer_from(values["answer"]),
            scores=scores_from(values["scores"]),
        )
        for values in plain
    ]
    return {draw.sample: draw for draw in draws}


def hits_to_plain(hits: Sequence[Hit]) -> list[list[Any]]:
    """Hits as pairs of passage id and score."""
    return [[hit.passage_id, hit.score] for hit in hits]


def hits_from(plain: Sequence[Sequence[Any]]) -> tuple[Hit, ...]:
    """Hits from pairs of passage id and score."""
    return tuple(Hit(passage_id=passage_id, score=score) for passage_id, score in plain)


def passages_to_plain(passages: Mapping[str, Passage]) -> list[dict[str, Any]]:
    """Passages as a list of their fields; those at their default are left out."""
    return [{"id": p.id, "text": p.text} | _plain(p, _PASSAGE_FIELDS) for p in passages.values()]


def passages_from(plain: Sequence[Mapping[str, Any]]) -> dict[str, Passage]:
    """Passages by id."""
    return {values["id"]: Passage(**values) for values in plain}


def dumps(plain: object) -> str:
    """Compact JSON in ASCII; NaN and infinity are refused."""
    return _encode(plain)


def _plain(record: Answer | Score | Passage, defaults: Mapping[str, object]) -> dict[str, Any]:
    return {
        name: value
        for name, default in defaults.items()
        if (value := getattr(record, name)) != default
    }


def _defaults(record: type[Answer] | type[Score] | type[Passage]) -> dict[str, object]:
    return {
        f.name: f.default if f.default_factory is MISSING else f.default_factory()
        for f in fields(record)
    }


_ANSWER_FIELDS = _defaults(Answer)
_SCORE_FIELDS = _defaults(Score)
_PASSAGE_FIELDS = _defaults(Passage)

ANSWER = Codec("answer", answer_to_plain, answer_from)
SCORES: Codec[Mapping[str, Score]] = Codec("score", scores_to_plain, scores_from)
RANKINGS: Codec[Sequence[tuple[Hit, ...]]] = Codec(
    "hits",
    lambda rankings: [hits_to_plain(hits) for hits in rankings],
    lambda plain: [hits_from(hits) for hits in plain],
)
"""The hits of all questions of a suite, in their order."""
PASSAGES: Codec[Mapping[str, Passage]] = Codec("passages", passages_to_plain, passages_from)
"""Texts of hits from an index whose corpus no suite holds."""
