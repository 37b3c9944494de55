"""An answer cut into clauses, and what each of them does: decline, ask, comment, or state.

The kinds follow what a clause gives to somebody who asked. That nothing is known, what would be
needed, where to look, how one would compute it, what the source is about and what a measure
means is no answer; a value, a name, a yes or no or a statement of the answer's own is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from pytest_ragft.judging.abstention.phrases import pattern, words
from pytest_ragft.judging.lexical.dates import MONTHS
from pytest_ragft.judging.lexical.text import plain


class ClauseKind(Enum):
    """What a clause does."""

    CANNOT = "says that nobody, or the speaker, can answer"
    SILENT = "says that the source does not tell, or that it is unknown"
    UNTOLD = "says that something is not told, which may be what was asked for"
    NEED = "says what would be needed, or where to look"
    DEFINES = "says what a measure is, or how it is computed"
    COMMENT = "comments on the source, offers help, instructs"
    GENERAL = "says what may be, or is so in general"
    STATES = "states something of its own"
    FIGURE = "gives a figure"
    ANSWERS = "infers, guesses or reports an answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause of an answer."""

    text: str
    kind: ClauseKind
    saying: str
    """The words by which it declines; empty where it does not."""
    concludes: bool
    """It draws a conclusion: what stands before it were its grounds."""
    concedes: bool
    """It concedes something to the clause behind it, as "although …," does."""

    @property
    def states(self) -> bool:
        """Whether it gives something of its own."""
        return self.kind in (
            ClauseKind.GENERAL,
            ClauseKind.STATES,
            ClauseKind.FIGURE,
            ClauseKind.ANSWERS,
        )


