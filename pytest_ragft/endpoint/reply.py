"""What came of one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A server's JSON answer to one call, or why there is none."""

    value: Any = None
    """The decoded JSON; None when `error` says why there is none."""
    error: str | None = None
    status: int | None = None
    """HTTP status of the last attempt; None when there was no answer, or no attempt."""
    attempts: int = 0
    """Requests that were sent; 0 for a call that was given up before."""

    def __post_init__(self) -> None:
        assert (self.value is None) != (self.error is None), "a reply is a value or an error"
