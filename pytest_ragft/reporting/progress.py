"""Progress of long work on a stream: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TextIO

from pytest_ragft.numbers import count, seconds
from pytest_ragft.progress import Phase, Progress
from pytest_ragft.quiet import write_softly
from pytest_ragft.reporting.text import can_show, clean, transliterate

_BAR = "{desc}: {n_fmt}/{total_fmt}{unit} |{bar}| {rate_noinv_fmt}, {remaining} left{postfix}"
# Seconds between plain lines.
_EVERY = 60.0
_DONE = "{desc}: {n_fmt}/{total_fmt}{unit} in {elapsed}, {rate_noinv_fmt}"


def progress_to(stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> Progress:
    """A live line a phase where `stream` is a terminal, else a plain line now and then.

    Args:
        stream: such as ``sys.stderr``.
        clock: seconds, for the duration in the plain lines.
    """
    return _LiveProgress(stream) if _is_terminal(stream) else _PlainProgress(stream, clock)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # a closed stream
        return False


def _can_show(stream: TextIO) -> bool:
    return can_show(getattr(stream, "encoding", None))


def _shown(text: str, stream: TextIO) -> str:
    """`text` in one line of characters that the stream can take."""
    if _can_show(stream):
        return clean(text)
    return transliterate(clean(text, ascii_only=True))


class _LiveProgress:
    """Done and total, rate and time left, redrawn in place."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def phase(self, title: str, total: int, unit: str) -> AbstractContextManager[Phase]:
        return self._phase(title, total, unit)

    @contextmanager
    def _phase(self, title: str, total: int, unit: str) -> Iterator[Phase]:
        bar = _bar_type()(
            desc=_shown(title, self._stream),
            total=total,
            unit=f" {unit}",
            file=_Soft(self._stream),
            dynamic_ncols=True,
            miniters=1,
            mininterval=0.2,
            smoothing=0.1,
            bar_format=_BAR,
            ascii=not _can_show(self._stream),
        )
        try:
            yield _LivePhase(bar, self._stream)
            bar.set_postfix_str("", refresh=False)
            bar.bar_format = _DONE
        finally:
            # Also on Ctrl-C: the cursor must be on a line of its own for what follows.
            bar.close()


class _Soft:
    """A stream as tqdm wants it, whose faults end no run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        write_softly(self._stream, text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _bar_type() -> Any:
    """Without tqdm's watcher thread and its lock between processes: one bar, one process."""
    from tqdm import tqdm

    bar: Any = type("Bar", (tqdm,), {"monitor_interval": 0})
    bar.set_lock(threading.RLock())
    return bar


class _LivePhase:
    def __init__(self, bar: Any, stream: TextIO) -> None:
        self._bar = bar
        self._stream = stream

    def advance(self, done: int, what: str = "") -> None:
        if what:
            self._bar.set_postfix_str(_shown(what, self._stream), refresh=True)
        self._bar.update(done)


class _PlainProgress:
    """A line at the start, one a minute and one at the end, for logs.

    Where nothing is written for long, some CI services take a job for dead.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock

    def phase(self, title: str, total: int, unit: str) -> AbstractContextManager[Phase]:
        return self._phase(_shown(title, self._stream), total, unit)

    @contextmanager
    def _phase(self, title: str, total: int, unit: str) -> Iterator[Phase]:
        self._write(f"{title}: {count(total)} {unit}")
        started = self._clock()

        def tell(state: str, done: int) -> None:
            elapsed = seconds(self._clock() - started)
            self._write(f"{title}: {state}{count(done)} of {count(total)} {unit} in {elapsed}")

        phase = _PlainPhase(lambda done: tell("", done), self._clock)
        try:
            yield phase
        finally:
            tell("done, " if phase.done >= total else "stopped, ", phase.done)

    def _write(self, text: str) -> None:
        write_softly(self._stream, text + "\n")


class _PlainPhase:
    def __init__(self, tell: Callable[[int], None], clock: Callable[[], float]) -> None:
        self._tell = tell
        self._clock = clock
        self._told = clock()
        self.done = 0

    def advance(self, done: int, what: str = "") -> None:
        self.done += done
        if self._clock() - self._told >= _EVERY:
            self._told = self._clock()
            self._tell(self.done)
