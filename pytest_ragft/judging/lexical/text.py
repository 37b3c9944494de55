"""Text as the reference judge reads it: normalised words, stems, numbers, clauses, negations."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from pytest_ragft.judging.lexical.dates import MONTHS, spell_dates
from pytest_ragft.judging.lexical.numbers import canonical, fold_numbers, is_number

_ARTICLES = frozenset({"a", "an", "the"})
_NEGATORS = frozenset({"not", "no", "never", "neither", "nor", "without", "none", "hardly"})
# Words after "not" or "no" that make no negation of it, as in "not only".
_NO_NEGATION = frozenset({"only", "just", "merely", "doubt", "matter", "less", "more"})

STOP_WORDS = _NEGATORS | frozenset((
    "a", "about", "also", "am", "an", "and", "are", "as", "at", "be", "because", "been", "being",
    "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "he",
    "her", "hers", "him", "his", "how", "however", "i", "if", "in", "into", "is", "it", "its",
    "itself", "may", "me", "might", "must", "my", "of", "on", "or", "our", "s", "shall", "she",
    "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "to", "too", "was", "we", "were", "what", "when", "where",
    "whether", "which", "while", "who", "whom", "whose", "why", "will", "with", "would", "yes",
    "you", "your",
))  # fmt: skip
"""Words that carry no content; they are dropped from overlaps."""

# Spellings of units, so that ``5 km`` and ``5 kilometres`` are the same words.
_UNITS = {
    "percentage": "percent", "pct": "percent",
    "kilometre": "km", "kilometres": "km", "kilometer": "km", "kilometers": "km", "kms": "km",
    "metre": "m", "metres": "m", "meter": "m", "meters": "m",
    "centimetre": "cm", "centimetres": "cm", "centimeter": "cm", "centimeters": "cm",
    "millimetre": "mm", "millimetres": "mm", "millimeter": "mm", "millimeters": "mm",
    "nanometre": "nm", "nanometres": "nm", "nanometer": "nm", "nanometers": "nm",
    "kilogram": "kg", "kilograms": "kg", "kilogramme": "kg", "kilogrammes": "kg", "kgs": "kg",
    "gram": "g", "grams": "g", "gramme": "g", "grammes": "g",
    "milligram": "mg", "milligrams": "mg", "milligramme": "mg", "milligrammes": "mg",
    "microgram": "µg", "micrograms": "µg", "mcg": "µg", "μg": "µg",
    "litre": "l", "litres": "l", "liter": "l", "liters": "l",
    "millilitre": "ml", "millilitres": "ml", "milliliter": "ml", "milliliters": "ml",
    "foot": "ft", "feet": "ft", "inches": "inch",
    "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "sec": "second",
    "secs": "second",
}  # fmt: skip

_MONTHS = {month[:3]: month for month in MONTHS} | {"sept": "september"}

# Initials: ``U.S.``, ``d. c.``, ``j.k``.
_DOTTED = re.compile(r"\b[a-z](?:(?:\.[a-z])+\b\.?|\.(?:\s[a-z]\.)+)")
_SUPERSCRIPTS = re.compile(r"[⁰¹²³⁴-⁹]+")
_TAGS = re.compile(r"<\|[^|<>]{0,40}\|>|</?[a-z]{1,10}\s?/?>")
# Control sequences of terminals (ECMA-48), whose digits are no numbers.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_GROUPING_SPACE = re.compile(r"(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_CONTRACTED = re.compile(r"\b(ca|wo|sha)?n['\u2019\u02bc]t\b|(?<=[a-z])n['\u2019\u02bc]t\b")
_SHORT = re.compile(r"\b(it|that|there|what|he|she|i|we|you|they)['\u2019\u02bc](s|m|re|ve)\b")
_CUT_VERBS = {"ca": "can", "wo": "will", "sha": "shall"}
_VERBS = {"s": "is", "m": "am", "re": "are", "ve": "have"}
_POSSESSIVE = re.compile(r"['\u2019\u02bc]s\b")
_APOSTROPHE = re.compile(r"['\u2019\u02bc]")
_TOKEN = re.compile(
    # A hexadecimal id is one word, no row of numbers.
    r"(?P<id>(?<![^\W_])[0-9]*(?:[a-f]+[0-9]+){2,}[a-f]*(?![^\W_]))"
    r"|(?P<number>(?:(?<![\w.)\]])-)?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
    r"|(?<![\w.])\.[0-9]+)(?:(?:st|nd|rd|th)\b)?"
    r"|(?P<word>[^\W\d_]+|[^\W_])"
    r"|(?P<percent>%)"
    r"|(?P<sentence>[.!?])"
    r"|(?P<clause>[,:;()])"
)
_ABBREVIATED = frozenset({"mr", "mrs", "ms", "dr", "st", "jr", "sr", "vs", "prof", "approx"})
_YES = frozenset({"yes", "yeah", "yep", "true", "correct", "indeed", "certainly", "affirmative"})
_NO = frozenset({"no", "nope", "false", "incorrect", "negative"})
_ALONE = frozenset({"yes", "no", "yeah", "nope"})
_LEAD = frozenset({"answer", "is", "well", "so", "it", "would", "i", "say", "be"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as parallel sequences over its words, articles dropped."""

    stems: tuple[str, ...]
    """Porter stems; numbers in their canonical spelling."""
    clauses: tuple[int, ...]
    """Which clause each word stands in, counted from 0."""
    sentences: tuple[int, ...]
    """Which sentence each word stands in, counted from 0."""
    negations: frozenset[int]
    """Positions of words that negate."""
    content: tuple[str, ...]
    """Stems that are no stop words."""
    numbers: frozenset[str]
    opening: int
    """How many words the first sentence has."""
    asks: bool
    """Whether the first sentence ends with a question mark."""
    polarity: bool | None
    """Whether it begins with a yes (True) or a no (False); None for neither."""
    plain: str = ""
    """The normalised text that was read."""

    @property
    def keywords(self) -> frozenset[str]:
        """The distinct stems of content; where there are none, all stems."""
        return frozenset(self.content or self.stems)


