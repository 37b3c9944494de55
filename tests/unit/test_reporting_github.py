"""Annotations and summaries of GitHub Actions: ours alone, the worst first, never forged."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ragft.errors import RagftError
from pytest_ragft.reporting.github import (
    MOST_ANNOTATIONS,
    append_summary,
    error_annotations,
    folder_in,
    step_summary,
)
from tests.hostile import HOSTILE
from tests.unit.test_reporting_examples import FULL, LOST, OPEN, PASSING, gate, run, suites

ANNOTATION = re.compile(
    r"::error (?:file=(?P<file>[^,:]*),)?title=(?P<title>[^,:]*)::(?P<message>[^\r\n]*)"
)


def read(line: str) -> dict[str, str]:
    """As the runner reads it."""
    found = ANNOTATION.fullmatch(line)
    assert found, line
    values = {name: value or "" for name, value in found.groupdict().items()}
    for name in ("file", "title"):
        values[name] = values[name].replace("%3A", ":").replace("%2C", ",")
    return {
        name: v.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        for name, v in values.items()
    }


def test_a_gate_that_stops_is_an_error_at_its_file_the_worst_first() -> None:
    found = [read(line) for line in error_annotations(FULL)]
    assert [of["title"] for of in found] == [
        "short-answers: completeness (pooled, primary) REGRESSION",
        "short-answers: papers accuracy (guard) REGRESSION",
        "short-answers: papers completeness (guard) REGRESSION",
        "short-answers: accuracy (pooled, primary) REGRESSION",
    ]
    assert [of["file"] for of in found] == [
        "suites/ragft.toml",
        "suites/papers/suite.toml",
        "suites/papers/suite.toml",
        "suites/ragft.toml",
    ]
    assert error_annotations(PASSING) == []


def test_open_gates_and_errors_are_told_too() -> None:
    (one,) = error_annotations(OPEN)
    assert read(one)["title"] == "ft-ckpt: accuracy (pooled, primary) INCONCLUSIVE"
    assert read(error_annotations(LOST)[-1]) == {
        "file": "",
        "title": "ragft",
        "message": LOST.errors[0],
    }


def test_gates_without_a_file_stand_at_a_suite_of_theirs() -> None:
    stopping = gate(
        bounds=(-0.2, -0.15, -0.1),
        outcome="REGRESSION",
        suites=("papers",),
        node_id="suites/papers::ft-ckpt::gate-accuracy",
    )
    facts = replace(suites("papers")[0], path="/home/me/repo/suites/papers/suite.toml")
    (line,) = error_annotations(run(stopping, suites=(facts,)))
    assert read(line)["file"] == "suites/papers/suite.toml"
    (line,) = error_annotations(run(stopping, suites=(facts,)), "sub/project")
    assert read(line)["file"] == "sub/project/suites/papers/suite.toml"


def test_at_most_ten_are_written_and_the_last_one_says_so() -> None:
    gates = [
        gate(f"m{i}", (-0.9, -0.5 - i / 100, -0.1), "REGRESSION", role="primary") for i in range(25)
    ]
    lines = [read(line) for line in error_annotations(run(*gates, errors=("lost",) * 3))]
    assert len(lines) == MOST_ANNOTATIONS
    assert "m24" in lines[0]["title"]
    assert lines[-1]["message"] == "19 more gates or errors: see the report"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_or_name_forges_an_annotation(name: str) -> None:
    evil = HOSTILE[name]
    stopping = gate(
        bounds=(-0.2, -0.15, -0.1),
        outcome="REGRESSION",
        variant=evil,
        suites=(evil,),
        explanation=evil,
        node_id=f"{evil}::x",
    )
    for line in error_annotations(run(stopping, errors=(evil,))):
        told = read(line)
        assert line.isprintable()
        assert len(line) < 4_000
        assert not re.search(r"(^|\s)::\S", told["message"])


def test_a_summary_is_appended_and_only_where_there_is_one(tmp_path: Path) -> None:
    assert step_summary({}) is None
    assert step_summary({"GITHUB_STEP_SUMMARY": ""}) is None
    path = step_summary({"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")})
    assert path is not None
    append_summary(path, "one\n")
    append_summary(path, "two\n")
    assert path.read_text() == "one\n\ntwo\n\n"


def test_a_summary_that_would_be_dropped_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("x" * (1 << 20))
    with pytest.raises(RagftError, match=r"has no room left .* gate in a step of its own"):
        append_summary(path, "y")
    with pytest.raises(RagftError, match="cannot be written"):
        append_summary(tmp_path, "y")


def test_where_the_project_lies_in_the_repository() -> None:
    assert folder_in({}, Path("/r/x")) == ""
    assert folder_in({"GITHUB_WORKSPACE": "/r"}, Path("/r")) == ""
    assert folder_in({"GITHUB_WORKSPACE": "/r"}, Path("/r/x/y")) == "x/y"
    assert folder_in({"GITHUB_WORKSPACE": "/elsewhere"}, Path("/r/x")) == ""
