"""A case held against a rubric: the question that is put, and the score that comes of it.

The rating is the mean over all ratings that a model held possible, where its log-probabilities are
known: the sum of p(r)·r over the rating tokens r, finer than the single most probable rating (Liu
et al. 2023, "G-Eval: NLG evaluation using GPT-4 with better human alignment"). Deviation:
probabilities are scaled to sum to 1 over the ratings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_ragft.endpoint.chat import Asked, Question, Unusable
from pytest_ragft.endpoint.completion import Completion, MalformedError, without_reasoning
from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.fence import fenced
from pytest_ragft.judging.llm.replies import read_rating
from pytest_ragft.judging.port import missing_score
from pytest_ragft.records import Case, QAExample, Score

Rated = tuple[float, str, bool]
"""A rating in [0, BEST], why, and whether it is weighted by log-probabilities."""
# With less than half of it on ratings, the mean would be that of what the model hardly thought of;
# rounded, probabilities may add up to a little more than 1.
_LEAST_MASS, _MOST_MASS = 0.5, 1.001
# Between these lies a log-probability; some servers write -9999 for none.
_LEAST, _ROUNDED = -1e6, 1e-6
_RATING = re.compile(r'"rating"\s*:\s*(\d)')


def rating_question(metric: str, case: Case, form: str = rubrics.RATING_FORM) -> Question[Rated]:
    """The question for the rating of a case, its texts fenced, by the rule for its reference."""
    texts = {"QUESTION": case.example.question, **required(metric, case.example)}
    fence, user = fenced(texts | {"ANSWER": case.answer})
    kind = rubrics.rubric_kind(case.example)
    return Question(
        system=f"{rubrics.rubric(metric, kind)}\n\n{rubrics.RULE.format(fence=fence)}",
        user=f"{user}\n\n{form}",
        form=form,
        schema=rubrics.RATING_SCHEMA,
        logprobs=True,
        read=_read,
    )


def required(metric: str, example: QAExample) -> dict[str, str]:
    """What an answer is held against, by name."""
    texts = {f"REFERENCE {n}": text for n, text in enumerate(example.references, start=1)}
    if metric == "completeness" and example.facts:
        texts["MUST-HAVE STATEMENTS"] = "\n".join(f"- {fact}" for fact in example.facts)
    return texts


def rating_score(metric: str, asked: Asked[Rated]) -> Score:
    """The score of a rating; missing where there is none."""
    if isinstance(asked, Unusable):
        return missing_score(metric, asked.reason)
    rating, reason, weighted = asked
    return Score(
        metric=metric,
        value=rating / rubrics.BEST,
        reason=reason,
        evidence={"rating": rating, "weighted": weighted},
    )


def _read(completion: Completion) -> Rated:
    plain = read_rating(completion.content)
    weighted = expected_rating(completion.content, completion.logprobs, plain.rating)
    if weighted is None:
        return float(plain.rating), plain.reason, False
    return weighted, plain.reason, True


def expected_rating(content: str, tokens: Sequence[Any], rating: int) -> float | None:
    """The mean rating in [0, rubrics.BEST], or None where the log-probabilities do not give it.

    Args:
        content: The reply, from which `rating` was read.
        tokens: Its tokens as a chat completion's ``logprobs.content``.
        rating: What the reply says; its token must be among the alternatives.

    Raises:
        MalformedError: what stands beside the rating are no tokens with log-probabilities.
    """
    alternatives = _alternatives(content, tokens)
    masses = [0.0] * (rubrics.BEST + 1)
    for text, probability in alternatives:
        # "4" and " 4" are tokens of their own, and one rating.
        value = text.strip()
        if len(value) == 1 and value in "01234":
            masses[int(value)] += probability
    total = math.fsum(masses)
    if total > _MOST_MASS:
        raise MalformedError(f"the probabilities of the ratings add up to {total:.3g}")
    if total < _LEAST_MASS or masses[rating] == 0:
        return None
    return min(float(rubrics.BEST), math.fsum(r * mass for r, mass in enumerate(masses)) / total)


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
            return (
                _read_alternatives(token.get("top_logprobs"))
                if text.strip() == content[wanted]
                else []
            )
    return []


def _read_alternatives(found: Any) -> list[tuple[str, float]]:
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
