"""Options as they were given: on the command line, in the environment or in an ini file.

Precedence: command line, then environment (``RAGFT_…``), then ini (``ragft_…``), then the TOML
files.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.errors import RagftError
from pytest_ragft.gating.environment import check_environment
from pytest_ragft.gating.settings import SAVED, Settings, Source
from pytest_ragft.invocation import typed
from pytest_ragft.option_types import shown, text
from pytest_ragft.options import ALL_OPTIONS, PREFIX, Option, ini_value, known_variables

_WITH_PATHS = ("model", "baseline", "base", "judge", "labels", "json", "html", "markdown")


def read_options(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Settings:
    """The options in force.

    Raises:
        pytest.UsageError: a value from environment or ini is not acceptable, be it needed or not.
    """
    _check_variables(environ)
    try:
        check_environment(environ)
    except RagftError as error:
        raise pytest.UsageError(str(error)) from None
    values = {o.dest.removeprefix("ragft_"): _read(config, o, environ) for o in ALL_OPTIONS}
    for repeated in ("model", "margin", "labels"):
        values[repeated] = tuple(values[repeated] or ())
    for named in ("model", "baseline"):
        if values[named]:
            values[f"{named}_from"] = _source(config, environ, named)
    metrics = [metric for metric, _ in values["margin"]]
    if len(set(metrics)) < len(metrics):
        raise pytest.UsageError(f"--ragft-margin: given twice for one metric: {metrics!r}")
    return Settings(**(values | {"margin": dict(values["margin"])}))


def _check_variables(environ: Mapping[str, str]) -> None:
    """Refuse nearly right names: what they were to say would silently not be said."""
    known = known_variables()
    for variable in environ:
        other = not variable.startswith(PREFIX) or variable.startswith(f"{PREFIX}TEST_")
        if other or variable in known:
            continue
        ends = [each.removeprefix(PREFIX) for each in known]
        if close := get_close_matches(variable.removeprefix(PREFIX), ends, n=1, cutoff=0.75):
            raise pytest.UsageError(
                f"{variable}: there is no such variable; did you mean {PREFIX}{close[0]}?"
            )


def _source(config: pytest.Config, environ: Mapping[str, str], name: str) -> Source:
    """Where an option was named."""
    told: Mapping[str, Any] | None = getattr(config, "workerinput", None)
    if told is not None:
        # A worker of pytest-xdist does not see the command line.
        source: Source = told.get(f"ragft_{name}_from", "ini")
        return source
    if getattr(typed(config), f"ragft_{name}", None) is not None:
        return "option"
    words = shlex.split(environ.get("PYTEST_ADDOPTS", ""))
    by_environment = any(word.partition("=")[0] == f"--ragft-{name}" for word in words)
    variable = f"{PREFIX}{name.upper()}"
    return "environment" if by_environment or variable in environ else "ini"


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
        value = _parsed(option, ini if isinstance(ini, list) else str(ini), source)
        return _from_ini(config, option, value)
    return option.default


def _from_ini(config: pytest.Config, option: Option, value: Any) -> Any:
    """The value with its paths taken from the folder of the ini file, wherever pytest started."""
    folder = config.inipath.parent if config.inipath else config.rootpath
    name = option.dest.removeprefix("ragft_")
    if folder == config.invocation_params.dir or name not in _WITH_PATHS:
        return value
    if isinstance(value, list):
        return [_from_folder(folder, each) for each in value]
    return _from_folder(folder, value)


def _from_folder(folder: Path, value: str | Path) -> str | Path:
    if isinstance(value, Path):
        return folder / value
    if value.startswith(SAVED):
        return value
    # NAME=PATH, hf:PATH and jury:hf:PATH,…; what lies nowhere may be the name of a model.
    parts = re.split(r"([=:,])", value)
    for at, part in enumerate(parts):
        if part and os.path.exists(folder / part):
            parts[at] = str(folder / part)
    return "".join(parts)


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
