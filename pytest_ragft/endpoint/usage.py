"""What calls have cost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_ragft.errors import SpecError

# Characters of two prices.
_LONGEST = 40
# Tokens of one call; no server has counted more.
_MOST = 1 << 32
_PRICES = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*/\s*([0-9]+(?:\.[0-9]+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a million tokens cost, in whatever currency."""

    prompt: float
    completion: float


@dataclass(slots=True, kw_only=True)
class Usage:
    """Counts over the calls of one endpoint; they only grow."""

    calls: int = 0
    failed: int = 0
    """Calls that ended without a value."""
    retries: int = 0
    """Requests beyond the first of each call."""
    reasked: int = 0
    """Calls that repeat a question because the reply was malformed; counted by who asks."""
    prompt_tokens: int = 0
    """As the server counts them."""
    completion_tokens: int = 0
    uncounted: int = 0
    """Calls with a value whose tokens the server did not count, or not in whole numbers."""

    def cost(self, prices: Prices) -> float:
        """What the tokens cost at these prices."""
        total = self.prompt_tokens * prices.prompt + self.completion_tokens * prices.completion
        return total / 1e6

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            calls=self.calls + other.calls,
            failed=self.failed + other.failed,
            retries=self.retries + other.retries,
            reasked=self.reasked + other.reasked,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            uncounted=self.uncounted + other.uncounted,
        )

    def count(self, value: Any, *, attempts: int) -> None:
        """Add a call; `value` is the decoded answer, None for a failure."""
        self.calls += 1
        self.failed += value is None
        self.retries += max(0, attempts - 1)
        reported = value.get("usage") if isinstance(value, Mapping) else None
        names = ("prompt_tokens", "completion_tokens")
        counts = [reported.get(name) if isinstance(reported, Mapping) else None for name in names]
        prompt, completion = (count if _is_count(count) else None for count in counts)
        self.prompt_tokens += prompt or 0
        self.completion_tokens += completion or 0
        self.uncounted += value is not None and None in (prompt, completion)


def prices(environ: Mapping[str, str], name: str) -> Prices | None:
    """Prices from the variable `name`, such as ``0.15/0.60``; None where it is not set.

    Raises:
        SpecError: it is not of that form.
    """
    text = environ.get(name, "").strip()
    if not text:
        return None
    match = _PRICES.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise SpecError(
            f"{name}={text!r:.80}: give the prices of a million prompt tokens and of a million "
            "completion tokens, such as 0.15/0.60"
        )
    return Prices(prompt=float(match[1]), completion=float(match[2]))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
