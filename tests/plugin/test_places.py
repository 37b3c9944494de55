"""Where suites may lie: elsewhere, behind a link, in folders with odd names, or nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.example import Example

BOTH = ("--ragft-model=variant.jsonl", "--ragft-baseline=baseline.jsonl")


@pytest.fixture
def two_suites(example: Example) -> Example:
    names = ("first", "second")
    example.suite("first", documents=30).suite("second", documents=30)
    example.write("suites/ragft.toml", "")
    example.recorded("baseline.jsonl", suites=names)
    example.recorded("good.jsonl", suites=["first"]).recorded(
        "bad.jsonl", suites=["second"], wrong=0.5
    )
    lines = [*example.read_lines("good.jsonl"), *example.read_lines("bad.jsonl")]
    example.write_lines("variant.jsonl", lines)
    return example


@pytest.mark.parametrize("name", ["second", "build"])
def test_a_regressed_suite_behind_a_link_or_in_a_skipped_folder_is_gated(
    two_suites: Example, name: str
) -> None:
    here = two_suites.folder / "suites" / "second"
    if name == "second":
        here.rename(two_suites.folder / "elsewhere")
        here.symlink_to(two_suites.folder / "elsewhere")
    else:
        here.rename(here.with_name(name))

    result = two_suites.run_pytest("suites", "-k", "gate", "-o", "norecursedirs=none", *BOTH)

    assert result.code == 1, result.out + result.err
    assert result.properties("gate-accuracy")["ragft.n"] == "240"


def test_suites_of_another_folder_by_a_relative_path(two_suites: Example) -> None:
    (two_suites.folder / "somewhere else ü").mkdir()
    moved = Example(two_suites.folder / "somewhere else ü")

    result = moved.run_pytest(
        "../suites", "-k", "gate",
        "--ragft-model=variant=../variant.jsonl", "--ragft-baseline=../baseline.jsonl",
    )  # fmt: skip

    assert result.code == 1, result.out + result.err
    assert result.properties("gate-accuracy")["ragft.n"] == "240"


def test_nothing_to_gate_on_is_a_usage_error(tmp_path: Path) -> None:
    example = Example(tmp_path)
    example.write("tests/test_plain.py", "def test_it(): pass\n")

    result = example.run_pytest("tests", *BOTH)

    assert result.code == 4
    assert "no suite.toml" in result.err
    assert "--ragft-model" in result.err
