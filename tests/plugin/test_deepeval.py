"""The plugin beside deepeval's own pytest plugin: the same verdicts, with it and without it."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib.util import find_spec

import pytest

from tests.example import Example, Result, clean_environment

pytestmark = pytest.mark.skipif(find_spec("deepeval") is None, reason="deepeval is not installed")

_STRICT = """
[pytest]
filterwarnings = error
asyncio_default_fixture_loop_scope = function
"""


def gate(example: Example, *arguments: str) -> Result:
    """Gate variant.jsonl against baseline.jsonl with the plugins that the command line leaves."""
    junit = example.folder / "junit.xml"
    command = [
        sys.executable, "-m", "pytest", f"--junitxml={junit}", "-p", "no:cacheprovider", "suites",
        "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl", *arguments,
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=example.folder,
        # deepeval's plugin would report the run to its makers.
        env=clean_environment() | {"DEEPEVAL_TELEMETRY_OPT_OUT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    tree = ET.parse(junit).getroot() if junit.exists() else None
    return Result(done.returncode, done.stdout, done.stderr, tree)


@pytest.mark.parametrize("beside", [(), ("-p", "no:deepeval")], ids=["on", "off"])
def test_a_regression_is_red_and_no_change_is_green(
    example: Example, beside: tuple[str, ...]
) -> None:
    example.write("pytest.ini", _STRICT)
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.25)

    worse = gate(example, *beside)

    assert worse.code == 1, worse.out + worse.err
    assert ("deepeval" in worse.out) == (not beside)
    for name in ("gate-accuracy", "gate-completeness"):
        assert worse.properties(name)["ragft.verdict"] == "REGRESSION"

    example.recorded("variant.jsonl")
    same = gate(example, *beside)

    assert same.code == 0, same.out + same.err
    assert same.outcome("gate-accuracy") == "passed"


def test_with_workers(example: Example) -> None:
    example.write("pytest.ini", _STRICT)
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.25)

    result = gate(example, "-n", "2")

    assert result.code == 1, result.out + result.err
    assert result.outcome("gate-accuracy") == "failed"
