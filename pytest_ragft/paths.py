"""Which suite.toml lie under pytest's arguments."""

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


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
