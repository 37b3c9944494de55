"""Libraries that keep their bars, logs and warnings to themselves."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec


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
