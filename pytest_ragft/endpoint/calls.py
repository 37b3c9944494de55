"""Asynchronous calls: bounded, timed, retried with back-off and jitter."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from pytest_ragft.endpoint.address import Secret, is_loopback
from pytest_ragft.endpoint.body import ACCEPTED, BodyError, read_body
from pytest_ragft.endpoint.outcome import Outcome, Reply, read_response
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import reason_of
from pytest_ragft.foreign import scrubbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How calls are bounded."""

    concurrency: int
    call_timeout: float
    """Seconds that one request may take."""
    total_timeout: float | None
    """Seconds that all calls of one run may take together."""
    attempts: int
    """Requests a call, at most."""
    backoff: float
    """Seconds; the wait before the n-th retry is random in [0, backoff · 2ⁿ⁻¹], at most 20 s."""
    give_up_after: int
    """So many calls in a row that fail with all their attempts end every further call."""

    def with_one_attempt(self) -> Limits:
        """The same without retries."""
        return replace(self, attempts=1)


@dataclass(slots=True, kw_only=True)
class Health:
    """Whether an endpoint is worth another call; outlives the single run."""

    limit: int
    answered: bool = False
    """It has given a value, so that its URL, key and model are right."""
    failures: int = 0
    """Calls in a row without one, because of the server or the connection."""
    dead: str | None = None
    """Why no further call is made."""

    def note(self, outcome: Outcome) -> None:
        """Learn from a call's last outcome."""
        if self.dead is not None:
            return
        if outcome.error is None:
            self.answered, self.failures = True, 0
        elif outcome.hopeless and not self.answered:
            self.dead = outcome.error
        elif outcome.again or outcome.hopeless:
            self.failures += 1
            if self.failures >= self.limit:
                self.dead = f"given up after {self.failures} calls in a row failed: {outcome.error}"
        else:
            self.failures = 0


