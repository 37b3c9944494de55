"""Questions that stand twice, in one suite or in two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_ragft.checking.asked import AskedQuestion
from pytest_ragft.checking.findings import Finding
from pytest_ragft.checking.matching import QuestionIndex
from pytest_ragft.checking.wording import words_of


def repeats(questions: Sequence[AskedQuestion], index: QuestionIndex) -> Iterator[Finding]:
    """A finding for each pair of questions that is one, exactly or nearly.

    The same question with the same answer counts twice where its documents are apart, which is an
    error; with another answer, or on one document, it is a warning.

    Args:
        questions: Of all suites.
        index: Over their texts, in their order.
    """
    found: dict[tuple[int, int], float] = {}
    for at, question in enumerate(questions):
        for other, like in index.matches(words_of(question.example.question)):
            if other != at:
                pair = (min(at, other), max(at, other))
                found[pair] = max(like, found.get(pair, 0.0))
    for (first, second), like in sorted(found.items()):
        yield _finding(questions[second], questions[first], like)


def _finding(here: AskedQuestion, other: AskedQuestion, like: float) -> Finding:
    exact = words_of(here.example.question) == words_of(other.example.question)
    same = _answers(here) == _answers(other) or bool(_answers(here) & _answers(other))
    apart = here.cluster != other.cluster
    if not same:
        note = "with other references"
    else:
        note = "on two documents, so that it counts twice" if apart else "on one document"
    return Finding(
        kind="duplicate" if exact else "near-duplicate",
        severity="error" if exact and same and apart else "warning",
        suite=here.suite,
        here=here.place,
        other=other.place,
        note=note,
        likeness=like,
    )


def _answers(question: AskedQuestion) -> frozenset[tuple[str, ...]]:
    return frozenset(words_of(text) for text in question.example.references)
