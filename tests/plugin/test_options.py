"""Options, environment and ini: values, precedence, and one message for each mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pytest_ragft
from pytest_ragft.options import known_variables
from tests.example import Example, Result


@pytest.fixture
def ready(example: Example) -> Example:
    return example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")


def usage_error(result: Result) -> str:
    assert result.code == 4, result.out + result.err
    assert "Traceback" not in result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    return result.err


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("--ragft-margin=accuracy:1.5", "'accuracy:1.5'"),
        ("--ragft-margin=accuracy:0", "between 0 and 1"),
        ("--ragft-margin=style:0.1", "accuracy, completeness, faithfulness"),
        ("--ragft-margin=recall@0:0.1", "recall@5"),
        ("--ragft-margin=recall@5:2", "between 0 and 1"),
        ("--ragft-margin=0.1", "METRIC:FRACTION"),
        ("--ragft-alpha=0.5", "at most 0.1"),
        ("--ragft-alpha=many", "a number"),
        ("--ragft-limit=0", "at least 1"),
        ("--ragft-limit=-3", "'-3'"),
        ("--ragft-cache=off", "rw, ro, refresh"),
        ("--ragft-on-inconclusive=pass", "fail, warn"),
        ("--ragft-model=", "must not be empty"),
        ("--ragft-model=variant.jsonl", "given twice"),
        ("--ragft-model=baseline=variant.jsonl", "reserved"),
        ("--ragft-model=a b=variant.jsonl", "a b"),
        ("--ragft-model=no/such/folder", "no/such/folder"),
        ("--ragft-model=mistyped", "mistyped"),
        ("--ragft-model=~nobody-of-this-name/model", "there is no such file or folder"),
        (f"--ragft-save-baseline={'x' * 5000}", "at most 200 characters"),
        ("--ragft-judge=wise", "'wise'"),
        ("--ragft-save-baseline=../x", "letters, digits"),
        ("--ragft-baseline=saved:../../x", "letters, digits"),
    ],
)
def test_a_bad_value_is_a_usage_error(ready: Example, argument: str, told: str) -> None:
    error = usage_error(ready.gate(argument))

    assert told in error
    assert "--ragft-" in error or argument.split("=", 1)[1] in error


def test_a_variant_without_a_base_needs_a_baseline(ready: Example) -> None:
    error = usage_error(ready.run_pytest("suites", "--ragft-model=variant.jsonl"))
    assert "--ragft-baseline" in error


def test_no_baseline_only_together_with_saving(ready: Example) -> None:
    error = usage_error(
        ready.run_pytest("suites", "--ragft-model=variant.jsonl", "--ragft-baseline=none")
    )
    assert "--ragft-save-baseline" in error


def test_environment_and_ini_are_read_and_the_command_line_wins(ready: Example) -> None:
    ready.write("pytest.ini", "[pytest]\nragft_baseline = baseline.jsonl\nragft_limit = 30\n")

    by_ini = ready.run_pytest("suites", "--ragft-model=variant.jsonl")
    by_env = ready.run_pytest("suites", env={"RAGFT_MODEL": "variant.jsonl", "RAGFT_LIMIT": "20"})
    by_line = ready.run_pytest("suites", "--ragft-model=variant.jsonl", "--ragft-limit=10")

    assert "30 passed" in by_ini.out
    assert "20 passed" in by_env.out
    assert "10 passed" in by_line.out


def test_a_bad_value_from_the_environment_names_the_variable(ready: Example) -> None:
    assert "RAGFT_LIMIT" in usage_error(ready.gate(env={"RAGFT_LIMIT": "few"}))


def test_a_limited_run_never_passes(ready: Example) -> None:
    result = ready.gate("--ragft-limit=120")

    assert result.code == 1
    assert result.properties("gate-accuracy")["ragft.verdict.reason"] == "limited"


def test_warn_softens_an_underpowered_gate_only(ready: Example) -> None:
    ready.suite(documents=7).recorded("baseline.jsonl").recorded("variant.jsonl")

    softened = ready.gate("--ragft-on-inconclusive=warn")
    limited = ready.gate("--ragft-on-inconclusive=warn", "--ragft-limit=9")

    assert softened.code == 0
    assert "INCONCLUSIVE" in softened.out
    assert "variant: PASS" not in softened.out
    assert limited.code == 1


def test_the_margin_of_the_command_line_wins(ready: Example) -> None:
    ready.recorded("variant.jsonl", wrong=0.06)

    strict = ready.gate("--ragft-margin=accuracy:0.01", "-k", "gate-accuracy")
    lax = ready.gate("--ragft-margin=accuracy:0.4", "-k", "gate-accuracy")

    assert strict.code == 1
    assert lax.code == 0
    assert strict.properties("gate-accuracy")["ragft.margin"] == "0.01"


@pytest.mark.parametrize("name", ["RAGFT_MODEL", "RAGFT_BASELINE", "RAGFT_MARGIN", "RAGFT_ALPHA"])
def test_a_variable_that_is_set_but_empty_is_refused(ready: Example, name: str) -> None:
    """In CI an undefined input becomes an empty variable: without the check nothing is gated."""
    error = usage_error(ready.run_pytest("suites", env={name: ""}))

    assert f"{name}: '': must not be empty" in error


def test_a_variable_holds_paths_with_spaces(ready: Example) -> None:
    (ready.folder / "variant.jsonl").rename(ready.folder / "my variant.jsonl")
    variables = {"RAGFT_MODEL": "v='my variant.jsonl'", "RAGFT_BASELINE": "baseline.jsonl"}

    result = ready.run_pytest("suites", "-k", "gate", env=variables)

    assert "v: PASS" in result.out


def test_native_toml_holds_native_values(ready: Example) -> None:
    ready.write(
        "pyproject.toml",
        '[tool.pytest]\nragft_model = ["variant.jsonl"]\nragft_baseline = "baseline.jsonl"\n'
        "ragft_limit = 30\nragft_alpha = 0.025\nragft_offline = true\n"
        'ragft_margin = ["accuracy:0.1"]\n',
    )

    result = ready.run_pytest("suites")

    assert "30 passed" in result.out, result.out + result.err
    assert result.properties("gate-accuracy")["ragft.alpha"] == "0.025"
    assert result.properties("gate-accuracy")["ragft.margin"] == "0.1"


@pytest.mark.parametrize("line", ["ragft_limit = few", "ragft_alpha = 0.5", "ragft_offline = so"])
def test_a_bad_value_from_ini_names_the_key(ready: Example, line: str) -> None:
    ready.write("pytest.ini", f"[pytest]\n{line}\n")

    assert line.split()[0] in usage_error(ready.gate())


def test_a_path_of_thousands_of_characters_is_a_usage_error(ready: Example) -> None:
    error = usage_error(ready.gate(f"--ragft-model=v={'x' * 5000}"))

    assert "x…x" in error
    assert "': there is no such file or folder; accepted are" in error


def test_a_path_of_thousands_of_characters_in_ini_is_a_usage_error(ready: Example) -> None:
    long = "x" * 5000
    ready.write("pytest.ini", f"[pytest]\nragft_model = {long}\nragft_baseline = {long}\n")
    below = Example(ready.folder / "deep/er")
    below.folder.mkdir(parents=True)

    error = usage_error(below.run_pytest(str(ready.folder / "suites")))

    assert "there is no such file or folder" in error


def test_a_baseline_in_ini_alone_changes_nothing(ready: Example) -> None:
    ready.write("pytest.ini", "[pytest]\nragft_baseline = baseline.jsonl\n")
    ready.write("tests/test_plain.py", "def test_it(): pass\n")

    plain = ready.run_pytest()

    assert "1 passed" in plain.out
    assert "ragft:" not in plain.out
    assert ready.run_pytest("suites/demo/suite.toml").code == 5


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("RAGFT_MODLE", "RAGFT_MODEL"),
        ("RAGFT_MODELS", "RAGFT_MODEL"),
        ("RAGFT_SAVE_BASLINE", "RAGFT_SAVE_BASELINE"),
        ("RAGFT_ES_KEY", "RAGFT_ES_API_KEY"),
        ("RAGFT_JUDGE_CONCURENCY", "RAGFT_JUDGE_CONCURRENCY"),
    ],
)
def test_a_near_miss_of_a_variable_is_refused(ready: Example, variable: str, meant: str) -> None:
    error = usage_error(ready.run_pytest("suites", env={variable: "x"}))

    assert f"{variable}: there is no such variable; did you mean {meant}?" in error


def test_other_variables_of_that_beginning_are_left_alone(example: Example) -> None:
    example.write("test_plain.py", "def test_it(): pass\n")
    env = {"RAGFT_TEST_MODEL": "x", "RAGFT_HOMEPAGE": "x", "RAGFT_DATA": "x"}

    assert example.run_pytest(env=env).code == 0


def test_every_variable_that_the_package_reads_is_known() -> None:
    root = Path(pytest_ragft.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    read = set(re.findall(r"RAGFT_[A-Z_]*[A-Z]\b", text)) - {"RAGFT_TEST"}
    # Each use of endpoints has a family of variables, of whose names only the beginning is written.
    families = {"RAGFT_JUDGE", "RAGFT_EMBEDDINGS", "RAGFT_GENERATION"}
    members = {
        f"{family}_{end}" for family in families for end in ("API_KEY", "CONCURRENCY", "TIMEOUT")
    }

    assert read - families | members <= set(known_variables())


@pytest.mark.parametrize("start", [".", "deep/er"])
def test_paths_in_an_ini_file_begin_at_its_folder(ready: Example, start: str) -> None:
    ready.write(
        "pytest.ini",
        "[pytest]\nragft_model = v=variant.jsonl\nragft_baseline = baseline.jsonl\n"
        "ragft_json = out/report.json\n",
    )
    below = Example(ready.folder / start)
    below.folder.mkdir(parents=True, exist_ok=True)

    result = below.run_pytest(str(ready.folder / "suites"), "-k", "gate")

    assert "v: " in result.out, result.out + result.err
    assert (ready.folder / "out/report.json").exists()