class Reader:
    """Reads texts; holds the stemmer."""

    def __init__(self) -> None:
        import Stemmer

        self._stemmer = Stemmer.Stemmer("porter")

    def read(self, text: str) -> Text:
        """Normalise and analyse `text`; an empty one gives empty sequences."""
        text = plain(text)
        words, clauses, sentences, asks = _tokens(text)
        folded = fold_numbers(words, clauses)
        kept = [(word, clauses[at], at) for word, at in folded if word not in _ARTICLES]
        names = [word for word, _, _ in kept]
        stemmed = self._stemmer.stemWords(names)
        # Porter's stem of the word "s" is empty, and that of "one" is the word "on".
        stems = [w if w == "one" else s or w for s, w in zip(stemmed, names, strict=True)]
        return Text(
            stems=tuple(stems),
            clauses=tuple(clause for _, clause, _ in kept),
            sentences=tuple(sentences[at] for _, _, at in kept),
            negations=frozenset(_negations(names)),
            content=tuple(
                stem for stem, word in zip(stems, names, strict=True) if word not in STOP_WORDS
            ),
            numbers=frozenset(word for word in names if is_number(word)),
            opening=sum(sentences[at] == 0 for _, _, at in kept),
            asks=asks,
            polarity=_polarity(kept, sentences),
            plain=text,
        )


_LINES = re.compile(r"\n(?:[^\S\n]{0,100}\n){2,}")
_BLANKS = re.compile(r"[^\S\n]{3,}")
_BULLET = re.compile(r"^(\s*)\*(?=\s)", re.MULTILINE)
# Markdown's bold, code and quotations; a product's sign stays.
_EMPHASIS = re.compile(
    r"(?<![0-9*])\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}(?![0-9*])|`+|^\s*>+\s?", re.MULTILINE
)
_ITEM = re.compile(r"\s*(?:[-*•–>#]|\(?[0-9]{1,2}[.)])\s")
_LINE = 3
_ENDS = ".!?:;"


