"""Other people's plugins beside ours: all of them at once, and nothing ends with an internal error.

They live in an environment of their own (`make plugins`), named by RAGFT_TEST_PLUGINS.
"""

from __future__ import annotations

import json
import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.example import PLUGINS, Example, clean_environment

ENVIRONMENT = os.environ.get("RAGFT_TEST_PLUGINS", "")
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not ENVIRONMENT, reason="RAGFT_TEST_PLUGINS names no environment; make it with `make plugins`"
)


ALL = (
    "--retries=1", "--reruns=1", "--timeout=300", "--html=report.html", "--self-contained-html",
    "--disable-socket", "--cov=tests", "--json-report", "--alluredir=allure",
)  # fmt: skip


def run(example: Example, *arguments: str) -> tuple[int, str]:
    command = [
        f"{ENVIRONMENT}/bin/python", "-m", "pytest", "suites", "tests", *PLUGINS,
        "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
        "--ragft-json=report.json", "--junitxml=junit.xml", *arguments,
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=example.folder,
        env=clean_environment() | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize(("wrong", "decision"), [(0.0, "PASS"), (0.5, "BLOCK")])
def test_all_at_once(
    example: Example, wrong: float, decision: str, workers: tuple[str, ...]
) -> None:
    example.suite(documents=70, per_document=1)
    example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=wrong)
    example.write("tests/test_plain.py", "def test_it(): pass\n")

    code, out = run(example, *ALL, *workers)

    assert "INTERNALERROR" not in out, out
    for name in ("randomly", "retry", "timeout", "html", "sugar", "socket", "cov", "allure"):
        assert name in out.partition("plugins:")[2].partition("\n")[0]
    assert code == (decision == "BLOCK"), out
    report = json.loads((example.folder / "report.json").read_text())
    assert [c["decision"] for c in report["conclusions"]] == [decision]
    # Each has come to our items.
    assert "gate-accuracy" in (example.folder / "report.html").read_text()
    assert "gate-accuracy" in (example.folder / ".report.json").read_text()
    assert any("gate-accuracy" in path.read_text() for path in example.folder.glob("allure/*.json"))


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("rerunning", ["--retries=2", "--reruns=2"])
def test_a_gate_stands_once_in_junit_whatever_runs_it_again(
    example: Example, rerunning: str, workers: tuple[str, ...]
) -> None:
    """With its last outcome: a first try that reads as passed would be a green gate."""
    example.suite(documents=25, per_document=1, head="question_floor = 0.5")
    example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.5)
    example.write(
        "tests/test_by_hand.py",
        "def test_it(ragft_comparison):\n"
        "    assert ragft_comparison.verdict('accuracy').outcome == 'PASS'\n",
    )
    other = "no:rerunfailures" if "retries" in rerunning else "no:pytest-retry"

    code, out = run(example, rerunning, "-p", other, *workers)

    assert code == 1, out
    cases = list(ET.parse(example.folder / "junit.xml").iter("testcase"))
    ours = [case for case in cases if "test_by_hand" not in case.get("classname", "")]
    names = [case.get("name", "") for case in ours]
    assert len(names) == len(set(names)) == 27
    for case in cases:
        properties = [p.get("name") for p in case.iter("property")]
        assert len(properties) == len(set(properties)), case.get("name")
    for case in ours:
        values = {p.get("name"): p.get("value") for p in case.iter("property")}
        failed = values.get("ragft.blocks") == "true" or "ragft.failed" in values
        assert (case.find("failure") is not None) == failed
        if "gate-" in case.get("name", ""):
            assert values["ragft.verdict"] == "REGRESSION"
