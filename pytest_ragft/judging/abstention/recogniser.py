"""Does an answer decline to answer?

It does where it asserts no value, name, polarity or statement of its own, and says or implies that
it cannot. "I do not know, but it is Paris" does not, nor does "Paris. The context says no more".
Figures that are only quoted before the conclusion that nothing can be computed from them assert
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_ragft.judging.abstention.clauses import Clause, ClauseKind, read_clauses
from pytest_ragft.judging.abstention.phrases import pattern
from pytest_ragft.judging.abstention.question import AskedQuestion, read_question
from pytest_ragft.judging.lexical.text import Reader

# The words that people wrap an abstention in.
_FILLER = frozenset(
    {"answer", "question", "context", "inform", "passag", "text", "document", "provid", "given",
     "base", "sorri", "know", "sai", "state", "mention", "therefor", "unfortun", "howev", "ask",
     "thank", "paper", "report", "articl", "studi", "excerpt", "snippet", "sourc", "materi",
     "well", "ok", "okai", "hmm", "unknown", "abov", "accord"}
)  # fmt: skip
# Stems of what stands for whatever was asked for.
_FACTS = frozenset(
    {"detail", "answer", "figur", "number", "reason", "caus", "explan",
     "date", "name", "valu", "amount", "specif", "exact", "such"}
)  # fmt: skip
# Stems of telling and finding out: what a question holds of these is its matter.
_TOLD = frozenset(
    {"mention", "state", "specifi", "provid", "given", "give", "sai", "said", "indic", "describ",
     "discuss", "address", "includ", "list", "disclos", "explain", "cover", "report", "contain",
     "defin", "identifi", "detail", "shown", "show", "suppli", "present", "note", "reveal",
     "record", "document", "known", "know", "unknown", "determin", "calcul", "comput", "conclud",
     "deriv", "infer", "assess", "estim", "verifi", "confirm", "tell", "told", "unclear",
     "clear", "unspecifi", "found", "find", "avail", "unstat", "undisclos"}
)  # fmt: skip
_ELSEWHERE = pattern("elsewhere")
_NO_ANSWER = frozenset(
    {ClauseKind.CANNOT, ClauseKind.SILENT, ClauseKind.NEED, ClauseKind.DEFINES, ClauseKind.COMMENT}
)
_DECLINING = frozenset({ClauseKind.CANNOT, ClauseKind.SILENT})
_REFUSING = _DECLINING | {ClauseKind.UNTOLD, ClauseKind.NEED}
_YES = re.compile(r"(?:yes|yeah|yep)\b")
# Letters from which a stem that another begins with is of its family.
_STEM = 3
# Clauses from which an answer is long.
_LONG = 4
_POLAR = re.compile(r"(?:yes|no|nope|yeah)\b")
# Of what is declined beside an answer: more than was said, or certainty.
_MORE = re.compile(r"\b(?:more|further|else|beyond|certain\w*|exact\w*|precise\w*|definitive\w*)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A clause beside a question."""

    clause: Clause
    content: frozenset[str]
    declines: bool
    """It declines to answer that question."""

    @property
    def kind(self) -> ClauseKind:
        return self.clause.kind


