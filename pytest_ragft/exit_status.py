"""The exit status of a run that was asked for a verdict.

It follows the conclusion and nothing else: reports can be rewritten by hooks, gates can be marked,
and whatever ends a session early ends it with the status of its choice. `os._exit` alone is beyond
reach.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from pytest_ragft.gating.settings import Settings
from pytest_ragft.option_reading import read_options
from pytest_ragft.quiet import write_softly

# Options under which a session shows something and is not meant to run anything.
_FREE = (
    "collectonly",
    "setupplan",
    "help",
    "version",
    "markers",
    "showfixtures",
    "show_fixtures_per_test",
    "cacheshow",
)
_GREEN = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


@dataclass(slots=True)
class Ending:
    """What stands between a run and exit status 0.

    Begins closed: only a conclusion opens it.
    """

    asked: bool | None
    """Whether a verdict was asked for; None while that depends on what lies under the paths."""
    saves: bool
    """Whether a baseline is to be saved."""
    why: str | None = "the session ended before there was a verdict"
    """Why the run is not green; None when nothing stops it."""
    unsaved: str | None = "no baseline was saved: the session ended before that"
    """The same for the baseline."""


ENDING = pytest.StashKey[Ending | None]()
"""None in a run that asks for nothing."""


def begin(config: pytest.Config, settings: Settings) -> None:
    """Close the exit status of a run that names what to gate, until there is a conclusion."""
    if not settings.active or hasattr(config, "workerinput"):
        config.stash[ENDING] = None
        return
    given = config.args_source is pytest.Config.ArgsSource.ARGS
    by_paths = settings.retrieval_alone or (settings.model_from == "ini" and given)
    config.stash[ENDING] = Ending(
        # Without a baseline nothing is gated: what is asked for is the saved one.
        asked=(None if by_paths else True) if settings.gated else False,
        saves=settings.save_baseline is not None,
    )


def status_of(config: pytest.Config, status: object) -> object:
    """The exit status of a session that ended with `status`, as far as its conclusion bears it out.

    Args:
        config: pytest's.
        status: What the session, or whatever ended it, has chosen.
    """
    if status not in _GREEN:
        return status
    if ENDING not in config.stash:  # a foreign hook ended the session before it was configured
        begin(config, read_options(config))
    ending = config.stash[ENDING]
    free = any(getattr(config.option, name, False) for name in _FREE)
    if ending is None or free:
        return status
    if (why := _why(config, ending)) is None:
        # What was asked for is done: a baseline of retrieval alone needs no item.
        return pytest.ExitCode.OK if ending.saves else status
    write_softly(sys.stderr, f"ragft: exit status {pytest.ExitCode.TESTS_FAILED:d}: {why}\n")
    return pytest.ExitCode.TESTS_FAILED


def _why(config: pytest.Config, ending: Ending) -> str | None:
    """Why exit status 0 would be a lie; None when it would not."""
    if ending.asked is None:
        from pytest_ragft.paths import find_suites

        ending.asked = bool(find_suites(config)[0])
    if ending.asked and ending.why is not None:
        return ending.why
    return ending.unsaved if ending.saves else None
