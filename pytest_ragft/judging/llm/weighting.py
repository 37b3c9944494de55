"""A rating as the mean over all ratings that a model held possible.

Source: Liu et al. (2023), "G-Eval: NLG evaluation using GPT-4 with better human alignment":
the score is the sum of p(r)·r over the rating tokens r, which makes it finer than the single
most probable rating. Deviation: probabilities are scaled to sum to 1 over the ratings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_ragft.endpoint.completion import MalformedError, without_reasoning
from pytest_ragft.judging.llm.rubrics import BEST

_LEAST_MASS, _MOST_MASS = 0.5, 1.001
_LEAST, _ROUNDED = -1e6, 1e-6
"""Between these lies a log-probability; some servers write -9999 for none."""
_RATING = re.compile(r'"rating"\s*:\s*(\d)')


def expected_rating(content: str, tokens: Sequence[Any], rating: int) -> float | None:
    """The mean rating in [0, BEST], or None where the log-probabilities do not give it.

    Args:
        content: The reply, from which `rating` was read.
        tokens: Its tokens as a chat completion's ``logprobs.content``.
        rating: What the reply says; its token must be among the alternatives.

    Raises:
        MalformedError: what stands beside the rating are no tokens with log-probabilities.
    """
    alternatives = _alternatives(content, tokens)
    masses = [0.0] * (BEST + 1)
    for text, probability in alternatives:
        value = text.strip()
        if len(value) == 1 and value in "01234":
            masses[int(value)] += probability
    total = math.fsum(masses)
    if total > _MOST_MASS:
        raise MalformedError(f"the probabilities of the ratings add up to {total:.3g}")
    if total < _LEAST_MASS or masses[rating] == 0:
        return None
    return min(float(BEST), math.fsum(r * mass for r, mass in enumerate(masses)) / total)


def _alternatives(content: str, tokens: Sequence[Any]) -> list[tuple[str, float]]:
    """What could have stood at the place of the rating, with probabilities."""
    # What was only thought of is no rating; it stands before what is said.
    places = list(_RATING.finditer(content, content.rfind(without_reasoning(content) or "")))
    if len(places) != 1:
        return []
    wanted, at = places[0].start(1), 0
    for token in tokens:
        text = token.get("token") if isinstance(token, Mapping) else None
        if not isinstance(text, str) or not content.startswith(text, at):
            return []
        at += len(text)
        if at > wanted:
            # A token that holds more than the rating has no alternatives that are ratings.
            return _read(token.get("top_logprobs")) if text.strip() == content[wanted] else []
    return []


def _read(found: Any) -> list[tuple[str, float]]:
    if not found:
        return []
    if not isinstance(found, list):
        raise MalformedError("the alternatives to the rating are no list")
    return [_alternative(one) for one in found]


def _alternative(one: Any) -> tuple[str, float]:
    """One token with its probability. Without an odd one, the mean would be on another scale."""
    text: Any = one.get("token") if isinstance(one, Mapping) else None
    if not isinstance(text, str):
        raise MalformedError("an alternative to the rating is no token")
    logprob: Any = one.get("logprob")
    number = isinstance(logprob, int | float) and not isinstance(logprob, bool)
    # The comparison is false for NaN, too.
    if number and _LEAST <= logprob <= _ROUNDED:
        return text, math.exp(logprob)
    raise MalformedError(f"{logprob!r:.40} beside the rating is no log-probability")
