"""What an answer asserts: its text without what it denies, asks, contrasts or only compares with.

A reference that stands in an answer is not yet said: "it is false that …", "… This is wrong.",
"not in Paris but in Utrecht", "longer than the Rhine". Texts are normalised (`text.plain`); what
is left out here is negated as a whole. A plain negation inside a clause stays, for a reference
may hold one, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_FALSE = (
    r"(?:false|wrong|incorrect|untrue|inaccurate|mistaken|not (?:\w+ )?(?:true|correct|right|accurate"
    r"|so|the case|what happened|the answer)|(?:a |an )?(?:\w+ )?(?:lie|myth|misconception|mistake"
    r"|error|falsehood|rumou?r|legend|fabrication|hoax)|never the case|fabricated|made up|nonsense)"
)
_SURE = r"(?:(?:simply|just|completely|entirely|totally|certainly|definitely|clearly|actually|plainly|quite) )?"
_STATEMENT = (
    r"(?:(?:claim|idea|notion|belief|statement|assertion|suggestion|assumption|view|answer"
    r"|allegation|theory|story|fact|information|sentence)s?)"
)
_SAY = r"(?: to (?:say|claim|think|believe|state|assume|suggest|assert))?"
_BEFORE = re.compile(
    r"(?:^|(?<=[;:,] ))(?:(?:and|but|so|well|however|actually|in fact|no),? )*(?:"
    rf"(?:it|this|that) (?:is|was|would be|seems) {_SURE}{_FALSE}{_SAY},?(?: that\b| to\b|,|:)? "
    rf"|{_FALSE},? that "
    r"|(?:i|we|experts|historians|scientists|researchers) (?:do not|did not|no longer|never) "
    r"(?:think|believe|say|claim|agree)(?: that)? "
    r"|(?:i|we|they|he|she|\w+) (?:deny|denies|denied|dispute|disputes|disputed|doubt|doubts|doubted"
    r"|reject|rejects|rejected|refute|refutes|refuted) (?:that|the \w+ that) "
    r"|(?:there is )?no (?:\w+ )?(?:evidence|proof|indication|reason to (?:think|believe)) (?:exists )?that "
    r"|(?:it is |it was )?(?:hardly|not|never) (?:the case|true) that "
    r"|contrary to (?:the )?(?:\w+ ){0,4}?that "
    r")(?=\S)"
)
_NEGATIONS = frozenset({"not", "never", "neither", "no", "none", "without"})
_WHOLE = re.compile(
    r"^(?:it|this|that|the answer) (?:is|was|are|were) (?:not|never) "
    r"(?!(?:only|just|merely|until|uncommon|unusual|unlikely)\b)(?=\S)"
)
_TURN = re.compile(
    r"[;,:] (?=(?:but|rather|instead|in fact|actually|it is|it was|he|she|they|that is)\b)"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|do|does|did|can|could|will|would|may|might|must|should"
    r"|[a-z]{3,}(?:ed|es|ts|ds|ns|ks|ls|rs|ys|ms|ps|ws))\b"
)
_PREVIOUS = re.compile(
    r"^(?:(?:but|however|actually|no|sorry|and|in fact|of course),? )*(?:"
    rf"(?:(?:all|none) of )?(?:this|that|it|which|these|those|(?:the|this|that) (?:above|previous|preceding|first)?"
    rf" ?{_STATEMENT}?) (?:is|was|are|were|would be|has been|turned out to be) {_SURE}{_FALSE}"
    rf"|{_SURE}{_FALSE}$|(?:this|that) never happened|just kidding|only joking"
    r"|(?:i|we) (?:just )?(?:made|invented) (?:that|this|it|all of (?:this|that|it))(?: up)?"
    r"|(?:none of (?:this|that|it) (?:is|was) (?:true|correct|right))|not really$|the opposite is true"
    r"|the (?:truth|reality) is (?:the opposite|different)"
    r"|(?:i|we) (?:was|were|am|are) (?:lying|wrong|joking|mistaken))"
)
_BEHIND = re.compile(rf",? (?:which|but (?:this|that|it)|though (?:this|that|it)) (?:is|was) {_SURE}{_FALSE}")
_ITSELF = re.compile(
    rf"^(?:the |any |this |that )?{_STATEMENT} that .+ (?:is|was|are|were) {_SURE}{_FALSE}"
    rf"|^(?:that|whether) .{{8,}} (?:is|was) {_SURE}{_FALSE}"
)
_ATTRIBUTED = re.compile(
    r"^(?:although |while |though )?(?:(?:some|many|most|a few|certain|other)(?: \w+)?|people|critics|sceptics|skeptics|others"
    r"|it (?:is|was) (?:\w+ )?(?:claimed|rumou?red|alleged|(?:often|sometimes|commonly|widely|once|long|falsely"
    r"|wrongly|mistakenly|erroneously|popularly) (?:\w+ )?(?:said|thought|believed|assumed|claimed|stated))"
    r"|(?:a |the )?(?:popular|common|widespread) (?:belief|myth|misconception|legend)|legend has it)"
    r"\b.{0,40}?\b(?:claim|claims|claimed|say|says|said|think|thought|believe|believed|assume|assumed"
    r"|rumou?red|alleged|stated|suggest|suggested|argue|argued|is|has it|holds?)\b"
)
_CONTRAST = re.compile(r"^(?:but|however|actually|in (?:fact|reality|truth)|yet|nevertheless|instead|it was actually)\b")
_MISTAKENLY = re.compile(r"\b(?:falsely|wrongly|mistakenly|erroneously|incorrectly)\b")
_NOT_BUT = re.compile(r"\b(?:not|never|neither)\b(?! (?:only|just|merely|until|before|all|every)\b)([^.;:?!]{1,90}?),? but (?!also\b|not\b|i\b|we\b|the (?:text|context|passage|document))")
_NOT_TAIL = re.compile(r"(?:, (?:and |but )?| and | but )not (?!only\b|just\b|until\b|all\b|yet\b|to be\b)(?:[\w'’.-]+ ?){1,6}(?=[.,;:!?)]|$)")
_INSTEAD = re.compile(
    r"(?:,? (?:rather than|instead of|as opposed to|in place of|in contrast to|in contrast with|by contrast with"
    r"|as distinct from)|(?:^|, |; )(?:unlike|contrary to)) [^.,;:!?]{1,80}"
)
_THAN = re.compile(
    r"\b(?:\w{2,}er|(?:more|less|fewer)(?: [\w-]+){0,4}?|better|worse|further|rather|other) than"
    r" (?!(?:a |an |the )?(?:[0-9$€£]|half|once|twice|one\b|two\b|three\b|four\b|five\b|six\b|seven\b"
    r"|eight\b|nine\b|ten\b|hundred|thousand|million))[^.,;:!?]{2,80}"
)
_COMPARED = re.compile(r",? (?:as|when) compared (?:to|with) [^.,;:!?]{2,80}|,? compared (?:to|with) [^.,;:!?]{2,80}")
_SENTENCE = re.compile(r"(?<=[a-z0-9)%\]\"”'’][.!?])\s+(?=\S)|(?<=[.!?][\"”)])\s+|\n+")
_ABBREVIATED = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|jr|sr|vs|prof|approx|no|nos|inc|ltd|co|corp|e\.g|i\.e|etc|fig|al|u\.s|dept|gen|col|sen|rep|gov|mt|ft)|\b[a-z])\.$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """What an answer says, and whether it took something back."""

    text: str
    denied: str
    """What it denies as a whole; empty where nothing is."""


def sentences(text: str) -> list[str]:
    """The sentences of a normalised text, stripped."""
    parts: list[str] = []
    for part in _SENTENCE.split(text):
        part = part.strip()
        if not part:
            continue
        if parts and _ABBREVIATED.search(parts[-1]) and not _PREVIOUS.match(part.rstrip(" .!")):
            parts[-1] = f"{parts[-1]} {part}"
        else:
            parts.append(part)
    return parts


def denies(text: str) -> bool:
    """Whether a sentence of a normalised reference is "it is not" before a whole statement."""
    return any(_denies(sentence, ("not",)) for sentence in sentences(text))


def _denies(sentence: str, wanted: Collection[str]) -> bool:
    """Whether a sentence is "it is not" before what is denied.

    Where references hold a negation of their own, only before a whole statement.
    """
    match = _WHOLE.match(sentence)
    if match is None:
        return False
    return not _NEGATIONS.intersection(wanted) or _clause(sentence[match.end() :])


def asserted(
    text: str, wanted: Collection[str] = (), *, contrasts: bool = True, may_deny: bool = False
) -> Asserted:
    """What the normalised `text` asserts.

    Args:
        text: An answer.
        contrasts: Whether to leave out parts of sentences, too: what is contrasted or compared.
        may_deny: Whether a reference itself `denies`.
        wanted: Words of the references: where one of them compares or contrasts itself, an
            answer may, too.
    """
    said: list[str] = []
    denied: list[str] = []
    parts = sentences(text)
    for at, sentence in enumerate(parts):
        bare = sentence.rstrip(" .!")
        if _PREVIOUS.match(bare) and said:
            back = said[-1:] if _attributes(said[-1]) or at + 1 < len(parts) else said[:]
            denied += back
            said = said[: len(said) - len(back)]
            continue
        if sentence.endswith("?") and len(parts) > 1:
            denied.append(sentence)
            continue
        if _attributes(sentence) and at + 1 < len(parts) and _CONTRAST.match(parts[at + 1]):
            denied.append(sentence)
            continue
        if not may_deny and _denies(sentence, wanted):
            head, *tail = _TURN.split(_WHOLE.sub("", sentence), maxsplit=1)
            denied.append(head)
            said += tail
            continue
        kept, cut = _within(sentence, wanted, contrasts=contrasts)
        denied += cut
        if kept:
            said.append(kept)
    return Asserted(text="\n".join(said), denied="\n".join(denied))


def _attributes(sentence: str) -> bool:
    return bool(_ATTRIBUTED.match(sentence))


def _within(
    sentence: str, wanted: Collection[str], *, contrasts: bool
) -> tuple[str, list[str]]:
    """What a sentence asserts, and what it denies."""
    claim, _, rest = sentence.partition("; ")
    if _BEHIND.search(claim) or _ITSELF.match(claim) or (
        _attributes(claim) and _MISTAKENLY.search(claim)
    ):
        return rest, [claim]
    denied: list[str] = []
    if _attributes(sentence) and (turn := re.search(r",? but (?!also\b)", sentence)) is not None:
        return sentence[turn.end() :], [sentence[: turn.start()]]
    if (match := _BEFORE.search(sentence)) is not None:
        rest = sentence[match.end() :]
        end = re.search(r"[;,:] (?:but|rather|instead|in fact|actually)\b", rest)
        stop = end.start() if end else len(rest)
        denied.append(rest[:stop])
        sentence = sentence[: match.start()] + " " + rest[stop:]
    if not contrasts:
        return sentence.strip(), denied
    if not _NEGATIONS.intersection(wanted):
        sentence = _cut(_NOT_BUT, sentence, denied)
        sentence = _cut(_NOT_TAIL, sentence, denied)
    sentence = _cut(_INSTEAD, sentence, denied)
    if "than" not in wanted:
        sentence = _cut(_THAN, sentence, denied)
    if not {"compared", "than", "versus", "vs"}.intersection(wanted):
        sentence = _cut(_COMPARED, sentence, denied)
    return sentence.strip(), denied


def _clause(rest: str) -> bool:
    """Whether "it is not" stands before a whole statement: one with a verb of its own."""
    head = re.split(
        r"[,;:] |\b(?:that|which|who|because|but|when|where|whether|how|if|why|until|to)\b", rest
    )[0]
    return bool(_VERB.search(head) or re.match(r"(?:yes|no)\b", rest))


def _cut(pattern: re.Pattern[str], sentence: str, denied: list[str]) -> str:
    for match in pattern.finditer(sentence):
        denied.append(match[0])
    return pattern.sub(" ", sentence)
