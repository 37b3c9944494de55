"""One process at a time; whoever waits for another says so, and for whom."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from pytest_ragft.store.fingerprints import fingerprint

PATIENCE = 1.0
"""Seconds without a word."""
# Seconds between two words of one that waits; some CI services end a job that is silent.
_EVERY = 60.0


@contextmanager
def held(folder: Path, name: str, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock `name`, which a process that is killed lets go.

    Args:
        folder: Of the locks, which is there.
        name: What is computed by one process at a time.
        tell: Gets a line for whoever looks on, once waiting takes more than a moment.

    Raises:
        OSError: the lock's file cannot be made.
    """
    from filelock import FileLock, Timeout

    path = folder / f"{fingerprint(name)}.lock"
    signature = path.with_suffix(".holder")
    lock = FileLock(path)
    patience, waited = PATIENCE, 0.0
    while True:
        try:
            lock.acquire(timeout=patience)
            break
        except Timeout:
            waited += patience
            tell(
                f"waiting for the lock {name!r} ({path}) for {waited:.0f} s: "
                f"{_holder(signature)} is computing the same; its results will be used"
            )
            patience = _EVERY
    _sign(signature)
    try:
        yield
    finally:
        with suppress(OSError):
            signature.unlink()
        lock.release()


def _sign(signature: Path) -> None:
    """Say who holds the lock; nothing depends on it."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    with suppress(OSError):
        signature.write_text(
            f"process {os.getpid()} on {socket.gethostname()}, since {now}", encoding="utf-8"
        )


def _holder(signature: Path) -> str:
    try:
        said = signature.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        said = ""
    return said[:200] or "another process of pytest or ragft on this project"
