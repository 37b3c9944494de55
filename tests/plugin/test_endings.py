"""However a run ends, nothing that was not gated is green, and no earlier report survives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.example import PLUGINS, Example, Result, clean_environment

XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])

EARLIER = '{"schema": "pytest-ragft/report/1"}'

BROKEN_JUDGE = """
from pytest_ragft.judging.lexical.reference import ReferenceJudge


def judge(self, cases):
    raise {error}("stopped in the middle")


ReferenceJudge.judge = judge
"""


@pytest.fixture
def ready(example: Example) -> Example:
    example.suite(documents=80, per_document=2)
    return example.recorded("baseline.jsonl").recorded("variant.jsonl")


def flat(result: Result) -> str:
    """The terminal's text without its line breaks."""
    return " ".join(result.out.split())


@XDIST
def test_an_evaluation_that_broke_off_has_no_verdict(
    ready: Example, workers: tuple[str, ...]
) -> None:
    ready.write("report.json", EARLIER)
    ready.write("conftest.py", BROKEN_JUDGE.format(error="KeyboardInterrupt"))

    result = ready.gate("--ragft-json=report.json", *workers)

    assert result.code == 2, result.out + result.err
    assert not (ready.folder / "report.json").exists()
    assert "INCONCLUSIVE" not in result.out
    assert "PASS" not in result.out
    assert "NOT GATED: the evaluation was not completed" in result.out
    assert "INTERNALERROR" not in result.out + result.err


@XDIST
@pytest.mark.parametrize(
    "error", ["ZeroDivisionError", "RecursionError", "MemoryError", "SystemExit", "UnicodeError"]
)
def test_whatever_a_judge_raises_leaves_scores_missing_and_is_no_end_of_the_session(
    ready: Example, workers: tuple[str, ...], error: str
) -> None:
    ready.write("conftest.py", BROKEN_JUDGE.format(error=error))

    result = ready.gate("--ragft-json=report.json", "-k", "gate", *workers)

    assert result.code == 1, result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    assert result.outcome("gate-accuracy") == "failed"
    report = json.loads((ready.folder / "report.json").read_text())
    verdict = report["gates"][0]["verdict"]
    assert (verdict["outcome"], verdict["reason"], verdict["n"]) == ("INCONCLUSIVE", "missing", 0)
    assert [c["decision"] for c in report["conclusions"]] == ["BLOCK"]
    said = f"the judge 'reference' (ReferenceJudge) raised {error}: stopped in the middle"
    assert f"missing for 160 of 160 answers on demo: {said} (conftest.py, line 6)" in flat(result)


@pytest.mark.parametrize("outcome", ["fail", "skip", "exit"])
def test_no_outcome_of_pytest_ends_the_session_from_a_judge(ready: Example, outcome: str) -> None:
    """They are no exceptions of the ordinary kind, and a judge of one's own may use them."""
    ready.write(
        "conftest.py",
        "import pytest\nfrom pytest_ragft.judging.lexical.reference import ReferenceJudge\n"
        f"ReferenceJudge.judge = lambda self, cases: pytest.{outcome}('not today')\n",
    )

    result = ready.gate("-k", "gate")

    assert result.code == 1, result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    assert "not today" in flat(result)


PORTS = {
    "judge": """
from pytest_ragft.judging.lexical.reference import ReferenceJudge
judge = ReferenceJudge.judge
def broken(self, cases):
    if any("Zanzibar" in case.answer for case in cases):
        raise {error}("stopped in the middle")
    return judge(self, cases)
ReferenceJudge.judge = broken
""",
    "model": """
from pytest_ragft.generation.recorded import RecordedGenerator
generate = RecordedGenerator.generate
def broken(self, batch):
    if self.path.name == "worse.jsonl":
        raise {error}("stopped in the middle")
    return generate(self, batch)
RecordedGenerator.generate = broken
""",
}


@pytest.mark.parametrize("error", ["ZeroDivisionError", "RecursionError", "AttributeError"])
@pytest.mark.parametrize("port", PORTS)
def test_the_other_variants_keep_their_verdicts(ready: Example, port: str, error: str) -> None:
    ready.recorded("worse.jsonl", wrong=0.5)
    ready.write("conftest.py", PORTS[port].format(error=error))

    result = ready.gate("--ragft-model=bad=worse.jsonl", "--ragft-json=report.json", "-k", "gate")

    assert result.code == 1, result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    report = json.loads((ready.folder / "report.json").read_text())
    # Of the model no answer is there, of the judge some scores are.
    outcomes = {g["variant"]: g["verdict"]["outcome"] for g in report["gates"]}
    assert outcomes == {"variant": "PASS"} | ({"bad": "INCONCLUSIVE"} if port == "judge" else {})
    decisions = {c["variant"]: c["decision"] for c in report["conclusions"]}
    assert decisions == {"variant": "PASS", "bad": "BLOCK" if port == "judge" else "ERROR"}
    assert f"{error}: stopped in the middle" in flat(result)


RETRIEVER = """
from pytest_ragft.retrieval.bm25 import BM25Retriever as Retriever
def broken(self, *arguments):
    raise {error}("stopped in the middle")
Retriever.{method} = broken
"""


@pytest.mark.parametrize("method", ["retrieve", "check"])
def test_a_retriever_that_raises_ends_no_session(ready: Example, method: str) -> None:
    ready.write("conftest.py", RETRIEVER.format(error="ZeroDivisionError", method=method))

    result = ready.gate("-k", "gate")

    assert result.code == (1 if method == "retrieve" else 4), result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    assert "ZeroDivisionError: stopped in the middle" in result.out + result.err


def run_with(example: Example, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, "-m", "pytest", *PLUGINS, "suites", "-k", "gate",
        "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
    ]  # fmt: skip
    command += kwargs.pop("arguments", [])
    environment = clean_environment() | kwargs.pop("env", {})
    return subprocess.run(
        command,
        cwd=example.folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        **kwargs,
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize("wrong", [0.0, 0.5])
def test_a_full_error_stream_changes_nothing(ready: Example, wrong: float) -> None:
    ready.recorded("variant.jsonl", wrong=wrong)
    ready.write("conftest.py", "import pytest\ndef pytest_runtest_setup(): pytest.skip('x')\n")

    with open("/dev/full", "w") as full:
        done = run_with(ready, stderr=full)

    assert done.returncode == bool(wrong), done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_missing_folder_for_temporary_files_changes_nothing(
    ready: Example, workers: tuple[str, ...]
) -> None:
    """As on a full disk, where Python finds no usable folder either."""
    ready.write(
        "conftest.py",
        "import tempfile\n"
        "def broken(*arguments, **settings):\n"
        "    if settings.get('dir') is None:\n"
        "        raise OSError(28, 'No space left on device')\n"
        "    return real(*arguments, **settings)\n"
        "real, tempfile.TemporaryDirectory = tempfile.TemporaryDirectory, broken\n",
    )

    result = ready.gate("-k", "gate", *workers)

    assert result.code == 0, result.out + result.err


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
