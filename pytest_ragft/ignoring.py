"""Suites on disk, under the arguments, that something keeps pytest from collecting; and what does.

A gate pools what stands on disk. Whoever ignores a suite in a conftest.py changes which questions
decide, and nothing in ragft.toml shows it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from _pytest.main import pytest_ignore_collect as _rule_of_pytest
from _pytest.pathlib import fnmatch_ex

from pytest_ragft.paths import folders_given
from pytest_ragft.suite.finding import suites_on_disk

IGNORED = "ragft_ignored"
"""Key under which workers of pytest-xdist are told what the user ignores on the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A suite.toml that was not collected."""

    path: Path
    kind: Literal["user", "folder", "other"]
    """``user``: on the command line. ``folder``: by `norecursedirs`."""
    by: str
    """What ignores it, for people."""


def ignored_suites(
    session: pytest.Session, collected: Collection[Path], by_user: Sequence[Sequence[str]]
) -> list[Ignored]:
    """Every suite.toml under the arguments that was not collected.

    Args:
        session: whose collection has ended.
        collected: every suite.toml that pytest came to.
        by_user: values of ``--ignore`` and ``--ignore-glob`` on the command line.
    """
    known = {os.path.realpath(path) for path in collected}
    found = {}
    for folder in folders_given(session.config):
        for path in suites_on_disk(folder):
            if os.path.realpath(path) not in known and path not in found:
                found[path] = _ignored(session, folder, path, by_user)
    return [each for each in found.values() if each is not None]


def _ignored(
    session: pytest.Session, folder: Path, path: Path, by_user: Sequence[Sequence[str]]
) -> Ignored | None:
    for place in _between(folder, path):
        hook = session.gethookproxy(place.parent).pytest_ignore_collect
        if not hook(collection_path=place, config=session.config):
            continue
        arguments = {"collection_path": place, "path": place, "config": session.config}
        for impl in reversed(hook.get_hookimpls()):
            if impl.hookwrapper or impl.wrapper:
                continue
            if not impl.function(*(arguments[name] for name in impl.argnames)):
                continue
            if impl.function is not _rule_of_pytest:
                file = getattr(impl.plugin, "__file__", None)
                who = _shown(session.config, file) if file else f"the plugin {impl.plugin_name}"
                return Ignored(path=path, kind="other", by=f"pytest_ignore_collect in {who}")
            return _by_pytest(session.config, place, path, by_user)
    return Ignored(path=path, kind="other", by="a conftest or a plugin, which did not collect it")


def _between(folder: Path, path: Path) -> Iterator[Path]:
    """The places below `folder` on the way to `path`, the last one included."""
    for parent in reversed(path.parents):
        if folder in parent.parents:
            yield parent
    yield path


def _by_pytest(
    config: pytest.Config, place: Path, path: Path, by_user: Sequence[Sequence[str]]
) -> Ignored | None:
    """By the same rules, in the same order, as pytest's own hook."""
    for option, typed, names in zip(("ignore", "ignore_glob"), by_user, (_is, _fits), strict=True):
        wanted = partial(names, place)
        flag = f"--{option.replace('_', '-')}"
        if any(map(wanted, typed)):
            return Ignored(path=path, kind="user", by=flag)
        if any(map(wanted, config.getoption(option) or ())):
            return Ignored(path=path, kind="other", by=f"{flag} in addopts")
        name = f"collect_{option}"
        # Private, as is the variable's meaning: relative to the conftest.py nearest to a place.
        ignored = config._getconftest_pathlist(name, path=place.parent) or []
        if any(map(wanted, ignored)):
            module, _ = config.pluginmanager._rget_with_confmod(name, place.parent)
            return Ignored(
                path=path, kind="other", by=f"{name} in {_shown(config, module.__file__)}"
            )
    for pattern in config.getini("norecursedirs"):
        if fnmatch_ex(pattern, place):
            by = f"norecursedirs, which skips the folder {place.name!r}"
            return Ignored(path=path, kind="folder", by=by)
    return None  # an environment, which holds copies


def _is(place: Path, value: object) -> bool:
    return Path(os.path.abspath(str(value))) == place


def _fits(place: Path, value: object) -> bool:
    return fnmatch(str(place), os.path.abspath(str(value)))


def _shown(config: pytest.Config, file: str | None) -> str:
    path = Path(file or "")
    return str(path.relative_to(config.rootpath) if path.is_relative_to(config.rootpath) else path)
