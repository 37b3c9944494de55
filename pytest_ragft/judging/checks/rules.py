"""When an answer holds a check: each rule gives why it does not, or an empty text.

An answer comes without white space around it, and never longer than the scores allow.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, cast

from pytest_ragft.judging.abstention.rule import abstains
from pytest_ragft.judging.checks.languages import language_of
from pytest_ragft.judging.checks.registers import marks_of
from pytest_ragft.numbers import count

Others = Mapping[str, object]
"""All checks of the question by name."""
Rule = Callable[[str, Any, Others], str]

_PATTERN_SEES = 10_000
"""Characters that a pattern of the user's is put to: it may take time that grows without bound."""
_SHOWN = 60
_PARAGRAPH = 6
"""Words from which the language of a part is told nearly as surely as that of a whole."""

_BULLET = re.compile(r"^\s*(?:[-*•–—+]|\(?[0-9]{1,3}[.):]|\(?[a-z][.)])\s+\S", re.IGNORECASE)
# Put to a text whose white space is single blanks.
_JOINED = re.compile(r"[,;] (?:and|or|und|oder|et|ou) |[,;]| (?:and|or|und|oder|et|ou) ")
# Begins at the first of several marks alone, so that a row of them is read once.
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]*]*+(?=\s|$)|[。！？]")
_ABBREVIATION = re.compile(
    r"\b(?:[A-Za-z]|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|[Ss]t|[Nn]o|[Nn]r|ca|bzw|usw|vs|etc|e\.g|i\.e|z\.B)\.$"
)
# No abstention from a question, but what a model says that was asked to do something.
_CANNOT = re.compile(
    r"\b(?:I|we) (?:don['’]t have|do not have|have no|lack) (?:the |any )?"
    r"(?:ability|capability|capacity|means) to\b|"
    r"\bI(?:['’]m| am) (?:unable|not able|not equipped) to\b",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^```[\w+-]*[ \t]*\r?\n(.*?)\r?\n?```$", re.DOTALL)
_PLAIN = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
# None in "10-digit" or "24-hour", which are words, nor in "3,5", which is not 3.
_NUMBER = re.compile(rf"(?<![\w.,])[-−+]?{_PLAIN}(?![.,]?[0-9]|-[A-Za-z])")
# A calculation without its result: "12 * 8 = 96 is the result of 12 * 8" states 96.
_TERMS = re.compile(
    rf"(?<![\w.,]){_PLAIN}(?: ?(?:[-−+*/×÷·]|\bx\b|\btimes\b|\bplus\b|\bminus\b|\bdivided by\b) ?"
    rf"{_PLAIN})+(?![\w])"
)
_EDGE = "\"'“”‘’«»„‚*_`"


def _count_words(text: str) -> int:
    """What stands between white space and holds a letter or a digit."""
    return sum(any(map(str.isalnum, token)) for token in text.split())


def _words(answer: str, wanted: int, _: Others) -> str:
    there = _count_words(answer)
    return "" if there == wanted else f"has {count(there, 'word')}"


def _min_words(answer: str, wanted: int, _: Others) -> str:
    there = _count_words(answer)
    return "" if there >= wanted else f"has {count(there, 'word')}"


def _max_words(answer: str, wanted: int, _: Others) -> str:
    there = _count_words(answer)
    if not there:
        return "has no word"
    return "" if there <= wanted else f"has {count(there, 'word')}"


def _lines(answer: str, wanted: int, _: Others) -> str:
    there = sum(bool(line.strip()) for line in answer.splitlines())
    return "" if there == wanted else f"has {count(there, 'line')}"


def _sentences(answer: str, wanted: int, _: Others) -> str:
    ends = [
        match.end()
        for match in _SENTENCE_END.finditer(answer)
        if not _ABBREVIATION.search(answer, max(0, match.start() - 8), match.start() + 1)
    ]
    # What stands after the last end is one, too.
    rest = _count_words(answer[ends[-1] if ends else 0 :])
    there = len(ends) + bool(rest)
    return "" if there == wanted else f"has {count(there, 'sentence')}"


def _items(answer: str, wanted: int, _: Others) -> str:
    """A list's marked lines; without any mark its lines, or the parts of its one line."""
    lines = [line for line in answer.splitlines() if line.strip()]
    marked = sum(_BULLET.match(line) is not None for line in lines)
    if marked:
        there = marked
    elif len(lines) > 1:
        there = len(lines)
    else:
        body = answer.rpartition(":")[2] if ":" in answer else answer
        there = sum(bool(_count_words(part)) for part in _JOINED.split(" ".join(body.split())))
    return "" if there == wanted else f"has {count(there, 'item')}"


def _json(answer: str, wanted: bool | tuple[str, ...], _: Others) -> str:
    """The whole answer is JSON, perhaps in one Markdown fence."""
    fenced = _FENCE.match(answer)
    try:
        value = json.loads(
            fenced[1] if fenced else answer,
            parse_constant=_no_constant,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError) as error:
        return f"is no JSON ({str(error)[:_SHOWN]})"
    if wanted is True:
        return "" if isinstance(value, dict | list) else "is no JSON object or array"
    if not isinstance(value, dict):
        return "is no JSON object"
    keys = sorted(set(cast("tuple[str, ...]", wanted)).symmetric_difference(value))
    return f"keys that lack or are too many: {', '.join(keys)[:_SHOWN]}" if keys else ""


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is none of JSON's values")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _number(answer: str, wanted: float, _: Others) -> str:
    """The last number that is stated, as an answer may show how it got there.

    What is yet to be calculated is no result.
    """
    stated = _NUMBER.findall(_TERMS.sub(" ", answer))
    if not stated:
        return "states no number in digits"
    last = float(stated[-1].replace(",", "").replace("−", "-"))
    return "" if last == wanted else f"states {stated[-1][:_SHOWN]} last"


def _contains(answer: str, wanted: tuple[str, ...], _: Others) -> str:
    said = _plain(answer)
    lacking = [text for text in wanted if not _stands(_plain(text), said)]
    return f"lacks {', '.join(map(repr, lacking))}" if lacking else ""


def _excludes(answer: str, wanted: tuple[str, ...], _: Others) -> str:
    said = _plain(answer)
    there = [text for text in wanted if _stands(_plain(text), said)]
    return f"has {', '.join(map(repr, there))}" if there else ""


def _starts(answer: str, wanted: str, _: Others) -> str:
    begin = _plain(answer).lstrip(_EDGE)
    return "" if begin.startswith(_plain(wanted)) else f"starts with {answer[:_SHOWN]!r}"


def _ends(answer: str, wanted: str, _: Others) -> str:
    end = _plain(answer).rstrip(_EDGE)
    return "" if end.endswith(_plain(wanted)) else f"ends with {answer[-_SHOWN:]!r}"


def _matches(answer: str, wanted: str, _: Others) -> str:
    if len(answer) > _PATTERN_SEES:
        return f"longer than {_PATTERN_SEES:,} characters"
    return "" if re.search(wanted, answer) else "does not match"


def _case(answer: str, wanted: str, _: Others) -> str:
    same = answer.islower() if wanted == "lower" else answer.isupper()
    return "" if same else f"is not all in {wanted} case"


def _language(answer: str, wanted: str, _: Others) -> str:
    found = language_of(answer)
    if found is None:
        return "too short to tell its language"
    if found != wanted:
        return f"reads as {found}"
    # Half an answer in another language: an explanation in English below a German sentence.
    paragraphs = [part for part in answer.splitlines() if _count_words(part) >= _PARAGRAPH]
    others = [of for of in map(language_of, paragraphs) if of not in (None, wanted)]
    return f"a paragraph of it reads as {others[0]}" if others else ""


def _register(answer: str, wanted: str, others: Others) -> str:
    formal, informal = marks_of(answer, str(others.get("language", "en")))
    if wanted == "formal":
        return f"has {', '.join(map(repr, informal))}" if informal else ""
    if informal and not formal:
        return ""
    return f"has {', '.join(map(repr, formal))}" if formal else "nothing informal is in it"


def _declines(answer: str, wanted: bool, _: Others) -> str:
    declined = abstains(answer, "") or _CANNOT.search(answer[:_PATTERN_SEES]) is not None
    if declined is wanted:
        return ""
    return "declines" if declined else "does not decline"


def _plain(text: str) -> str:
    """Without case, compatibility forms, kinds of quotes and of white space."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.translate(_QUOTES).split())


_QUOTES = str.maketrans("’‘“”„", '\'\'"""')


def _stands(wanted: str, said: str) -> bool:
    """Whether it is there as words of its own, where its script parts words."""
    start = r"(?<!\w)" if _parts_words(wanted[:1]) else ""
    end = r"(?!\w)" if _parts_words(wanted[-1:]) else ""
    return re.search(f"{start}{re.escape(wanted)}{end}", said) is not None


def _parts_words(letter: str) -> bool:
    return letter.isdigit() or letter.lower() != letter.upper()


RULES: Mapping[str, Rule] = {
    "words": _words,
    "min_words": _min_words,
    "max_words": _max_words,
    "sentences": _sentences,
    "lines": _lines,
    "items": _items,
    "json": _json,
    "number": _number,
    "contains": _contains,
    "excludes": _excludes,
    "starts": _starts,
    "ends": _ends,
    "matches": _matches,
    "case": _case,
    "language": _language,
    "register": _register,
    "declines": _declines,
}
"""By the names that `datasets.checks` reads."""
