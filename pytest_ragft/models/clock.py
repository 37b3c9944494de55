"""Chat templates that print the time: what they print belongs to the identity of a prompt.

transformers gives templates one function of the clock, ``strftime_now(format)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pytest_ragft.models.files import tokenizer_texts

# In JSON, the quotes of a template are escaped.
_CALL = re.compile(rb"""strftime_now(?!\s+is\s)(?:\s*\(\s*\\?(["'])([^"'\\]*)\\?\1\s*\))?""")


def stopped(now: datetime) -> Callable[[str], str]:
    """``strftime_now`` of a clock that stands still."""
    return now.strftime


def printed_times(folder: Path, now: datetime, gguf: str | None = None) -> list[str]:
    """What a tokenizer's templates would print of a clock; empty where they know none.

    The whole time where a template makes up the format as it goes.

    Args:
        folder: Holds the tokenizer's files.
        now: The time.
        gguf: Name of the GGUF file in `folder` that holds the template; None for plain files.

    Raises:
        SpecError: a file cannot be read.
    """
    calls = [call for text in tokenizer_texts(folder, gguf) for call in _CALL.finditer(text)]
    formats = {None if call[2] is None else call[2].decode(errors="replace") for call in calls}
    return sorted(now.isoformat() if layout is None else now.strftime(layout) for layout in formats)
