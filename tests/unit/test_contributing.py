"""What CONTRIBUTING.md names is there: a newcomer who follows it finds every file."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pytest_ragft"
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`([a-z_/]+\.(?:py|toml|json|txt|md))\b", TEXT))
    unwritten = {"suite.toml", "ragft.toml", "ragft.json", "port.py", "own.py", "modules.json"}
    tests = {path.name for path in (ROOT / "tests").rglob("*.py")}
    lost = [
        name
        for name in sorted(named - unwritten)
        if not (ROOT / name).exists()
        and not (PACKAGE / name).exists()
        and name not in tests
        and not list(PACKAGE.rglob(name))
    ]
    assert not lost


def test_every_room_and_module_of_the_package_is_named() -> None:
    rooms = TEXT[TEXT.index("## The rooms") : TEXT.index("### Three walks")]
    words = set(re.findall(r"[a-z_]+", rooms))
    ours = {p.stem for p in PACKAGE.iterdir() if p.is_dir() or p.suffix == ".py"}
    assert ours - words - {"__init__", "__main__", "__pycache__", "py"} == set()
