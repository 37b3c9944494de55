"""Every command of README.md and docs/ runs, page after page, or says why it does not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, ROOT, SHELL, SHOWN, Block, blocks, indented
from tests.example import PLUGINS, clean_environment
from tests.own_data import write_own_data
from tests.tiny import tiny_folder

IDS = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_block_is_a_file_an_output_a_command_or_says_why_not(page: Path) -> None:
    kinds = ("not executed: ", "file: ", "output", "exit ")
    silent = [
        f"{page.name}:{block.line}"
        for block in blocks(page)
        if block.language not in (*SHELL, *SHOWN) and not block.says.startswith(kinds)
    ]

    assert silent == []
    assert indented(page) == []


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_its_commands_run(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    environment = clean_environment() | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTEST_ADDOPTS": " ".join(PLUGINS),
        "COLUMNS": "80",
    }
    changed: dict[str, str] = {}
    printed = ""
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        kind, _, value = block.says.partition(": ")
        if kind == "with":
            changed |= GIVEN[value](tmp_path, request)
        elif kind == "file":
            target = tmp_path / value
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif kind == "output":
            missing = not_in_order(block.text, printed)
            assert missing is None, f"{where}: not printed: {missing!r}\n{printed}"
        elif kind == "first" or (block.language in SHELL and kind != "not executed"):
            printed = run(value if kind == "first" else block.text, block, where, changed,
                          tmp_path, environment)  # fmt: skip


def run(
    text: str,
    block: Block,
    where: str,
    changed: Mapping[str, str],
    folder: Path,
    environment: Mapping[str, str],
) -> str:
    """What commands print, which end as the page says."""
    for shown, here in changed.items():
        text = text.replace(shown, here)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    expected = int(block.says.removeprefix("exit ")) if block.says.startswith("exit ") else 0
    assert done.returncode == expected, f"{where}\n{done.stdout}"
    return done.stdout


def not_in_order(shown: str, printed: str) -> str | None:
    """The first shown line that does not follow the ones before; None when all do."""
    rest = [line.rstrip() for line in printed.splitlines()]
    gap = True
    for line in map(str.rstrip, shown.splitlines()):
        if line.strip() in ("[…]", "…"):
            gap = True
            continue
        found = next((at for at, other in enumerate(rest) if other == line), None)
        if found is None or (found and not gap):
            return line
        rest, gap = rest[found + 1 :], False
    return None


def _tiny_model(folder: Path, request: pytest.FixtureRequest) -> Mapping[str, str]:
    """An adapter `ft-ckpt` and its base `base-model` that take seconds, and babble."""
    shutil.copytree(tiny_folder() / "model", folder / "base-model")
    shutil.copytree(tiny_folder() / "alive", folder / "ft-ckpt")
    return {}


def _elasticsearch(folder: Path, request: pytest.FixtureRequest) -> Mapping[str, str]:
    """A server in the place of the one that the page names."""
    return {"http://127.0.0.1:9200": str(request.getfixturevalue("elasticsearch_url"))}


def _own_data(folder: Path, request: pytest.FixtureRequest) -> Mapping[str, str]:
    """A CSV of questions, a folder of pages and recorded answers."""
    write_own_data(folder)
    return {}


GIVEN: Mapping[str, Callable[[Path, pytest.FixtureRequest], Mapping[str, str]]] = {
    "a tiny model": _tiny_model,
    "own data": _own_data,
    "Elasticsearch": _elasticsearch,
}


def test_an_output_that_differs_is_found() -> None:
    printed = "a\nb\nc\nd\n"

    assert not_in_order("a\nb\n[…]\nd\n", printed) is None
    assert not_in_order("b\n", printed) is None
    assert not_in_order("a\nc\n", printed) == "c"
    assert not_in_order("d\n[…]\na\n", printed) == "a"


def test_blocks_are_read_with_what_stands_before_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- with: a tiny model -->\ntext\n\n<!-- exit 1 -->\n\n```bash\nfalse\n```\n\n"
        "1. item\n\n    ```text\n    out\n    ```\n\n    pytest\n"
    )

    assert [(b.language, b.says, b.text) for b in blocks(page)] == [
        ("", "with: a tiny model", ""),
        ("bash", "exit 1", "false\n"),
        ("text", "", "out\n"),
    ]
    assert indented(page) == [16]
    assert re.match(r"\d", "1")
