"""Identifiers: addresses, versions, telephone numbers, codes. Exact, up to their formatting."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from pytest_ragft.judging.lexical.numbers import FURTHEST
from pytest_ragft.judging.lexical.units import SCALES, unit_of

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]{1,2000}"
    r"|(?<![\w.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,6}"
    r"\.(?:com|org|net|io|gov|edu|dev|ai|uk|de|ch|eu|int)\b(?::[0-9]{1,5})?(?:/[^\s<>\"')\]]{0,2000})?"
)
_VERSION = re.compile(
    r"(?<![\w.])(?:(?P<said>v\.?\s?|version\s?|release\s?)[0-9]{1,9}(?:\.[0-9]{1,9}){1,6}"
    r"|[0-9]{1,9}(?:\.[0-9]{1,9}){2,6})"
    r"(?:[-+.]?(?:rc|alpha|beta|a|b|post|dev|pre|preview|patch|p|sp|build)[-.]?[0-9]{0,6})?"
    r"(?![\w]|\.[0-9])"
)
_PHONE = re.compile(
    r"(?<![\w.,$€£])(?:\+|\()?[0-9](?:[\s()./-]{0,3}[0-9]){5,19}(?![\w%]|[.,][0-9])"
    r"(?:,?\s?(?:ext\.?|extension|x)\s?(?P<extension>[0-9]{1,6})\b)?"
)
_DOTTED_PHONE = re.compile(r"(?<![\w.])[0-9]{3}\.[0-9]{3}\.[0-9]{4}(?![\w.])")
_CODE = re.compile(
    r"(?<![^\W_])[^\W_]{1,80}(?:(?:[-_/*+]|[.:](?=[0-9]))[^\W_]{1,40}){0,8}(?![^\W_])"
)
_ACCOUNT = re.compile(
    r"(?<![^\W_])[a-z]{2}[0-9]{2}(?:\s(?=[a-z]{0,3}[0-9])[a-z0-9]{4}){2,7}(?:\s[0-9]{1,4})?(?![^\W_])"
)
# Periods and dates in figures look like telephone numbers.
_NO_PHONE = re.compile(
    r"(?:1[0-9]{3}|20[0-9]{2})\s?[-–/]\s?(?:[0-9]{2}|[0-9]{4})|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}"
    r"|[0-9]{4}[/-][0-9]{1,2}[/-][0-9]{1,2}"
)
# Ordinals, numbers with a unit, quarters of a year, compounds: letters and digits, but no code.
_MEASURED = re.compile(
    r"(?:[0-9]+(?:st|nd|rd|th|s)|[0-9.,/]+(?P<word>[a-z°μ]+(?:/[a-z]+)?)"
    r"|(?:fy|q|h)[0-9]+(?:fy[0-9]+)?|[0-9./]+-[a-z-]+"
    r"|(?:mid|pre|post|age|aged|top|under|over|early|late|fy|in|of|to|and|or)-[0-9s]+)"
)
# Letters behind a number that make no code of it, besides units.
_SUFFIXES = frozenset({"am", "pm", "x", "er", "pp", "p", "rd", "st"})
_HASH = re.compile(r"[0-9a-f]{7,64}")
# Digits of a telephone number that may stand without the code of its country.
_LOCAL = 7
_LONGEST = 80


@lru_cache(4096)
def _read(text: str) -> tuple[tuple[int, int, str], ...]:
    """Where the identifiers of a text stand, and each in its one form, in order."""
    found: list[tuple[int, int, str]] = []
    # In this order: what is taken is blanked, and an address holds what looks like a code.
    for reader in (_emails, _addresses, _versions, _phones, _codes):
        taken = list(reader(text))
        text = _blanked(text, taken)
        found += taken
    return tuple(sorted(found))


def _blanked(text: str, found: Collection[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, end, _ in sorted(found):
        parts += [text[at:start], " " * (end - max(at, start))]
        at = max(at, end)
    return "".join(parts) + text[at:]


def _emails(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _EMAIL.finditer(text):
        yield match.start(), match.end(), match[0]


def _addresses(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _URL.finditer(text):
        name = re.sub(r"^(?:https?://)?(?:www\.)?", "", match[0])
        yield match.start(), match.end(), name.rstrip("/.,;:")
    for match in _ACCOUNT.finditer(text):
        yield match.start(), match.end(), re.sub(r"\s", "", match[0])


def _versions(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _VERSION.finditer(text):
        if not _DOTTED_PHONE.fullmatch(match[0]):
            digits = re.sub(r"^[a-z.\s]+", "", match[0])
            yield (
                match.start(),
                match.end(),
                "v" + re.sub(r"[-+]|\.(?=[a-z])|(?<=[a-z])\.", "", digits),
            )


def _phones(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _PHONE.finditer(text):
        number = match[0].partition("ext")[0].partition("x")[0].strip(" ,")
        formatted = re.search(r"[\s()/-]|^\+", number) or _DOTTED_PHONE.fullmatch(number)
        if formatted and not _NO_PHONE.fullmatch(number):
            extension = f"x{match['extension']}" if match["extension"] else ""
            yield match.start(), match.end(), f"#{re.sub(r'[^0-9]', '', number)}{extension}"


def _codes(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _CODE.finditer(text):
        code = match[0]
        if any(map(str.isdigit, code)) and any(map(str.isalpha, code)) and not _measured(code):
            yield match.start(), match.end(), "".join(c for c in code if c.isalnum())


def _measured(code: str) -> bool:
    match = _MEASURED.fullmatch(code)
    return match is not None and (
        match["word"] is None
        or match["word"] in SCALES
        or match["word"] in _SUFFIXES
        or bool(unit_of(match["word"]))
    )


def identifiers(text: str) -> tuple[str, ...]:
    """E-mail addresses, URLs, versions, phone numbers and codes of a normalised text, in order."""
    return tuple(name for _, _, name in _read(text[:FURTHEST]))


def without_identifiers(text: str) -> str:
    """A normalised text with blanks where its identifiers are."""
    text = text[:FURTHEST]
    return _blanked(text, _read(text))


def shape(identifier: str) -> str:
    """What kind of identifier it is: letters and digits of one are those of its siblings."""
    if "@" in identifier:
        return "@"
    if identifier[0] in "#v" and identifier[1:2].isdigit():
        return identifier[0]
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"[0-9]+", "0", identifier))


def identifier_share(references: Sequence[str], question: str, answer: str) -> float | None:
    """Share of a reference's new identifiers that an answer states; None where one has none.

    Args:
        references: Normalised.
        question: Normalised; where it asks for a code, a short reference is one as a whole.
        answer: Normalised.
    """
    answer = answer[:FURTHEST]
    asked, said = identifiers(question), identifiers(answer)
    shares = []
    for reference in references:
        alternatives = _alternatives(reference, question)
        if not alternatives:
            return None
        for given in alternatives:
            wanted = [name for name in given if name not in asked] or given
            held = sum(
                any(_same(name, other) for other in said) or _stands(name, answer)
                for name in wanted
            )
            shares.append(held / len(wanted))
    return max(shares)


_BRACKETED = re.compile(r"([^()]{2,80}?)\s?\(([^()]{2,80})\)\W{0,3}")


def _alternatives(reference: str, question: str) -> list[tuple[str, ...]]:
    """The identifiers of a reference, or of each of "one (another)" and "one or another"."""
    match = _BRACKETED.fullmatch(reference)
    texts = match.groups() if match else reference.split(" or ")
    if len(texts) > 1:
        parts = [wanted_codes(part, question) for part in texts]
        if all(len(part) == 1 for part in parts):
            return parts
    codes = wanted_codes(reference, question)
    return [codes] if codes else []


_ASKS_CODE = re.compile(
    r"\b(?:what|which)(?: \w{1,20}){0,4}? (?:code|postcode|zip|iban|isbn|issn|vin|doi|cve|rfc"
    r"|plate|identifier|standard|norm|port|sku"
    r"|callsign|call sign|version|(?:flight|part|serial|model|article|account|card|id|registration"
    r"|room|gate|order|phone|telephone|fax|train|bus|tax|patent|case|item|reference) number)\b"
)
_GROUPS = 8


_SEVERAL = re.compile(r"[,;%$€£]|\b(?:and|or)\b")
_WORDS = re.compile(r"[^\W_]{1,200}")


def wanted_codes(reference: str, question: str) -> tuple[str, ...]:
    """The identifiers of a reference; where one code is asked for, all of it that is new."""
    found = identifiers(reference)
    if not _ASKS_CODE.search(question) or _SEVERAL.search(reference):
        return found
    known = frozenset(_WORDS.findall(question))
    groups = [group for group in _WORDS.findall(reference) if group not in known]
    if not 0 < len(groups) <= _GROUPS or not all(map(_is_group, groups)):
        return found
    if dotted := re.fullmatch(r"\W*(?:version |v)?([0-9]+(?:\.[0-9]+)+)\W*", reference):
        return (f"v{dotted[1]}",)
    code = "".join(groups)
    if not any(map(str.isdigit, code)):
        return found
    # "SW1A 1AA" is one code, whatever its groups look like.
    others = frozenset(_WORDS.findall(without_identifiers(reference))) - known
    return (code,) if others or (len(found) > 1 and all(map(str.isalnum, found))) else found


def _is_group(group: str) -> bool:
    return len(group) <= 4 or any(map(str.isdigit, group))


def _stands(name: str, answer: str) -> bool:
    """Whether a code stands in an answer in another formatting."""
    if name[:1] == "v" and name[1:2].isdigit():
        return bool(re.search(rf"(?<![\w.]){re.escape(name[1:])}(?![\w]|\.[0-9])", answer))
    code = name.removeprefix("#")
    if not code.isalnum() or len(code) > _LONGEST:
        return False
    spaced = r"[\s\-./()_*:–+]{0,2}".join(map(re.escape, code))
    return bool(re.search(rf"(?<![^\W_]){spaced}(?![^\W_])", answer))


def _same(one: str, other: str) -> bool:
    """Whether two identifiers are one, however long they are stated.

    Telephone numbers may come without the code of the country, hashes of commits as a prefix.
    """
    if one == other:
        return True
    if one[0] == other[0] == "#":
        (wanted, _, extension), (said, _, said_extension) = (
            one[1:].partition("x"),
            other[1:].partition("x"),
        )
        if extension != said_extension and extension:
            return False
        short, long = sorted((wanted.lstrip("0"), said.lstrip("0")), key=len)
        return len(short) >= _LOCAL and long.endswith(short)
    if _HASH.fullmatch(one) and _HASH.fullmatch(other):
        return one.startswith(other) or other.startswith(one)
    return False


def other_identifier(references: Sequence[str], question: str, answer: str) -> bool:
    """Whether an answer lacks an identifier that each reference has, and has one like it."""
    asked, said = identifiers(question), identifiers(answer)
    new = [name for name in said if name not in asked]
    for reference in references:
        wanted = [name for name in identifiers(reference) if name not in asked]
        missed = {shape(name) for name in wanted if name not in said}
        if not missed or not any(shape(name) in missed and name not in wanted for name in new):
            return False
    return True
