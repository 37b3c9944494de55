"""What is pooled is what stands on disk: whoever keeps a suite from being asked is seen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.example import Example, Result

XDIST = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
NAMES = ("new", "old1", "old2")


@pytest.fixture(params=[True, False], ids=["rules", "no-rules"])
def archive(example: Example, request: pytest.FixtureRequest) -> Example:
    """A suite that got worse beside two that did not, which somebody may ignore."""
    for name in NAMES:
        example.suite(name, documents=30, per_document=2)
    folder = example.folder / "suites"
    (folder / "archive").mkdir()
    for name in NAMES[1:]:
        (folder / name).rename(folder / "archive" / name)
    for file, wrong in (("baseline.jsonl", 0.0), ("variant.jsonl", 0.06)):
        lines = []
        for name in NAMES:
            where = name if name == "new" else f"archive/{name}"
            for question in example.read_lines(f"suites/{where}/questions.jsonl"):
                answer = question["references"][0]
                if name == "new" and len(lines) < 60 * wrong:
                    answer = "Zanzibar, perhaps."
                lines.append({"suite": name, "id": question["id"], "answer": answer})
        example.write_lines(file, lines)
    if request.param:
        example.write("suites/ragft.toml", '[[gate]]\nmetric = "accuracy"\n')
    return example


def red(result: Result, code: int = 1) -> str:
    assert result.code == code, result.out + result.err
    assert "INTERNALERROR" not in result.out + result.err
    return " ".join((result.out + result.err).split())


def report_of(example: Example) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((example.folder / "report.json").read_text())
    return content


HOOK = "def pytest_ignore_collect(collection_path): return 'old' in collection_path.name or None\n"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (
            "suites/archive/conftest.py",
            'collect_ignore_glob = ["old*"]\n',
            "collect_ignore_glob in suites/archive/conftest.py",
        ),
        (
            "suites/conftest.py",
            'collect_ignore = ["archive"]\n',
            "collect_ignore in suites/conftest.py",
        ),
        ("conftest.py", HOOK, "pytest_ignore_collect in conftest.py"),
        ("suites/archive/conftest.py", HOOK, "pytest_ignore_collect in suites/archive/conftest.py"),
        ("pytest.ini", "[pytest]\naddopts = --ignore=suites/archive\n", "--ignore in addopts"),
        (
            "pytest.ini",
            "[pytest]\naddopts = --ignore-glob=*old*\n",
            "--ignore-glob in addopts",
        ),
    ],
    ids=["nested", "folder", "hook", "nested hook", "addopts", "addopts-glob"],
)
def test_an_ignored_suite_is_an_error_of_the_gates_that_pool_it(
    archive: Example, file: str, text: str, told: str
) -> None:
    archive.write(file, text)

    result = archive.gate("--ragft-json=report.json", "-k", "gate")

    out = red(result)
    assert result.outcome("gate-accuracy") == "error"
    errors = " ".join(report_of(archive)["errors"])
    assert told in errors
    assert 'exclude = ["archive/old1"] in ' in errors
    assert "variant: ERROR" in out
    assert "variant: PASS" not in out


def test_under_xdist_too(archive: Example) -> None:
    archive.write("suites/archive/conftest.py", 'collect_ignore_glob = ["old*"]\n')

    result = archive.gate("-n", "2", "-k", "gate")

    red(result)
    assert result.outcome("gate-accuracy") == "error"
    assert "variant: ERROR" in result.out


@XDIST
@pytest.mark.parametrize("option", ["--ignore=suites/archive", "--ignore-glob=*/old1"])
def test_what_the_user_ignores_is_not_gated(
    archive: Example, option: str, workers: tuple[str, ...]
) -> None:
    result = archive.gate(option, "--ragft-json=report.json", *workers)

    assert result.code == 0, result.out + result.err
    assert "NOT GATED: --ignore" in result.out
    assert "variant: NOT GATED" in result.out
    assert result.outcome("gate-accuracy") == "skipped"
    assert report_of(archive)["gates"] == []


def test_a_folder_that_pytest_skips_is_a_line(archive: Example) -> None:
    suites = archive.folder / "suites"
    (suites / "archive").rename(suites / "build")
    for copy in (".hidden", "venv"):
        archive.write(f"suites/{copy}/suite.toml", "a copy")

    result = archive.gate("-k", "gate", "--ragft-json=report.json")

    red(result)  # 60 questions and a loss of 0.06
    remarks = " ".join(report_of(archive)["remarks"])
    assert remarks.count("is not asked") == 2
    assert "norecursedirs, which skips the folder 'build'" in remarks
    assert ".hidden" not in remarks


def test_a_group_that_is_ignored_as_a_whole_is_an_error(archive: Example) -> None:
    archive.write("suites/archive/ragft.toml", '[[gate]]\nmetric = "accuracy"\n')
    archive.write("suites/conftest.py", 'collect_ignore = ["archive"]\n')
    archive.recorded("variant.jsonl", suites=["new"]).recorded("baseline.jsonl", suites=["new"])

    out = red(archive.gate("--ragft-json=report.json"))

    assert "so that nothing gates it" in " ".join(report_of(archive)["errors"])
    assert "variant: PASS" not in out


@pytest.mark.parametrize("link", ["loop", "up"])
def test_a_loop_of_links_ends_no_session(example: Example, link: str) -> None:
    example.suite(documents=80, per_document=2)
    example.recorded("baseline.jsonl").recorded("variant.jsonl")
    (example.folder / "suites/data").mkdir()
    (example.folder / "suites/data" / link).symlink_to("loop" if link == "loop" else "..")

    result = example.gate("-k", "gate")

    assert result.code == 0, result.out + result.err
    assert "2 passed" in result.out


def test_rules_hold_wherever_pytest_was_started(example: Example) -> None:
    example.suite("first", documents=50, per_document=4)
    example.recorded("baseline.jsonl", suites=["first"])
    example.recorded("variant.jsonl", suites=["first"], wrong=0.01)
    example.write(
        "suites/ragft.toml",
        "".join(
            f'[[gate]]\nmetric = "{metric}"\nmargin = 0.01\n'
            for metric in ("accuracy", "completeness")
        ),
    )
    below = Example(example.folder / "suites/first")
    command = (
        ".", "-k", "gate", "--ragft-model=../../variant.jsonl",
        "--ragft-baseline=../../baseline.jsonl",
    )  # fmt: skip

    for _ in range(2):  # the second time there is a .ragft beside the suite
        result = below.run_pytest(*command)

        red(result)
        assert result.properties("gate-accuracy")["ragft.margin"] == "0.01"
        assert f"rules: {example.folder / 'suites/ragft.toml'}" in result.out
        assert "accuracy 0.01 (primary)" in result.out


def test_the_header_names_the_defaults_where_there_are_no_rules(example: Example) -> None:
    example.suite().recorded("baseline.jsonl").recorded("variant.jsonl")

    result = example.gate("-k", "gate")

    assert "rules: no ragft.toml above" in result.out
    assert "margins: accuracy 0.05 (primary), completeness 0.05 (primary)" in result.out


def test_a_suite_that_is_gone_from_a_saved_baseline_is_refused(archive: Example) -> None:
    saved = archive.run_pytest(
        "suites", "--ragft-model=prod=baseline.jsonl", "--ragft-baseline=none",
        "--ragft-save-baseline=prod",
    )  # fmt: skip
    assert saved.code == 0, saved.out + saved.err
    new = archive.folder / "suites/new"
    command = ("suites", "--ragft-model=variant.jsonl", "--ragft-baseline=saved:prod")
    new.rename(archive.folder / "elsewhere")

    beside = archive.run_pytest(*command)
    assert "also holds the suite 'new', which no gate of this run asks" in " ".join(
        beside.out.split()
    )

    (archive.folder / "elsewhere/suite.toml").unlink()
    out = red(archive.run_pytest(*command), 4)
    assert "baseline 'prod' holds the suite 'new', and no suite.toml" in out


def test_recorded_answers_for_a_suite_that_is_nowhere_are_a_line(archive: Example) -> None:
    lines = archive.read_lines("variant.jsonl")
    archive.write_lines("variant.jsonl", [*lines, {"suite": "nwe", "id": "x", "answer": "y"}])

    result = archive.gate("--ragft-json=report.json")

    remarks = " ".join(report_of(archive)["remarks"])
    assert "variant.jsonl also answers the suite 'nwe', which no suite.toml has" in remarks
    assert "also answers" in " ".join(result.out.split())


@pytest.mark.parametrize(
    ("file", "name"), [("suite.toml", "suites.toml"), ("suite.toml", "Suite.toml")]
)
def test_a_misspelt_suite_is_refused(archive: Example, file: str, name: str) -> None:
    suite = archive.folder / "suites/new" / file
    suite.rename(suite.with_name(name))

    out = red(archive.gate(), 4)

    assert f"{name}: is not read: its name is not 'suite.toml'" in out


@pytest.mark.parametrize("name", ["rafgt.toml", "ragft.tolm", "RAGFT.toml"])
def test_misspelt_rules_are_refused(archive: Example, name: str) -> None:
    archive.write("suites/raft.toml", "[water]\ndepth = 3\n")
    archive.write(f"suites/{name}", '[[gate]]\nmetric = "accuracy"\n')

    assert f"{name}: is not read: its name is not 'ragft.toml'" in red(archive.gate(), 4)
