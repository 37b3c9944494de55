"""The last gating run with all its texts, kept on this machine for `ragft show` and its like."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pytest_ragft.atomic import write_atomically
from pytest_ragft.errors import InputError, RagftError
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.json import read_report, to_json

_NAME = "last-run.json"


def keep_last_run(result: RunResult, root: Path) -> None:
    """Keep a result beside the store of `root`, where there is one.

    Raises:
        RagftError: it cannot be written, so that an earlier run would be taken for the last.
    """
    folder = root / ".ragft"
    try:
        if folder.is_dir():
            write_atomically(folder / _NAME, to_json(result).encode("ascii"))
    except OSError as error:
        raise RagftError(
            f"{str(folder / _NAME)!r} cannot be written ({error.strerror or error}), so that "
            "`ragft show` and `ragft report` know an earlier run at best; make the folder writable"
        ) from error


def forget_last_run(root: Path) -> None:
    """Take the last run away, before another one has a result or ends without."""
    with suppress(OSError):
        (root / ".ragft" / _NAME).unlink()


def last_run(root: Path) -> RunResult:
    """The last result that was kept in `root`.

    Raises:
        InputError: there is none, or it is damaged.
    """
    path = root / ".ragft" / _NAME
    if not path.exists():
        raise InputError(
            f"no gating run is kept in {str(root)!r}; gate first, or name the JSON report of a run"
        )
    return read_report(path)
