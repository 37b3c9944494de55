"""The demo base, and a server that answers for it and for every other folder with a model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transformers_serve import lacking, serving


def missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def base() -> Path:
    named = os.environ.get("RAGFT_TEST_BASE")
    path = Path(named or Path(__file__).parents[2] / ".cache/models/SmolLM2-135M-Instruct")
    if not (path / "model.safetensors").exists():
        if named:
            pytest.fail(f"the demo base is not at {path}; make it with: make base")
        missing(f"the demo base is not at {path}; make it with: make base")
    return path


@pytest.fixture(scope="session")
def served_url(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if why := lacking():
        missing(why)
    with serving(tmp_path_factory.mktemp("serve") / "log", dtype="float32") as running:
        yield running
