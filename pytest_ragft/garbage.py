"""Python's search for reference cycles, spared where many records are made and none is a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Pause the search for cycles, in all threads; as a decorator, for the length of a call.

    Each of many new records makes the collector walk over all those that are there: a tenth of a
    run over ten thousand questions. For work whose memory is bounded by its result alone, since
    cycles that other threads drop meanwhile stay until its end.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
