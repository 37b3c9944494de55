"""Where suites and rules lie: ragft.toml holds for every suite.toml below it that has no nearer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

SUITE_FILE = "suite.toml"
RULES_FILE = "ragft.toml"
_SKIPPED = frozenset({"venv", "node_modules", "__pycache__", "build", "dist"})


def find_rules(suite_toml: Path, stop: Path) -> Path | None:
    """The nearest ragft.toml in the suite's folder or above it, but not above `stop`.

    A suite that does not lie under `stop` is searched for up to the root of the file system.
    """
    last = Path(os.path.abspath(stop))
    for folder in Path(os.path.abspath(suite_toml)).parents:
        rules = folder / RULES_FILE
        if os.path.isfile(rules):
            return rules
        if folder == last or folder.resolve() == last.resolve():
            return None
    return None


def suites_under(rules: Path) -> list[Path]:
    """Every suite.toml for which `rules` (a ragft.toml) is the nearest, sorted by path.

    Folders with a ragft.toml of their own are left out; see `suites_in` for the others.
    """
    return _walk(rules.parent, through_rules=False)


def suites_in(folder: Path) -> list[Path]:
    """Every suite.toml in a folder and below it, sorted by path.

    Hidden folders, virtual environments, node_modules, __pycache__, build and dist are skipped.
    Symbolic links to folders are not followed.
    """
    return _walk(folder, through_rules=True)


def is_excluded(suite_toml: Path, rules: Path, patterns: Iterable[str]) -> bool:
    """Whether a pattern of ragft.toml's `exclude` names the suite's folder, or one above it.

    Args:
        suite_toml: the suite.
        rules: the ragft.toml, from whose folder the patterns start.
        patterns: with ``/`` between folders; ``*``, ``?`` and ``[…]`` stand for a part of one name.
    """
    here, top = (Path(os.path.abspath(path.parent)) for path in (suite_toml, rules))
    if not here.is_relative_to(top):
        here, top = here.resolve(), top.resolve()
    if not here.is_relative_to(top):
        return False
    parts = here.relative_to(top).parts
    return any(_names(PurePosixPath(pattern).parts, parts) for pattern in patterns)


def _names(pattern: tuple[str, ...], folders: tuple[str, ...]) -> bool:
    return 0 < len(pattern) <= len(folders) and all(map(fnmatchcase, folders, pattern))


def _walk(top: Path, *, through_rules: bool) -> list[Path]:
    found: list[Path] = []
    for folder, below, files in os.walk(top):
        here = Path(folder)
        if here != top and RULES_FILE in files and not through_rules:
            below.clear()
            continue
        if SUITE_FILE in files:
            found.append(here / SUITE_FILE)
        below[:] = [name for name in below if not _skipped(here / name)]
    return sorted(found)


def _skipped(folder: Path) -> bool:
    name = folder.name
    return name.startswith(".") or name in _SKIPPED or os.path.isfile(folder / "pyvenv.cfg")
