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

from pytest_ragft.run.settings import Settings

GROUP = "ragft"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_METRIC_MARGIN = re.compile(r"([a-z][a-z0-9@-]*):(.+)")


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


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _path(value: str) -> Path:
    return Path(_text(value))


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("a name consists of letters, digits, '.', '_' and '-'")
    return value


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError("must be a number, such as 0.05") from None


def _fraction(value: str) -> float:
    number = _number(value)
    if not 0.0 < number < 1.0:
        raise ValueError("must be a fraction of the scale between 0 and 1, such as 0.05")
    return number


def _alpha(value: str) -> float:
    number = _number(value)
    if not 0.0 < number <= 0.1:
        raise ValueError("must be above 0 and at most 0.1")
    return number


def _margin(value: str) -> tuple[str, float]:
    match = _METRIC_MARGIN.fullmatch(value)
    if match is None or match[1] not in ("accuracy", "completeness"):
        raise ValueError("expected METRIC:FRACTION with accuracy or completeness")
    return match[1], _fraction(match[2])


def _limit(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ValueError("must be a whole number of at least 1")
    return int(value)


def _shown(value: object) -> str:
    """A value for messages, without the user and password that a URL may hold."""
    return re.sub(r"//[^/\s]*@", "//…@", repr(value))


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^/\s@]+(/\S*)?", value):
        raise ValueError(
            "expected http://HOST:PORT or https://…; user, password and API key come from "
            "RAGFT_ES_USER, RAGFT_ES_PASSWORD and RAGFT_ES_API_KEY"
        )
    return value


def _choice(*accepted: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in accepted:
            raise ValueError(f"expected one of {', '.join(accepted)}")
        return value

    return parse


def _flag(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("expected one of 1, true, yes, on, 0, false, no, off")


_OPTIONS = (
    _Option(
        "model",
        _text,
        "[NAME=]SPEC",
        "a variant to gate: a LoRA adapter folder, a model folder, a GGUF file, a hub name "
        "(org/name) or recorded answers (*.jsonl); repeatable",
        repeatable=True,
    ),
    _Option(
        "baseline",
        _text,
        "SPEC",
        "what variants are compared with (default for an adapter: its own base model); "
        "saved:NAME for a saved baseline, none to measure without gates while saving one",
    ),
    _Option("base", _path, "PATH", "where an adapter's base model lies"),
    _Option(
        "save-baseline",
        _name,
        "NAME",
        "keep the one variant of this run as a baseline under .ragft/baselines",
    ),
    _Option(
        "retriever",
        _choice("auto", "embedded", "elasticsearch"),
        "{auto,embedded,elasticsearch}",
        "what retrieves; overrides the suites' backend (auto: Elasticsearch where a URL is given)",
    ),
    _Option("es-url", _url, "URL", "Elasticsearch; credentials come from RAGFT_ES_… alone"),
    _Option("judge", _text, "SPEC", "the judge (default: reference)", "reference"),
    _Option(
        "margin",
        _margin,
        "METRIC:FRACTION",
        "fraction of the scale that a variant may lose, such as accuracy:0.05; repeatable; "
        "overrides the files",
        repeatable=True,
    ),
    _Option(
        "alpha",
        _alpha,
        "ALPHA",
        "one-sided error rate of a gate; overrides the files",
        ini="float",
    ),
    _Option(
        "on-inconclusive",
        _choice("fail", "warn"),
        "{fail,warn}",
        "what an INCONCLUSIVE primary gate does (default: fail); warn softens only floor, worse "
        "and underpowered",
        "fail",
    ),
    _Option(
        "limit",
        _limit,
        "N",
        "a quick look at the first N questions of each suite; gates then are INCONCLUSIVE",
        ini="int",
    ),
    _Option(
        "cache",
        _choice("rw", "ro", "refresh"),
        "{rw,ro,refresh}",
        "how the store .ragft/store.sqlite is used (default: rw)",
        "rw",
    ),
    _Option("json", _path, "PATH", "write the report as JSON"),
)
_OFFLINE = _Option(
    "offline",
    _flag,
    "",
    "answer from the store only: no model, no network",
    default=False,
    ini="bool",
)


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
    values = {
        o.dest.removeprefix("ragft_"): _read(config, o, environ) for o in (*_OPTIONS, _OFFLINE)
    }
    for repeated in ("model", "margin"):
        values[repeated] = tuple(values[repeated] or ())
    metrics = [metric for metric, _ in values["margin"]]
    if len(set(metrics)) < len(metrics):
        raise pytest.UsageError(f"--ragft-margin: given twice for one metric: {metrics!r}")
    return Settings(**(values | {"margin": dict(values["margin"])}))


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
        return _parsed(option, ini if isinstance(ini, list) else str(ini), source)
    return option.default


def _parsed(option: _Option, value: str | list[str], source: str) -> Any:
    """An empty value is refused: it would silently gate nothing, or against something else."""
    try:
        if not option.repeatable:
            return option.parse(_text(str(value)))
        # As in PYTEST_ADDOPTS: separated by spaces, with quotes around those in a path.
        raw = shlex.split(value) if isinstance(value, str) else value
        if not raw:
            raise ValueError("must not be empty")
        return [option.parse(item) for item in raw]
    except ValueError as error:
        raise pytest.UsageError(f"{source}: {_shown(value)}: {error}") from None


def _reported(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """`parse` for argparse, which shows the text of an ArgumentTypeError alone."""

    def parse_argument(value: str) -> Any:
        from argparse import ArgumentTypeError

        try:
            return parse(value)
        except ValueError as error:
            raise ArgumentTypeError(f"{_shown(value)}: {error}") from None

    return parse_argument
