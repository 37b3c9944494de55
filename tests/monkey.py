"""Command lines and projects at random, whose truth is known (`python -m tests.monkey`).

A small recorded project, a variant that is worse or is not, and whatever people do around it:
selection, marks, plugins, suites that are moved, ignored or renamed, damaged answers. Never 3;
never 0 where the variant is worse on what is configured and the user did not narrow the run.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.example import Example, Result

NAMES = ("first", "second")
_GATES = "[i for i in items if 'gate-' in i.name]"


def _each_gate(do: str) -> str:
    return (
        "import pytest\ndef pytest_collection_modifyitems(items):\n"
        f"    for item in {_GATES}:\n        {do}\n"
    )


CONFTESTS = {
    "none": "",
    "xfail": _each_gate("item.add_marker(pytest.mark.xfail)"),
    "skip": _each_gate("item.add_marker(pytest.mark.skip(reason='x'))"),
    "drop": _each_gate("items.remove(item)"),
    "deselect": _each_gate("items.remove(item); item.ihook.pytest_deselected(items=[item])"),
    "empty": "def pytest_collection_modifyitems(items): items[:] = []\n",
    "exit 0": "import pytest\ndef pytest_runtest_teardown(): pytest.exit('x', returncode=0)\n",
    "status 0": "def pytest_sessionfinish(session): session.exitstatus = 0\n",
    "sys.exit": "import sys\ndef pytest_unconfigure(): sys.exit(0)\n",
    "rewrite": (
        "import pytest\n@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport():\n"
        "    report = yield\n    report.outcome, report.longrepr = 'passed', None\n"
        "    return report\n"
    ),
    "no run": "def pytest_runtest_protocol(): return True\n",
    "ignore": 'collect_ignore = ["suites/second"]\n',
    "ignore hook": (
        "def pytest_ignore_collect(collection_path):\n"
        "    return 'second' in str(collection_path) or None\n"
    ),
    "broken judge": (
        "from pytest_ragft.judging.lexical.reference import ReferenceJudge\n"
        "def judge(self, cases): raise RecursionError('deep')\nReferenceJudge.judge = judge\n"
    ),
}
PROJECTS = (
    "as it is", "a suite moved", "a suite renamed", "a suite misspelt", "a suite in build",
    "rules gone", "margin in rules", "a loop", "answers truncated", "answers empty",
    "answers elsewhere", "questions broken",
)  # fmt: skip
INIS = (
    "",
    "testpaths = tests",
    "addopts = -k test_it",
    "addopts = -m 'not ragft'",
    "xfail_strict = 1",
)
PATHS = (
    (),
    ("suites",),
    (".",),
    ("suites/first",),
    ("suites/ragft.toml",),
    ("tests",),
    ("suites", "tests"),
)
OPTIONS = (
    (), ("--setup-only",), ("-x",), ("--runxfail",), ("-q", "-q"), ("-p", "no:terminal"),
    ("--ragft-on-inconclusive=warn",), ("--co",), ("--ragft-json=r.json",), ("--maxfail=1",),
    ("--continue-on-collection-errors",), ("-p", "no:junitxml"), ("--ragft-save-baseline=next",),
)  # fmt: skip
NARROWING = (
    (),
    (),
    (),
    ("-k", "q1"),
    ("-m", "ragft"),
    ("--deselect=suites",),
    ("--ignore=suites/second",),
)


@dataclass(frozen=True)
class Deed:
    """What a user did."""

    worse: bool
    conftest: str
    project: str
    ini: str
    paths: tuple[str, ...]
    options: tuple[tuple[str, ...], ...]
    narrowing: tuple[str, ...]


DEEDS = st.builds(
    Deed,
    worse=st.sampled_from([True, True, True, False]),
    conftest=st.sampled_from(sorted(CONFTESTS)),
    project=st.sampled_from(PROJECTS),
    ini=st.sampled_from(INIS),
    paths=st.sampled_from(PATHS),
    # pytest itself ends with 3 where it shows a setup without its terminal plugin.
    options=st.lists(st.sampled_from(OPTIONS), max_size=2, unique=True)
    .filter(lambda options: not {("--setup-only",), ("-p", "no:terminal")}.issubset(options))
    .map(tuple),
    narrowing=st.sampled_from(NARROWING),
)


def project(folder: Path, deed: Deed) -> Example:
    """The project as the user left it; both suites got worse where the variant did."""
    example = Example(folder)
    for name in NAMES:
        example.suite(name, documents=40, per_document=1)
    rules = '[[gate]]\nmetric = "accuracy"\n'
    example.write("suites/ragft.toml", rules)
    example.recorded("baseline.jsonl", suites=NAMES)
    example.recorded("variant.jsonl", suites=NAMES, wrong=0.6 if deed.worse else 0.0)
    example.write("tests/test_plain.py", "def test_it(): pass\n")
    if deed.conftest != "none":
        example.write("conftest.py", CONFTESTS[deed.conftest])
    example.write("pytest.ini", f"[pytest]\n{deed.ini}\n")
    _change(example, deed.project)
    return example


def _change(example: Example, what: str) -> None:
    suites = example.folder / "suites"
    second, answers = suites / "second", example.folder / "variant.jsonl"
    lines = answers.read_text().splitlines(keepends=True)
    text = (second / "suite.toml").read_text()
    foreign = '{"suite": "x", "id": "y", "answer": "z"}\n'
    loose = '[[gate]]\nmetric = "accuracy"\nmargin = 0.1\n'
    changes: dict[str, Callable[[], object]] = {
        "as it is": lambda: None,
        "a suite moved": lambda: second.rename(example.folder / "elsewhere"),
        "a suite renamed": lambda: (second / "suite.toml").write_text(
            text.replace('"second"', '"other"')
        ),
        "a suite misspelt": lambda: (second / "suite.toml").rename(second / "suites.toml"),
        "a suite in build": lambda: second.rename(suites / "build"),
        "rules gone": (suites / "ragft.toml").unlink,
        "margin in rules": lambda: example.write("suites/ragft.toml", loose),
        "a loop": lambda: [
            (suites / name).symlink_to(to) for name, to in (("loop", "loop"), ("up", ".."))
        ],
        "answers truncated": lambda: answers.write_text("".join(lines[:-3])),
        "answers empty": lambda: answers.write_text(""),
        "answers elsewhere": lambda: answers.write_text("".join([*lines, foreign])),
        "questions broken": lambda: example.write("suites/second/questions.jsonl", "{"),
    }
    changes[what]()


def run(example: Example, deed: Deed) -> Result:
    """pytest as the user calls it."""
    options = [word for words in deed.options for word in words]
    return example.run_pytest(
        *deed.paths, "--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl",
        *options, *deed.narrowing,
    )  # fmt: skip


def check(deed: Deed, folder: Path) -> int:
    """Do it in an empty folder, and hold the outcome to the truth; returns the exit status."""
    result = run(project(folder, deed), deed)
    told = f"{deed}\n{result.out}\n{result.err}"
    assert result.code != 3, told
    assert "INTERNALERROR" not in result.out + result.err, told
    shows_only = ("--co",) in deed.options
    if deed.worse and not deed.narrowing and not shows_only:
        assert result.code not in (0, 5), told
    if result.code == 0 and not deed.narrowing and not shows_only:
        assert "NOT GATED" not in result.out, told
    return result.code


def search(examples: int, start: int) -> Counter[int]:
    """As many deeds, from a seed on; how often each exit status came."""
    codes: Counter[int] = Counter()

    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(DEEDS)
    def do(deed: Deed) -> None:
        folder = Path(tempfile.mkdtemp(prefix="monkey-"))
        try:
            codes[check(deed, folder)] += 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    do()
    return codes


def main() -> None:
    """Search further than the tests do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    codes = search(arguments.examples, arguments.seed)
    print(f"{sum(codes.values())} command lines; exit status: {dict(sorted(codes.items()))}")


if __name__ == "__main__":
    main()