_HINT = re.compile(rf"\b{words('hint')}\b")
_SENTENCE_END = re.compile(r"(?<=[.!?;])(?!\w)\s*")
_ABBREVIATED = re.compile(
    r"\b(inc|corp|co|ltd|llc|plc|vs|mr|mrs|ms|dr|prof|jr|fig|approx|dept|e\.g|i\.e|etc)\.(?=[ ,])"
)
_CONTRAST = re.compile(
    r"[,:]? (?=(?:but|however|although|though|nevertheless|nonetheless|yet (?:i|it|he|she|they"
    r"|we|the|this|that))\b)"
    r"|, (?=(?:unless|provided that|as long as|the answer|maybe|perhaps|probably|possibly"
    r"|presumably|my guess|only|just|except)\b)"
    r"|,? and (?=(?:the answer|i think|therefore)\b)"
)
_CONCESSION = re.compile(
    r"^(?:although|though|while|whereas|even if|even though)\b(?:[^,]|,(?=\d))*,"
)
_CONCLUDES = re.compile(
    r"^(?:but |however,? |and )?(?:therefore|thus|hence|so|consequently|as a result|as such|without"
    r"|as (?:its|the|no|there|it|this|neither)|since|because|due to|given (?:that|the lack)"
    r"|for this reason|in (?:summary|conclusion|short)"
    r"|overall|ultimately)\b"
)
_SUBORDINATE = re.compile(
    r"^\W*(?:(?:for example|additionally|also|however|then|and|but|otherwise|instead|thus|therefore"
    r"|so|hence|unfortunately|furthermore|moreover),? ?)*(?:$|(?:if|when|once|unless|since"
    r"|because|as"
    r"|given|until|after|before|to|without|based|according|with|in|on|at|from|for|by)\b)"
)
_PRONOUN = re.compile(r", (?=(?:so|therefore|it|he|she|they|i|we)\b)")
_GOES_ON = re.compile(
    r"(?:(?:it|this|that|these|they) |(?:this|the|a|an) (?:[\w-]+ ){1,5}?)(?:also )?(?:shows?"
    r"|indicates?"
    r"|measures?|represents?|reflects?|tells|helps?|provides?|means|compares?)\b"
)
_FORMULA = re.compile(r"=|\bwould\b")
# What a list takes its meaning from when it is announced by one of these.
_LEADS = (ClauseKind.NEED, ClauseKind.DEFINES, ClauseKind.COMMENT, ClauseKind.GENERAL)
_NEED = pattern("need")
_ANSWERS = pattern("answers")
_SUPPOSES = pattern("supposes")
_OPENS = pattern("opens")
# The first that is found decides, so that the surest come first.
_REFUSALS = (
    (ClauseKind.CANNOT, pattern("cannot").search),
    (ClauseKind.SILENT, pattern("silent").search),
    (ClauseKind.UNTOLD, pattern("untold").match),
)
_TESTS = (
    (ClauseKind.NEED, _NEED.search),
    (ClauseKind.DEFINES, pattern("defines").search),
    (ClauseKind.COMMENT, pattern("comment").match),
    (ClauseKind.GENERAL, pattern("general").search),
)
# Kinds that the first word of a clause may tell: "typically, …".
_OPENED = (ClauseKind.DEFINES, ClauseKind.GENERAL)
_ITEM = re.compile(r"^\s*(?:[-\u2022\u2013\u2014+>]|\(?(?:\d{1,2}|[a-h])[.):])\s+")
_CUT = re.compile(r"\b(I|we|you|it|they|that|there|one)['\u2019\u02bc](d|ll)\b", re.IGNORECASE)
_MARKUP = re.compile(r"[*_`#~|\\]+")
# A quotation with words beside it, such as a title.
_QUOTED = re.compile(
    r"(?<=\S)(?P<before>\s)[\"\u201c](?P<a>[^\"\u201c\u201d\n]{1,120})[\"\u201d]"
    r"|[\"\u201c](?P<b>[^\"\u201c\u201d\n]{1,120})[\"\u201d](?=\s\S)"
)
_UNITS = (
    r"(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|centur(?:y|ies)|km"
    r"|kilomet\w+|met(?:er|re)s?|miles?|feet|inches|kg|grams?|mg|ml|lit(?:er|re)s?|tonnes?"
    r"|degrees?)"
)
# A figure with a unit; or alone, but for years, a hundred, the days of a year, small counts.
_VALUE = re.compile(
    r"[$\u20ac\u00a3\u00a5] ?\d|\d ?(?:%|percent\b|(?:m|b|tr)illion\b|thousand\b|bn\b|mn\b)"
    r"|(?<![\w.-])\d+\.\d|\b\d{1,3}(?:,\d{3})+\b"
    r"|(?<![\w.-])(?!(?:19|20)\d\d\b|100\b|36[05]\b|[1-4]\b)\d+(?![-\w])"
    r"|(?<!last )(?<!past )(?<!next )(?<!previous )(?<!prior )(?<!recent )(?<!every )"
    rf"\b(?!36[05]\b)(?:\d{{1,3}}|two|three|four|five|six|seven|eight|nine|ten|twelve) {_UNITS}\b"
)
_MONTH = f"(?:{'|'.join(MONTHS)})"
# Numbers that say when, or where something stands.
_PLACES = re.compile(
    rf"\b{_MONTH} \d{{1,2}}\b(?:,? \d{{4}}\b)?|\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\b"
    r"|\b(?:items?|notes?|pages?|forms?|parts?|sections?|tables?|figures?|chapters?|exhibits?"
    r"|steps?"
    r"|rules?|q|quarter|fy|gpt|episodes?|seasons?|volumes?|versions?|level|grade|room|article"
    r"|line|act|scene) ?\d+\w*"
)
_TRIM = " \t\n,.;:!?\"'()[]{}*_#`~-\u2013\u2014\u201c\u201d"
_SPACES = re.compile(r"[^\S\n]+")


