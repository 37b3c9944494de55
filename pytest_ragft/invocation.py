"""What the user typed on the command line, apart from what ini files and the environment add."""

from __future__ import annotations

from argparse import Namespace

import pytest

_NARROWING = {
    "keyword": "-k",
    "markexpr": "-m",
    "lf": "--lf",
    "stepwise": "--sw",
    "stepwise_skip": "--sw",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
}


def typed(config: pytest.Config) -> Namespace:
    """The options of the command line alone; each has its default where it does not stand there."""
    # Private, but nothing else keeps `addopts` apart, reads `-xk …` and `@file`, and knows what
    # other plugins have declared.
    return config._parser.parse_known_args(list(config.invocation_params.args))


def narrowing(config: pytest.Config) -> tuple[str, ...]:
    """The options of the command line by which the user asked for a part of the tests."""
    options = typed(config)
    names = [flag for name, flag in _NARROWING.items() if getattr(options, name, None)]
    if any("::" in str(argument) for argument in options.file_or_dir):
        names.append("node ids")
    return tuple(dict.fromkeys(names))
