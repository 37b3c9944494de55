"""What one request came to, whether sending it again may help, and what its caller gets."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

LONGEST_WAIT = 120.0
"""Seconds; a server that asks to wait longer is given up."""

_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_SPENT = ("insufficient_quota", "billing_hard_limit_reached")
_SHOWN = 200
_READ = 1 << 16
_DIGITS = 18
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One request's end."""

    value: Any = None
    error: str | None = None
    status: int | None = None
    again: bool = False
    """Sending the same request again may succeed."""
    hopeless: bool = False
    """No request to this endpoint with this key and model will succeed."""
    retry_after: float | None = None
    """Seconds that the server asks to wait."""
    code: str = ""
    """What the server calls its refusal, such as ``context_length_exceeded``."""


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
    code: str = ""
    """What the server calls its refusal, such as ``context_length_exceeded``; often nothing."""

    def __post_init__(self) -> None:
        assert (self.value is None) != (self.error is None), "a reply is a value or an error"


def read_response(
    status: int, body: bytes, headers: Mapping[str, str], *, url: str, key_setting: str
) -> Outcome:
    """The outcome of a response.

    Args:
        status: HTTP status.
        body: As it came.
        headers: Case-insensitive.
        url: Where the request went, for messages.
        key_setting: The variable that holds the key, for messages.
    """
    if 200 <= status < 300:
        return _read_value(status, body, url)
    said = _said(body)
    if status in _AGAIN:
        return _busy(status, said, body, headers, url)
    return Outcome(
        error=f"{url} answered {status}{_remedy(status, headers, key_setting)}{said}",
        status=status,
        hopeless=status in (401, 403, 404, 405) or 300 <= status < 400,
        code=_code(body),
    )


def _read_value(status: int, body: bytes, url: str) -> Outcome:
    try:
        value = json.loads(body, parse_constant=_refuse, parse_int=_number)
    except (ValueError, RecursionError):
        value = None
    if value is None:
        return Outcome(
            error=f"{url} did not answer in JSON; give the base URL of an OpenAI-compatible API, "
            "which mostly ends in /v1",
            status=status,
        )
    return Outcome(value=value, status=status)


def _busy(status: int, said: str, body: bytes, headers: Mapping[str, str], url: str) -> Outcome:
    error = f"{url} answered {status}{said}"
    if status == 429 and any(word.encode() in body for word in _SPENT):
        return Outcome(error=error, status=status, hopeless=True)
    wait = retry_after(headers.get("Retry-After", ""))
    if wait is not None and wait > LONGEST_WAIT:
        error = f"{url} answered {status} and asks to wait {wait:.0f} s{said}"
        return Outcome(error=error, status=status)
    return Outcome(error=error, status=status, again=True, retry_after=wait)


def _remedy(status: int, headers: Mapping[str, str], key_setting: str) -> str:
    if status in (401, 403):
        return f": the key was refused; set {key_setting}"
    if status == 404:
        return ": unknown model or wrong URL; check both (the URL mostly ends in /v1)"
    if status == 405:
        return ": wrong URL; give the base URL of the API, which mostly ends in /v1"
    if 300 <= status < 400:
        return f": it redirects to {headers.get('Location', '?')!r}; give that URL"
    return ""


def retry_after(text: str) -> float | None:
    """Seconds, at least 0, that a Retry-After header asks for; None when it cannot be read.

    A number or a date (RFC 9110, section 10.2.3); fractions, which some servers send, count.
    """
    if _SECONDS.fullmatch(text.strip()):
        seconds = float(text)
    else:
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _said(body: bytes) -> str:
    """The server's own words, shortened and on one line."""
    text = body[:_READ].decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    for name in ("error", "message", "detail"):
        if isinstance(parsed, dict) and name in parsed:
            parsed = parsed[name]
    words = parsed if isinstance(parsed, str) else text
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    # Cut at a word: the first half of a key is still most of it.
    shown = line if len(line) <= _SHOWN else line[:_SHOWN].rpartition(" ")[0] + " …"
    return f"; it says: {shown}" if line else ""


def _code(body: bytes) -> str:
    """The code or else the type of an error, as OpenAI's API and its likes give them."""
    try:
        parsed = json.loads(body[:_READ])
    except (ValueError, RecursionError):
        return ""
    error = parsed.get("error", parsed) if isinstance(parsed, dict) else None
    # TGI's `error` is a text, with its type beside it.
    for place in (error, parsed):
        for name in ("code", "type", "error_type"):
            if isinstance(place, dict) and isinstance(place.get(name), str):
                return str(place[name])[:_SHOWN]
    return ""


def _number(digits: str) -> int | float:
    """An integer; one that no count or price has becomes a float, whose arithmetic cannot fail."""
    return int(digits) if len(digits) <= _DIGITS else float(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