class AbstentionRecogniser:
    """Recognises answers that decline to answer.

    Args:
        reader: For the words of question and answer.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def abstains(self, answer: str, question: str = "") -> bool:
        """Whether `answer` declines, in words or by implication, and states nothing beside."""
        clauses = read_clauses(answer)
        # Most answers end here; reading the question costs more than looking for a phrase.
        if not any(clause.kind in _REFUSING for clause in clauses):
            return False
        asked = read_question(question, self.reader)
        said = [self._said(clause, asked) for clause in clauses]
        declines = any(clause.declines for clause in said)
        passed = _passed(said, asked, declines=declines)
        stated = [
            at
            for at, clause in enumerate(said)
            if _states(clause, passed, asked) and not _conceded(said, at)
        ]
        if not declines:
            return not stated and _implies(said, asked)
        return not stated or _concludes(said, stated, asked)

    def declines(self, answer: str) -> bool:
        """Whether a clause of `answer` says that the answer is not known, whatever else stands."""
        return any(clause.kind in _DECLINING for clause in read_clauses(answer))

    def _said(self, clause: Clause, asked: AskedQuestion) -> _Said:
        # A comment gives nothing, whatever it holds; reading is what costs.
        content = () if clause.kind is ClauseKind.COMMENT else self.reader.read(clause.text).content
        words = frozenset(content)
        return _Said(clause=clause, content=words, declines=_declines(clause, words, asked))


def _declines(clause: Clause, content: frozenset[str], asked: AskedQuestion) -> bool:
    """Whether a clause declines to answer what is asked.

    "The author is not named" does where the author is asked for; "refunds are not included" does
    not where the question is what is included, nor does the title of a song in the question.
    """
    if clause.kind is not ClauseKind.UNTOLD:
        return clause.kind in _DECLINING and clause.saying not in asked.text
    if asked.brief and not asked.matter.isdisjoint(_TOLD.intersection(content)):
        return False
    wanted = (asked.content | _FACTS).difference(_TOLD)
    return any(_alike(one, other) for one in wanted for other in content)


def _alike(one: str, other: str) -> bool:
    """Whether two stems are of one family, as "own" and "ownership" are."""
    short, long = sorted((one, other), key=len)
    return long == short or (len(short) >= _STEM and long.startswith(short))


def _passed(
    said: Sequence[_Said], asked: AskedQuestion, *, declines: bool
) -> frozenset[ClauseKind]:
    """The kinds of clauses that do not answer the question.

    Where what is asked is said to be had elsewhere, general remarks beside that are no answer;
    and a question for a figure has none without a figure.
    """
    passed = set(_NO_ANSWER)
    if asked.definition:
        passed.remove(ClauseKind.DEFINES)
    if declines and (_redirects(said, asked) or (asked.particular and _at_length(said, asked))):
        passed.add(ClauseKind.GENERAL)
        if asked.figure:
            passed.add(ClauseKind.STATES)
    return frozenset(passed)


def _states(clause: _Said, passed: frozenset[ClauseKind], asked: AskedQuestion) -> bool:
    """Whether a clause gives something that is neither refusal nor repetition."""
    if clause.declines or (clause.kind in passed and clause.kind not in _DECLINING):
        return False
    if _YES.match(clause.clause.text):
        return True
    return not (asked.content | _FILLER).issuperset(clause.content)


def _redirects(said: Sequence[_Said], asked: AskedQuestion) -> bool:
    """Whether what is asked is said to be had elsewhere, or by something that is not there."""
    wanted = min(2, len(asked.content))
    return any(
        clause.kind is ClauseKind.NEED and len(asked.content & clause.content) >= wanted
        for clause in said
    )


def _at_length(said: Sequence[_Said], asked: AskedQuestion) -> bool:
    """Whether a long answer declines, in so many words, what is asked."""
    wanted = min(2, len(asked.content))
    return len(said) >= _LONG and any(
        clause.declines and len(asked.content & clause.content) >= wanted for clause in said
    )


def _conceded(said: Sequence[_Said], at: int) -> bool:
    """Whether a clause is only conceded to a refusal: "although it is 324 m tall, …"."""
    clause = said[at]
    return (
        clause.clause.concedes
        and clause.kind is not ClauseKind.ANSWERS
        and at + 1 < len(said)
        and said[at + 1].declines
    )


def _implies(said: Sequence[_Said], asked: AskedQuestion) -> bool:
    """Whether an answer that nowhere declines only says what would be needed for one."""
    if (
        not asked.content
        or asked.advice
        or any(_POLAR.match(clause.clause.text) for clause in said)
    ):
        return False
    return _redirects(said, asked) or all(
        clause.kind is ClauseKind.COMMENT or _ELSEWHERE.match(clause.clause.text) for clause in said
    )


def _concludes(said: Sequence[_Said], stated: Sequence[int], asked: AskedQuestion) -> bool:
    """Whether the answer ends in the conclusion that what is asked cannot be had.

    What is stated before are then its grounds, or figures that did not suffice.
    """
    if any(said[at].kind is ClauseKind.ANSWERS for at in stated):
        return False
    known = asked.content | _FILLER
    return any(
        clause.clause.concludes
        and clause.kind is ClauseKind.CANNOT
        and not _MORE.search(clause.clause.text)
        and (not known.isdisjoint(clause.content) or clause.content <= _TOLD)
        for clause in said[stated[-1] + 1 :]
    )
