"""Entry point of the plugin. Translates, decides nothing, and weighs nothing while unused."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.fixtures import (
    _ragft_example_id,
    _ragft_variant_name,
    pytest_generate_tests,
    ragft_baseline,
    ragft_case,
    ragft_comparison,
    ragft_judge,
    ragft_retriever,
    ragft_variant,
)
from pytest_ragft.marks import MARK_HELP
from pytest_ragft.options import add_options, any_given

__all__ = [
    "_ragft_example_id",
    "_ragft_variant_name",
    "pytest_generate_tests",
    "ragft_baseline",
    "ragft_case",
    "ragft_comparison",
    "ragft_judge",
    "ragft_retriever",
    "ragft_variant",
]

_SUITE_FILE = "suite.toml"
_UNASKED = "ragft-unasked"
_EXPLICIT = "ragft_explicit"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Let the exit status follow the conclusion, however the session ends."""
    try:
        status = yield
    except SystemExit as ended:
        status = pytest.ExitCode.OK if ended.code is None else ended.code
        if (concluded := _concluded(config, status)) == status:
            raise
        return concluded
    return _concluded(config, status)


def _concluded(config: pytest.Config, status: object) -> object:
    if any_given(config):
        from pytest_ragft.exit_status import status_of

        status = status_of(config, status)
    if status == pytest.ExitCode.OK and config.pluginmanager.has_plugin(_UNASKED):
        stats = getattr(config.pluginmanager.get_plugin("terminalreporter"), "stats", {})
        if stats.get("skipped"):
            from pytest_ragft.without_model import without_suites

            return without_suites(stats, _SUITE_FILE)
    return status


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark, and the hooks of a gating run where one is asked for."""
    config.addinivalue_line("markers", MARK_HELP)
    if not any_given(config):
        _show_unasked(config)
        return
    from pytest_ragft.exit_status import begin
    from pytest_ragft.option_reading import read_options

    options = read_options(config)
    if options.save_baseline and not options.model:
        raise pytest.UsageError("--ragft-save-baseline: needs --ragft-model=SPEC, what to save")
    begin(config, options)
    if options.active:
        from pytest_ragft.controller import start_session

        start_session(config, options)
    else:
        _show_unasked(config)


def _show_unasked(config: pytest.Config) -> None:
    """Show suites as skipped where the paths of the run were given, and only there."""
    told = getattr(config, "workerinput", None)
    if told is None:
        given = config.args_source is pytest.Config.ArgsSource.ARGS
    else:
        # pytest-xdist hands the workers paths in any case.
        given = bool(told.get(_EXPLICIT))
    if given:
        config.pluginmanager.register(_Unasked(), _UNASKED)


class _Unasked:
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        if file_path.name != _SUITE_FILE:
            return None
        from pytest_ragft.without_model import skipped_suite

        return skipped_suite(parent, file_path)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[_EXPLICIT] = True
