"""The recipes for CI services: by their schemas, with options that exist, and they do gate."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pytest_ragft.options import ALL_OPTIONS
from pytest_ragft.reporting.markdown import MARK
from tests.example import Example

DOCS = Path(__file__).parents[2] / "docs" / "ci"
SCHEMAS = {
    "github.yml": ["--builtin-schema", "vendor.github-workflows"],
    "gitlab.yml": ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
}
RECIPES = [*SCHEMAS, "Jenkinsfile"]


def checked(schema: list[str], file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", *schema, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_recipe_is_what_its_service_takes(name: str, tmp_path: Path) -> None:
    done = checked(SCHEMAS[name], DOCS / name)
    assert done.returncode == 0, done.stdout + done.stderr

    wrong = (DOCS / name).read_text(encoding="utf-8")
    wrong = wrong.replace("runs-on:", "run-on:").replace("when: always", "when: often")
    (tmp_path / name).write_text(wrong, encoding="utf-8")
    assert checked(SCHEMAS[name], tmp_path / name).returncode == 1, "the schema would say so"


def gate_of(name: str) -> list[str]:
    """The arguments that a recipe gives to pytest."""
    text = (DOCS / name).read_text(encoding="utf-8")
    (command,) = re.findall(r"pytest (suites (?:.|\\?\n)*?--ragft-markdown=\S+)", text)
    return shlex.split(command.replace("\\\n", " "))


@pytest.mark.parametrize("name", RECIPES)
def test_options_of_recipes_exist(name: str) -> None:
    known = {option.flag for option in ALL_OPTIONS}
    used = re.findall(r"--ragft-[\w-]+", (DOCS / name).read_text(encoding="utf-8"))
    assert set(used) <= known
    assert len(set(used)) >= 4


def test_all_recipes_gate_alike() -> None:
    assert gate_of("github.yml") == gate_of("gitlab.yml") == gate_of("Jenkinsfile")


def test_what_a_recipe_says_gates(example: Example) -> None:
    example.suite(documents=80, per_document=1)
    example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.5)
    arguments = [part.replace("$MODEL", "variant.jsonl") for part in gate_of("github.yml")]

    result = example.run_pytest(*arguments, "--ragft-baseline=baseline.jsonl", "-k", "gate")

    assert result.code == 1
    made = {path.name for path in (example.folder / "reports").iterdir()}
    assert {"junit.xml", "ragft.json", "ragft.md"} <= made


def test_reports_are_kept_when_the_gate_is_red() -> None:
    github = yaml.safe_load((DOCS / "github.yml").read_text(encoding="utf-8"))
    steps = github["jobs"]["gate"]["steps"]
    position = next(i for i, step in enumerate(steps) if step.get("name") == "Gate")
    assert all("always()" in step["if"] for step in steps[position + 1 :])
    assert "${{" not in "".join(step.get("run", "") for step in steps), "no script is made of data"
    gitlab = yaml.safe_load((DOCS / "gitlab.yml").read_text(encoding="utf-8"))
    assert gitlab["ragft"]["artifacts"]["when"] == gitlab["ragft"]["cache"]["when"] == "always"


def test_the_comment_is_found_by_the_reports_mark() -> None:
    assert f'startswith("{MARK}")' in (DOCS / "github.yml").read_text(encoding="utf-8")
