"""Asynchronous work for callers that are not asynchronous, or whose own event loop is running."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from queue import SimpleQueue
from typing import Any, Generic, NoReturn, TypeVar

_T = TypeVar("_T")

# Seconds in which what comes is gathered before it is handed over.
_PAUSE = 0.02


def run_in_thread(work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """The result of `work`, run by an event loop in a thread of its own.

    Raises what `work` raises. When the waiting caller is interrupted, as by Ctrl-C, the work is
    cancelled and the interruption goes on.
    """
    worker = _Worker(work)
    worker.start()
    try:
        worker.join()
    except BaseException:
        worker.cancel()
        worker.join()
        raise
    return worker.result()


def stream_from_thread(
    work: Callable[[Callable[[_T], None]], Coroutine[Any, Any, None]],
) -> Iterator[list[_T]]:
    """What `work` hands over, as it comes: each time, all that has come in since.

    `work` is run as by `run_in_thread`, and what it raises is raised once all else was given. It is
    cancelled when whoever takes is interrupted or takes no more.
    """
    arrived: SimpleQueue[list[_T] | None] = SimpleQueue()

    async def main() -> None:
        loop, waiting = asyncio.get_running_loop(), list[_T]()

        def hand_over() -> None:
            arrived.put(waiting.copy())
            waiting.clear()

        def put(item: _T) -> None:
            if not waiting:
                # Threads that wake each other at every item would do little else.
                loop.call_later(_PAUSE, hand_over)
            waiting.append(item)

        try:
            await work(put)
        finally:
            hand_over()

    worker = _Worker(main, at_end=lambda: arrived.put(None))
    worker.start()
    try:
        while (some := arrived.get()) is not None:
            if some:
                yield some
    finally:
        worker.cancel()
        worker.join()
    worker.result()


class _Worker(threading.Thread, Generic[_T]):
    def __init__(
        self,
        work: Callable[[], Coroutine[Any, Any, _T]],
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(name="ragft-endpoint", daemon=True)
        self._work = work
        self._at_end = at_end
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[_T] | None = None
        self._cancelled = False
        self._outcome: Callable[[], _T] | None = None

    def run(self) -> None:
        try:
            value = asyncio.run(self._main())
        except BaseException as error:
            failure = error
            self._outcome = lambda: _throw(failure)
        else:
            self._outcome = lambda: value
        finally:
            self._at_end()

    async def _main(self) -> _T:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._cancelled:
                raise asyncio.CancelledError
        try:
            return await self._work()
        finally:
            with self._lock:
                self._loop = None

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)

    def result(self) -> _T:
        assert self._outcome is not None, "the thread has ended"
        return self._outcome()


def _throw(error: BaseException) -> NoReturn:
    raise error
