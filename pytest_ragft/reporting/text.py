"""Lines of text for a terminal: cleaning, cutting, wrapping, tables. Pure."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, TypeVar

from pytest_ragft.foreign import harmless

Style = Literal["title", "heading", "good", "bad", "warn", "plain", "dim"]

_MARKUP: Mapping[Style, Mapping[str, bool]] = {
    "title": {"bold": True},
    "heading": {"bold": True},
    "good": {"green": True, "bold": True},
    "bad": {"red": True, "bold": True},
    "warn": {"yellow": True},
    "plain": {},
    "dim": {"light": True},
}
# One character for one, so that columns stay aligned.
_ASCII = str.maketrans(
    {
        "\N{MINUS SIGN}": "-",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{GREEK SMALL LETTER ALPHA}": "a",
        "\N{GREEK SMALL LETTER DELTA}": "d",
        "…": "~",
        "→": ">",
        "●": "o",
        "├": "[",
        "┤": "]",
        "─": "=",
        "┼": "+",
        "╎": ":",
        "│": "|",
        "◂": "<",
        "▸": ">",
        "✓": "+",
        "✗": "x",
        "·": ".",
        "≥": ">",
        "≤": "<",
        "±": "~",
    }
)
_GLYPHS = "".join(map(chr, _ASCII))

_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True)
class Line:
    """A line to write, with the name of its style."""

    text: str
    style: Style = "plain"

    @property
    def markup(self) -> Mapping[str, bool]:
        """Keywords for `write_line` of pytest's terminal reporter."""
        return _MARKUP[self.style]


def can_show(encoding: str | None) -> bool:
    """Whether a stream of this encoding can show the drawing characters used here."""
    try:
        _GLYPHS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def transliterate(text: str) -> str:
    """`text` with the drawing and typographic characters used here as ASCII, width unchanged."""
    return text.translate(_ASCII)


def clean(text: str, *, ascii_only: bool = False) -> str:
    """`text` on one line, with everything that could steer a terminal or a CI service made visible.

    Ids, messages and names come from files and models; an escape sequence or a bidirectional
    override in them must not redraw the report, nor a workflow command (`harmless`) set an output.
    """
    line = harmless(" ".join(text.split()))
    if line.isprintable() and (line.isascii() or not ascii_only):
        return line
    return "".join(_visible(char, ascii_only) for char in line)


def _visible(char: str, ascii_only: bool) -> str:
    if char.isprintable() and (char.isascii() or not ascii_only or ord(char) in _ASCII):
        return char
    if char.isascii():
        return f"\\x{ord(char):02x}"
    return char.encode("ascii", "backslashreplace").decode("ascii")


def map_strings(record: _Record, change: Callable[[str], str]) -> _Record:
    """A copy of a record, or of a tuple or mapping of records, with every string changed."""
    return _mapped(record, change)  # type: ignore[no-any-return]


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_mapped(item, change) for item in value)
    if isinstance(value, Mapping):
        return {change(str(key)): _mapped(item, change) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: _mapped(getattr(value, f.name), change) for f in fields(value)}
        return replace(value, **parts)
    return value


def width_of(text: str) -> int:
    """Columns that `text` takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, the middle left out: both ends tell ids apart."""
    if width_of(text) <= width:
        return text
    room = max(width - 1, 0)
    tail = _last(text, room // 2)
    return _first(text, room - width_of(tail)) + "…" + tail if width > 0 else ""


def _first(text: str, width: int) -> str:
    end = 0
    while end < len(text) and width_of(text[: end + 1]) <= width:
        end += 1
    return text[:end]


def _last(text: str, width: int) -> str:
    start = len(text)
    while start > 0 and width_of(text[start - 1 :]) <= width:
        start -= 1
    return text[start:]


def pad(text: str, width: int, align: str = "<") -> str:
    """`text` filled with blanks to `width` columns, at its left (``<``) or right (``>``)."""
    blanks = " " * max(width - width_of(text), 0)
    return blanks + text if align == ">" else text + blanks


def wrap(text: str, width: int, *, first: str = "", rest: str | None = None) -> list[str]:
    """`text` in lines of at most `width` columns; a longer word (a path) stays whole to be copied.

    Args:
        text: on one line.
        width: in columns.
        first: what the first line begins with.
        rest: what the other lines begin with; blanks as wide as `first` by default.
    """
    return textwrap.wrap(
        text,
        max(width, 20),
        initial_indent=first,
        subsequent_indent=" " * width_of(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(rows: Sequence[Sequence[str]], align: str, gap: str = "  ") -> list[str]:
    """Rows of cells as aligned lines; `align` has ``<`` or ``>`` for each column."""
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    return [
        gap.join(map(pad, row, widths, align)).rstrip()  # the last column ends where it ends
        for row in rows
    ]


def beside(left: Iterable[str], right: Iterable[str], *, gap: int = 4) -> list[str]:
    """Two blocks of lines next to each other."""
    lefts, rights = list(left), list(right)
    edge = max(map(width_of, lefts), default=0) + gap
    height = max(len(lefts), len(rights))
    lefts += [""] * (height - len(lefts))
    rights += [""] * (height - len(rights))
    return [(pad(a, edge) + b).rstrip() if b else a for a, b in zip(lefts, rights, strict=True)]


def rule(title: str, width: int, fill: str) -> str:
    """A line of `fill` across the width with `title` in its middle."""
    title = cut(title, width - 8)
    side = max((width - width_of(title) - 2) // 2, 3)
    line = f"{fill * side} {title} {fill * side}"
    return line + fill if width_of(line) < width else line
