"""Does an answer decline to answer?

An answer abstains when it asserts no value, name, polarity or statement of its own, and says or
implies that it cannot. Each of its clauses declines, states something, or does neither (see
`refusal_clauses`): comments on the context ("it only mentions the height"), repetitions of the
question, what would be needed, where to look, offers of help and what a measure means are no
answer. "I do not know, but it is Paris" is one, and so is "Paris. The context says no more".
Figures that are only quoted before the conclusion that nothing can be computed from them are none.

English only.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_ragft.judging.port import Scores
from pytest_ragft.judging.refusal_clauses import Clause, Kind, read_clauses
from pytest_ragft.judging.text import Reader
from pytest_ragft.records import QAExample, Score

_SAYS = re.compile(r"[^\W_]|[-+%=<>\u2264\u2265]")
# The words that people wrap an abstention in.
_FILLER = frozenset(
    {"answer", "question", "context", "inform", "passag", "text", "document", "provid", "given",
     "base", "sorri", "know", "sai", "state", "mention", "therefor", "unfortun", "howev", "ask",
     "thank", "well", "ok", "okai", "hmm", "unknown", "abov", "accord"}
)  # fmt: skip
_NO_ANSWER = frozenset({Kind.CANNOT, Kind.SILENT, Kind.NEED, Kind.DEFINES, Kind.COMMENT})
_ADVICE = re.compile(
    r"\b(?:how (?:do|does|can|could|should|would|to|is it|are)|what (?:should|can|could|must|do i"
    r"|steps?|to do)|where (?:can|do|should|could|would|to|is|are)|(?:whom?|when) (?:should|can|do)"
    r"|should (?:i|we|one|you)|can (?:i|we|one|you))\b",
    re.IGNORECASE,
)
"""Questions whose right answer may be an instruction."""
_DEFINITION = re.compile(
    r"^\W*(?:what (?:is|are|does)|define|explain)(?: an?| the)?(?: [\w'-]+){1,4}(?: mean)?\W*$"
    r"|\b(?:defin|meaning|mean by|formula|calculated|computed)\w*\b[^.]*\?",
    re.IGNORECASE,
)
"""Questions whose right answer may be a definition."""
_FIGURE = re.compile(
    r"\bhow (?:much|many)\b|\bwhat (?:percent|percentage|fraction|share)\b|\bwhat(?: is| was| were"
    r"|'s| are)\b[^.?!]*\b(?:amount|number|total|ratio|margin|rate|percentage|revenue|costs?|price"
    r"|income|value|sum|average|turnover|growth|change in|capex|expenditures?|size|length|height"
    r"|weight|distance|population|age|dose|cogs|ebitda|cash flow|usd)\b",
    re.IGNORECASE,
)
"""Questions for a figure, which nothing answers that holds none."""
_POLAR = re.compile(r"(?:yes|no|nope|yeah)\b")
_MORE = re.compile(r"\b(?:more|further|else|beyond|certain\w*|exact\w*|precise\w*|definitive\w*)\b")
"""Of what is declined beside an answer: more than was said, or certainty."""


class AbstentionRecogniser:
    """Recognises answers that decline to answer.

    Args:
        reader: For the words of question and answer.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def abstains(self, answer: str, question: str = "") -> bool:
        """Whether `answer` declines, in words or by implication, and states nothing beside."""
        clauses = _read(answer)
        if not any(c.declines or c.kind is Kind.NEED for c in clauses):
            return False
        asked = frozenset(self.reader.read(question).content)
        passed = self._passed(clauses, question, asked)
        known = asked | _FILLER
        stated = [
            at
            for at, clause in enumerate(clauses)
            if clause.kind not in passed and not known.issuperset(self._content(clause.text))
        ]
        if not any(clause.declines for clause in clauses):
            return not stated and self._implies(clauses, question, asked)
        return not stated or self._concludes(clauses, stated, known)

    def declines(self, answer: str) -> bool:
        """Whether a clause of `answer` says that the answer is not known, whatever else stands."""
        return any(clause.declines for clause in _read(answer))

    def _passed(
        self, clauses: tuple[Clause, ...], question: str, asked: frozenset[str]
    ) -> frozenset[Kind]:
        """The kinds of clauses that do not answer `question`.

        Where what is asked is named as something to be had elsewhere, general remarks beside that
        are no answer; and a question for a figure has none without a figure.
        """
        passed = set(_NO_ANSWER)
        if _DEFINITION.search(question):
            passed.remove(Kind.DEFINES)
        if any(clause.declines for clause in clauses) and self._redirects(clauses, asked):
            passed.add(Kind.GENERAL)
            if _FIGURE.search(question):
                passed.add(Kind.STATES)
        return frozenset(passed)

    def _redirects(self, clauses: tuple[Clause, ...], asked: frozenset[str]) -> bool:
        """Whether what is asked is said to be had elsewhere, or by something that is not there."""
        wanted = min(2, len(asked))
        return any(
            clause.kind is Kind.NEED
            and len(asked.intersection(self._content(clause.text))) >= wanted
            for clause in clauses
        )

    def _implies(self, clauses: tuple[Clause, ...], question: str, asked: frozenset[str]) -> bool:
        """Whether an answer that nowhere declines only says what would be needed for one."""
        if _ADVICE.search(question) or any(_POLAR.match(clause.text) for clause in clauses):
            return False
        return self._redirects(clauses, asked)

    def _concludes(
        self, clauses: tuple[Clause, ...], stated: list[int], asked: frozenset[str]
    ) -> bool:
        """Whether the answer ends in the conclusion that what is asked cannot be had.

        What is stated before are then its grounds, or figures that did not suffice.
        """
        if any(clauses[at].kind is Kind.ANSWERS for at in stated):
            return False
        return any(
            clause.concludes
            and clause.kind is Kind.CANNOT
            and not _MORE.search(clause.text)
            and not asked.isdisjoint(self._content(clause.text))
            for clause in clauses[stated[-1] + 1 :]
        )

    def _content(self, clause: str) -> tuple[str, ...]:
        return self.reader.read(clause).content


@lru_cache(16)
def _read(answer: str) -> tuple[Clause, ...]:
    """Kept, since `abstains` and `declines` are asked about the same answer."""
    return read_clauses(answer)


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
    empty = not _SAYS.search(answer)
    if not example.answerable:
        return _unanswerable(answer, example.question, empty=empty)
    if not example.references:
        return None
    if empty:
        return _both(0.0, "empty answer", abstained=False)
    if any(answer.split() == reference.split() for reference in example.references):
        return None
    recogniser = _recogniser()
    if not recogniser.abstains(answer, example.question) or _may_decline(example, answer):
        return None
    return _both(0.0, "abstained from an answerable question", abstained=True)


def _unanswerable(answer: str, question: str, *, empty: bool) -> Scores:
    abstained = not empty and _recogniser().abstains(answer, question)
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
    return {
        metric: Score(metric=metric, value=value, reason=reason, evidence=evidence)
        for metric in ("accuracy", "completeness")
    }


def _may_decline(example: QAExample, answer: str) -> bool:
    """Whether declining may be right: a reference does, or it is a no to a yes/no question."""
    recogniser = _recogniser()
    if any(recogniser.abstains(reference) for reference in example.references):
        return True
    reader = recogniser.reader
    yesno = example.type == "yesno" or (
        example.type is None
        and all(reader.read(reference).polarity is not None for reference in example.references)
    )
    return yesno and reader.read(answer).polarity is not None


@lru_cache(1)
def _recogniser() -> AbstentionRecogniser:
    return AbstentionRecogniser(Reader())