@dataclass(slots=True, kw_only=True)
class Calls:
    """The calls of one run; lives inside one event loop. Made by `opened`."""

    url: str
    limits: Limits
    health: Health
    usage: Usage
    key: Secret | None
    key_setting: str
    session: Any
    slots: asyncio.Semaphore
    deadline: float | None
    """In the loop's time."""
    resume_at: float = field(default=0.0)
    """No request goes out before; set by a server that asks for patience."""

    async def post(self, path: str, body: Mapping[str, Any] | None) -> Reply:
        """One call with its retries; never raises for what a server does. Without a body, a GET."""
        payload = None if body is None else json.dumps(body, allow_nan=False).encode("ascii")
        async with self.slots:
            if self.health.dead is not None:
                return Reply(error=self.health.dead)
            outcome, attempts = await self._persist(f"{self.url}/{path.lstrip('/')}", payload)
        if attempts:
            self.health.note(outcome)
        # A list that is fetched has no tokens, and costs nothing.
        if body is not None:
            self.usage.count(outcome.value, attempts=attempts)
        return Reply(
            value=outcome.value,
            error=outcome.error,
            status=outcome.status,
            attempts=attempts,
            code=outcome.code,
        )

    async def _persist(self, url: str, payload: bytes | None) -> tuple[Outcome, int]:
        import tenacity

        last = Outcome()
        sent = 0

        async def attempt() -> Outcome:
            nonlocal last, sent
            if not await self._turn():
                return last if sent else self._too_late()
            sent += 1
            last = self._without_secrets(await self._request(url, payload))
            if last.retry_after is not None:
                self.resume_at = max(self.resume_at, self._now() + last.retry_after)
            return last

        def useless(_: tenacity.RetryCallState) -> bool:
            return self.health.dead is not None or self._left() <= 0

        # A fresh object each time: one that is shared mixes up what its concurrent calls do.
        outcome = await tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda outcome: outcome.again),
            stop=tenacity.stop_any(tenacity.stop_after_attempt(self.limits.attempts), useless),
            wait=tenacity.wait_random_exponential(multiplier=self.limits.backoff, max=20),
            sleep=lambda seconds: asyncio.sleep(min(seconds, max(0.0, self._left()))),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )(attempt)
        return outcome, sent

    async def _turn(self) -> bool:
        """Wait until requests may go out; whether there is time left for one then."""
        while (wait := self.resume_at - self._now()) > 0:
            if wait >= self._left():
                return False
            await asyncio.sleep(wait)
        return self._left() > 0

    async def _request(self, url: str, payload: bytes | None) -> Outcome:
        import aiohttp

        seconds = min(self.limits.call_timeout, self._left())
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
        }
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key.reveal()}"
        try:
            async with self.session.request(
                "GET" if payload is None else "POST",
                url,
                data=payload,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=seconds),
                # A key goes to nobody but the one whom the user named.
                allow_redirects=False,
                proxy=_proxy(url),
            ) as response:
                encoding = response.headers.get("Content-Encoding", "")
                body = await read_body(response.content.iter_any(), encoding)
        except BodyError as error:
            return Outcome(
                error=f"{url}: {error}; nothing of it was used, check what answers there",
                status=response.status,
                hopeless=True,
            )
        except TimeoutError:
            return Outcome(error=f"{url} did not answer within {seconds:.3g} s", again=True)
        except aiohttp.ClientSSLError as error:
            return Outcome(
                error=f"{url}: no trusted TLS connection ({reason_of(error)}); name the "
                "certificate authority by SSL_CERT_FILE",
                hopeless=True,
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(
                error=f"{url} cannot be reached ({reason_of(error)}); check that the server runs "
                "and that the URL is right",
                again=True,
            )
        return read_response(
            response.status, body, response.headers, url=url, key_setting=self.key_setting
        )

    def _without_secrets(self, outcome: Outcome) -> Outcome:
        """Servers repeat the key that they refuse, and libraries the URL of a proxy."""
        if outcome.error is None:
            return outcome
        secrets = _proxy_secrets(self.url)
        if self.key is not None:
            secrets.append(self.key.reveal())
        return replace(outcome, error=scrubbed(outcome.error, secrets))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _left(self) -> float:
        return float("inf") if self.deadline is None else self.deadline - self._now()

    def _too_late(self) -> Outcome:
        return Outcome(error=f"not asked: the limit of {self.limits.total_timeout} s is used up")


@asynccontextmanager
async def opened(
    *, url: str, limits: Limits, health: Health, usage: Usage, key: Secret | None, key_setting: str
) -> AsyncIterator[Calls]:
    """Connections for the calls of one run; none is left behind."""
    import aiohttp

    loop = asyncio.get_running_loop()
    connector = aiohttp.TCPConnector(limit=limits.concurrency)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "pytest-ragft"},
        # An entry in ~/.netrc would be sent as a password.
        trust_env=False,
        # Decompressed as a whole, a few kilobytes may be gigabytes.
        auto_decompress=False,
    ) as session:
        yield Calls(
            url=url,
            limits=limits,
            health=health,
            usage=usage,
            key=key,
            key_setting=key_setting,
            session=session,
            slots=asyncio.Semaphore(limits.concurrency),
            deadline=None if limits.total_timeout is None else loop.time() + limits.total_timeout,
        )


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for `url`; never one for this machine."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)


def _proxy_secrets(url: str) -> list[str]:
    """What opens the proxy, as it stands in its URL, decoded, and as a header holds it."""
    try:
        proxy = _proxy(url) or ""
        # Many write it without a scheme.
        place = urlsplit(proxy if "://" in proxy else f"http://{proxy}").netloc
    except ValueError:
        return []
    user, _, password = place.rpartition("@")[0].partition(":")
    pair = f"{unquote(user)}:{unquote(password)}"
    forms = (password, unquote(password), b64encode(pair.encode()).decode())
    return [form for form in forms if form] if password else []
