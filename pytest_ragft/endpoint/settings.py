"""How one use of endpoints is set: by variables of the environment that begin with its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_ragft.endpoint.address import Secret, api_key
from pytest_ragft.errors import SpecError

if TYPE_CHECKING:
    from pytest_ragft.endpoint.client import Endpoint


_DIGITS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """A server's address, its key, and how it is called; the repr holds no secret."""

    url: str
    api_key: Secret | None
    key_setting: str
    """The variable that a key belongs into, for messages."""
    concurrency: int
    """Calls under way at a time, at most."""
    call_timeout: float
    """Seconds that one request may take."""

    def open(self) -> Endpoint:
        """The client. Nothing is asked yet.

        Raises:
            MissingDependencyError: aiohttp or tenacity is not installed.
        """
        from pytest_ragft.endpoint.client import Endpoint

        return Endpoint(
            self.url,
            api_key=None if self.api_key is None else self.api_key.reveal(),
            key_setting=self.key_setting,
            concurrency=self.concurrency,
            call_timeout=self.call_timeout,
        )


def endpoint_settings(
    url: str,
    environ: Mapping[str, str],
    *,
    prefix: str,
    concurrency: int = 64,
    timeout: int = 60,
    own_key: str | None = None,
) -> EndpointSettings:
    """Settings of a use of endpoints, such as judging.

    Args:
        url: Base URL.
        environ: May hold ``PREFIX_API_KEY`` (else OPENAI_API_KEY), ``PREFIX_CONCURRENCY`` (calls at
            a time) and ``PREFIX_TIMEOUT`` (seconds a call), for servers that are slower than most.
        prefix: Such as ``RAGFT_JUDGE``.
        concurrency: Calls at a time where the environment does not say.
        timeout: Seconds a call where the environment does not say.
        own_key: A variable whose key comes before that of ``PREFIX_API_KEY``.

    Raises:
        SpecError: one of these variables is not of the form.
    """
    setting = f"{prefix}_API_KEY"
    names = (setting, "OPENAI_API_KEY") if own_key is None else (own_key, setting, "OPENAI_API_KEY")
    key = api_key(environ, names, url)
    return EndpointSettings(
        url=url,
        api_key=None if key is None else Secret(key),
        key_setting=setting,
        concurrency=whole_number(environ, f"{prefix}_CONCURRENCY", concurrency),
        call_timeout=whole_number(environ, f"{prefix}_TIMEOUT", timeout),
    )


def whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    """A whole number of at least 1 from the environment; of at most seven digits."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    short = len(text) <= _DIGITS and text.isascii() and text.isdigit()
    if not short or not int(text):
        raise SpecError(
            f"{name}={text!r:.80}: give a whole number from 1 to {10**_DIGITS - 1}, "
            f"such as {default}"
        )
    return int(text)
