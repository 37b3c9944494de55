"""The options of the plugin, declared once: for the command line, the environment and ini files.

Imported by every pytest run that has the plugin installed, so it is light: where one is given,
`option_reading` reads them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Literal

import pytest

from pytest_ragft.option_types import (
    alpha,
    argument_type,
    backend,
    baseline,
    choice,
    duration,
    flag,
    knowledge,
    margin,
    name,
    path,
    positive_integer,
    text,
    url,
)

GROUP = "ragft"
PREFIX = "RAGFT_"
"""Of every variable of the environment that means something here."""


class Option:
    """No dataclass: making one's methods would be a fifth of what the unused plugin costs.

    Args:
        ini: Its type in an ini file, and so in native TOML, where it is not repeatable.
    """

    def __init__(
        self,
        name: str,
        parse: Callable[[str], Any],
        metavar: str,
        help: str,
        default: Any = None,
        *,
        repeatable: bool = False,
        ini: Literal["string", "int", "float", "bool"] = "string",
    ) -> None:
        self.flag = f"--ragft-{name}"
        self.dest = f"ragft_{name.replace('-', '_')}"
        self.variable = self.dest.upper()
        self.parse = parse
        self.metavar = metavar
        self.help = help
        self.default = default
        self.repeatable = repeatable
        self.ini = ini


_OPTIONS = (
    Option(
        "model",
        text,
        "[NAME=]SPEC",
        "a variant to gate: a LoRA adapter folder, a model folder, a GGUF file, a hub name "
        "(org/name), a served model (openai:NAME@URL, or completions:NAME@URL for raw prompts), "
        "recorded answers (*.jsonl), a log of another tool (TOOL:PATH) or one's own MODULE:CLASS; "
        "repeatable",
        repeatable=True,
    ),
    Option(
        "baseline",
        baseline,
        "SPEC",
        "what variants are compared with (default for an adapter: its own base model); "
        "saved:NAME for a saved baseline, which without a model gates retrieval alone; none to "
        "measure without gates while saving one",
    ),
    Option("base", path, "PATH", "where an adapter's base model lies"),
    Option(
        "save-baseline",
        name,
        "NAME",
        "keep the one variant of this run as a baseline under .ragft/baselines",
    ),
    Option(
        "retriever",
        backend,
        "{auto,embedded,elasticsearch,MODULE:CLASS}",
        "what retrieves; overrides the suites' backend (auto: Elasticsearch where a URL is given)",
    ),
    Option("es-url", url, "URL", "Elasticsearch; credentials come from RAGFT_ES_… alone"),
    Option(
        "judge",
        text,
        "SPEC",
        "the judge (default: reference); one's own as MODULE:CLASS",
        "reference",
    ),
    Option(
        "labels",
        path,
        "FILE",
        "human labels that correct the verdicts: a filled sheet of `ragft label`, and its key; "
        "repeatable",
        repeatable=True,
    ),
    Option(
        "margin",
        margin,
        "METRIC:FRACTION",
        "fraction of the scale that a variant may lose, such as accuracy:0.05; repeatable; "
        "overrides the files",
        repeatable=True,
    ),
    Option(
        "alpha",
        alpha,
        "ALPHA",
        "one-sided error rate of a gate; overrides the files",
        ini="float",
    ),
    Option(
        "on-inconclusive",
        choice("fail", "warn"),
        "{fail,warn}",
        "what an INCONCLUSIVE primary gate does (default: fail); warn softens only floor, worse "
        "and underpowered",
        "fail",
    ),
    Option(
        "limit",
        positive_integer,
        "N",
        "a quick look at the first N questions of each suite; gates then are INCONCLUSIVE",
        ini="int",
    ),
    Option(
        "cache",
        choice("rw", "ro", "refresh"),
        "{rw,ro,refresh}",
        "how the store .ragft/store.sqlite is used (default: rw)",
        "rw",
    ),
    Option(
        "knowledge",
        knowledge,
        "KINDS",
        "ask each question also with its gold passages and with none, as in retrieved,gold,none, "
        "and report what retrieval adds; gates speak about retrieved alone",
        (),
    ),
    Option(
        "max-age",
        duration,
        "TIME",
        "for how long a served model's answers count, such as 12h or 7d (default: 1d); 0: for this "
        "run alone",
        86_400.0,
    ),
    Option("json", path, "PATH", "write the report as JSON"),
    Option("html", path, "PATH", "write the report as one self-contained HTML file"),
    Option("markdown", path, "PATH", "write the report as Markdown, for a pull request"),
    Option(
        "texts",
        choice("none", "short", "full"),
        "{none,short,full}",
        "how much of questions, passages and answers stands in logs, JUnit, Markdown and JSON "
        "(default: short)",
        "short",
    ),
)
_FLAGS = tuple(
    Option(name, flag, "", help, default=False, ini="bool")
    for name, help in (
        ("offline", "answer from the store only: no model, no network"),
        (
            "strict",
            "lines about rules that got weaker than the saved baseline's, unverified identities "
            "and answers computed elsewhere become errors",
        ),
        ("replace", "let --ragft-save-baseline replace another model's baseline of that name"),
    )
)


ALL_OPTIONS = (*_OPTIONS, *_FLAGS)
# Read elsewhere: credentials, which are no options, settings of servers, and places.
_OTHER_VARIABLES = (
    "RAGFT_DATA",
    "RAGFT_EMBEDDINGS_API_KEY",
    "RAGFT_EMBEDDINGS_CONCURRENCY",
    "RAGFT_EMBEDDINGS_TIMEOUT",
    "RAGFT_ES_API_KEY",
    "RAGFT_ES_CA_FILE",
    "RAGFT_ES_PASSWORD",
    "RAGFT_ES_USER",
    "RAGFT_GENERATION_API_KEY",
    "RAGFT_GENERATION_BASELINE_API_KEY",
    "RAGFT_GENERATION_CONCURRENCY",
    "RAGFT_GENERATION_PRICES",
    "RAGFT_GENERATION_TIMEOUT",
    "RAGFT_JUDGE_API_KEY",
    "RAGFT_JUDGE_CONCURRENCY",
    "RAGFT_JUDGE_MAX_TOKENS",
    "RAGFT_JUDGE_PRICES",
    "RAGFT_JUDGE_TIMEOUT",
)


def known_variables() -> tuple[str, ...]:
    """Every variable of the environment that means something here."""
    return (*(option.variable for option in ALL_OPTIONS), *_OTHER_VARIABLES)


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
            type=argument_type(option.parse),
            help=option.help,
        )
        kind = "linelist" if option.repeatable else option.ini
        parser.addini(option.dest, option.help, type=kind, default=None)
    for option in _FLAGS:
        group.addoption(
            option.flag, dest=option.dest, action="store_true", default=None, help=option.help
        )
        parser.addini(option.dest, option.help, type=option.ini, default=None)


def any_given(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether command line, environment or ini say anything at all, be it right or wrong."""
    # Any variable of ours, since one that is misspelt says something, too.
    return any(variable.startswith(PREFIX) for variable in environ) or any(
        config.getoption(option.dest) is not None or ini_value(config, option) is not None
        for option in ALL_OPTIONS
    )


def ini_value(config: pytest.Config, option: Option) -> Any:
    """What an ini file says; the error where that is of the wrong type."""
    try:
        return config.getini(option.dest)
    except (pytest.UsageError, TypeError, ValueError) as error:
        return error
