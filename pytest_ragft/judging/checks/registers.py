"""Marks of a formal and of an informal register: forms of address, contractions, chat words."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MARKS: Mapping[str, tuple[str, str]] = {
    # Formal ones, then informal ones. German's formal address is written with a capital. English
    # "'s" before an article or "not" is a verb; "thanks" is casual where a sentence begins with it.
    "de": (
        r"(?<![.!?:] )(?<!^)\b(?:Sie|Ihnen|Ihr(?:e[nmrs]?)?)\b|(?i:\bSehr geehrte)",
        r"(?i:\b(?:du|dich|dir|dein(?:e[nmrs]?)?|euch|hallo|hey|hi|tschüss|klar|cool|super|mega|"
        r"nö|jo|krass|ciao)\b)",
    ),
    "en": (
        r"(?i:\b(?:dear|sincerely|kindly|madam|sir|regards|hereby)\b)",
        r"(?i:\b\w+n't\b|\b(?:i'm|you're|we're|they're|it's|that's|there's|let's|what's|"
        r"(?:i|you|we|they)'(?:ll|ve|d))(?!\w)|\b\w+'s (?=(?:not|an?|the|been)\b)|"
        r"\b(?:hey|hi|yeah|yep|nope|gonna|wanna|gotta|kinda|"
        r"lol|btw|ok|okay|guys|cool|awesome|stuff|cheers|bye)\b|"
        r"(?:^|(?<=[.!?,\"] )|(?<=\"))thanks\b)",
    ),
    "fr": (
        r"(?i:\b(?:vous|votre|vos)\b)",
        r"(?i:\b(?:tu|te|toi|ton|ta|tes|salut|coucou|ouais|super|sympa|cool|ciao)\b|\bt')",
    ),
}
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]|[:;]-?[)D(P](?!\\w)")
_COMPILED = {code: tuple(map(re.compile, marks)) for code, marks in _MARKS.items()}
_MOST = 5


def marks_of(text: str, language: str) -> tuple[list[str], list[str]]:
    """The formal marks and the informal ones in a text, a few of each.

    A text may have neither. In German, "Sie" at the start of a sentence may mean "she" or "they"
    and is no mark.

    Args:
        text: to be read.
        language: one of ``de``, ``en`` and ``fr``.
    """
    plain = text.replace("’", "'")
    formal, informal = (
        list(dict.fromkeys(match[0] for match in marks.finditer(plain)))
        for marks in _COMPILED[language]
    )
    informal += dict.fromkeys(_EMOJI.findall(plain))
    return formal[:_MOST], informal[:_MOST]
