"""What can be looked up is complete: options, variables, fixtures, commands, exit codes."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from pytest_ragft import fixtures
from pytest_ragft.cli import COMMANDS
from pytest_ragft.datasets.checks import CHECK_NAMES, LANGUAGES
from pytest_ragft.datasets.formats import FORMATS
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.options import ALL_OPTIONS, known_variables
from pytest_ragft.suite.gates import _KEYS as GATE_KEYS
from pytest_ragft.suite.loading import _HEAD, _RULES_TABLES
from pytest_ragft.suite.retrieval import KEYS as RETRIEVAL_KEYS
from tests.docs.blocks import ROOT

FIXTURES = [name for name in vars(fixtures) if name.startswith("ragft_")]


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("flag", [option.flag for option in ALL_OPTIONS])
def test_every_option_has_its_row(flag: str) -> None:
    assert f"| `{flag}" in page("options")


@pytest.mark.parametrize(
    "variable", sorted({*known_variables()} - {option.variable for option in ALL_OPTIONS})
)
def test_every_other_variable_has_its_row(variable: str) -> None:
    assert f"| `{variable}`" in page("options")


@pytest.mark.parametrize("name", FIXTURES)
def test_every_fixture_has_its_row(name: str) -> None:
    assert f"| `{name}`" in page("tests")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_its_row_and_its_options_are_named(name: str) -> None:
    said = page("data")
    module = import_module(f"pytest_ragft.datasets.formats.{FORMATS[name].module}")
    assert f"| `{name}`" in said
    for option in module.OPTIONS:
        assert re.search(rf"`{option}\b|\b{option} =|\[suite\.{option}\]", said), option


def test_every_check_and_language_is_told() -> None:
    said = page("retention")
    rows = "\n".join(line for line in said.splitlines() if line.startswith("| `"))
    assert [name for name in CHECK_NAMES if f"`{name}`" not in rows] == []
    assert " ".join(LANGUAGES) in said


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_row(name: str) -> None:
    assert f"| `ragft {name}`" in page("options")


@pytest.mark.parametrize(
    "key",
    [
        *GATE_KEYS,
        *_HEAD,
        *_RULES_TABLES,
        *(key for key in RETRIEVAL_KEYS),
        *GenerationSettings.__dataclass_fields__,
    ],
)
def test_every_key_of_the_files_is_named(key: str) -> None:
    assert f"`{key}`" in page("options")
