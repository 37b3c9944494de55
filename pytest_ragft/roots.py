"""Which folder holds ``.ragft``: the root.

The root is the nearest folder, from the arguments up to pytest's rootdir, that has ``.ragft``; else
rootdir. It never lies above the repository or the home folder that holds the arguments, wherever a
stray file puts rootdir. Runs and the `ragft` command find it by one rule: they share scores,
baselines and calibrations, and two projects do not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ragft.errors import InputError

if TYPE_CHECKING:
    import pytest


def root_of_run(config: pytest.Config) -> Path:
    """The root of a run of pytest; a rootdir that the user named (``--rootdir``, ``-c``) is it."""
    if config.getoption("rootdir") or config.getoption("inifilename"):
        return config.rootpath
    here = config.invocation_params.dir
    given = config.args if config.args_source is config.ArgsSource.ARGS else []
    start = _common_folder(_absolute((word.partition("::")[0] for word in given), here), here)
    by_file = config.inipath is not None or _has_setup(config.rootpath)
    return _nearest_root(start, config.rootpath, by_file=by_file)


def roots_of_command(paths: Iterable[Path], here: Path) -> tuple[Path, Path]:
    """The root and the rootdir that ``pytest PATHS`` has in the folder `here`.

    Raises:
        InputError: a file that may configure pytest cannot be used.
    """
    # Private, but which files configure pytest depends on its version, and is for it to say.
    from _pytest.config.exceptions import UsageError
    from _pytest.config.findpaths import locate_config
    from _pytest.outcomes import Failed

    given = _absolute(paths, here)
    start = _common_folder(given, here)
    try:
        decided = locate_config(here, [start])[0]
        decided = decided or next(filter(_has_setup, (start, *start.parents)), None)
        decided = decided or locate_config(here, [_folder(path) for path in given])[0]
    except (Failed, UsageError) as error:
        raise InputError(str(error)) from error
    rootdir = decided or Path(os.path.commonpath([here, start]))
    if rootdir == Path(rootdir.anchor) and decided is None:
        rootdir = start
    return _nearest_root(start, rootdir, by_file=decided is not None), rootdir


def _nearest_root(start: Path, rootdir: Path, *, by_file: bool) -> Path:
    """The root for arguments in the folder `start`; `by_file`: a project's file decides rootdir."""
    folders = [start, *start.parents]
    if rootdir not in folders:
        return rootdir
    last = folders.index(rootdir)
    bound, is_repository = _bound(folders)
    last = min(last, bound)
    # Where no file says what the project is, a repository does.
    searched = bound if is_repository and not by_file else last
    for folder in folders[: searched + 1]:
        if (folder / ".ragft").exists():
            return folder
    return folders[last]


def _bound(folders: list[Path]) -> tuple[int, bool]:
    """Where a search upwards ends, and whether that is a repository's top."""
    home = Path(os.path.expanduser("~")).resolve()
    for at, folder in enumerate(folders):
        if home in (folder, folder.resolve()):
            return at, False
        if (folder / ".git").exists():
            return at, True
    return len(folders), False


def _absolute(paths: Iterable[str | Path], here: Path) -> list[Path]:
    return [Path(os.path.abspath(here / path)) for path in paths]


def _common_folder(paths: Iterable[Path], here: Path) -> Path:
    folders = [_folder(path) for path in paths if path.exists()]
    return Path(os.path.commonpath(folders)) if folders else here


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _has_setup(folder: Path) -> bool:
    return (folder / "setup.py").is_file()
