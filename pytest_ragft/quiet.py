"""Libraries that keep their bars, logs and warnings to themselves; output that may be lost."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TextIO

from pytest_ragft.foreign import harmless, scrubbed


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silence transformers' bars and logs and Python warnings for a while, then restore them.

    Does nothing where transformers is not installed. What the user asked for by
    TRANSFORMERS_VERBOSITY stays. Warnings are silenced because a project that turns them into
    errors would otherwise fail on a library's deprecation notice.
    """
    if find_spec("transformers") is None:
        yield
        return
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    hub_bars = not are_progress_bars_disabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "TRANSFORMERS_VERBOSITY" not in os.environ:
            logging.set_verbosity(logging.CRITICAL)
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()
            # The switch above is for both.
            if not hub_bars:
                disable_progress_bars()


def tell(line: str) -> None:
    """Say something to whoever waits, on the standard error output, whatever becomes of it."""
    write_softly(sys.stderr, f"ragft: {harmless(scrubbed(' '.join(line.split())))}\n")


def write_softly(stream: TextIO, text: str) -> bool:
    """Write what nobody depends on; whether that went well.

    A stream that is closed, or stands on a full disk, must end no run. What it did not take is
    dropped, since Python would try again when it ends and exit with 120.
    """
    try:
        stream.write(text)
        stream.flush()
    except ValueError:
        return False
    except OSError:
        with suppress(OSError, ValueError):
            _drop(stream)
        return False
    return True


def _drop(stream: TextIO) -> None:
    handle = stream.fileno()
    kept = os.dup(handle)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, handle)
        stream.flush()
    finally:
        os.dup2(kept, handle)
        os.close(kept)
        os.close(nowhere)
