"""What one question says about itself that cannot all be right, or is of no use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_ragft.checking.asked import AskedQuestion
from pytest_ragft.checking.findings import Finding
from pytest_ragft.checking.wording import words_of
from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.checks import failed_checks
from pytest_ragft.judging.lexical.dates import dates
from pytest_ragft.judging.lexical.text import Reader, Text
from pytest_ragft.judging.lexical.times import times
from pytest_ragft.numbers import count
from pytest_ragft.records import QAExample

# A reference of more words is an essay, whatever the limit of an answer.
_LONGEST = 300
_BRIEF = 2
_OFFERS = re.compile(r"\b(?:or|vs|versus|between|which of)\b", re.IGNORECASE)
_ASKS_POLAR = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|must)\b",
    re.IGNORECASE,
)


class QuestionReader:
    """Looks at questions one by one."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._abstention = AbstentionRecogniser(self._reader)

    def findings(
        self, question: AskedQuestion, *, max_new_tokens: int, corpus: bool
    ) -> Iterator[Finding]:
        """What is wrong with a question.

        Args:
            question: To be looked at.
            max_new_tokens: To which answers are generated in its suite.
            corpus: Whether the suite's questions name relevant passages at all.
        """
        example = question.example
        if example.checks:
            yield from _checked(question)
            return
        if not example.answerable:
            yield from self._unanswerable(question)
            return
        usable = [text for text in example.references if words_of(text)]
        if not usable:
            note = "has no word" if example.references else "there is none"
            yield _finding("no-reference", question, note, error=True)
            return
        if corpus and not example.relevant:
            yield _finding("no-relevant", question, "")
        read = [self._reader.read(text) for text in usable]
        for why in self._contradictions(example, read):
            yield _finding("contradiction", question, why)
        if stands := _in_question(example):
            yield _finding("in-question", question, "the question says", detail=stands)
        shortest = min(len(text.split()) for text in usable)
        if shortest > min(max_new_tokens, _LONGEST):
            limit = (
                f"max_new_tokens = {max_new_tokens}" if shortest > max_new_tokens else "an essay"
            )
            yield _finding("too-long", question, f"{count(shortest, 'word')}; {limit}")

    def _unanswerable(self, question: AskedQuestion) -> Iterator[Finding]:
        for text in question.example.references:
            if words_of(text) and not self._abstention.abstains(text, question.example.question):
                yield _finding("contradiction", question, "not answerable, yet a reference answers")
                return

    def _contradictions(self, example: QAExample, read: list[Text]) -> Iterator[str]:
        if all(
            self._abstention.abstains(text, example.question) for text in example.references
        ) and not _ASKS_POLAR.match(example.question):
            yield "answerable, but every reference declines to answer"
        polar = [words.polarity is not None for words in read]
        if example.type == "yesno" and not any(polar):
            yield "type is yesno, no reference is a yes or a no"
        if example.type == "number" and not any(words.numbers or _ones(words) for words in read):
            yield "type is number, no reference has one"
        if example.type == "date" and not any(_is_date(words) for words in read):
            yield "type is date, no reference has one"
        if example.type in ("factoid", "list", "number", "date", "summary") and all(
            said and len(words.stems) <= _BRIEF for said, words in zip(polar, read, strict=True)
        ):
            yield f"type is {example.type}, every reference is a yes or a no"


def _ones(words: Text) -> bool:
    return not {"one", "none", "zero", "no"}.isdisjoint(words.stems)


def _is_date(words: Text) -> bool:
    return bool(dates(words.plain) or times(words.plain) or words.numbers)


def _checked(question: AskedQuestion) -> Iterator[Finding]:
    """What checks decide needs no reference, but one that fails them shows that they are wrong."""
    example = question.example
    for text in example.references:
        if failed := failed_checks(example.checks, text):
            note = f"a reference fails the question's own checks ({failed[0]})"
            yield _finding("contradiction", question, note, detail=text)
            break
    # Whatever does not decline is right there, as the manual says.
    any_answer = any(check.name == "declines" and not check.value for check in example.checks)
    if not any_answer and not failed_checks(example.checks, example.question):
        yield _finding("in-question", question, "its own text holds its checks")


def _in_question(example: QAExample) -> str:
    """A reference that a question already says, unless it offers a choice or asks for yes or no."""
    if _OFFERS.search(example.question) or _ASKS_POLAR.match(example.question):
        return ""
    asked = f" {' '.join(words_of(example.question))} "
    for text in example.references:
        words = words_of(text)
        if words and words[0] not in ("yes", "no") and f" {' '.join(words)} " in asked:
            return text
    return ""


def _finding(
    kind: str, question: AskedQuestion, note: str, *, detail: str = "", error: bool = False
) -> Finding:
    return Finding(
        kind=kind,
        severity="error" if error else "warning",
        suite=question.suite,
        here=question.place,
        note=note,
        detail=detail,
    )
