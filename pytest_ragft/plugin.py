"""Entry point of the plugin. Translates, decides nothing, and weighs nothing while unused."""

from __future__ import annotations

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


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark, and the hooks of a gating run where one is asked for."""
    config.addinivalue_line("markers", MARK_HELP)
    if not any_given(config):
        return
    from pytest_ragft.reading import read_options

    options = read_options(config)
    if options.save_baseline and not options.model:
        raise pytest.UsageError("--ragft-save-baseline: needs --ragft-model=SPEC, what to save")
    if options.active:
        from pytest_ragft.session import start_session

        start_session(config, options)
