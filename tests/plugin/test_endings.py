"""However a run ends, nothing that was not gated is green, and no earlier report survives it."""

from __future__ import annotations

import json

import pytest

from tests.example import Example

XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])

EARLIER = '{"schema": "pytest-ragft/report/1"}'

BROKEN_JUDGE = """
from pytest_ragft.judging.reference import ReferenceJudge


def judge(self, cases):
    raise {error}("stopped in the middle")


ReferenceJudge.judge = judge
"""


@pytest.fixture
def ready(example: Example) -> Example:
    return example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")


@pytest.mark.parametrize(
    ("error", "code"), [("KeyboardInterrupt", 2), ("ZeroDivisionError", 3)], ids=["ctrl-c", "bug"]
)
@XDIST
def test_an_evaluation_that_broke_off_has_no_verdict(
    ready: Example, workers: tuple[str, ...], error: str, code: int
) -> None:
    ready.write("report.json", EARLIER)
    ready.write("conftest.py", BROKEN_JUDGE.format(error=error))

    result = ready.gate("--ragft-json=report.json", *workers)

    assert result.code == code, result.out + result.err
    assert not (ready.folder / "report.json").exists()
    assert "INCONCLUSIVE" not in result.out
    assert "PASS" not in result.out
    if code == 2:
        assert "NOT GATED: the evaluation was not completed" in result.out
        assert "INTERNALERROR" not in result.out + result.err


def test_a_judge_that_fails_leaves_errors_and_a_report_without_verdicts(ready: Example) -> None:
    ready.write("conftest.py", BROKEN_JUDGE.format(error="JudgeError").replace(
        "import ReferenceJudge", "import ReferenceJudge\nfrom pytest_ragft.errors import JudgeError"
    ))  # fmt: skip

    result = ready.gate("--ragft-json=report.json", "-k", "gate")

    assert result.code == 1
    assert result.outcome("gate-accuracy") == "error"
    report = json.loads((ready.folder / "report.json").read_text())
    assert report["gates"] == []
    assert "stopped in the middle" in report["errors"][0]
    assert "variant: ERROR" in result.out


def test_an_earlier_report_does_not_survive_a_usage_error(ready: Example) -> None:
    ready.gate("--ragft-json=report.json", "-k", "gate")
    ready.write("variant.jsonl", "damaged")

    result = ready.gate("--ragft-json=report.json")

    assert result.code == 4
    assert not (ready.folder / "report.json").exists()


def test_collecting_only_leaves_an_earlier_report(ready: Example) -> None:
    ready.write("report.json", EARLIER)

    ready.gate("--ragft-json=report.json", "--collect-only", "-q")

    assert (ready.folder / "report.json").read_text() == EARLIER


@XDIST
def test_a_failed_question_takes_the_pass_away(ready: Example, workers: tuple[str, ...]) -> None:
    """The conclusion and the report agree with the exit code."""
    lines = ready.read_lines("variant.jsonl")
    lines[0]["answer"] = " "
    ready.write_lines("variant.jsonl", lines)

    result = ready.gate("--ragft-json=report.json", *workers)

    assert result.code == 1
    assert result.outcome("gate-accuracy") == "passed"
    assert "variant: PASS" not in result.out
    report = json.loads((ready.folder / "report.json").read_text())
    assert [c["decision"] for c in report["conclusions"]] == ["ERROR"]
    assert "q0-0" in report["errors"][0]


def test_a_crashed_worker_leaves_the_run_red(ready: Example) -> None:
    ready.write("suites/test_crash.py", "import os\ndef test_crash(): os._exit(0)\n")

    result = ready.gate("-n", "1", "--max-worker-restart=0")

    assert result.code != 0
    assert "variant: PASS" not in result.out


def test_a_worker_without_the_evaluation_has_errors_not_verdicts(ready: Example) -> None:
    ready.write(
        "conftest.py",
        "import pathlib\n"
        "def pytest_configure_node(node):\n"
        "    node.workerinput['ragft_evaluation'] = 'nowhere.json'\n",
    )

    result = ready.gate("-n", "2", "-k", "gate or q0-")

    assert result.code == 1
    assert result.outcome("gate-accuracy") == "error"
    assert result.outcome("q0-0") == "error"
