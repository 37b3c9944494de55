"""Where suites and rules lie: ragft.toml holds for every suite.toml below it that has no nearer."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

SUITE_FILE = "suite.toml"
RULES_FILE = "ragft.toml"
_SKIPPED = frozenset({"build", "dist"})
_PROJECT = (
    ".git",
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
)
_NAME = re.compile(r"""^\s*name\s*=\s*["']([^"']+)["']""", re.MULTILINE)
_OURS = re.compile(r"^\s*(\[suite\]|\[\[gate\]\])", re.MULTILINE)
_COPIES = frozenset({"venv", "node_modules", "__pycache__"})


def find_rules(suite_toml: Path) -> Path | None:
    """The nearest ragft.toml in the suite's folder or above it, within its project.

    A project ends at a repository's top or at a file that configures pytest or a package. Where
    pytest was started, and which folder it takes for its root, change nothing.
    """
    for folder in Path(os.path.abspath(suite_toml)).parents:
        rules = folder / RULES_FILE
        if os.path.isfile(rules):
            return rules
        if any((folder / mark).exists() for mark in _PROJECT):
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


def suites_at(path: Path) -> list[Path]:
    """The suite.toml that `path` is, or those of `suites_in` where it is a folder; none else."""
    if os.path.isdir(path):
        return suites_in(path)
    return [path] if os.path.isfile(path) else []


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


def suites_on_disk(folder: Path) -> list[Path]:
    """Every suite.toml in a folder and below it but for copies, sorted by path.

    Copies lie in hidden folders and virtual environments. Links to folders are not followed.
    """
    return _walk(folder, through_rules=True, skipped=_holds_copies)


def names_on_disk(folder: Path) -> dict[str, Path]:
    """The suite.toml of each name in a folder and below it, as far as they can be read."""
    found: dict[str, Path] = {}
    for path in suites_on_disk(folder):
        if match := _NAME.search(_text(path)):
            found.setdefault(match[1], path)
    return found


def misspelt(folder: Path) -> list[tuple[Path, str]]:
    """Files in a folder and below it that hold a suite or rules under nearly the right name."""
    found = []
    for path in _files(folder, _holds_copies):
        close = get_close_matches(path.name.lower(), (SUITE_FILE, RULES_FILE), n=1, cutoff=0.85)
        if close and path.name not in (SUITE_FILE, RULES_FILE) and _OURS.search(_text(path)):
            found.append((path, close[0]))
    return sorted(found)


def _files(top: Path, skipped: Callable[[Path], bool]) -> Iterator[Path]:
    for folder, below, files in os.walk(top):
        here = Path(folder)
        below[:] = [name for name in below if not skipped(here / name)]
        # Names are compared letter by letter, and there may be many.
        yield from (here / name for name in files if 7 <= len(name) <= 13 and "." in name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return ""


def _walk(
    top: Path, *, through_rules: bool, skipped: Callable[[Path], bool] | None = None
) -> list[Path]:
    found: list[Path] = []
    for folder, below, files in os.walk(top):
        here = Path(folder)
        if here != top and RULES_FILE in files and not through_rules:
            below.clear()
            continue
        if SUITE_FILE in files:
            found.append(here / SUITE_FILE)
        below[:] = [name for name in below if not (skipped or _skipped)(here / name)]
    return sorted(found)


def _skipped(folder: Path) -> bool:
    return folder.name in _SKIPPED or _holds_copies(folder)


def _holds_copies(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.name in _COPIES:
        return True
    return any(os.path.isfile(folder / mark) for mark in ("pyvenv.cfg", "conda-meta/history"))
