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

FALSE = (
    r"(?:false|wrong|incorrect|untrue|inaccurate|mistaken|not (?:\w+ )?(?:true|correct|right|accurate"
    r"|so|the case|what happened|the answer)|(?:the |a )?(?:wrong|incorrect|false) (?:answer|one|date|name|place)|(?:a |an )?(?:\w+ )?(?:lie|myth|misconception|mistake"
    r"|error|falsehood|rumou?r|legend|fabrication|hoax)|never the case|fabricated|made up|nonsense|unfounded|baseless"
    r"|(?:(?:since|long|later|widely|thoroughly) )?(?:been )?(?:disproved|disproven|debunked|refuted|discredited|retracted))"
)
SURE = r"(?:(?:simply|just|completely|entirely|totally|certainly|definitely|clearly|actually|plainly|quite) )?"
STATEMENT = (
    r"(?:(?:claim|idea|notion|belief|statement|assertion|suggestion|assumption|view|answer"
    r"|allegation|theory|story|fact|information|sentence)s?)"
)
_SAY = r"(?: to (?:say|claim|think|believe|state|assume|suggest|assert))?"
_VERBS_OF_BELIEF = r"(?:believe|think|say|claim|agree|maintain|hold|argue|accept)(?:s|d|ed)?"
_BEFORE = re.compile(
    r"(?:^|(?<=[;:,] ))(?:(?:and|but|so|well|however|actually|in fact|no),? )*(?:"
    rf"(?:it|this|that) (?:is|was|would be|seems) {SURE}{FALSE}{_SAY},?(?: that\b| to\b|,|:)? "
    rf"|{FALSE},? that "
    r"|(?:i|we|experts|historians|scientists|researchers) (?:do not|did not|no longer|never) "
    r"(?:think|believe|say|claim|agree)(?: that)? "
    rf"|(?:nobody|no ?one|no (?:\w+ )?\w+|few(?: \w+)?) (?:\w+ )?{_VERBS_OF_BELIEF} that "
    r"|(?:(?!there |no |not |never )\S+ ){1,5}(?:deny|denies|denied|dispute|disputes|disputed|doubt|doubts|doubted"
    r"|reject|rejects|rejected|refute|refutes|refuted) (?:that|the \w+ that) "
    r"|(?:there is )?no (?:\w+ )?(?:evidence|proof|indication|reason to (?:think|believe)) (?:exists )?that "
    r"|(?:it is |it was )?(?:hardly|not|never) (?:the case|true) that "
    r"|contrary to (?:the )?(?:\w+ ){0,4}?that "
    r")(?=\S)"
)
_AFFIRMED = re.compile(
    r"^(?:it|this|that) (?:is|was) (?:not|never|no) (?:(?:a|an) )?(?:\w+ )?(?:false|wrong|incorrect|untrue"
    r"|lie|myth|misconception|mistake|error|rumou?r|legend|hoax|secret)(?: that\b|,|:| -) (?=\S)"
)
"""Denies a denial."""
_NEGATIONS = frozenset({"not", "never", "neither", "no", "none", "without"})
_UNDENYING = (
    r"(?!(?:only|just|merely|until|before|yet|all|every\w*|many|much|long|far|everyone|uncommon|unusual|unlikely|sure|certain|applicable"
    r"|\w+ly)\b)(?=\S)"
)
_ASIDE = r"^(?:(?:contrary to [^,;.]{1,60}|no|actually|in fact|well|but|however|of course|sorry),? )*"
_WHOLE = re.compile(
    rf"{_ASIDE}(?:it|this|that|the (?:right |correct )?answer) (?:(?:definitely|certainly|surely|clearly|probably) )?"
    r"(?:(?:is|was|are|were) (?:\w+ly )?(?:not|never|by no means|in no way)|(?:can|could|would|will|must|should|may|might) (?:\w+ly )?"
    rf"(?:not|never) (?:be|have been)) {_UNDENYING}"
)
_BARE = re.compile(rf"{_ASIDE}(?:(?:definitely|certainly|surely|clearly|probably|absolutely|simply) )?not {_UNDENYING}|{_ASIDE}(?:under no circumstances|in no case|in no way|by no means|at no time) (?=\S)")
"""A sentence that begins with what is not so; what follows its first comma may be."""
_BARE_TURN = re.compile(r"[,;:] (?:but )?| but ")
_TURN = re.compile(
    r" but (?!also\b|not\b)|[;,:] (?=(?:but|rather|instead|in fact|actually|it is|it was|he|she|they|that is)\b)"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|do|does|did|can|could|will|would|may|might|must|should"
    r"|[a-z]{3,}(?:ed|es|ts|ds|ns|ks|ls|rs|ys|ms|ps|ws))\b"
)
_PREVIOUS = re.compile(
    r"^(?:(?:but|however|actually|no|sorry|and|in fact|of course),? )*(?:"
    rf"(?:(?:all|none) of )?(?:this|that|it|which|these|those|(?:the|this|that) (?:above|previous|preceding|first)?"
    rf" ?{STATEMENT}?) (?:is|was|are|were|would be|has|has been|have been|turned out to be) {SURE}{FALSE}"
    rf"|{SURE}{FALSE}$|(?:this|that) never happened|just kidding|only joking"
    r"|(?:i|we) (?:just )?(?:made|invented) (?:that|this|it|all of (?:this|that|it))(?: up)?"
    r"|(?:none of (?:this|that|it) (?:is|was) (?:true|correct|right))|not(?: really)?$|(?:scratch|strike|forget|ignore|disregard) (?:that|this)\b"
    r"|(?:i|we) take (?:that|it) back|the opposite is true"
    r"|the (?:truth|reality) is (?:the opposite|different)"
    r"|(?:i|we) (?:was|were|am|are) (?:lying|wrong|joking|mistaken))"
)
_BEHIND = re.compile(
    rf"(?:,? (?:which|but (?:this|that|it)|though (?:this|that|it))|(?: [-–—]+|,| \() ?(?:this|that|it|which)) (?:is|was)"
    rf" {SURE}{FALSE}|\bha(?:s|d|ve) nothing to do with\b"
)
_ITSELF = re.compile(
    rf"^(?:the |any |this |that )?{STATEMENT} that .+ (?:is|was|are|were) {SURE}{FALSE}"
    rf"|^(?:that|whether) .{{8,}} (?:is|was) {SURE}{FALSE}"
    rf"|^(?!(?:(?:well|so|and|but),? )*(?:(?:yes|no|it|this|that|these|those)\b|(?:the|this|that) {STATEMENT}\b))"
    rf"(?:\S+ ){{1,8}}(?:is|was|are|were|would be) {SURE}{FALSE}\W*$"
)
_FALSE_STEMS = frozenset({"fals", "wrong", "incorrect", "untru", "inaccur", "mistaken", "myth", "misconcept", "lie", "hoax"})
_ATTRIBUTED = re.compile(
    r"^(?:although |while |though |even though )?(?:every(?:one|body)|(?:some|many|most|a few|certain|other)(?: \w+)?|people|i|we|they|critics|sceptics|skeptics|others"
    r"|it (?:is|was) (?:\w+ )?(?:claimed|rumou?red|alleged|(?:often|sometimes|commonly|widely|once|long|falsely"
    r"|wrongly|mistakenly|erroneously|incorrectly|popularly) (?:\w+ )?(?=(?:said|thought|believed|assumed|claimed|stated)\b))"
    r"|(?:a |the )?(?:popular|common|widespread) (?:belief|myth|misconception|legend)|legend has it)"
    r"\b.{0,40}?\b(?:claim|claims|claimed|say|says|said|think|thought|believe|believed|assume|assumed"
    r"|rumou?red|alleged|stated|suggest|suggested|argue|argued|is|has it|holds?)\b"
)
_CONCEDES = re.compile(r"^(?:although|while|though|even though) ")
_CONTRAST = re.compile(r"^(?:but|however|actually|in (?:fact|reality|truth)|yet|nevertheless|instead|it was actually)\b")
_MISTAKENLY = re.compile(r"\b(?:falsely|wrongly|mistakenly|erroneously|incorrectly)\b")
_NOT_BUT = re.compile(r"\b(?:not|never|neither)\b(?! (?:only|just|merely|until|before|all|every)\b)([^.;:?!]{1,90}?),? but (?!also\b|not\b|i\b|we\b|the (?:text|context|passage|document))")
_NOT_TAIL = re.compile(r"(?:, (?:and |but )?| and | but )not (?!only\b|just\b|until\b|all\b|yet\b|to be\b)(?:[\w'’.-]+ ?){1,6}(?=[.,;:!?)]|$)")
_SUPPOSED = re.compile(
    r"^[^,;]{1,80} (?:is|was|were|are|has been|had been) (?:\w+ly )?(?:(?:first|long|once|initially|often|sometimes|usually) )?(?:\w+ly )?(?:credited|suspected|accused"
    r"|blamed|rumou?red|believed|thought|assumed|expected|supposed|alleged)\b[^,;]{0,60},? but (?!also\b)"
    r"(?=(?:it|this|that) (?:is|was)\b|in (?:fact|reality|truth)\b|actually\b|(?:\S+ ){1,3}(?:did|was|is)\b)"
)
_CREDITED = re.compile(
    r",? (?:al|even )?though [^,.;:!?]{1,80} (?:is|was|are|were) (?:often |sometimes |usually |\w+ly )*"
    r"(?:credited|suspected|believed|thought|assumed|supposed|named|said)\b[^,.;:!?]{0,60}"
)
_RUNNER_UP = re.compile(r",? (?:\w+ly )?followed by [^.;:!?]{2,80}")
_WRONG_AHEAD = re.compile(r"^(?:wrong|incorrect|false|untrue|myth|fiction)(?:: | - |! )(?=\S)")
_BYGONE = re.compile(
    r"(?:^|(?<=[,;] ))(?:\S+ ){0,4}?(?:used to be|formerly|previously|originally|once|in the past)\b[^;!?]{1,120}?[,;:] "
    r"(?:but |and )?(?=(?:now|today|currently|nowadays|presently|it is (?:now|today)|these days|at present)\b)"
)
_BYGONE_STEMS = frozenset({"us", "formerli", "former", "previous", "previou", "origin", "onc", "past", "old", "first", "befor"})
_EXCEPT = re.compile(
    r"\b(?:(?:any|every)(?:thing|one|body|where)|anywhere|all|any \w+|every \w+) (?:but|except(?: for)?|besides|other than) "
    r"[^.,;:!?]{1,80}|\b(?:far|a long way) from being [^.,;:!?]{1,80}"
)
_LIKENED = re.compile(
    r", (?:which is |being )?(?:similar|comparable|akin) to [^,.;:!?]{2,80}"
    r"|,? (?:just |narrowly |far |well )?ahead of [^.,;:!?]{2,80}|, (?:just|much|a bit|rather) like [^,.;:!?]{2,80}|^like [^,.;:!?]{2,80},"
)
_INSTEAD = re.compile(
    r"(?:,? (?:rather than|instead of|as opposed to|in place of|in contrast to|in contrast with|by contrast with"
    r"|as distinct from)|(?:^|, |; )(?:unlike|contrary to)) [^.,;:!?]{1,80}"
)
_THAN = re.compile(
    r"\b(?:(?P<grade>(?!other |rather )\w{2,}er|(?:more|less|fewer)(?: [\w-]+){0,4}?|worse)|rather"
    r"|(?<!none )(?<!no one )(?<!nothing )(?<!nobody )other) than"
    r" (?!(?:a |an |the )?(?:[0-9$€£]|half|once|twice|one\b|two\b|three\b|four\b|five\b|six\b|seven\b"
    r"|eight\b|nine\b|ten\b|hundred|thousand|million))[^.,;:!?]{2,80}"
)
_COMPARED = re.compile(r",? (?:as|when) compared (?:to|with) [^.,;:!?]{2,80}|,? compared (?:to|with) [^.,;:!?]{2,80}")
_SENTENCE = re.compile(r"(?<=[a-z0-9.)%\]\"”'’][.!?])\s+(?=\S)|(?<=[.!?][\"”)])\s+|\n+")
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
        return not _NEGATIONS.intersection(wanted) and _BARE.match(sentence) is not None
    return not _NEGATIONS.intersection(wanted) or _clause(sentence[match.end() :])


