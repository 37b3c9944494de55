"""Suites in a run that names no model, skipped. Imported where one lies under the given paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

_NAME = "no-model"
NO_MODEL = (
    "no model was named: give --ragft-model=SPEC, RAGFT_MODEL, or ragft_model in the ini file"
)


def skipped_suite(parent: pytest.Collector, file: Path) -> pytest.Collector:
    """The node of a suite.toml that is shown as skipped."""
    return _Suite.from_parent(parent, path=file)


def without_suites(stats: Mapping[str, Sequence[Any]], file: str) -> pytest.ExitCode:
    """The exit status of a green session whose reports are `stats`; suites lie in a `file` each.

    Pytest's "no tests" where suites without a model were all that it came to.
    """
    skipped = stats.get("skipped", ())
    ours = skipped and all(r.nodeid.endswith(f"/{file}::{_NAME}") for r in skipped)
    # The nameless are the phases that show nothing.
    if ours and stats.keys() <= {"", "skipped", "deselected", "warnings"}:
        return pytest.ExitCode.NO_TESTS_COLLECTED
    return pytest.ExitCode.OK


class _Suite(pytest.File):
    def collect(self) -> Iterable[pytest.Item]:
        yield _Skipped.from_parent(self, name=_NAME)


class _Skipped(pytest.Item):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fixturenames: list[str] = []
        self.add_marker(pytest.mark.skip(reason=NO_MODEL))

    def runtest(self) -> None:
        pytest.skip(NO_MODEL)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name
