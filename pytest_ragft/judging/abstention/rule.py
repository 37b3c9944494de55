"""The scores of abstentions, unanswerable questions and empty answers: one rule for all judges.

Whether an answer declines is a matter of form, so that no judge is asked about it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_ragft.judging.abstention.clauses import read_clauses
from pytest_ragft.judging.abstention.recogniser import AbstentionRecogniser
from pytest_ragft.judging.lexical.polarity import asks_polar, opening_polarity
from pytest_ragft.judging.lexical.text import Reader, plain
from pytest_ragft.judging.port import Scores, for_both, missing_score
from pytest_ragft.records import Case, QAExample, Score

VERSION = "rules/3"
"""Changes whenever a rule, or what is recognised as an abstention, may decide otherwise."""
_SAYS = re.compile(r"[^\W_]|[-+%=<>\u2264\u2265]")


def ruled(example: QAExample, answer: str) -> Scores | None:
    """Accuracy and completeness where no judge is needed: one rule for all of them.

    Decided are unanswerable questions (1 for an abstention, else 0; completeness does not apply),
    abstentions from answerable ones and empty answers (0 and 0). An answer is no abstention where
    a reference is one, or where it says yes or no to a question that asks for that. The score's
    evidence holds ``abstained``.

    Returns:
        The scores, or None where a judge must decide; a question without references is left to
        it, too.
    """
    empty = is_empty(answer)
    if not example.answerable:
        return _unanswerable(answer, example.question, empty=empty)
    if not example.references:
        return None
    if any(answer.split() == reference.split() for reference in example.references):
        return None
    if empty:
        return _both(0.0, "empty answer", abstained=False)
    if not abstains(answer, example.question) or _may_decline(example, answer):
        return None
    return _both(0.0, "abstained from an answerable question", abstained=True)


def scored_without_judge(case: Case) -> Scores | None:
    """As `ruled`; missing scores, too, where nothing is known that an answer is held against."""
    if case.example.answerable and not case.example.references:
        return for_both(missing_score("", "no reference"))
    return ruled(case.example, case.answer)


def abstains(answer: str, question: str) -> bool:
    """Whether `answer` declines to answer `question`."""
    return _recogniser().abstains(answer, question)


def is_empty(answer: str) -> bool:
    """Whether an answer holds no letter, digit or symbol that says something."""
    return not _SAYS.search(answer)


def _unanswerable(answer: str, question: str, *, empty: bool) -> Scores:
    abstained = not empty and abstains(answer, question)
    reason = "abstained, rightly" if abstained else "answered an unanswerable question"
    return {
        "accuracy": Score(
            metric="accuracy",
            value=float(abstained),
            reason="empty answer" if empty else reason,
            evidence={"abstained": abstained},
        ),
        "completeness": Score(
            metric="completeness",
            value=None,
            status="not_applicable",
            reason="unanswerable: there is nothing to be complete about",
        ),
    }


def _both(value: float, reason: str, *, abstained: bool) -> Scores:
    evidence = {"abstained": True} if abstained else {}
    return for_both(Score(metric="", value=value, reason=reason, evidence=evidence))


def _may_decline(example: QAExample, answer: str) -> bool:
    """Whether declining may be right: a reference does, or it is a no to a yes/no question.

    Or it gives a reference: "the date is missing" where that is what is missing.
    """
    recogniser = _recogniser()
    if any(recogniser.abstains(reference) for reference in example.references):
        return True
    if _gives(example, answer):
        return True
    yesno = example.type == "yesno" or (
        example.type is None
        and asks_polar(plain(example.question)) is not None
        and all(opening_polarity(plain(reference)) is not None for reference in example.references)
    )
    return yesno and opening_polarity(plain(answer)) is not None


def _gives(example: QAExample, answer: str) -> bool:
    """Whether a single clause holds all that a reference says beyond the question.

    In more of them its words may stand by chance.
    """
    if len(read_clauses(answer)) != 1:
        return False
    content = _recogniser().reader
    said, known = frozenset(content.read(answer).content), content.read(example.question).content
    new = (frozenset(content.read(text).content).difference(known) for text in example.references)
    return any(words and words <= said for words in new)


@lru_cache(1)
def _recogniser() -> AbstentionRecogniser:
    return AbstentionRecogniser(Reader())
