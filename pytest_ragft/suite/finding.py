"""Where suites and rules lie: ragft.toml holds for every suite.toml below it that has no nearer."""

from __future__ import annotations

import os
from pathlib import Path

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

    Hidden folders, virtual environments, node_modules, __pycache__, build and dist are skipped,
    and so are folders with a ragft.toml of their own. Symbolic links to folders are not followed.
    """
    found: list[Path] = []
    for folder, below, files in os.walk(rules.parent):
        here = Path(folder)
        if here != rules.parent and RULES_FILE in files:
            below.clear()
            continue
        if SUITE_FILE in files:
            found.append(here / SUITE_FILE)
        below[:] = [name for name in below if not _skipped(here / name)]
    return sorted(found)


def _skipped(folder: Path) -> bool:
    name = folder.name
    return name.startswith(".") or name in _SKIPPED or os.path.isfile(folder / "pyvenv.cfg")
