"""Whether a brief answer's name is the right one, or another that shares a word with it.

"Franklin D. Roosevelt" is Franklin Delano Roosevelt; "Theodore Roosevelt" is somebody else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from pytest_ragft.judging.lexical.spelling import likeness
from pytest_ragft.judging.lexical.wording import spelled

_LETTERS = r"[\w'’.-]{0,40}"
# Bounded, and begun where no word goes on: a text without spaces would take quadratic time.
_NAME = re.compile(
    rf"(?<![\w'’.-])[^\W\d_a-z]{_LETTERS}"
    rf"(?:[\s-]+(?:(?:of|the|de|von|van|der|la|al)\s+){{0,2}}[^\W_a-z]{_LETTERS})+"
)
_WORD = re.compile(r"[^\W_]+")
_NUMERAL = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,5}teen|\w{3,5}ty)\b",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"(?<=[\w.])\s(?=[IVXL])((?:XL|L?X{0,3})(?:IX|IV|V?I{0,3}))(?![\w.'’])")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50}
# Words of a name that tell nobody from another, and those that lead to one.
_TITLES = frozenset(
    {"the", "of", "de", "von", "van", "der", "la", "and", "al", "mr", "mrs", "ms", "dr",
     "sir", "lord", "lady", "count", "president", "king", "queen", "prince", "princess",
     "professor", "prof", "saint", "st", "jr", "sr", "general", "captain", "it", "is", "was",
     "by"}
)  # fmt: skip
_BEGINNING = 3
# Names from Cyrillic are written with and without it: "Yevgenia", "Evgenia".
_ROMANISED = re.compile(r"^y(?=[eau])")
_INITIALS = 3
_TWO = 2
# Given names that are one name, by how people are called and by language.
_SHORT_FORMS = (
    "william bill billy will willie liam",
    "robert bob bobby rob robbie bert",
    "richard dick rick richie",
    "james jim jimmy jamie",
    "john jack johnny ivan",
    "theodore ted teddy",
    "edward ed eddie ned ted teddy",
    "elizabeth liz beth betty eliza lizzie",
    "katherine catherine kate kathy katie kitty ekaterina",
    "margaret peggy meg maggie rita greta",
    "henry harry hank henri heinrich",
    "charles chuck charlie karl carlos",
    "leo lev leon",
    "anthony tony antonio",
    "michael mike mick mikhail miguel",
    "joseph joe josef giuseppe",
    "thomas tom tommy",
    "lawrence larry laurence",
    "alexander alex sasha sandy",
    "stephen steve steven",
    "andrew andy drew andrei",
    "francis frank francois",
    "george georg yuri",
    "peter pete pyotr pierre",
    "paul pavel pablo",
    "nicholas nick nikolai nicolas",
    "mary molly maria marie",
    "david dave",
    "ronald ron ronnie",
    "dorothy dot dolly",
    "sarah sally sadie",
    "nathaniel nat nate",
    "augustus gus",
)
_FORMS: dict[str, frozenset[int]] = {}
for _at, _forms in enumerate(_SHORT_FORMS):
    for _form in _forms.split():
        _FORMS[_form] = _FORMS.get(_form, frozenset()) | {_at}


def names_another(references: Sequence[str], answer: str) -> bool:
    """Whether a brief answer's name shares a word with each reference and replaces another.

    Words count as another's when neither begins like the other: "Kate" is Katherine, and an
    initial is whom it begins.

    Args:
        references: As written; none counts that is no name of two words or more.
        answer: As written.
    """
    wanted = [_words(reference) for reference in references if _is_name(reference)]
    if len(wanted) < len(references):
        return False
    found = [_words(match[0]) for match in _NAME.finditer(_bare(answer))]
    if any(_same(name, words) for name in found for words in wanted):
        return False
    return bool(found) and all(
        any(_rivals(name, words) for name in found)
        and not any(_covers(name, words) for name in [_words(answer)])
        for words in wanted
    )


def names_the_same(references: Sequence[str], answer: str) -> bool:
    """Whether a brief answer holds a reference's name with initials or short forms.

    The last words must be the same, and the given names agree one by one as far as both have any.

    Args:
        references: As written.
        answer: As written.
    """
    wanted = [_words(reference) for reference in references if _is_name(reference)]
    found = [_words(match[0]) for match in _NAME.finditer(answer)]
    return any(_same(name, words) for name in found for words in wanted)


def _same(name: Sequence[str], wanted: Sequence[str]) -> bool:
    if len(name) < _TWO or len(wanted) < _TWO or name[-1] != wanted[-1]:
        return False
    pairs = zip(name[:-1], wanted[:-1], strict=False)
    return all(_given(one, other) for one, other in pairs)


def _given(one: str, other: str) -> bool:
    """Whether two given names may be one person's."""
    one, other = _ROMANISED.sub("", one), _ROMANISED.sub("", other)
    if one == other or not _FORMS.get(one, frozenset()).isdisjoint(_FORMS.get(other, ())):
        return True
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def is_numbered(text: str) -> bool:
    """Whether a text is a name that holds a number: "Boeing 747", "Seven Samurai"."""
    words = _WORD.findall(text)
    return _is_name(text) and words[0][0].isupper() and any(map(str.isdigit, _words(text)))


def _is_name(text: str) -> bool:
    # "Lincoln Park in San Francisco" holds two.
    words = [word for word in _WORD.findall(text) if word.casefold() not in _TITLES]
    capital = sum(word[0].isupper() for word in words)
    return len(words) > 1 and capital > 0 and capital + sum(map(str.isdigit, words)) == len(words)


def _bare(text: str) -> str:
    """`text` without accents and other combining marks."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _words(text: str) -> tuple[str, ...]:
    words: list[str] = []
    # A numeral behind a name tells it from another: "John XXII", "Type II".
    text = _ROMAN.sub(lambda numeral: f" {_roman(numeral[1])}", text)
    for word in _WORD.findall(_NUMERAL.sub(_in_digits, _bare(text))):
        # "JS" stands for two names.
        together = word.isupper() and 1 < len(word) <= _INITIALS and word.isalpha()
        words += word.casefold() if together else [word.casefold()]
    return tuple(word for word in words if word not in _TITLES)


def _roman(numeral: str) -> int:
    digits = [_ROMAN_DIGITS[letter] for letter in numeral]
    return sum(-one if one < after else one for one, after in pairwise((*digits, 0)))


def _in_digits(word: re.Match[str]) -> str:
    return spelled(word[0].casefold())


def _rivals(name: Sequence[str], wanted: Sequence[str]) -> bool:
    missing = [word for word in wanted if not any(_alike(word, other) for other in name)]
    foreign = [word for word in name if not any(_alike(word, other) for other in wanted)]
    shared = any(_alike(word, other) for word in _whole(wanted) for other in _whole(name))
    return bool(missing and foreign) and shared


def _whole(name: Sequence[str]) -> list[str]:
    """Its words without initials, which are shared by chance."""
    return [word for word in name if len(word) > 1 or word.isdigit()]


def _covers(name: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(any(_alike(word, other) for other in name) for word in wanted)


def _alike(one: str, other: str) -> bool:
    if one.isdigit() or other.isdigit():
        return one == other
    short = min(len(one), len(other))
    return (
        _given(one, other)
        or likeness(one, other) > 0
        or (short > 1 and one[: min(short, _BEGINNING)] == other[: min(short, _BEGINNING)])
    )
