"""A case held against a rubric: the question that is put, and the score that comes of it."""

from __future__ import annotations

from pytest_ragft.endpoint.chat import Asked, Question, Unusable
from pytest_ragft.endpoint.completion import Completion
from pytest_ragft.judging.llm import rubrics
from pytest_ragft.judging.llm.fence import fenced
from pytest_ragft.judging.llm.kinds import kind_of
from pytest_ragft.judging.llm.replies import read_rating
from pytest_ragft.judging.llm.settled import missing
from pytest_ragft.judging.llm.weighting import expected_rating
from pytest_ragft.records import Case, QAExample, Score

Rated = tuple[float, str, bool]
"""A rating in [0, BEST], why, and whether it is weighted by log-probabilities."""


def rating_question(metric: str, case: Case, form: str = rubrics.RATING_FORM) -> Question[Rated]:
    """The question for the rating of a case, its texts fenced, by the rule for its reference."""
    texts = {"QUESTION": case.example.question, **required(metric, case.example)}
    fence, user = fenced(texts | {"ANSWER": case.answer})
    kind = kind_of(case.example)
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
        return missing(metric, asked.reason)
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
