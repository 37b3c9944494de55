"""Texts of others inside GitHub-flavoured Markdown, where they stay texts. Pure.

A backslash keeps a character from being markup, but not GitHub from making a mention of ``@name``
or a link of ``#12``: that happens to the rendered text, and only code is left alone. So a word
stands as it is where it holds nothing but letters, digits and plain punctuation, and every other
one is code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from pytest_ragft.reporting.text import clean, cut
from pytest_ragft.reporting.word_diff import word_diff

MOST = 1_000
"""Columns of a text; its middle is left out beyond."""
# Twice that of what is shown, so that both of its ends are whole.
_LOOKED_AT = 4 * MOST

_PLAIN = re.compile(
    r"\(?[^\W_]+(?:[-.,'’–][^\W_]+)*['’]?[).,;:%]{0,3}"
    r"|\[?[−+]?\d[\d.,]*\]?[).,;:%]{0,3}|[–→·]|%[).,;:]{0,3}"
)
# Hosts, emoji, and what GitHub takes for a commit or an issue.
_LINKED = re.compile(r"www\.|gh-\d|[0-9a-f]{7,}", re.IGNORECASE)
# Begins a list.
_ORDINAL = re.compile(r"\d+[.)](?:\s|$)")
_BACKTICKS = re.compile(r"`+")


def code(text: str, most: int = MOST) -> str:
    """A text as code, on one line, and at most `most` columns of it."""
    shown = cut(clean(_ends(text)), most)
    if not shown:
        return ""
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(shown)), default=0))
    # Such spaces are taken off again, and without them a backtick would belong to the fence.
    space = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{space}{shown}{space}{fence}"


def prose(text: str, most: int = MOST) -> str:
    """A sentence on one line, at most `most` columns of it; what could be markup in it is code."""
    words = cut(clean(_ends(text)), most).split(" ")
    parts = [
        " ".join(group) if plain else code(_unquoted(" ".join(group)), most)
        for plain, group in groupby(words, key=_is_plain)
    ]
    line = " ".join(part for part in parts if part)
    # At the beginning of an item it would begin another list in there.
    return code(words[0]) + line[len(words[0]) :] if _ORDINAL.match(line) else line


def cell(text: str, most: int = MOST) -> str:
    """A sentence in a cell of a table, which a bar would end, even in code."""
    return prose(_without_bars(text), most)


def cell_code(text: str, most: int = MOST) -> str:
    """A text as code in a cell of a table."""
    return code(_without_bars(text), most)


def changes(before: str, after: str) -> str:
    """The second text, with what it lacks struck out and what is new in bold."""
    runs = word_diff(_ends(before), _ends(after))
    if runs is None:
        return code(after)
    marks = {"same": "", "removed": "~~", "added": "**"}
    return " ".join(f"{marks[kind]}{code(text)}{marks[kind]}" for kind, text in runs)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> list[str]:
    """Rows of cells that are Markdown already; `align` has ``<`` or ``>`` for each column."""
    rules = ["---:" if side == ">" else ":---" for side in align]
    return [f"| {' | '.join(row)} |" for row in (header, rules, *rows)]


def _without_bars(text: str) -> str:
    """Also without the one that `clean` puts before a command."""
    return clean(_ends(text)).replace("|", "¦")


def _ends(text: str) -> str:
    """So much of a text as can be shown: an answer may be a single word of a megabyte."""
    if len(text) <= 2 * _LOOKED_AT:
        return text
    return f"{text[:_LOOKED_AT]} … {text[-_LOOKED_AT:]}"


def _is_plain(word: str) -> bool:
    return bool(_PLAIN.fullmatch(word)) and not _LINKED.search(word)


def _unquoted(words: str) -> str:
    """Our own sentences quote commands as Markdown does."""
    inner = words[1:-1]
    return inner if words == f"`{inner}`" and inner and "`" not in inner else words
