"""Answers that decline to answer: found by their phrases, scored by one rule, whatever the judge.

In the order of the steps:

phrases     the phrases of `judging/data/abstention.toml` as expressions
clauses     an answer in clauses, and what each does: decline, comment, point elsewhere, state
question    what is asked, as far as it decides which clauses answer it
recogniser  clauses beside the question: does anything answer it?
rule        the scores that follow, of unanswerable questions and empty answers, too

English only.
"""

from pytest_ragft.judging.abstention.recogniser import AbstentionRecogniser
from pytest_ragft.judging.abstention.rule import (
    VERSION,
    abstains,
    is_empty,
    ruled,
    scored_without_judge,
)

__all__ = [
    "VERSION",
    "AbstentionRecogniser",
    "abstains",
    "is_empty",
    "ruled",
    "scored_without_judge",
]
