"""Texts of others, fit for a page."""

from __future__ import annotations

import re

from pytest_ragft.reporting.text import clean

# A few stand on letters of living languages; hundreds on one letter are drawn over other lines.
_PILED = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def legible(text: str) -> str:
    """`text` on one line, with everything visible that could disturb its neighbours."""
    line = clean(text)
    return line if line.isascii() else _PILED.sub(r"\1…", line)
