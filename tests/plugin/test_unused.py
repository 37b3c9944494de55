"""The plugin installed but unused costs nothing, prints nothing and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.example import Example, Result, clean_environment

HEAVY = [
    "torch",
    "transformers",
    "peft",
    "sklearn",
    "scipy",
    "numpy",
    "bm25s",
    "Stemmer",
    "filelock",
    "elasticsearch",
    "deepeval",
    "huggingface_hub",
    "tqdm",
    "sqlite3",
]


@pytest.fixture
def example(example: Example) -> Example:
    """Runs in processes that have imported nothing yet: what a run loads is the question."""
    example.cold = True
    return example


OURS = ["fixtures", "marks", "option_types", "options", "plugin"]
"""The modules of ours that an unrelated run may load: each costs it time."""


def test_an_unrelated_run_loads_a_handful_of_modules(example: Example) -> None:
    example.write("test_plain.py", "def test_it(): pass\n")
    example.write(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print('LOADED', *sorted(name for name in sys.modules if '_ragft.' in name))\n",
    )

    with_plugin = loaded(example.run_pytest())

    assert {n.removeprefix("pytest_ragft.") for n in with_plugin} == set(OURS)
    # A baseline that an ini file names makes no run a gating one.
    example.write("pytest.ini", "[pytest]\nragft_baseline = saved:prod\n")
    assert "pytest_ragft.hooks" not in loaded(example.run_pytest())


def test_it_loads_no_module_of_others(example: Example) -> None:
    """What pytest has loaded anyhow is free; anything else would be ours to pay."""
    example.write("test_plain.py", "def test_it(): pass\n")
    example.write(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print('LOADED', *sorted(n for n in sys.modules if 'ragft' not in n))\n",
    )

    with_plugin, without = example.run_pytest(), example.run_pytest("-p", "no:ragft")

    assert loaded(with_plugin) == loaded(without)


def loaded(result: Result) -> list[str]:
    (line,) = [line for line in result.out.splitlines() if line.startswith("LOADED ")]
    return line.split()[1:]


def test_nothing_heavy_is_imported(example: Example) -> None:
    example.write("test_plain.py", "def test_it(): pass\n")
    example.write(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        f"    print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))\n",
    )

    result = example.run_pytest()

    assert result.code == 0
    assert "HEAVY []" in result.out + result.err


def test_an_unrelated_run_prints_and_leaves_the_same(example: Example) -> None:
    example.write("test_plain.py", "def test_it(): pass\n")

    with_plugin = example.run_pytest("-q", "--no-header")
    before = {path.name for path in example.folder.iterdir()}
    without = example.run_pytest("-q", "--no-header", "-p", "no:ragft")

    def untimed(text: str) -> list[str]:
        return [line for line in text.splitlines() if " in " not in line]

    assert untimed(with_plugin.out) == untimed(without.out)
    assert before <= {"test_plain.py", "__pycache__", "junit.xml"}


XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])


@XDIST
@pytest.mark.parametrize("where", ["suites", "suites/demo/suite.toml", "."])
def test_without_a_model_suites_that_are_named_are_shown_as_skipped(
    example: Example, where: str, workers: tuple[str, ...]
) -> None:
    example.suite()

    result = example.run_pytest(where, "-rs", *workers)

    assert result.code == 5, result.out + result.err
    assert "1 skipped" in result.out
    assert "no model was named: give --ragft-model=SPEC" in result.out
    assert not (example.folder / ".ragft").exists()


@XDIST
def test_beside_other_tests_they_change_no_status(
    example: Example, workers: tuple[str, ...]
) -> None:
    example.suite()
    example.write("tests/test_plain.py", "def test_it(): pass\n")

    both = example.run_pytest("suites", "tests", *workers)
    plain = example.run_pytest(*workers)

    assert both.code == 0
    assert "1 passed, 1 skipped" in both.out
    assert plain.code == 0
    assert "skipped" not in plain.out
    example.write("tests/test_plain.py", "import pytest\ndef test_it(): pytest.skip()\n")
    assert example.run_pytest("suites", "tests", *workers).code == 0


def test_a_plain_run_over_suites_alone_collects_nothing(example: Example) -> None:
    example.suite()
    example.write("pytest.ini", "[pytest]\ntestpaths = suites\n")

    result = example.run_pytest()

    assert result.code == 5
    assert "skipped" not in result.out


def test_importing_the_package_is_light() -> None:
    code = f"import sys, pytest_ragft.plugin;print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_collect_only_computes_nothing(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")

    result = example.gate("--collect-only", "-q")

    assert result.code == 0
    assert "suites/demo/suite.toml::variant::q0-0" in result.out
    assert "suites/demo::variant::gate-accuracy" in result.out
    assert not (example.folder / ".ragft").exists()
