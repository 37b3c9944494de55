"""A synchronous client of one HTTP endpoint with many calls under way at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias, TypeVar

from pytest_ragft.endpoint.address import Secret, base_url
from pytest_ragft.endpoint.calls import Calls, Health, Limits, opened
from pytest_ragft.endpoint.loop import run_in_thread, stream_from_thread
from pytest_ragft.endpoint.outcome import Reply
from pytest_ragft.endpoint.usage import Usage
from pytest_ragft.errors import require_packages

_T = TypeVar("_T")

Post: TypeAlias = Callable[[str, Mapping[str, Any] | None], Awaitable[Reply]]
"""One call: path below the base URL and JSON body; never raises for what a server does."""


class Endpoint:
    """Calls to one base URL.

    Each run has an event loop in a thread of its own, so that it works in whatever context it is
    called, and keeps no connection when it is over. Retried are 408, 429, 500 and 502 to 504,
    lost connections and time-outs, with exponential back-off and full jitter; while a server asks
    for patience by Retry-After, no request goes out. Redirects are not followed, since a key goes
    to nobody but whom the user named.

    An endpoint that cannot answer (wrong key, unknown model) before it ever did, or that failed
    too many calls in a row, is given up: every further call is an error at once.

    Args:
        url: Base URL, such as ``http://127.0.0.1:8000/v1``.
        api_key: Sent as a bearer token; appears nowhere else.
        concurrency: Calls under way at a time, at most.
        call_timeout: Seconds that one request may take.
        total_timeout: Seconds that one run may take; what is not done then is an error.
        attempts: Requests a call, at most.
        backoff: Seconds; the wait before the n-th retry is random in [0, backoff · 2ⁿ⁻¹].
        give_up_after: Calls in a row that fail with all their attempts before it is given up.
        key_setting: The variable that the key comes from, for messages.

    Raises:
        SpecError: `url` is unusable.
        MissingDependencyError: aiohttp or tenacity is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        concurrency: int = 64,
        call_timeout: float = 60.0,
        total_timeout: float | None = None,
        attempts: int = 5,
        backoff: float = 1.0,
        give_up_after: int = 16,
        key_setting: str = "OPENAI_API_KEY",
    ) -> None:
        counts = (concurrency, attempts, give_up_after)
        seconds = (call_timeout, 1.0 if total_timeout is None else total_timeout)
        if min(counts) < 1 or min(seconds) <= 0 or backoff < 0:
            raise ValueError("limits of an endpoint are positive")
        require_packages("aiohttp", "tenacity", extra="endpoint", purpose="an HTTP endpoint")
        self.url = base_url(url, where="endpoint")
        self.usage = Usage()
        self._health = Health(limit=give_up_after)
        self._key = None if api_key is None else Secret(api_key)
        self._key_setting = key_setting
        self._limits = Limits(
            concurrency=concurrency,
            call_timeout=call_timeout,
            total_timeout=total_timeout,
            attempts=attempts,
            backoff=backoff,
            give_up_after=give_up_after,
        )

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r})"

    def check(self, path: str, body: Mapping[str, Any] | None) -> Reply:
        """One call with a single request: what is wrong is found at once.

        Without a body it is a GET. Its error names the remedy. It leaves no trace in what later
        calls do.
        """
        health = Health(limit=self._health.limit)
        limits = self._limits.with_one_attempt()
        (reply,) = self._run([lambda post: post(path, body)], limits, health, None)
        assert isinstance(reply, Reply)
        return reply

    def post_many(
        self,
        path: str,
        bodies: Sequence[Mapping[str, Any]],
        *,
        on_done: Callable[[int], None] | None = None,
    ) -> list[Reply]:
        """Replies in the order of `bodies`; never raises for one call.

        Args:
            path: Below the base URL, such as ``embeddings``.
            bodies: JSON objects.
            on_done: Called with 1 after each call, from another thread.
        """

        def job(body: Mapping[str, Any]) -> Callable[[Post], Awaitable[Reply]]:
            return lambda post: post(path, body)

        return self.run([job(body) for body in bodies], on_done=on_done)

    def run(
        self,
        jobs: Sequence[Callable[[Post], Awaitable[_T]]],
        *,
        on_done: Callable[[int], None] | None = None,
    ) -> list[_T]:
        """Results of asynchronous jobs, each of which may make calls one after the other.

        At most `concurrency` jobs run at a time. The first exception of a job ends the run and is
        raised.
        """
        return self._run(jobs, self._limits, self._health, on_done)

    def stream(
        self, jobs: Iterable[Callable[[Post], Awaitable[_T]]]
    ) -> Iterator[list[tuple[int, _T]]]:
        """Results of asynchronous jobs as they come: each time, all that have come in since.

        At most `concurrency` jobs run at a time, each taken from `jobs` when its turn has come, in
        another thread. Whoever stops asking ends the rest. The first exception of a job ends the
        run and is raised.

        Args:
            jobs: as those of `run`.

        Returns:
            Positions in `jobs`, with their results.
        """

        async def main(put: Callable[[tuple[int, _T]], None]) -> None:
            async with self._open(self._limits, self._health) as calls:
                await _work_off(jobs, calls, self._limits.concurrency, lambda *done: put(done))

        return stream_from_thread(main)

    def _open(self, limits: Limits, health: Health) -> AbstractAsyncContextManager[Calls]:
        return opened(
            url=self.url,
            limits=limits,
            health=health,
            usage=self.usage,
            key=self._key,
            key_setting=self._key_setting,
        )

    def _run(
        self,
        jobs: Sequence[Callable[[Post], Awaitable[_T]]],
        limits: Limits,
        health: Health,
        on_done: Callable[[int], None] | None,
    ) -> list[_T]:
        if not jobs:
            return []

        results: dict[int, _T] = {}

        def done(at: int, result: _T) -> None:
            results[at] = result
            if on_done is not None:
                on_done(1)

        async def main() -> None:
            async with self._open(limits, health) as calls:
                await _work_off(jobs, calls, min(limits.concurrency, len(jobs)), done)

        run_in_thread(main)
        return [results[at] for at in range(len(jobs))]


async def _work_off(
    jobs: Iterable[Callable[[Post], Awaitable[_T]]],
    calls: Calls,
    workers: int,
    done: Callable[[int, _T], None],
) -> None:
    import asyncio

    waiting = iter(enumerate(jobs))

    async def work() -> None:
        for at, job in waiting:
            done(at, await job(calls.post))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
