"""Where an endpoint is, and what opens it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from pytest_ragft.errors import SpecError

_MODEL_AT_URL = re.compile(r"(?P<model>.+?)@(?P<url>https?://.*)", re.IGNORECASE | re.DOTALL)
_BORROWED = "OPENAI_API_KEY"
_KEY = re.compile(r"[\x21-\x7e]+")


class Secret:
    """A text that no message, repr or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(…)"

    def reveal(self) -> str:
        """The text itself; for the one place that sends it."""
        return self._text


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
            f"{where}: {_masked(text)!r} is not MODEL@URL; "
            "name both, such as my-model@http://127.0.0.1:8000/v1"
        )
    return match["model"].strip(), base_url(match["url"], where=where)


def base_url(text: str, *, where: str) -> str:
    """`text` as a base URL in one spelling: lower-case host, no slash at the end.

    Raises:
        SpecError: no http(s) URL, or one with a user, a query or a fragment.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise SpecError(
            f"{where}: {_masked(text)!r} is no URL ({error}); give one such as "
            "http://127.0.0.1:8000/v1"
        ) from None
    if parts.username is not None or parts.password is not None:
        raise SpecError(
            f"{where}: the URL {_masked(text)!r} holds a user name or password; put the key into "
            "the environment instead"
        )
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise SpecError(
            f"{where}: {text!r} is no http or https URL; give one such as http://127.0.0.1:8000/v1"
        )
    if parts.query or parts.fragment:
        raise SpecError(
            f"{where}: the URL {_masked(text)!r} has a query or a fragment; give the base URL "
            "alone, such as http://127.0.0.1:8000/v1"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, parts.path.rstrip("/"), "", ""))


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
        if not _KEY.fullmatch(key):
            raise SpecError(
                f"{name}: the key holds spaces or characters outside of ASCII; copy it again"
            )
        return key
    return None


def _masked(text: str) -> str:
    """`text` without what may be a password or a token in a URL."""
    text = re.sub(r"//[^/@\s]*@", "//…@", text)
    return re.sub(r"[?#].*", "?…", text, flags=re.DOTALL)