def asserted(
    text: str,
    wanted: Collection[str] = (),
    *,
    asked: Collection[str] = (),
    contrasts: bool = True,
    may_deny: bool = False,
) -> Asserted:
    """What the normalised `text` asserts.

    Args:
        text: An answer.
        contrasts: Whether to leave out parts of sentences, too: what is contrasted or compared.
        may_deny: Whether a reference itself `denies`.
        wanted: Words of the references: where one of them compares or contrasts itself, an
            answer may, too.
        asked: Words of the question, which may ask for what is false, similar or bygone.
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
        if not may_deny and not _AFFIRMED.match(sentence) and _denies(sentence, wanted):
            whole = _WHOLE.match(sentence) is not None
            rest = (_WHOLE if whole else _BARE).sub("", sentence)
            head, *tail = (_TURN if whole else _BARE_TURN).split(rest, maxsplit=1)
            denied.append(head)
            said += tail
            continue
        kept, cut = _within(_AFFIRMED.sub("", sentence), wanted, asked, contrasts=contrasts)
        denied += cut
        if kept:
            said.append(kept)
    return Asserted(text="\n".join(said), denied="\n".join(denied))


def _attributes(sentence: str) -> bool:
    return bool(_ATTRIBUTED.match(sentence))


def _within(
    sentence: str, wanted: Collection[str], asked: Collection[str], *, contrasts: bool
) -> tuple[str, list[str]]:
    """What a sentence asserts, and what it denies."""
    claim, _, rest = sentence.partition("; ")
    if _is_false(claim, wanted, asked):
        return rest, [claim]
    denied: list[str] = []
    if contrasts and (match := _WRONG_AHEAD.match(sentence)) is not None:
        return "", [sentence[match.end() :]]
    if (match := _SUPPOSED.match(sentence)) is not None:
        return sentence[match.end() :], [match[0]]
    if _attributes(sentence) and (turn := re.search(r",? but (?!also\b)", sentence)) is not None:
        return sentence[turn.end() :], [sentence[: turn.start()]]
    if _attributes(sentence) and _CONCEDES.match(sentence) and ", " in sentence:
        head, _, sentence = sentence.partition(", ")
        denied.append(head)
    if (match := _BEFORE.search(sentence)) is not None:
        rest = sentence[match.end() :]
        end = re.search(r"[;,:] (?:but|rather|instead|in fact|actually)\b", rest)
        stop = end.start() if end else len(rest)
        denied.append(rest[:stop])
        sentence = sentence[: match.start()] + " " + rest[stop:]
    if contrasts:
        sentence = _contrasted(sentence, wanted, asked, denied)
    return sentence.strip(), denied


def _is_false(claim: str, wanted: Collection[str], asked: Collection[str]) -> bool:
    """Whether a claim is called false in its own sentence; not where that is what is asked for."""
    if not _FALSE_STEMS.isdisjoint((*wanted, *asked)):
        return False
    if _BEHIND.search(claim) or _ITSELF.match(claim):
        return True
    return _attributes(claim) and _MISTAKENLY.search(claim) is not None


def _contrasted(
    sentence: str, wanted: Collection[str], asked: Collection[str], denied: list[str]
) -> str:
    """A sentence without what it contrasts or compares; that is added to `denied`."""
    if _BYGONE_STEMS.isdisjoint((*wanted, *asked)):
        sentence = _cut(_BYGONE, sentence, denied)
    sentence = _cut(_EXCEPT, sentence, denied)
    sentence = _cut(_CREDITED, sentence, denied)
    if "follow" not in wanted and _superlative(asked):
        sentence = _cut(_RUNNER_UP, sentence, denied)
    if not {"like", "similar", "compar", "akin"}.intersection((*wanted, *asked)):
        sentence = _cut(_LIKENED, sentence, denied)
    if not _NEGATIONS.intersection(wanted):
        sentence = _cut(_NOT_BUT, sentence, denied)
        sentence = _cut(_NOT_TAIL, sentence, denied)
    sentence = _cut(_INSTEAD, sentence, denied)
    if "than" not in wanted:
        sentence = _cut(_THAN, sentence, denied)
    if not {"compared", "than", "versus", "vs"}.intersection(wanted):
        sentence = _cut(_COMPARED, sentence, denied)
    return sentence


def _superlative(asked: Collection[str]) -> bool:
    """Whether a question asks for the one that is most of something."""
    return not any(map(str.isdecimal, asked)) and any(
        stem in ("most", "first", "best") or (stem.endswith("est") and len(stem) > len("best"))
        for stem in asked
    )


def _clause(rest: str) -> bool:
    """Whether "it is not" stands before a whole statement: one with a verb of its own."""
    head = re.split(
        r"[,;:] |\b(?:that|which|who|because|but|when|where|whether|how|if|why|until|to)\b", rest
    )[0]
    return bool(_VERB.search(head) or re.match(r"(?:yes|no)\b", rest))


def _cut(pattern: re.Pattern[str], sentence: str, denied: list[str]) -> str:
    for match in pattern.finditer(sentence):
        denied.append(match[0])
    return pattern.sub(lambda match: f" {match.groupdict().get('grade') or ''} ", sentence)
