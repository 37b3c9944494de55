"""Which suite.toml lie under pytest's arguments, and which folder holds ``.ragft``: the root.

The root is the nearest folder, from the arguments up to pytest's rootdir, that has ``.ragft``; else
rootdir. It never lies above the repository or the home folder that holds the arguments, wherever a
stray file puts rootdir. Runs and the `ragft` command find it by one rule: they share scores,
baselines and calibrations, and two projects do not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from pytest_ragft.suite.finding import RULES_FILE, SUITE_FILE, suites_under


def find_suites(config: pytest.Config) -> tuple[list[Path], list[Path]]:
    """Every suite.toml under the arguments, and otherwise those that hand-written tests may name.

    The first are found as pytest will collect them; a ragft.toml given as argument stands for its
    suites. Where there are none, as for a folder of hand-written tests, the second are those
    under rootdir.
    """
    found = [path for argument, _ in _arguments(config) for path in _under(config, argument)]
    given = sorted(dict.fromkeys(found))
    return given, [] if given else list(_walk(config, config.rootpath))


def root_of_run(config: pytest.Config) -> Path:
    """The root of a run of pytest; a rootdir that the user named (``--rootdir``, ``-c``) is it."""
    if config.getoption("rootdir") or config.getoption("inifilename"):
        return config.rootpath
    given = config.args_source is pytest.Config.ArgsSource.ARGS
    paths = [path for path, _ in _arguments(config)] if given else []
    start = _common_folder(paths, config.invocation_params.dir)
    by_file = config.inipath is not None or _has_setup(config.rootpath)
    return _nearest_root(start, config.rootpath, by_file=by_file)


def roots_of_command(paths: Iterable[Path], here: Path) -> tuple[Path, Path]:
    """The root and the rootdir that ``pytest PATHS`` has in the folder `here`.

    Raises:
        pytest.UsageError: a file that may configure pytest cannot be used.
    """
    # Private, but which files configure pytest depends on its version, and is for it to say.
    from _pytest.config.findpaths import locate_config

    given = [Path(os.path.abspath(here / path)) for path in paths]
    start = _common_folder(given, here)
    try:
        decided = locate_config(here, [start])[0]
        decided = decided or next(filter(_has_setup, (start, *start.parents)), None)
        decided = decided or locate_config(here, [_folder(path) for path in given])[0]
    except pytest.fail.Exception as error:
        raise pytest.UsageError(str(error)) from error
    rootdir = decided or Path(os.path.commonpath([here, start]))
    if rootdir == Path(rootdir.anchor) and decided is None:
        rootdir = start
    return _nearest_root(start, rootdir, by_file=decided is not None), rootdir


def covers(config: pytest.Config, suite_file: Path) -> bool:
    """Whether an argument names the file or a folder above it, and no single item."""
    return any(
        whole and (argument == suite_file or argument in suite_file.parents)
        for argument, whole in _arguments(config)
    )


def open_folder_ids(config: pytest.Config) -> list[str]:
    """Turn node ids of gates under a folder into that folder, which pytest itself would refuse.

    Gates of suites without a ragft.toml stand under their common folder; their ids, as reports
    show them, are to be pasted back. Returns the ids that are meant.
    """
    meant = []
    for at, argument in enumerate(config.args):
        path, _, names = str(argument).partition("::")
        folder = Path(os.path.abspath(config.invocation_params.dir / path))
        if names.rpartition("::")[2].startswith("gate-") and folder.is_dir():
            meant.append(f"{_from(config.rootpath, folder)}::{names}")
            config.args[at] = path
    return meant


def asked_beside(config: pytest.Config, item: pytest.Item, folder_ids: Iterable[str]) -> bool:
    """Whether an item is one of the ids meant, or stands under an argument that is no such id."""
    if item.nodeid in folder_ids:
        return True
    opened = {folder_id.partition("::")[0] for folder_id in folder_ids}
    for argument in config.args:
        path, _, names = str(argument).partition("::")
        place = Path(os.path.abspath(config.invocation_params.dir / path))
        if not names and _from(config.rootpath, place) in opened:
            continue
        named = f"{_from(config.rootpath, place)}::{names}"
        under = place == item.path or place in item.path.parents
        if under and (not names or f"{item.nodeid}::".startswith(f"{named}::")):
            return True
    return False


def _from(root: Path, path: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def folders_given(config: pytest.Config) -> list[Path]:
    """The folders among the arguments that are not narrowed to single items."""
    return [path for path, whole in _arguments(config) if whole and path.is_dir()]


def in_loop(path: Path) -> bool:
    """Whether a link leads to the path through one of its own folders, so that it is a copy."""
    folders = [os.path.realpath(folder) for folder in path.parents]
    return len(set(folders)) < len(folders)


def same_path(one: Path, other: Path) -> bool:
    """Whether two paths lead to one place, perhaps by a symbolic link."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _arguments(config: pytest.Config) -> list[tuple[Path, bool]]:
    start = config.invocation_params.dir
    parts = [str(argument).partition("::") for argument in config.args]
    return [(Path(os.path.abspath(start / path)), not names) for path, _, names in parts]


def _under(config: pytest.Config, path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _walk(config, path)
    elif path.name == SUITE_FILE and path.is_file():
        yield path
    elif path.name == RULES_FILE and path.is_file():
        yield from suites_under(path)


def _walk(
    config: pytest.Config, folder: Path, above: frozenset[str] = frozenset()
) -> Iterator[Path]:
    """As pytest walks, which follows links; but a loop of them ends, as does a denied folder."""
    here = os.path.realpath(folder)
    if here in above:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return  # pytest's own collection comes to it, and says so
    for entry in entries:
        path, is_folder = Path(entry.path), _is_folder(entry)
        if not is_folder and entry.name != SUITE_FILE:
            continue
        if config.hook.pytest_ignore_collect(collection_path=path, config=config):
            continue
        if is_folder:
            yield from _walk(config, path, above | {here})
        else:
            yield path


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
    home = Path(os.path.expanduser("~"))
    for at, folder in enumerate(folders):
        if same_path(folder, home):
            return at, False
        if (folder / ".git").exists():
            return at, True
    return len(folders), False


def _common_folder(paths: Iterable[Path], here: Path) -> Path:
    folders = [_folder(path) for path in paths if path.exists()]
    return Path(os.path.commonpath(folders)) if folders else here


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _has_setup(folder: Path) -> bool:
    return (folder / "setup.py").is_file()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
