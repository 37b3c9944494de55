"""The options of the plugin: declared once, read from command line, environment or ini.

Precedence: command line, then environment (``RAGFT_…``), then ini (``ragft_…``), then the TOML
files. This module is imported by every pytest run that has the plugin installed, so it is light.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from pytest_ragft.invocation import typed
from pytest_ragft.run.settings import SAVED, Settings, Source
from pytest_ragft.values import (
    alpha,
    choice,
    flag,
    limit,
    margin,
    name,
    path,
    shown,
    text,
    url,
)

GROUP = "ragft"
_PREFIX = "RAGFT_"


@dataclass(frozen=True, slots=True)
class _Option:
    name: str
    parse: Callable[[str], Any]
    metavar: str
    help: str
    default: Any = None
    repeatable: bool = False
    ini: Literal["string", "int", "float", "bool"] = "string"
    """Its type in an ini file, and so in native TOML, where it is not repeatable."""

    @property
    def flag(self) -> str:
        return f"--ragft-{self.name}"

    @property
    def dest(self) -> str:
        return f"ragft_{self.name.replace('-', '_')}"

    @property
    def variable(self) -> str:
        return self.dest.upper()


_OPTIONS = (
    _Option(
        "model",
        text,
        "[NAME=]SPEC",
        "a variant to gate: a LoRA adapter folder, a model folder, a GGUF file, a hub name "
        "(org/name) or recorded answers (*.jsonl); repeatable",
        repeatable=True,
    ),
    _Option(
        "baseline",
        text,
        "SPEC",
        "what variants are compared with (default for an adapter: its own base model); "
        "saved:NAME for a saved baseline, which without a model gates retrieval alone; none to "
        "measure without gates while saving one",
    ),
    _Option("base", path, "PATH", "where an adapter's base model lies"),
    _Option(
        "save-baseline",
        name,
        "NAME",
        "keep the one variant of this run as a baseline under .ragft/baselines",
    ),
    _Option(
        "retriever",
        choice("auto", "embedded", "elasticsearch"),
        "{auto,embedded,elasticsearch}",
        "what retrieves; overrides the suites' backend (auto: Elasticsearch where a URL is given)",
    ),
    _Option("es-url", url, "URL", "Elasticsearch; credentials come from RAGFT_ES_… alone"),
    _Option("judge", text, "SPEC", "the judge (default: reference)", "reference"),
    _Option(
        "labels",
        path,
        "FILE",
        "human labels that correct the verdicts: a filled sheet of `ragft label`, and its key; "
        "repeatable",
        repeatable=True,
    ),
    _Option(
        "margin",
        margin,
        "METRIC:FRACTION",
        "fraction of the scale that a variant may lose, such as accuracy:0.05; repeatable; "
        "overrides the files",
        repeatable=True,
    ),
    _Option(
        "alpha",
        alpha,
        "ALPHA",
        "one-sided error rate of a gate; overrides the files",
        ini="float",
    ),
    _Option(
        "on-inconclusive",
        choice("fail", "warn"),
        "{fail,warn}",
        "what an INCONCLUSIVE primary gate does (default: fail); warn softens only floor, worse "
        "and underpowered",
        "fail",
    ),
    _Option(
        "limit",
        limit,
        "N",
        "a quick look at the first N questions of each suite; gates then are INCONCLUSIVE",
        ini="int",
    ),
    _Option(
        "cache",
        choice("rw", "ro", "refresh"),
        "{rw,ro,refresh}",
        "how the store .ragft/store.sqlite is used (default: rw)",
        "rw",
    ),
    _Option("json", path, "PATH", "write the report as JSON"),
)
_OFFLINE = _Option(
    "offline",
    flag,
    "",
    "answer from the store only: no model, no network",
    default=False,
    ini="bool",
)


_WITH_PATHS = ("model", "baseline", "base", "judge", "labels", "json")
_OTHER_VARIABLES = (
    "RAGFT_DATA",
    "RAGFT_EMBEDDINGS_API_KEY",
    "RAGFT_ENCODER",
    "RAGFT_ES_API_KEY",
    "RAGFT_ES_CA_FILE",
    "RAGFT_ES_PASSWORD",
    "RAGFT_ES_USER",
    "RAGFT_JUDGE_API_KEY",
    "RAGFT_JUDGE_CONCURRENCY",
    "RAGFT_JUDGE_PRICES",
    "RAGFT_JUDGE_TIMEOUT",
)
"""Read elsewhere: credentials, which are no options, settings of servers, and places."""


def known_variables() -> tuple[str, ...]:
    """Every variable of the environment that means something here."""
    return (*(option.variable for option in (*_OPTIONS, _OFFLINE)), *_OTHER_VARIABLES)


def add_options(parser: pytest.Parser) -> None:
    """Declare the options and their ini keys; reads nothing."""
    group = parser.getgroup(GROUP, "gate a fine-tuned model in its RAG pipeline")
    for option in _OPTIONS:
        group.addoption(
            option.flag,
            dest=option.dest,
            action="append" if option.repeatable else "store",
            metavar=option.metavar,
            default=None,
            type=_reported(option.parse),
            help=option.help,
        )
        kind = "linelist" if option.repeatable else option.ini
        parser.addini(option.dest, option.help, type=kind, default=None)
    group.addoption(
        _OFFLINE.flag, dest=_OFFLINE.dest, action="store_true", default=None, help=_OFFLINE.help
    )
    parser.addini(_OFFLINE.dest, _OFFLINE.help, type=_OFFLINE.ini, default=None)


def read_options(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> Settings:
    """The options in force.

    Raises:
        pytest.UsageError: a value from environment or ini is not acceptable.
    """
    _check_variables(environ)
    values = {
        o.dest.removeprefix("ragft_"): _read(config, o, environ) for o in (*_OPTIONS, _OFFLINE)
    }
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
    given = [variable for variable in environ if variable.startswith(_PREFIX)]
    known = known_variables() if given else ()
    for variable in given:
        if variable in known or variable.startswith(f"{_PREFIX}TEST_"):
            continue
        from difflib import get_close_matches

        ends = [each.removeprefix(_PREFIX) for each in known]
        if close := get_close_matches(variable.removeprefix(_PREFIX), ends, n=1, cutoff=0.75):
            raise pytest.UsageError(
                f"{variable}: there is no such variable; did you mean {_PREFIX}{close[0]}?"
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
    variable = f"RAGFT_{name.upper()}"
    return "environment" if by_environment or variable in environ else "ini"


def _read(config: pytest.Config, option: _Option, environ: Mapping[str, str]) -> Any:
    given = config.getoption(option.dest)
    if given is not None:
        return given
    if option.variable in environ:
        return _parsed(option, environ[option.variable], option.variable)
    source = f"ini key {option.dest}"
    try:
        ini = config.getini(option.dest)
    except (pytest.UsageError, TypeError, ValueError) as error:
        raise pytest.UsageError(f"{source}: {error}") from None
    if ini is not None:
        value = _parsed(option, ini if isinstance(ini, list) else str(ini), source)
        return _from_ini(config, option, value)
    return option.default


def _from_ini(config: pytest.Config, option: _Option, value: Any) -> Any:
    """The value with its paths taken from the folder of the ini file, wherever pytest started."""
    folder = config.inipath.parent if config.inipath else config.rootpath
    if folder == config.invocation_params.dir or option.name not in _WITH_PATHS:
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
        if part and (folder / part).exists():
            parts[at] = str(folder / part)
    return "".join(parts)


def _parsed(option: _Option, value: str | list[str], source: str) -> Any:
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


def _reported(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """`parse` for argparse, which shows the text of an ArgumentTypeError alone."""

    def parse_argument(value: str) -> Any:
        from argparse import ArgumentTypeError

        try:
            return parse(value)
        except ValueError as error:
            raise ArgumentTypeError(f"{shown(value)}: {error}") from None

    return parse_argument
