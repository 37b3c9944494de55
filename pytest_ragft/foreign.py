"""Texts that others wrote, made fit to be kept and shown: whole, no secrets, no CI commands.

What a server, a library, a file or a model says goes into messages, logs and reports. It may repeat
a password out of a URL, begin a line with what GitHub, Azure or TeamCity take for a command, or be
cut in the middle of a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Characters of a text that are looked through and shown, from its beginning.
_LONGEST = 10_000
# The same of its end.
_TAIL = 1_000

HIDDEN = "…"
"""Stands in the place of a secret."""

MARK = "|"
"""Stands where a CI service would have found a command."""

# A password may hold "/" where somebody forgot to quote it: then a colon must stand before it.
# MODEL@URL behind a URL, as in a jury's name, is no user.
_USER = re.compile(
    r"(?<=://)(?:[^\s/?#'\"<>,]*:[^\s'\"<>,]*|[^\s/?#]*)@(?!https?://)", re.IGNORECASE
)
_HEADER = re.compile(
    r"(\b(?:authorization|(?:x-)?api-key|x-[\w-]{0,30}(?:token|key|secret))\W{1,4}"
    r"(?:(?:basic|bearer|apikey|digest|negotiate|token)\s+)?)[^\s,;'\"]+",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(\b(?:basic|bearer|apikey)\s+)(?=[\w+/=.~-]*[0-9=])[\w+/=.~-]{12,}", re.IGNORECASE
)
_QUERY = re.compile(
    r"([?&;](?:[\w-]{0,20}(?:key|token|secret|signature)|passw(?:or)?d|pwd|sig)=)"
    r"[^\s&;#'\"]+",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"\b(?:github_pat_[A-Za-z0-9_]{20,}|glpat-[\w-]{16,}|gsk_[A-Za-z0-9]{20,}|nvapi-[\w-]{20,}"
    r"|AIza[\w-]{30,}|AKIA[A-Z0-9]{12,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}"
    r"|[sprk]k-(?=[\w-]*[0-9])[\w-]{16,}|hf_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,})"
)
_PLACES = (
    (_USER, f"{HIDDEN}@"),
    (_HEADER, rf"\1{HIDDEN}"),
    (_TOKEN, rf"\1{HIDDEN}"),
    (_QUERY, rf"\1{HIDDEN}"),
    (_KEY, HIDDEN),
)

# GitHub takes "::name" behind white space alone, and "##[" anywhere, as Azure does "##vso[". A
# line that is wrapped may begin with any of its words.
_COMMAND = re.compile(r"(?<!\S)(?=::\S)|(?<=#)(?=#\w*\[)")


def mended(text: str) -> str:
    """A text with halves of surrogate pairs replaced by U+FFFD, as a model's server may cut it.

    No file, tokenizer, hash or socket takes such a half.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without what may be a secret: users in URLs, credentials in headers, keys.

    Args:
        text: whoever wrote it.
        secrets: further ones that are known, in every form in which they may come back.
    """
    if len(text) > _LONGEST:
        # Nobody reads more of an error, over which patterns would take quadratic time; cut at
        # words, since the first half of a key is still most of it.
        begin, end = text[:_LONGEST].rpartition(" ")[0], text[-_TAIL:].partition(" ")[2]
        text = f"{begin} {HIDDEN} {end}"
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for place, instead in _PLACES:
        text = place.sub(instead, text)
    return text


def harmless(text: str) -> str:
    """`text` with `MARK` where a line of it would be a command to a CI service.

    Holds for each line of it, and for whatever lines its words are wrapped into. What is harmless
    stays as it is.
    """
    return _COMMAND.sub(MARK, text)
