"""Report files: never half written, never taken for another run's, never somebody else's file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.errors import InputError, RagftError
from pytest_ragft.gating.settings import Settings
from pytest_ragft.reporting.files import (
    ReportFile,
    asked,
    discard,
    expect_apart,
    reports_asked,
    write,
)
from pytest_ragft.reporting.json import read_report, to_json
from pytest_ragft.reporting.last_run import keep_last_run, last_run
from pytest_ragft.reporting.markdown import to_markdown
from pytest_ragft.reporting.questions import at_most
from tests.unit.reported_cases import with_cases
from tests.unit.test_reporting_examples import FULL, PASSING, REGRESSED


def report(path: Path, form: str = "json") -> ReportFile:
    (found,) = asked("--ragft-", "full", {form: path})
    return found


def test_a_run_writes_the_reports_that_it_was_asked_for(tmp_path: Path) -> None:
    assert reports_asked(Settings(margin={})) == []
    settings = Settings(
        margin={}, json=tmp_path / "a.json", markdown=tmp_path / "a.md", texts="none"
    )
    found = reports_asked(settings)
    assert [(of.option, of.path.name) for of in found] == [
        ("--ragft-json", "a.json"),
        ("--ragft-markdown", "a.md"),
    ]
    result = with_cases(REGRESSED)
    assert [of.render(result) for of in found] == [
        to_json(result, "none"),
        to_markdown(result, "none"),
    ]


def test_the_file_appears_with_its_folders_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "deep" / "ragft.json"
    write(report(path), PASSING)
    write(report(path), FULL)
    assert path.read_text() == to_json(FULL)
    assert os.listdir(path.parent) == ["ragft.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "real.json")
    write(report(link), PASSING)
    assert link.is_symlink()
    assert (tmp_path / "real.json").read_text() == to_json(PASSING)


def test_a_device_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        discard(report(pipe))
        write(report(pipe), PASSING)
        assert os.read(reader, 10) == to_json(PASSING)[:10].encode()
        assert pipe.is_fifo()
    finally:
        os.close(reader)


@pytest.mark.parametrize("kind", ["a folder", "below a file", "a full disk"])
def test_a_path_that_cannot_be_written_is_one_message(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    path = {
        "a folder": tmp_path / "folder",
        "below a file": tmp_path / "file" / "ragft.json",
        "a full disk": Path("/dev/full"),
    }[kind]
    with pytest.raises(RagftError) as caught:
        write(report(path), PASSING)
    assert repr(str(path)) in str(caught.value)
    assert "--ragft-json" in str(caught.value)
    assert "name a file in a folder that you may write to" in str(caught.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "kept"


RENDERED: dict[str, Callable[..., str]] = {"json": to_json, "markdown": to_markdown}


@pytest.mark.parametrize("form", RENDERED)
@pytest.mark.parametrize("kind", ["whole", "cut off", "empty", "blank"])
def test_an_earlier_report_is_removed(form: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "report"
    whole = RENDERED[form](REGRESSED)
    earlier = {"whole": whole, "cut off": whole[:200], "empty": "", "blank": " \n"}
    path.write_text(earlier[kind])
    discard(report(path, form))
    assert not path.exists()
    discard(report(path, form))


@pytest.mark.parametrize("form", RENDERED)
@pytest.mark.parametrize("text", ["# My notes\n", "{}", "\x00\xff binary"])
def test_somebody_elses_file_is_not_touched(form: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(text)
    with pytest.raises(RagftError) as caught:
        discard(report(path, form))
    assert f"--ragft-{form}" in str(caught.value)
    assert "exists and is no report" in str(caught.value)
    assert path.read_text() == text


def test_the_report_of_another_form_is_somebody_elses(tmp_path: Path) -> None:
    path = tmp_path / "report"
    write(report(path, "markdown"), PASSING)
    with pytest.raises(RagftError, match="is no report"):
        discard(report(path, "json"))


def test_the_last_run_is_kept_where_there_is_a_store(tmp_path: Path) -> None:
    result = with_cases(REGRESSED)
    keep_last_run(result, tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match=r"no gating run is kept .* gate first"):
        last_run(tmp_path)
    (tmp_path / ".ragft").mkdir()
    keep_last_run(result, tmp_path)
    kept = last_run(tmp_path)
    assert dict(kept.cases) == dict(result.cases)
    assert replace(kept, cases={}) == replace(result, cases={})


def test_standard_output_that_is_sent_to_a_file_is_appended_to(tmp_path: Path) -> None:
    """What else is printed stays, and the file is nobody's to delete."""
    log = tmp_path / "log.txt"
    log.write_text("an earlier line\n")
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.test_reporting_files import report, PASSING\n"
        "from pytest_ragft.reporting.files import discard, write\n"
        "of = report(Path('/dev/stdout')); discard(of); write(of, PASSING)\n"
    )
    with log.open("a") as stream:
        subprocess.run([sys.executable, "-c", code], stdout=stream, check=True)
    assert log.read_text() == f"an earlier line\n{to_json(PASSING)}"


def test_two_outputs_on_one_path_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "out"
    (tmp_path / "link").symlink_to(path)
    two = [report(path), report(tmp_path / "link", "markdown")]
    with pytest.raises(RagftError, match=r"--ragft-markdown: .* is also that of --ragft-json"):
        expect_apart(two, {})
    with pytest.raises(RagftError, match=r"--ragft-json: .* is also that of --junitxml"):
        expect_apart([report(path)], {"--junitxml": path})
    expect_apart([report(path), report(tmp_path / "other", "markdown")], {"--junitxml": None})


def test_a_file_that_only_quotes_a_report_is_somebodys_own(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("precious\n" * 200 + "a report begins with <!-- pytest-ragft report -->\n")
    with pytest.raises(RagftError, match="is no report"):
        discard(report(path, "markdown"))
    assert path.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda question: question.pop("answers"),
        lambda question: question.update(passages=7),
        lambda question: question["answers"].update(baseline="a text"),
    ],
)
def test_a_damaged_question_is_one_message(
    damage: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    document = json.loads(to_json(with_cases(REGRESSED)))
    damage(document["questions"][0])
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match="a damaged report"):
        read_report(path)


def test_a_report_without_texts_is_rendered_without_them(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(to_json(with_cases(REGRESSED), "none"))
    assert at_most("full", read_report(path)) == "none"
    assert at_most("short", with_cases(REGRESSED)) == "short"


def test_a_last_run_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / ".ragft" / "last-run.json").mkdir(parents=True)
    with pytest.raises(RagftError, match="know an earlier run at best"):
        keep_last_run(PASSING, tmp_path)
