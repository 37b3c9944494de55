"""The site of docs/ builds without a warning, and asks nobody for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.example import clean_environment

LOADED = {"object": "data", "link": "href"} | dict.fromkeys(
    ("script", "img", "iframe", "source"), "src"
)
"""Attributes that a browser follows by itself."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("zensical", reason="the generator of the site: pip install '.[docs]'")
    # A copy, since the generator builds beside its configuration.
    folder = tmp_path_factory.mktemp("site")
    for name in ("docs", "pytest_ragft"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "mkdocs.yml", folder)
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "build" / "site"


def test_every_page_is_built(site: Path) -> None:
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}

    assert pages <= {path.parent.name for path in site.rglob("index.html")}


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    asked = {
        f"{path.relative_to(site)}: {value}"
        for path in site.rglob("*.html")
        for value in loaded(path.read_text(encoding="utf-8"))
        if re.match(r"(https?:)?//", value)
    }
    styles = [
        p for p in site.rglob("*.css") if re.search(r"(url\(|@import)\W*(https?:)?//", text(p))
    ]

    assert asked == set()
    assert styles == []


def test_the_reference_of_the_api_has_its_docstrings(site: Path) -> None:
    page = text(site / "api" / "index.html")

    for name in ("check_judge", "ragft_comparison", "AnsweredCase", "decide"):
        assert name in page


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def loaded(html: str) -> list[str]:
    """What a page has a browser load."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            said = dict(attrs)
            if tag in LOADED and said.get("rel") != "canonical":
                found.append(said.get(LOADED[tag]) or "")

    Reader().feed(html)
    return found
