"""Suites in a run that names no model: shown as skipped where somebody gave their paths. Light."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

SUITE_FILE = "suite.toml"
_NAME = "no-model"
_EXPLICIT = "ragft_explicit"
_REASON = "no model was named: give --ragft-model=SPEC, RAGFT_MODEL, or ragft_model in the ini file"


def show_unasked(config: pytest.Config) -> None:
    """Show suites as skipped where the paths of the run were given, and only there."""
    told = getattr(config, "workerinput", None)
    if told is None:
        given = config.args_source is pytest.Config.ArgsSource.ARGS
    else:
        # pytest-xdist hands the workers paths in any case.
        given = bool(told.get(_EXPLICIT))
    if given:
        config.pluginmanager.register(_Unasked(), "ragft-unasked")


def without_suites(config: pytest.Config, status: object) -> object:
    """Pytest's "no tests" where suites without a model were all that a green session came to."""
    shown = config.pluginmanager.has_plugin("ragft-unasked")
    if shown and status == pytest.ExitCode.OK and _nothing_else_ran(config):
        return pytest.ExitCode.NO_TESTS_COLLECTED
    return status


def _nothing_else_ran(config: pytest.Config) -> bool:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stats = getattr(reporter, "stats", {})
    skipped = stats.get("skipped", ())
    if not skipped or not all(r.nodeid.endswith(f"/{SUITE_FILE}::{_NAME}") for r in skipped):
        return False
    # The nameless are the phases that show nothing.
    return stats.keys() <= {"", "skipped", "deselected", "warnings"}


class _Unasked:
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        if file_path.name != SUITE_FILE:
            return None
        return _Suite.from_parent(parent, path=file_path)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[_EXPLICIT] = True


class _Suite(pytest.File):
    def collect(self) -> Iterable[pytest.Item]:
        yield _Skipped.from_parent(self, name=_NAME)


class _Skipped(pytest.Item):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fixturenames: list[str] = []
        self.add_marker(pytest.mark.skip(reason=_REASON))

    def runtest(self) -> None:
        pytest.skip(_REASON)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name
