"""Chat templates that print the time: what they print belongs to the identity of a prompt.

transformers gives templates one function of the clock, ``strftime_now(format)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

# In JSON, the quotes of a template are escaped.
_CALL = re.compile(rb"""strftime_now(?!\s+is\s)(?:\s*\(\s*\\?(["'])([^"'\\]*)\\?\1\s*\))?""")


def stopped(now: datetime) -> Callable[[str], str]:
    """``strftime_now`` of a clock that stands still."""
    return now.strftime


def printed_times(texts: Iterable[bytes], now: datetime) -> list[str]:
    """What templates would print of a clock; empty where they know none.

    The whole time where a template makes up the format as it goes.

    Args:
        texts: Templates, or files that hold them.
        now: The time.
    """
    calls = [call for text in texts for call in _CALL.finditer(text)]
    formats = {None if call[2] is None else call[2].decode(errors="replace") for call in calls}
    return sorted(now.isoformat() if layout is None else now.strftime(layout) for layout in formats)
