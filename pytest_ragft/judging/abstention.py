"""Does an answer decline to answer?

Each clause that says that the answer is not known, or not in the context, is an abstention. The
answer as a whole abstains when nothing of substance stands beside such clauses: "I do not know,
but it is Paris" is an answer, and so is "Paris. The context says no more than that"; comments on
the context ("it only mentions the height") and repetitions of the question are no substance.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_ragft.judging.text import Reader, plain

_SOURCE = (
    r"(?:(?:given|provided|available|supplied|above|retrieved) )?"
    r"(?:context|contexts|passage|passages|text|texts|document|documents|excerpt|excerpts|snippet"
    r"|snippets|paragraph|paragraphs|information|source|sources|material)"
)
_WORK = r"(?:article|paper|study|authors?|report|abstract|question|section)"
_TELL = (
    r"(?:say|state|mention|specify|tell|disclose|reveal|answer|address|indicate|clarify|explain"
    r"|define|identify|elaborate)"
)
_HOLD = (
    r"(?:provide|contain|include|give|describe|discuss|list|name|offer|report|cover|show|refer to"
    r"|have (?:any|enough|the|that|this|an|sufficient)|make (?:it |any |that )?(?:clear|mention))"
)
_HOW = (
    r"(?:(?:explicitly|clearly|directly|specifically|actually|even|really|currently|quite"
    r"|necessarily|yet|further|definitively|fully) )?"
)
_TOLD = (
    r"(?:mentioned|stated|specified|provided|given|said|indicated|described|discussed|addressed"
    r"|available|included|listed|found|named|disclosed|known|clear|explained|answered|covered"
    r"|present|reported|contained|defined|identified|detailed)"
)
_KNOW = (
    r"(?:know|say|tell|answer|determine|find|provide|locate|confirm|identify|see|infer|recall"
    r"|be (?:sure|certain)|give (?:you )?(?:an?|the) (?:\w+ )?answer"
    r"|have (?:any |enough |sufficient |the |that |access to (?:the |that )?|this )?(?:\w+ )?"
    r"(?:information|answer|data|knowledge|details?|context|idea))"
)
_ASK = r"(?:whether|if|how|what|who|when|where|why|which)"
_ABOUT = r"(?:$|about|on|regarding|concerning|in|given|provided|available|is|was|that|to|for|as|of)"

_ABSTAINS = re.compile(
    "|".join(
        (
            # The speaker does not know.
            rf"\b(?:i|we) (?:\w+ly )?(?:do|can|could|did) not {_HOW}{_KNOW}\b",
            r"\b(?:i|we) (?:am|are|was|were) (?:\w+ )?(?:unable|not able|unsure|not sure"
            r"|not certain|uncertain|unaware|not aware)\b",
            r"\b(?:i|we) (?:have|had|see|find|found) (?:no|insufficient|not enough) (?:\w+ )?"
            r"(?:idea|information|answer|knowledge|data|clue|details?|mention)\b",
            r"^(?:sorry )?(?:do|can|could|did) not (?:know|say|tell|answer|determine)\b",
            r"^(?:unable|not able) to (?:answer|determine|find|provide|say|tell)\b",
            # The source does not say.
            rf"\b{_SOURCE} (?:(?:itself|here|above|alone|also|given|provided|you provided) )?"
            rf"(?:do|does|did|can|could|is|are) not {_HOW}"
            rf"(?:{_TELL}|{_HOLD}|support|sufficient|enough)\b",
            rf"\b{_SOURCE} (?:\w+ )?(?:do|does|did) not$",
            rf"\b{_WORK} (?:do|does|did) not {_HOW}(?:{_TELL}|provide|discuss)\b",
            rf"^(?:it|this|that) (?:do|does|did) not {_HOW}(?:say|mention|specify|tell|state)\b",
            rf"\b(?:{_SOURCE}|{_WORK}) (?:provides?|contains?|gives?|has|have|offers?|makes?"
            rf"|includes?|mentions?|says?) (?:no|nothing|insufficient|not enough)\b",
            rf"\bnot {_HOW}{_TOLD} (?:\w+ ){{0,3}}?(?:in|by|from|within|anywhere in|as part of)"
            rf" (?:the |this |these |that |any )?(?:of the )?(?:{_SOURCE}|{_WORK})\b",
            rf"\bnot {_HOW}(?:mentioned|stated|specified|provided|indicated|disclosed|answered"
            r"|said|given here|available here)(?: (?:here|there|explicitly|directly|anywhere))?$",
            rf"\bnot (?:in|within|part of) the {_SOURCE}$",
            # There is nothing to answer from.
            r"\bno (?:\w+ )?(?:information|mention|details?|indication|answer|data) "
            rf"(?:\w+ ){{0,6}}?(?:in|by|from|within) (?:the |this |these )?(?:{_SOURCE}|{_WORK})\b",
            r"\b(?:there is|there are|there was|has|have|with|contains?|provides?|gives?)"
            rf" no (?:(?:\w+ )?information|mention|answer|details?)(?: {_ABOUT}\b|$)",
            r"^(?:sorry,? )?no (?:\w+ )?(?:information|mention|answer|details?)"
            r"(?:$| (?:about|on|regarding|given|provided|available|found|to|that"
            r"|(?:is|was) (?:given|made|provided|available|found)"
            r"(?:$| (?:in|about|of|on|regarding|for)))\b)",
            r"\b(?:not enough|insufficient) (?:\w+ )?(?:information|context|data|details?|evidence)"
            r" (?:\w+ ){0,3}?(?:to (?:answer|determine|say|tell|know|provide|conclude)|in the"
            r"|from the|provided|given|available)\b",
            r"^(?:there is )?(?:not enough|insufficient) (?:information|context|data|details?)$",
            r"\bcan not be (?:\w+ly )?(?:determined|answered|known|inferred|established|concluded"
            r"|deduced|derived|found|identified|ascertained)"
            r"(?:$| (?:from|based on|with|using|in|by) (?:only )?(?:the|this)"
            rf" (?:{_SOURCE}|{_WORK}))",
            r"\b(?:impossible|not possible) to (?:say|tell|determine|know|answer)\b",
            # It is unknown.
            rf"\b(?:it|this|that) (?:is|was|remains) (?:\w+ )?(?:unknown|not known|unclear"
            rf"|not clear|uncertain|not certain)(?:$| (?:from|based|in the|{_ASK})\b)",
            r"\b(?:answer|answers|question) (?:\w+ ){0,4}?(?:is|are|remains) (?:\w+ )?(?:unknown"
            r"|not known|unclear|not clear|unanswerable|not answerable|not available)\b",
            r"\b(?:is|are|was|were|remains)"
            r" (?:unknown|not known|unspecified|unstated|unanswerable)$",
            r"^(?:unknown|unclear|unsure|unanswerable|uncertain|unspecified|not sure|not known|not"
            r" clear|no idea|no clue|n/a|not available|not applicable|not given|not found|not"
            r" enough information|dunno|idk|no comment)$",
        )
    )
)
# No answer abstains without one of these; it spares most answers the long pattern.
_HINT = re.compile(r"\b(?:no|not|nothing|un\w+|insufficient|impossible|n/a|dunno|idk)\b")

_CLAUSE = re.compile(
    r"(?<=[.!?;])(?!\w)|[,:]? (?=(?:but|however|although|though|nevertheless|nonetheless|yet i)\b)"
    r"|, (?=(?:so|therefore|it|he|she|they|i|we|the answer)\b)|,? and (?=(?:the answer|i think)\b)"
)
_CONCESSION = re.compile(r"^(?:although|though|while|whereas|even if|even though)\b[^,]*,")
_COMMENT = re.compile(
    r"^(?:although |though |while )?"
    rf"(?:(?:it|this|there|they|the (?:{_SOURCE}|{_WORK})|instead it) )?"
    r"(?:(?:only|just|merely|simply) \w+|discuss(?:es)?|describes?|talks?|focus(?:es)?|mentions?"
    r"|refers? to|deals?|is (?:only )?about|are (?:only )?about)\b"
    r"|^(?:i am |i )?(?:sorry|apologi[sz]e)\b|^(?:please|the question|more information"
    r"|you (?:may|might|can|could|should)|if you|feel free|based on|according to"
    r"|therefore|so|as an ai|let me know)\b"
)
# The words that people wrap an abstention in.
_FILLER = frozenset(
    {"answer", "question", "context", "inform", "passag", "text", "document", "provid", "given",
     "base", "sorri", "know", "sai", "state", "mention", "therefor", "unfortun", "howev", "ask",
     "thank", "well", "ok", "okai", "hmm", "unknown", "abov", "accord"}
)  # fmt: skip
_TRIM = " \t\n,.;:!?\"'()[]{}*_#`~-\u2013\u2014\u201c\u201d"
_MARKUP = re.compile(r"[*_`#\"\u201c\u201d~]")


class AbstentionRecogniser:
    """Recognises answers that decline to answer.

    Args:
        reader: For the words of question and answer.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def abstains(self, answer: str, question: str = "") -> bool:
        """Whether `answer` declines and gives nothing of substance beside that."""
        clauses = _read(answer)
        declining = [bool(_ABSTAINS.search(clause)) for clause in clauses]
        if not any(declining):
            return False
        asked = set(self._reader.read(question).content) | _FILLER
        rest = (c for c, declines in zip(clauses, declining, strict=True) if c and not declines)
        return all(_COMMENT.search(c) or asked.issuperset(self._content(c)) for c in rest)

    def declines(self, answer: str) -> bool:
        """Whether a clause of `answer` says that the answer is not known, whatever else stands."""
        return any(_ABSTAINS.search(clause) for clause in _read(answer))

    def _content(self, clause: str) -> tuple[str, ...]:
        return self._reader.read(clause).content


@lru_cache(16)
def _read(answer: str) -> list[str]:
    """The clauses of `answer`; none where no word of it could decline."""
    text = " ".join(_MARKUP.sub(" ", plain(answer)).split())
    return _clauses(text) if _HINT.search(text) else []


def _clauses(text: str) -> list[str]:
    """`text` cut at sentence ends, before "but" and the like, and behind a concession.

    Questions are left out: whoever asks back says nothing.
    """
    parts: list[str] = []
    for part in _CLAUSE.split(text):
        if part.endswith("?"):
            continue
        clause = part.strip(_TRIM)
        concession = _CONCESSION.match(clause)
        cut = concession.end() if concession else 0
        parts += [clause[:cut].strip(_TRIM), clause[cut:].strip(_TRIM)]
    return parts
