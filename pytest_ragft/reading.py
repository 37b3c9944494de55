"""Options as they were given: on the command line, in the environment or in an ini file.

Precedence: command line, then environment (``RAGFT_…``), then ini (``ragft_…``), then the TOML
files.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from pytest_ragft.options import ALL_OPTIONS, Option, ini_value
from pytest_ragft.run.settings import BaselineSource, Settings
from pytest_ragft.values import shown, text

BASELINE_SOURCE = "ragft_baseline_from"
"""Key under which workers of pytest-xdist are told where the baseline was named."""


def read_options(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Settings:
    """The options in force.

    Raises:
        pytest.UsageError: a value from environment or ini is not acceptable.
    """
    values = {o.dest.removeprefix("ragft_"): _read(config, o, environ) for o in ALL_OPTIONS}
    for repeated in ("model", "margin", "labels"):
        values[repeated] = tuple(values[repeated] or ())
    values["baseline_from"] = _baseline_source(config, environ)
    metrics = [metric for metric, _ in values["margin"]]
    if len(set(metrics)) < len(metrics):
        raise pytest.UsageError(f"--ragft-margin: given twice for one metric: {metrics!r}")
    return Settings(**(values | {"margin": dict(values["margin"])}))


def _baseline_source(config: pytest.Config, environ: Mapping[str, str]) -> BaselineSource:
    """Where the baseline was named; `addopts` of an ini file are that file's words."""
    told: Mapping[str, Any] | None = getattr(config, "workerinput", None)
    if told is not None:
        # A worker of pytest-xdist does not see the command line.
        source: BaselineSource = told.get(BASELINE_SOURCE, "ini")
        return source

    def names_it(arguments: Iterable[object]) -> bool:
        return any(str(word).partition("=")[0] == "--ragft-baseline" for word in arguments)

    if names_it(config.invocation_params.args):
        return "option"
    by_environment = names_it(shlex.split(environ.get("PYTEST_ADDOPTS", "")))
    return "environment" if by_environment or "RAGFT_BASELINE" in environ else "ini"


def _read(config: pytest.Config, option: Option, environ: Mapping[str, str]) -> Any:
    given = config.getoption(option.dest)
    if given is not None:
        return given
    if option.variable in environ:
        return _parsed(option, environ[option.variable], option.variable)
    source = f"ini key {option.dest}"
    ini = ini_value(config, option)
    if isinstance(ini, Exception):
        raise pytest.UsageError(f"{source}: {ini}")
    if ini is not None:
        return _parsed(option, ini if isinstance(ini, list) else str(ini), source)
    return option.default


def _parsed(option: Option, value: str | list[str], source: str) -> Any:
    """An empty value is refused: it would silently gate nothing, or against something else."""
    try:
        if not option.repeatable:
            return option.parse(text(str(value)))
        # As in PYTEST_ADDOPTS: separated by spaces, with quotes around those in a path.
        raw = shlex.split(value) if isinstance(value, str) else value
        if not raw:
            raise ValueError("must not be empty")
        return [option.parse(item) for item in raw]
    except ValueError as error:
        raise pytest.UsageError(f"{source}: {shown(value)}: {error}") from None
