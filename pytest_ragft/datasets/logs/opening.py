"""The log that a SPEC such as ``promptfoo:out.json#ft`` names, read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from pytest_ragft.datasets.logs.port import LoggedAnswer, LogReader
from pytest_ragft.errors import SuiteError
from pytest_ragft.garbage import no_collection

TOOLS: Mapping[str, str] = {
    "lm-eval": "lm_eval",
    "inspect": "inspect_ai",
    "deepeval": "deepeval",
    "ragas": "ragas",
    "promptfoo": "promptfoo",
    "openai-batch": "openai_batch",
    "openai-evals": "openai_evals",
}
"""Names of the tools in a SPEC, and the modules here that read their logs."""

_SHOWN = 10


@no_collection()
def read_log(tool: str, path: Path, system: str = "") -> tuple[LoggedAnswer, ...]:
    """The answers of one system of a log.

    Args:
        tool: One of `TOOLS`.
        path: Of the log.
        system: Which of the log's systems; may be empty where it has one alone.

    Raises:
        SuiteError: the log is not of the tool's form, has no such system, or several to choose
            from; the message names them.
        MissingDependencyError: a package that its files need is not installed.
    """
    answers = tuple(_reader(tool).read(path))
    if not answers:
        raise SuiteError(f"{str(path)!r}: holds no answer of {tool}")
    # A failure may not say whose it is: it is that of the one system, and of none of several.
    systems = list(dict.fromkeys(line.system for line in answers if line.system))
    known = ", ".join(map(repr, systems[:_SHOWN])) + (", …" if len(systems) > _SHOWN else "")
    if len(systems) < 2 and system in ("", *systems):
        return answers
    if not systems:
        raise SuiteError(
            f"{str(path)!r}: does not say which system answered; leave out '#{system}'"
        )
    if not system:
        raise SuiteError(
            f"{str(path)!r}: holds answers of {len(systems)} systems: {known}; name one behind the "
            f"path, as in {tool}:{path}#{systems[0]}"
        )
    if system not in systems:
        raise SuiteError(f"{str(path)!r}: has no system {system!r}; it holds {known}")
    return tuple(line for line in answers if line.system == system)


def tool_of(line: str) -> str | None:
    """The tool whose record a line of JSON is, by its keys; None for any other line."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    if not isinstance(value, Mapping):
        return None
    return next((tool for tool in TOOLS if value.keys() >= _reader(tool).KEYS), None)


def _reader(tool: str) -> LogReader:
    return cast("LogReader", import_module(f"{__package__}.{TOOLS[tool]}"))
