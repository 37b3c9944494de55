"""Where an endpoint is, and what opens it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit, urlunsplit

from pytest_ragft.errors import SpecError

_MODEL_AT_URL = re.compile(r"(?P<model>.+?)@(?P<url>https?://.*)", re.IGNORECASE | re.DOTALL)
_BORROWED = "OPENAI_API_KEY"

CREDENTIALS = "it holds a user name or password, which would show in logs and reports"
"""What `read_url` says of such a URL."""


class Secret:
    """A text that shows in no message, repr or traceback; only `reveal` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def reveal(self) -> str:
        """The text itself; for the one place that sends it."""
        return self._text

    @property
    def is_sendable(self) -> bool:
        """Whether a header can hold it: visible ASCII characters alone."""
        return all("!" <= character <= "~" for character in self._text)


def parse_model_at_url(text: str, *, where: str) -> tuple[str, str]:
    """Model and base URL of ``MODEL@URL``.

    Args:
        text: Such as ``gpt-x@https://host/v1``; the model's name may hold an ``@`` itself.
        where: The setting that it stands in, for messages.

    Raises:
        SpecError: it is not of that form, or the URL is unusable.
    """
    match = _MODEL_AT_URL.fullmatch(text.strip())
    if match is None or not match["model"].strip():
        raise SpecError(
            f"{where}: {masked(text)!r} is not MODEL@URL; "
            "name both, such as my-model@http://127.0.0.1:8000/v1"
        )
    return match["model"].strip(), base_url(match["url"], where=where)


def base_url(text: str, *, where: str) -> str:
    """`text` as a base URL in one spelling: lower-case host, no slash at the end.

    Raises:
        SpecError: no http(s) URL, or one with a user, a query or a fragment.
    """
    parts, fault = read_url(text)
    if parts is None:
        remedy = "give one such as http://127.0.0.1:8000/v1"
        if fault == CREDENTIALS:
            remedy = "put the key into the environment instead"
        raise SpecError(f"{where}: {masked(text)!r}: {fault}; {remedy}")
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))


def read_url(text: str) -> tuple[SplitResult | None, str]:
    """The parts of an http or https URL; else None, and what is wrong with it.

    What is wrong is said without a word of the URL, which may hold a secret: see `masked`.
    """
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError:
        return None, "it is no URL, or its port is not a number from 0 to 65535"
    if "@" in parts.netloc:
        return None, CREDENTIALS
    if parts.scheme not in ("http", "https"):
        return None, "it starts neither with http:// nor with https://"
    if not _is_host(parts.hostname or ""):
        return None, "it names no usable host"
    if parts.query or parts.fragment:
        return None, "it may not hold a query or a fragment"
    return parts, ""


@lru_cache
def is_loopback(url: str) -> bool:
    """Whether `url` names this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def api_key(environ: Mapping[str, str], names: Sequence[str], url: str) -> str | None:
    """The key for `url`: the first of the variables `names` that is set, else None.

    ``OPENAI_API_KEY`` was made for another place: it is sent over https and to this machine only.

    Raises:
        SpecError: the key holds what no HTTP header can.
    """
    for name in names:
        key = environ.get(name, "").strip()
        plain = url.startswith("http://") and not is_loopback(url)
        if not key or (name == _BORROWED and plain):
            continue
        expect_sendable(name, key)
        return key
    return None


def expect_sendable(name: str, key: str) -> None:
    """Refuse a key that no header can hold.

    Args:
        name: The variable that it stands in.
        key: Itself, which the message does not show.

    Raises:
        SpecError: it is one.
    """
    if not Secret(key).is_sendable:
        raise SpecError(
            f"{name}: the key holds spaces or characters outside of ASCII; copy it again"
        )


def masked(text: str) -> str:
    """`text`, which is to be one URL, without what may be a password or a token in it."""
    return re.sub(r"[?#].*", "?…", without_credentials(text), flags=re.DOTALL)


def without_credentials(text: str) -> str:
    """`text` without the user and password of a URL."""
    # Up to the last @: a password may hold that character, and a slash, too.
    return re.sub(r"//.*@", "//…@", text, flags=re.DOTALL)


def _is_host(host: str) -> bool:
    try:
        return bool(host.encode("idna")) and not any(c.isspace() for c in host)
    except UnicodeError:
        return False
