"""Chat templates that print the time: what they print belongs to the identity of a prompt.

transformers gives templates one function of the clock, ``strftime_now(format)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace

# In JSON, the quotes of a template are escaped.
_CALL = re.compile(rb"""strftime_now(?!\s+is\s)(?:\s*\(\s*\\?(["'])([^"'\\]*)\\?\1\s*\))?""")


@contextmanager
def stopped(now: datetime) -> Iterator[None]:
    """Let templates that transformers renders meanwhile print `now`.

    From 5.24 on it takes no function of ours in the place of its own, so that the clock which that
    one reads is set.

    Raises:
        AttributeError: this release reads another clock.
    """
    from transformers.utils import chat_template_utils as templates

    running = templates.datetime
    templates.datetime = SimpleNamespace(now=lambda: now)
    try:
        yield
    finally:
        templates.datetime = running


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
