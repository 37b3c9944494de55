"""PDF: the text of each page."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_ragft.datasets.documents.sections import Document, Section
from pytest_ragft.errors import InputError, reason_of, require_packages

if TYPE_CHECKING:
    from pypdf import PdfReader

_HYPHEN = re.compile(r"(?<=[^\W\d_])-\n(?=[a-zà-ÿ])")
# Lines end where the page does, paragraphs at a blank line.
_WRAP = re.compile(r"(?<=\S)[ \t]*\n(?=\S)")
_SPACE = re.compile(r"[^\S\n]+")
# Between a heading and its page in a table of contents.
_LEADER = re.compile(r"(?:\.[^\S\n]?){5,}")


def read_pdf(data: bytes, name: str, fallback: str) -> Document:
    """A document of the pages that hold text; scanned ones hold none.

    Raises:
        InputError: it is no PDF, damaged, or asks for a password.
        MissingDependencyError: pypdf is not installed.
    """
    require_packages("pypdf", extra="data", purpose="reading PDF")
    from pypdf import PdfReader

    with _silent():
        try:
            reader = PdfReader(io.BytesIO(data))
            title = _title(reader) or fallback
            texts = [page.extract_text() for page in reader.pages]
        # pypdf raises whatever a damaged file leads it to, also of zlib and of its own.
        except Exception as error:
            raise InputError(f"cannot be read: {reason_of(error)}") from error
    sections = [
        Section(title=title, text=text, page=number)
        for number, text in enumerate(map(_unwrapped, texts), start=1)
        if text
    ]
    return Document(name=name, title=title, sections=tuple(sections))


def _title(reader: PdfReader) -> str:
    facts = reader.metadata
    return " ".join(str(facts.title or "").split()) if facts else ""


def _unwrapped(text: str) -> str:
    text = _LEADER.sub(" … ", _HYPHEN.sub("", text.replace("\r\n", "\n")))
    return _SPACE.sub(" ", _WRAP.sub(" ", text)).strip()


@contextmanager
def _silent() -> Iterator[None]:
    """Keep to itself what pypdf mends in a file; what it cannot mend, it raises."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
