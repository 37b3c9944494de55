"""What a question asks for, as far as it decides which clauses of an answer answer it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_ragft.judging.lexical.text import Reader, plain

_BRIEF = 10
_ADVICE = re.compile(
    r"\b(?:how (?:do|does|can|could|should|would|to|is it|are)|what (?:should|can|could|must|do i"
    r"|steps?|to do)|where (?:can|do|should|could|would|to|is|are)|(?:whom?|when) (?:should|can|do)"
    r"|should (?:i|we|one|you)|can (?:i|we|one|you))\b",
    re.IGNORECASE,
)
_DEFINITION = re.compile(
    r"^\W*(?:what (?:is|are|does)|define|explain)(?: an?| the)?(?: [\w'-]+){1,4}(?: mean)?\W*$"
    r"|\b(?:defin|meaning|mean by|formula|calculated|computed)\w*\b[^.]{0,300}\?",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"\bhow (?:much|many)\b|\bwhat (?:percent|percentage|fraction|share)\b|\bwhat(?: is| was| were"
    r"|'s| are)\b[^.?!]{0,300}\b(?:amount|number|total|ratio|margin|rate|percentage|revenue"
    r"|costs?|price"
    r"|income|value|sum|average|turnover|growth|change in|capex|expenditures?|size|length|height"
    r"|weight|distance|population|age|dose|cogs|ebitda|cash flow|usd)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\W*(?:please )?(?:list|name|state|give|identify|describe|explain|define|provide|mention|tell"
    r"|specify|report|calculate|compute|find|determine|estimate|discuss|outline|summari[sz]e)\b",
    re.IGNORECASE,
)
_PARTICULAR = re.compile(r"\d|(?<=[a-z,] )(?!I\b)[A-Z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question as an answer is held against it."""

    text: str
    """In plain words, one space between them."""
    content: frozenset[str]
    matter: frozenset[str]
    """The content without a verb that only tells to answer: "list", "name", "calculate"."""
    figure: bool
    """Nothing answers it that holds no figure."""
    definition: bool
    """Its right answer may be a definition."""
    advice: bool
    """Its right answer may be an instruction."""
    particular: bool
    """It names something, or a number: what holds in general does not answer it."""

    @property
    def brief(self) -> bool:
        """It is about one thing, so that each of its words is what it asks about."""
        return len(self.content) <= _BRIEF


def read_question(question: str, reader: Reader) -> AskedQuestion:
    """What `question` asks for."""
    content = reader.read(question).content
    return AskedQuestion(
        text=" ".join(plain(question).split()),
        content=frozenset(content),
        matter=frozenset(content[1:] if _TELLS.match(question) else content),
        figure=bool(_FIGURE.search(question)),
        definition=bool(_DEFINITION.search(question)),
        advice=bool(_ADVICE.search(question)),
        particular=bool(_PARTICULAR.search(question)),
    )
