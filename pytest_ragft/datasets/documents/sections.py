"""What a document is to every reader: sections of text under headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BETWEEN = " – "
"""Stands between the headings that lead to a section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of text under one heading, or on one page."""

    title: str
    """The headings that lead to it, outermost first; empty where there are none."""
    text: str
    """Paragraphs, list items and rows, one a line; never blank."""
    page: int | None = None
    """Of a PDF, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file of people's, read."""

    name: str
    """Its path from the folder, with ``/``; what questions name it by."""
    title: str
    """As the file gives it, else its name without the ending."""
    sections: tuple[Section, ...]


def titled(title: str, headings: Sequence[str]) -> str:
    """The title of a section below `headings` in a document called `title`, each name once."""
    return BETWEEN.join(dict.fromkeys(filter(None, (title, *headings))))
