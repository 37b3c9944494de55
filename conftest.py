"""pytest's own root configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.example import Example


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """An empty project to write suites and answers into."""
    return Example(tmp_path)
