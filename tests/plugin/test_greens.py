"""A regressed variant is never green: the exit status follows the conclusion, not the reports."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.example import Example, Result

XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
BOTH = ("--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl")


@pytest.fixture
def worse(example: Example) -> Example:
    """A small project with a variant that lost half of its right answers."""
    example.suite(documents=25, per_document=2)
    return example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.5)


def red(result: Result, code: int = 1) -> None:
    assert result.code == code, result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err


def report_of(example: Example) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((example.folder / "report.json").read_text())
    return content


def decisions(example: Example) -> dict[str, str]:
    return {c["variant"]: c["decision"] for c in report_of(example)["conclusions"]}


GATES = "[i for i in items if 'gate-' in i.name]"
MODIFY = (
    "import pytest\n"
    "def pytest_collection_modifyitems(items):\n"
    "    for item in {gates}:\n        {do}\n"
)
CONFTESTS = {
    "xfail": MODIFY.format(gates=GATES, do="item.add_marker(pytest.mark.xfail)"),
    "xfail-not-run": MODIFY.format(gates=GATES, do="item.add_marker(pytest.mark.xfail(run=False))"),
    "skip": "import pytest\ndef pytest_runtest_setup(item): pytest.skip('today not')\n",
    "skip-mark": MODIFY.format(gates=GATES, do="item.add_marker(pytest.mark.skip(reason='x'))"),
    "skipif-mark": MODIFY.format(
        gates=GATES, do="item.add_marker(pytest.mark.skipif(True, reason='x'))"
    ),
    "removed": MODIFY.format(gates=GATES, do="items.remove(item)"),
    "deselected": MODIFY.format(
        gates=GATES, do="items.remove(item); item.config.hook.pytest_deselected(items=[item])"
    ),
    "all removed": "def pytest_collection_modifyitems(items): items[:] = []\n",
    "rewritten": (
        "import pytest\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_makereport():\n"
        "    report = yield\n"
        "    report.outcome, report.longrepr = 'passed', None\n"
        "    return report\n"
    ),
    "no protocol": "def pytest_runtest_protocol(): return True\n",
    "no loop": (
        "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtestloop(): return True\n"
    ),
    "exit in a test": "import pytest\ndef pytest_runtest_setup(): pytest.exit('x', returncode=0)\n",
    "exit at the start": (
        "import pytest\ndef pytest_sessionstart(): pytest.exit('x', returncode=0)\n"
    ),
    "exit after collection": (
        "import pytest\ndef pytest_collection_finish(): pytest.exit('x', returncode=0)\n"
    ),
    "exit at the end": (
        "import pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_sessionfinish(): pytest.exit('x', returncode=0)\n"
    ),
    "status replaced": "def pytest_sessionfinish(session): session.exitstatus = 0\n",
    "no tests collected": "def pytest_sessionfinish(session): session.exitstatus = 5\n",
    "sys.exit": "import sys\ndef pytest_unconfigure(): sys.exit(0)\n",
    "main taken over": "def pytest_cmdline_main(): return 0\n",
    "counter reset": "def pytest_runtest_teardown(item): item.session.testsfailed = 0\n",
}


@pytest.mark.parametrize("conftest", CONFTESTS.values(), ids=CONFTESTS.keys())
def test_no_conftest_makes_a_regression_green(worse: Example, conftest: str) -> None:
    worse.write("conftest.py", conftest)

    red(worse.gate())


@pytest.mark.parametrize("name", ["xfail", "skip-mark", "removed", "rewritten", "exit in a test"])
def test_nor_under_xdist(worse: Example, name: str) -> None:
    worse.write("conftest.py", CONFTESTS[name])

    red(worse.gate("-n", "2"))


@pytest.mark.parametrize("wrong", [0.0, 0.5], ids=["identical", "worse"])
@pytest.mark.parametrize("hook", ["runtest_setup", "runtest_logreport", "collection_finish"])
@pytest.mark.parametrize(("returncode", "code"), [(0, 1), (5, 1), (7, 7)])
def test_an_exit_in_a_worker_is_no_internal_error(
    example: Example, hook: str, returncode: int, code: int, wrong: float
) -> None:
    """pytest-xdist asserts that no worker ends early; the session ends as it would without."""
    example.suite(documents=59, per_document=1)
    example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=wrong)
    example.write(
        "conftest.py",
        "import os, pytest\n"
        f"def pytest_{hook}():\n"
        "    if 'PYTEST_XDIST_WORKER' in os.environ:\n"
        f"        pytest.exit('enough', returncode={returncode})\n",
    )

    result = example.gate("-n", "1")

    red(result, code)
    assert "Exit: enough (in a worker)" in result.out
    assert "variant: PASS" not in result.out
    if code == 1:
        assert "ragft: exit status 1: variant: " in result.err
        assert "the run was interrupted" in result.out


@pytest.mark.parametrize(("returncode", "code"), [(0, 1), (7, 7)])
def test_nor_is_one_whose_worker_is_gone_before_tests_are_sent(
    worse: Example, returncode: int, code: int
) -> None:
    """pytest-xdist then writes to a closed connection, before it hears that the worker ended."""
    worse.write(
        "conftest.py",
        "import os, pytest\n"
        "def pytest_collection_finish():\n"
        "    if 'PYTEST_XDIST_WORKER' in os.environ:\n"
        f"        pytest.exit('enough', returncode={returncode})\n"
        "def pytest_xdist_node_collection_finished(node):\n"
        "    node.channel.waitclose()\n",
    )

    result = worse.gate("-n", "1")

    red(result, code)
    assert "Exit: enough (in a worker)" in result.out
    assert code != 1 or "the run was interrupted" in result.out


@pytest.mark.parametrize(
    "conftest",
    [
        "def pytest_runtest_logreport(report): assert False, 'a mistake of a plugin'\n",
        "import os, pytest\n"
        "def pytest_runtest_setup():\n"
        "    if 'PYTEST_XDIST_WORKER' in os.environ: pytest.exit('enough', returncode=0)\n"
        "def pytest_testnodedown(): assert False, 'a mistake of a plugin'\n",
    ],
    ids=["alone", "beside an exit"],
)
def test_a_mistake_of_a_plugin_stays_an_internal_error(worse: Example, conftest: str) -> None:
    worse.write("conftest.py", conftest)

    result = worse.gate("-n", "1")

    assert result.code == 3
    assert "a mistake of a plugin" in result.out + result.err


@pytest.mark.parametrize("name", ["xfail", "skip-mark", "removed", "exit at the end"])
def test_the_report_still_says_what_was_found(worse: Example, name: str) -> None:
    worse.write("conftest.py", CONFTESTS[name])

    result = worse.gate("--ragft-json=report.json")

    red(result)
    assert decisions(worse) == {"variant": "BLOCK"}
    if name != "exit at the end":  # where pytest shows no summary
        assert "variant: BLOCK" in result.out
    assert "ragft: exit status 1: variant: BLOCK" in result.err


@pytest.mark.parametrize("option", ["--setup-only", "--setup-show", "--exitfirst", "--runxfail"])
def test_no_option_makes_a_regression_green(worse: Example, option: str) -> None:
    red(worse.gate(option))


@pytest.mark.parametrize(
    "option",
    [
        "--collect-only",
        "--setup-plan",
        "--help",
        "--version",
        "--markers",
        "--fixtures",
        "--cache-show",
    ],
)
def test_what_only_shows_something_ends_as_in_pytest(worse: Example, option: str) -> None:
    result = worse.gate(option, "-p", "cacheprovider")

    assert result.code == 0, result.out + result.err
    assert not (worse.folder / ".ragft").exists()


@pytest.mark.parametrize("name", ["xfail", "removed", "skip-mark", "rewritten"])
def test_a_good_variant_is_green_where_its_gates_were_decided(example: Example, name: str) -> None:
    example.suite(documents=80, per_document=2)
    example.recorded("baseline.jsonl").recorded("variant.jsonl")
    example.write("conftest.py", CONFTESTS[name])

    result = example.gate("--ragft-json=report.json")

    assert result.code == 0, result.out + result.err
    assert decisions(example) == {"variant": "PASS"}
    without_items = "2 gates had no test item" in " ".join(result.out.split())
    assert without_items == (name == "removed")


@XDIST
def test_a_blocked_variant_is_never_saved(worse: Example, workers: tuple[str, ...]) -> None:
    worse.write("conftest.py", CONFTESTS["xfail"])

    result = worse.gate("--ragft-save-baseline=next", *workers)

    red(result)
    assert "was not saved" in result.out
    assert not (worse.folder / ".ragft/baselines").exists()


@pytest.mark.parametrize("name", ["exit after collection", "main taken over", "no loop"])
def test_saving_nothing_is_an_error(worse: Example, name: str) -> None:
    worse.write("conftest.py", CONFTESTS[name])

    result = worse.run_pytest(
        "suites", "--ragft-model=prod=baseline.jsonl", "--ragft-baseline=none",
        "--ragft-save-baseline=next",
    )  # fmt: skip

    if name == "no loop":
        assert result.code == 0  # everything was evaluated and kept all the same
        assert (worse.folder / ".ragft/baselines/next.json").exists()
    else:
        red(result)
        assert "no baseline was saved" in result.err


NOT_GATED = {
    "ini": ("[pytest]\ntestpaths = tests\n", [*BOTH]),
    "argument": ("", ["tests", *BOTH]),
    "file": ("", ["tests/test_plain.py", *BOTH]),
    "model in ini": (
        "[pytest]\ntestpaths = tests\n"
        "ragft_model = variant.jsonl\nragft_baseline = baseline.jsonl\n",
        [],
    ),
    "addopts": (
        "[pytest]\ntestpaths = tests\naddopts = --ragft-model=variant.jsonl "
        "--ragft-baseline=baseline.jsonl\n",
        [],
    ),
    "narrowed in addopts": ("[pytest]\naddopts = -k test_it\n", ["tests", *BOTH]),
}


@pytest.mark.parametrize(("ini", "arguments"), NOT_GATED.values(), ids=NOT_GATED.keys())
@XDIST
def test_nothing_selected_is_not_nothing_asked(
    worse: Example, ini: str, arguments: list[str], workers: tuple[str, ...]
) -> None:
    worse.write("pytest.ini", ini)
    worse.write("tests/test_plain.py", "def test_it(): pass\n")

    result = worse.run_pytest("--ragft-json=report.json", *arguments, *workers)

    red(result)
    assert "1 passed" in result.out
    text = " ".join(result.out.split())
    assert "NOT GATED: no suite lies under the paths of this run" in text
    assert "`pytest suites`" in text
    assert "variant: NOT GATED" in result.out
    assert decisions(worse) == {"variant": "NOT GATED"}
    assert report_of(worse)["ungated"]


def test_a_variant_named_in_the_environment_is_asked_for(worse: Example) -> None:
    worse.write("tests/test_plain.py", "def test_it(): pass\n")
    env = {"RAGFT_MODEL": "variant.jsonl", "RAGFT_BASELINE": "baseline.jsonl"}

    red(worse.run_pytest("tests", env=env))


def test_a_model_in_the_ini_leaves_other_paths_alone(worse: Example) -> None:
    worse.write(
        "pytest.ini",
        "[pytest]\nragft_model = variant.jsonl\nragft_baseline = baseline.jsonl\n",
    )
    worse.write("tests/test_plain.py", "def test_it(): pass\n")

    result = worse.run_pytest("tests/test_plain.py")

    assert result.code == 0, result.out + result.err
    assert "NOT GATED" not in result.out
    red(worse.run_pytest("suites"))
    worse.write("conftest.py", CONFTESTS["exit at the start"])
    red(worse.run_pytest("suites"))
    assert worse.run_pytest("tests").code == 0


@pytest.mark.parametrize(
    "arguments",
    [["-k", "test_it"], ["-ktest_it"], ["-qk", "test_it"], ["-m", "not ragft"], ["@narrow.txt"]],
)
def test_the_users_own_narrowing_keeps_the_status_of_pytest(
    worse: Example, arguments: list[str]
) -> None:
    worse.write("tests/test_plain.py", "def test_it(): pass\n")
    worse.write("narrow.txt", "-k\ntest_it\n")

    for paths in (["suites", "tests"], ["tests"]):
        result = worse.run_pytest(*paths, *BOTH, *arguments)

        assert result.code == 0, result.out + result.err
        assert "NOT GATED: " in result.out
        assert "variant: NOT GATED" in result.out


@pytest.mark.parametrize("name", ["all removed", "removed", "xfail"])
def test_narrowing_does_not_cover_what_a_conftest_drops(worse: Example, name: str) -> None:
    worse.write("conftest.py", CONFTESTS[name])

    red(worse.gate("-k", "not q0"))


COMPARISON = """
import pytest

