"""Other people's plugins beside ours: all of them at once, and nothing ends with an internal error.

They live in an environment of their own (`make plugins`), named by RAGFT_TEST_PLUGINS.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.example import PLUGINS, Example, clean_environment

ENVIRONMENT = os.environ.get("RAGFT_TEST_PLUGINS", "")
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not ENVIRONMENT, reason="RAGFT_TEST_PLUGINS names no environment; make it with `make plugins`"
)


def run(example: Example, *arguments: str) -> tuple[int, str]:
    command = [
        f"{ENVIRONMENT}/bin/python", "-m", "pytest", "suites", "tests", *PLUGINS,
        "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
        "--ragft-json=report.json", "--retries=1", "--reruns=1", "--timeout=300",
        "--html=report.html", "--self-contained-html", "--disable-socket", "--cov=tests",
        "--json-report", "--alluredir=allure", "--junitxml=junit.xml", *arguments,
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

    code, out = run(example, *workers)

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