@lru_cache(16)
def read_clauses(answer: str) -> tuple[Clause, ...]:
    """The clauses of `answer` with what each does.

    Questions are left out: whoever asks back says nothing. Kept, since several questions are put
    about the same answer.
    """
    text = _SPACES.sub(" ", _MARKUP.sub(" ", plain(_CUT.sub(_written_out, answer))))
    text = _ABBREVIATED.sub(r"\1", _QUOTED.sub(_bound, text))
    if not (_HINT.search(text) or _NEED.search(text)):
        return ()
    found: list[Clause] = []
    listing: ClauseKind | None = None
    supposes = False
    for line in filter(None, text.split("\n")):
        # The items of a list are what the line that announces it says: "You would need:".
        item = _ITEM.match(line)
        listing = listing if item else None
        for sentence in _SENTENCE_END.split(line[item.end() if item else 0 :]):
            concludes = False
            for part in _parts(sentence):
                # Figures of an example that is worked out are none of the matter's.
                supposes = bool(_SUPPOSES.match(part)) or (supposes and bool(_FORMULA.search(part)))
                concludes = concludes or bool(_CONCLUDES.match(part))
                kind, saying = _kind(part, listing, supposes=supposes)
                if found and _continues(part, kind, found[-1].kind):
                    kind = found[-1].kind
                found.append(
                    Clause(
                        text=part,
                        kind=kind,
                        saying=saying,
                        concludes=concludes,
                        concedes=bool(_CONCESSION.match(f"{part},")),
                    )
                )
        if line.rstrip().endswith(":") and found and found[-1].kind in _LEADS:
            listing = found[-1].kind
    return tuple(found)


def _written_out(match: re.Match[str]) -> str:
    return f"{match[1]} {'would' if match[2].lower() == 'd' else 'will'}"


def _parts(sentence: str) -> list[str]:
    """`sentence` cut before "but" and the like, and behind a concession."""
    parts: list[str] = []
    for part in _contrasted(sentence):
        if part.rstrip().endswith("?"):
            continue
        clause = part.strip(_TRIM)
        concession = _CONCESSION.match(clause)
        cut = concession.end() if concession else 0
        parts += [clause[:cut].strip(_TRIM), clause[cut:].strip(_TRIM)]
    return [part for part in parts if part]


def _contrasted(sentence: str) -> list[str]:
    parts: list[str] = []
    for part in _CONTRAST.split(sentence):
        # In "if it is below 1, it may …" the comma ends a condition.
        parts += [part] if _SUBORDINATE.match(part) else _PRONOUN.split(part)
    return parts


def _continues(part: str, kind: ClauseKind, before: ClauseKind) -> bool:
    """Whether a part goes on with a definition or a general remark: "it measures how …"."""
    if kind not in (ClauseKind.STATES, ClauseKind.GENERAL) or before not in (
        ClauseKind.DEFINES,
        ClauseKind.GENERAL,
    ):
        return False
    return part.startswith("but ") or (before is ClauseKind.DEFINES and bool(_GOES_ON.match(part)))


def _bound(quotation: re.Match[str]) -> str:
    """A title as one word, so that what it says is nobody's words."""
    words = quotation["a"] or quotation["b"]
    return f"{quotation['before'] or ''}{'_'.join(words.split())}"


def _kind(text: str, listing: ClauseKind | None, *, supposes: bool) -> tuple[ClauseKind, str]:
    main = _OPENS.sub("", text, count=1)
    for kind, test in _REFUSALS if _HINT.search(text) else ():
        declining = test(main if kind is ClauseKind.UNTOLD else text)
        if declining:
            return kind, declining[0].strip()
    return _other(text, main, listing, supposes=supposes), ""


def _other(text: str, main: str, listing: ClauseKind | None, *, supposes: bool) -> ClauseKind:
    if not main.strip():
        return ClauseKind.COMMENT
    if supposes and (_FORMULA.search(text) or _VALUE.search(text)):
        return ClauseKind.DEFINES
    if _ANSWERS.search(main):
        return ClauseKind.ANSWERS
    if _VALUE.search(_PLACES.sub(" ", main)):
        return ClauseKind.FIGURE
    kind = next(
        (kind for kind, test in _TESTS if test(main) or (kind in _OPENED and test(text))),
        ClauseKind.STATES,
    )
    return listing if listing and kind in (ClauseKind.GENERAL, ClauseKind.STATES) else kind