def _unbroken(text: str) -> str:
    """`text` with lines of a word or two joined to the next: they are broken, not ended."""
    if "\n" not in text:
        return text
    joined: list[str] = []
    short = False
    for line in text.split("\n"):
        stripped = line.strip()
        if short and stripped and not _ITEM.match(line):
            joined[-1] = f"{joined[-1].rstrip()} {stripped}"
        else:
            joined.append(line)
        short = (
            bool(stripped)
            and len(stripped.split(None, _LINE)) < _LINE
            and (len(stripped) == 1 or stripped[-1] not in _ENDS)
        )
    return "\n".join(joined)


def plain(text: str) -> str:
    """Casefolded text in Unicode's compatible forms, without accents, markup, entities, cut forms.

    Invariant to case, to accents and to the kind of apostrophe.
    """
    # Half of a surrogate pair is no character. It is left out, not replaced as `datasets.answers`
    # does: the word around it stays one.
    text = text.encode("utf-8", "ignore").decode("utf-8")
    # Models that loop write pages of white space, over which patterns take quadratic time.
    text = _BLANKS.sub("  ", _LINES.sub("\n\n", text))
    text = _EMPHASIS.sub("", _BULLET.sub(r"\1-", _ESCAPES.sub(" ", text)))
    text = html.unescape(_unbroken(text))
    text = _SUPERSCRIPTS.sub(r"^\g<0>", _GROUPING_SPACE.sub("", text))
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    if not text.isascii():
        text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
        text = text.replace("\u2212", "-")
    text = _DOTTED.sub(lambda m: re.sub(r"[.\s]", "", m[0]), spell_dates(_TAGS.sub(" ", text)))
    if _APOSTROPHE.search(text):
        text = _SHORT.sub(lambda m: f"{m[1]} {_VERBS[m[2]]}", _CONTRACTED.sub(_expand, text))
    return _APOSTROPHE.sub("", _POSSESSIVE.sub("", text)).replace("cannot", "can not")


def _expand(match: re.Match[str]) -> str:
    verb = match.group(1)
    return f"{_CUT_VERBS[verb]} not" if verb else " not"


def _tokens(text: str) -> tuple[list[str], list[int], list[int], bool]:
    """Words, the clause and the sentence of each, and whether the first sentence is a question."""
    words: list[str] = []
    clauses: list[int] = []
    sentences: list[int] = []
    clause, sentence, asks = 0, 0, False
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind in ("sentence", "clause"):
            if kind == "sentence" and not (
                match.group() == "." and words[-1:] and words[-1] in _ABBREVIATED
            ):
                if sentences and not sentence:
                    asks = match.group() == "?"
                sentence = sentences[-1] + 1 if sentences else 0
            clause = clauses[-1] + 1 if clauses else 0
            continue
        words.append(_word(match.group(str(kind)), str(kind)))
        # What stands behind "but" is not negated by what stands before it.
        clause += words[-1] == "but"
        clauses.append(clause)
        sentences.append(sentence)
    return words, clauses, sentences, asks


def _word(token: str, kind: str) -> str:
    if kind == "number":
        return canonical(token)
    if kind == "percent":
        return "percent"
    return _UNITS.get(token) or _MONTHS.get(token, token)


def _negations(words: list[str]) -> list[int]:
    return [
        at
        for at, word in enumerate(words)
        if word in _NEGATORS and not (at + 1 < len(words) and words[at + 1] in _NO_NEGATION)
    ]


def _polarity(kept: list[tuple[str, int, int]], sentences: list[int]) -> bool | None:
    """The yes or no that a text begins with, behind words of no content.

    It begins the first or the second clause, or stands by itself at the head of a sentence.
    """
    for wanted in (0, 1):
        first = (word for word, clause, _ in kept if clause == wanted and word not in _LEAD)
        word = next(first, "")
        if word in _YES or word in _NO:
            return word in _YES
    if not any(word in _ALONE for word, _, _ in kept):
        return None
    for before, here, after in zip(kept, kept[1:], [*kept[2:], None], strict=False):
        heads = sentences[before[2]] != sentences[here[2]] or before[0] == "answer"
        alone = after is None or after[1] != here[1]
        if heads and alone and here[0] in _ALONE:
            return here[0] in _YES
    return None
