"""Text that a judge must read and never obey.

Each text stands between two lines that carry a fence: 64 bits drawn from all texts of the prompt
by a hash, so that the same case always gives the same prompt, yet no text can hold the fence it
stands in (one that does by chance draws another).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import count

from pytest_ragft.store import fingerprint

_DIGITS = 16
# Markers that servers take for the end of a turn wherever they stand, since they tokenise a
# message together with its template: <|im_end|>, </s>, <start_of_turn>, [/INST], <<SYS>>.
_ANGLE = re.compile(r"<(?=[<|/\uff5c\w])")
_SQUARE = re.compile(r"\[(?=/?[A-Z_]{3,}\])")
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control, format, half a surrogate pair, private use, unassigned.
_DROPPED = ("Cc", "Cf", "Cs", "Co", "Cn")


def sanitised(text: str) -> str:
    """`text` in plain characters, its markers of chat templates broken by a space.

    Dropped are control and format characters (zero-width and bidirectional ones, tag characters),
    lone surrogates, and code points of private use or without a meaning; line ends and tabs stay.
    """
    text = "".join(
        c
        for c in _LINE_END.sub("\n", text)
        if c in "\n\t" or unicodedata.category(c) not in _DROPPED
    )
    return _SQUARE.sub("[ ", _ANGLE.sub("< ", text))


def fenced(texts: Mapping[str, str]) -> tuple[str, str]:
    """The fence, and all `texts` (by name, such as ``ANSWER``) cleaned and fenced."""
    fence, cleaned = fenced_apart(texts)
    return fence, "\n\n".join(block(name, text, fence) for name, text in cleaned.items())


def fenced_apart(texts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The fence for `texts`, and the texts cleaned, for putting into blocks one by one."""
    cleaned = {name: sanitised(text) for name, text in texts.items()}
    return _draw(cleaned), cleaned


def block(name: str, text: str, fence: str) -> str:
    """`text` between its two lines; it must be clean and without the fence."""
    assert fence not in text.lower(), "a text never holds its fence"
    return f"[{name} {fence} BEGINS]\n{text}\n[{name} {fence} ENDS]"


def _draw(texts: Mapping[str, str]) -> str:
    pairs = [[name, text] for name, text in texts.items()]
    lowered = [text.lower() for text in texts.values()]
    for attempt in count():
        fence = fingerprint("fence/1", attempt, pairs)[:_DIGITS]
        if not any(fence in text for text in lowered):
            return fence
    raise AssertionError("unreachable")
