"""Lists: the elements of a reference, and those of an answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pytest_ragft.judging.lexical.alignment import align, weights
from pytest_ragft.judging.lexical.assertion import sentences
from pytest_ragft.judging.lexical.overlap import negated_before
from pytest_ragft.judging.lexical.statements import places_of
from pytest_ragft.judging.lexical.text import Reader, Text

_JOINTS = re.compile(
    r"\s*(?:[;\n•·]|,(?![0-9]{3}(?![0-9]))|\band\b|\bor\b|&|\bas well as\b|\balong with\b"
    r"|(?:^|(?<=\s))(?:\(?[0-9]{1,2}[.)]|[-*–])\s)\s*"
)
_INTRODUCTION = re.compile(r"^[^:\n]{0,200}:\s+(?=\S)")
_BULLET = re.compile(r"^\s*(?:\(?[0-9]{1,2}[.)]|[-*•–])\s+(\S.*)$", re.MULTILINE)
_HEAD = re.compile(r"\s*(?::|\s[-–—]\s|\(|, | which | that | is | are | was | were )")
_LONGEST = 7
# Words of content that a name has at most, for which its last one may stand alone: "Brin".
_NAME = 3
# Share of an element's words from which an answer names it.
_HELD = 0.7
_SPELT = 0.8
_ASKS_LIST = re.compile(
    r"\b(?:(?:which|what|name|list)(?: are)?(?: the)? (?:two|three|four|five|six|seven|eight"
    r"|nine|ten|[0-9]+)\b"
    r"|(?:list|name|enumerate) (?:all|the|some|any|as many)|(?:which|what) (?:are|were) the\b"
    r"|who (?:are|were) the)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Which elements of a reference an answer names, and how many others."""

    found: tuple[bool, ...]
    others: int

    @property
    def recall(self) -> float:
        """Share of the elements, in [0, 1]."""
        return sum(self.found) / len(self.found)

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and of the share of named elements that are right."""
        right = sum(self.found)
        return 2 * right / (len(self.found) + right + self.others) if right else 0.0


def asks_list(question: str) -> bool:
    """Whether a normalised question asks for more than one thing."""
    return bool(_ASKS_LIST.search(question))


_ITEM = r"[^,;.\s]+(?: [^,;.\s]+){0,3}?"
_FEW_WORDS = r"[^\s;.:?!]+(?: [^\s;.:?!]+){0,5}"
_APART = re.compile(rf"(?:{_FEW_WORDS};\s*){{1,40}}{_FEW_WORDS}\.?")
_THREE = re.compile(rf"(?:{_ITEM}[,;] ){{1,20}}{_ITEM},? (?:and|&) {_ITEM}\.?")
_TWO_PEOPLE = re.compile(r"(?:[^\W\d]\S* ){2,3}(?:and|&) (?:[^\W\d]\S* ?){2,3}\.?")


def enumerates(reference: str, question: str) -> bool:
    """Whether a normalised reference is an enumeration by its form.

    Such are items with semicolons or bullets, three items with commas and an "and", two people.
    """
    if _APART.fullmatch(reference) or len(_BULLET.findall(reference)) > 1:
        return True
    if _THREE.fullmatch(reference):
        return True
    return question.startswith("who") and _TWO_PEOPLE.fullmatch(reference) is not None


def read_elements(reference: Text, known: Collection[str], reader: Reader) -> tuple[Text, ...]:
    """The elements of an enumeration; empty for a text that is none, or has one only."""
    text = _INTRODUCTION.sub("", reference.plain).rstrip(" .")
    parts = [reader.read(part) for part in _JOINTS.split(text) if part.strip()]
    kept = [part for part in parts if set(part.content) - set(known)]
    if len(kept) < 2 or any(len(part.content) > _LONGEST for part in kept):
        return ()
    return tuple(kept)


def named(elements: Sequence[Text], words: Text, known: Collection[str], reader: Reader) -> Named:
    """The elements that an answer names, and the others that stand in a row with them.

    Args:
        elements: At least one.
        words: What the answer asserts.
        known: Content of the question.
        reader: For the parts of the answer.
    """
    places = _affirmed(words, elements)
    items = _items(words.plain, frozenset(), reader)
    alone = {
        item.content[0] for item in map(reader.read, items) if len(item.content) == 1
    }.intersection(places)
    lasts = Counter(element.content[-1] for element in elements if element.content)
    found = tuple(
        _held(element, known, places)
        or (
            1 < len(element.content) <= _NAME
            and lasts[element.content[-1]] == 1
            and element.content[-1] in alone
        )
        for element in elements
    )
    accepted = {stem for element in elements for stem in element.content}
    others = sum(
        _other(reader.read(part), elements, accepted, known)
        for part in _items(words.plain, accepted, reader)
    )
    return Named(found=found, others=others)


def _items(text: str, accepted: Collection[str], reader: Reader) -> list[str]:
    """The items that an answer enumerates: the heads of its bullets, else of its fullest row."""
    bullets = [match[1] for match in _BULLET.finditer(text)]
    if len(bullets) > 1:
        heads = [_HEAD.split(bullet.strip(" *_"), maxsplit=1)[0] for bullet in bullets]
        return heads if len(heads) > 2 else [p for head in heads for p in _JOINTS.split(head) if p]
    rows = sentences(text)
    if not rows:
        return []
    row = max(rows, key=lambda row: len(set(accepted) & set(reader.read(row).content)))
    return [part for part in _JOINTS.split(_INTRODUCTION.sub("", row)) if part]


def _affirmed(words: Text, elements: Sequence[Text]) -> dict[str, list[int]]:
    """Where each stem stands without a negation right before it, unless elements hold one, too."""
    places = places_of(words)
    if any(element.negations for element in elements):
        return places
    kept = {
        stem: [at for at in found if not negated_before(words, at)]
        for stem, found in places.items()
    }
    return {stem: found for stem, found in kept.items() if found}


def _held(element: Text, known: Collection[str], places: dict[str, list[int]]) -> bool:
    found = align(weights(element, known), places)
    # A single word must be it: "winter" is no misspelt "water".
    return found.recall >= (_HELD if len(element.content) > 1 else _SPELT)


def _other(
    part: Text, elements: Sequence[Text], accepted: Collection[str], known: Collection[str]
) -> bool:
    """Whether an item of the answer is another one than the reference's."""
    new = set(part.content) - set(known)
    if not new or len(part.content) > _LONGEST:
        return False
    held = places_of(part)
    if any(_held(element, known, held) for element in elements):
        return False
    return len(new - set(accepted)) > len(new & set(accepted)) or not new & set(accepted)