@pytest.mark.ragft(suite="demo")
def test_it(ragft_comparison):
    assert ragft_comparison.verdict("accuracy", margin=0.2).outcome == "PASS"
"""


@XDIST
def test_a_hand_written_comparison_counts_as_a_gate(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite(documents=80, per_document=2)
    example.recorded("baseline.jsonl").recorded("variant.jsonl")
    example.write("tests/test_compare.py", COMPARISON)
    command = ("tests", *BOTH, "--ragft-json=report.json", *workers)

    good = example.run_pytest(*command)

    assert good.code == 0, good.out + good.err
    assert "variant: PASS – 1 hand-written comparison passed" in good.out
    assert decisions(example) == {"variant": "PASS"}

    example.recorded("variant.jsonl", wrong=0.5)
    bad = example.run_pytest(*command)

    red(bad)
    assert "variant: BLOCK – 1 hand-written comparison failed" in bad.out


@pytest.mark.parametrize("mark", ["skip", "xfail", "xfail(run=False)"])
def test_one_that_did_not_run_does_not(worse: Example, mark: str) -> None:
    worse.write("tests/test_compare.py", COMPARISON.replace("\n@", f"\n@pytest.mark.{mark}\n@", 1))

    result = worse.run_pytest("tests", *BOTH)

    red(result)
    assert "variant: NOT GATED" in result.out


def test_each_variant_needs_one(worse: Example) -> None:
    worse.write("tests/test_compare.py", COMPARISON)
    worse.recorded("good.jsonl")

    result = worse.run_pytest(
        "tests", *BOTH, "--ragft-model=good=good.jsonl", "--deselect", "no-such-test",
        "-k", "good",
    )  # fmt: skip

    assert result.code == 0, result.out + result.err
    assert "good: PASS" not in result.out or "variant: NOT GATED" in result.out


@XDIST
def test_a_primary_gate_that_could_not_be_put_blocks(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite(documents=80, per_document=2)
    example.recorded("baseline.jsonl").recorded("variant.jsonl")
    example.write(
        "suites/ragft.toml",
        '[[gate]]\nmetric = "accuracy"\n[[gate]]\nmetric = "recall@5"\nrole = "primary"\n',
    )

    primary = example.gate("--ragft-json=report.json", *workers)

    red(primary)
    assert "variant: NOT GATED – recall@5 (primary) could not be put" in primary.out
    assert report_of(example)["retrieval_unput"] == ["recall@5"]

    example.write(
        "suites/ragft.toml",
        '[[gate]]\nmetric = "accuracy"\n[[gate]]\nmetric = "recall@5"\nrole = "guard"\n',
    )
    guard = example.gate(*workers)

    assert guard.code == 0, guard.out + guard.err
    assert "NOT GATED: 1 retrieval gate (recall@5) needs" in guard.out


@XDIST
def test_questions_below_the_floor_block(example: Example, workers: tuple[str, ...]) -> None:
    example.suite(documents=100, head="question_floor = 0.2")
    example.recorded("baseline.jsonl").recorded("variant.jsonl", wrong=0.005)
    command = ("--ragft-json=report.json", *workers)

    red(example.gate(*command))
    assert decisions(example) == {"variant": "BLOCK"}
    assert report_of(example)["below_floor"] == {"variant": 2}
    assert report_of(example)["errors"] == []

    example.write("conftest.py", CONFTESTS["rewritten"])
    rewritten = example.gate(*command)
    red(rewritten)
    assert "2 questions below question_floor" in rewritten.out
