"""Progress: one live line on a terminal, a plain one a minute elsewhere, clean after Ctrl-C."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

from pytest_ragft.progress import Progress
from pytest_ragft.reporting.progress import progress_to


class Screen:
    """The far end of a pseudo-terminal."""

    def __init__(self, master: int) -> None:
        self._master = master
        self.text = ""

    def read(self) -> str:
        parts = []
        while True:
            try:
                part = os.read(self._master, 65536)
            except OSError:  # the near end was closed
                break
            if not part:
                break
            parts.append(part)
        self.text = b"".join(parts).decode()
        return self.text

    @property
    def lines(self) -> list[str]:
        """What stands on the screen: of a line that was redrawn, the last state."""
        drawn = self.text.replace("\r\n", "\n").split("\n")
        return [line.rsplit("\r", 1)[-1].rstrip() for line in drawn]


@contextmanager
def terminal(columns: int = 100, encoding: str = "utf-8") -> Iterator[tuple[TextIO, Screen]]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    screen = Screen(master)
    try:
        with os.fdopen(slave, "w", encoding=encoding) as stream:
            yield stream, screen
        screen.read()
    finally:
        os.close(master)


@pytest.fixture(autouse=True)
def _capable_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def interrupted(progress: Progress) -> None:
    """A phase that Ctrl-C ends after 120 of 480 answers."""
    with progress.phase("answering", 480, "answers") as phase:
        phase.advance(120)
        raise KeyboardInterrupt


def test_a_terminal_sees_one_line_a_phase() -> None:
    with terminal() as (stream, screen):
        progress = progress_to(stream)
        with progress.phase("answering with ft-ckpt", 480, "answers") as phase:
            phase.advance(120, "ft-ckpt on papers")
            phase.advance(0, "ft-ckpt on papers")
            phase.advance(360)
        with progress.phase("judging (reference)", 10, "answers") as phase:
            phase.advance(10)
    first, second, rest = screen.lines
    assert re.fullmatch(
        r"answering with ft-ckpt: 480/480 answers in \d\d:\d\d, .* answers/s", first
    )
    assert re.fullmatch(r"judging \(reference\): 10/10 answers in \d\d:\d\d, .* answers/s", second)
    assert rest == ""
    assert "ft-ckpt on papers" in screen.text
    assert "left" in screen.text


def test_the_live_line_has_done_total_rate_and_time_left() -> None:
    with (
        terminal() as (stream, screen),
        progress_to(stream).phase("answering", 480, "answers") as phase,
    ):
        phase.advance(120)
        phase.advance(0, "ft-ckpt on papers")
    drawn = [part for part in re.split(r"[\r\n]+", screen.text) if "120/480" in part]
    assert any(
        re.match(
            r"answering: 120/480 answers \|.+\| .*answers/s, \S+ left, ft-ckpt on papers", part
        )
        for part in drawn
    )


@pytest.mark.parametrize("columns", [40, 80])
def test_the_live_line_keeps_to_the_terminal(columns: int) -> None:
    with (
        terminal(columns) as (stream, screen),
        progress_to(stream).phase("answering with ft-ckpt", 480, "answers") as phase,
    ):
        phase.advance(100, "a variant with a long name on a suite with a longer one")
        phase.advance(380)
    for part in re.split(r"[\r\n]+", screen.text):
        assert len(part) <= columns


def test_ctrl_c_leaves_the_cursor_on_a_line_of_its_own() -> None:
    with terminal() as (stream, screen):
        with pytest.raises(KeyboardInterrupt):
            interrupted(progress_to(stream))
        stream.write("!!! KeyboardInterrupt !!!")
    assert screen.lines[-1] == "!!! KeyboardInterrupt !!!"
    assert "120/480" in screen.lines[-2]


def test_no_thread_stays_behind() -> None:
    before = threading.active_count()
    with terminal() as (stream, _), progress_to(stream).phase("a", 1, "answers") as phase:
        assert threading.active_count() == before
        phase.advance(1)
    assert threading.active_count() == before


def test_an_ascii_terminal_gets_ascii() -> None:
    with (
        terminal(encoding="ascii") as (stream, screen),
        progress_to(stream).phase("répondre", 2, "answers") as phase,
    ):
        phase.advance(1, "Größe")
        phase.advance(1)
    assert screen.text.isascii()


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def plain() -> tuple[io.StringIO, Progress, Clock]:
    stream, clock = io.StringIO(), Clock()
    return stream, progress_to(stream, clock=clock), clock


def test_a_log_gets_a_line_at_the_start_one_a_minute_and_one_at_the_end() -> None:
    stream, progress, clock = plain()
    with progress.phase("answering with ft-ckpt", 1480, "answers") as phase:
        assert stream.getvalue() == "answering with ft-ckpt: 1,480 answers\n"
        for _ in range(148):
            clock.now += 1.0
            phase.advance(10, "ft-ckpt on papers")
    assert stream.getvalue().splitlines()[1:] == [
        "answering with ft-ckpt: 600 of 1,480 answers in 1 min 00 s",
        "answering with ft-ckpt: 1,200 of 1,480 answers in 2 min 00 s",
        "answering with ft-ckpt: done, 1,480 of 1,480 answers in 2 min 28 s",
    ]


def test_a_log_says_where_ctrl_c_stopped_it() -> None:
    stream, progress, _ = plain()
    with pytest.raises(KeyboardInterrupt):
        interrupted(progress)
    assert stream.getvalue().splitlines()[-1] == "answering: stopped, 120 of 480 answers in 0 s"


def test_a_terminal_that_cannot_redraw_is_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with (
        terminal() as (stream, screen),
        progress_to(stream).phase("judging", 1, "answers") as phase,
    ):
        phase.advance(1)
    assert screen.lines[0] == "judging: 1 answers"
    assert len(screen.lines) == 3


def test_a_log_in_a_narrow_encoding_does_not_fail() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    with progress_to(stream).phase("répondre\n\x1b[31m", 0, "answers"):
        pass
    assert raw.getvalue().splitlines()[0] == b"r\\xe9pondre \\x1b[31m: 0 answers"


def test_a_closed_stream_is_not_a_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    progress_to(stream)


def test_an_empty_phase_is_harmless() -> None:
    with terminal() as (stream, screen), progress_to(stream).phase("judging", 0, "answers"):
        pass
    assert screen.lines[-1] == ""
