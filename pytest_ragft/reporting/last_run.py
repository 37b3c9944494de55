"""The last gating run with all its texts, kept on this machine for `ragft show` and its like."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pytest_ragft.atomic import write_atomically
from pytest_ragft.errors import InputError
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.json import read_report, to_json

_NAME = "last-run.json"


def keep_last_run(result: RunResult, root: Path) -> None:
    """Keep a result beside the store of `root`, where there is one; failing at it is no fault."""
    folder = root / ".ragft"
    with suppress(OSError):
        if folder.is_dir():
            write_atomically(folder / _NAME, to_json(result).encode("ascii"))


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
