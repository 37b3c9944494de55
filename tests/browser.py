"""A browser for tests of the HTML report, where there is one.

`RAGFT_TEST_CHROMIUM` names it; else `chromium`, `chromium-browser` and `google-chrome` are looked
for. Tests skip with the reason where there is none, also with ``CI=true``: a machine without a
browser is no fault of the code, and the page is held to its structure without one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ARTIFACTS = Path(__file__).parents[1] / "build" / "test-artifacts"
"""Where tests leave screenshots for people."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str:
    """The browser's program; skips the test where there is none."""
    found = os.environ.get("RAGFT_TEST_CHROMIUM") or next(
        filter(None, map(shutil.which, _NAMES)), ""
    )
    if not found:
        pytest.skip(f"no browser: none of {', '.join(_NAMES)}, and RAGFT_TEST_CHROMIUM is not set")
    pytest.importorskip("playwright", reason="playwright is not installed")
    return found


@contextmanager
def chromium() -> Iterator[object]:
    """A running browser without a network of its own."""
    path = browser_path()
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()
