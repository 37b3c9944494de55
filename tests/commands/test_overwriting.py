"""What people have made is never overwritten: sheets, keys, labels, notes in an output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.running import fill, ragft, right
from tests.commands.test_calibrate_command import labels
from tests.commands.test_calibrate_command import write as write_labels
from tests.commands.test_judge_command import LINE, write
from tests.commands.test_labels import label
from tests.example import Example


@pytest.fixture
def ready(example: Example) -> Example:
    example.suite(documents=30)
    return example.recorded("baseline.jsonl", wrong=0.10).recorded("variant.jsonl", wrong=0.12)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refused(done, folder: Path, before: dict[str, bytes], option: str) -> None:
    assert done.code == 1
    assert option in done.err
    assert "exists" in done.err
    assert contents(folder) == before


def test_a_second_call_leaves_a_filled_sheet_and_its_key(ready: Example) -> None:
    assert label(ready, pairs=40).code == 0
    fill(ready.folder / "sheet.csv", right)
    refused(label(ready, pairs=40), ready.folder, contents(ready.folder), "--out")


@pytest.mark.parametrize("left", ["sheet.csv", "sheet.key.jsonl"])
def test_one_of_the_two_is_enough(ready: Example, left: str) -> None:
    label(ready, pairs=40)
    (ready.folder / ({"sheet.csv", "sheet.key.jsonl"} - {left}).pop()).unlink()
    refused(label(ready, pairs=40), ready.folder, contents(ready.folder), left)


def test_a_link_to_a_sheet_is_one(ready: Example) -> None:
    label(ready, pairs=40)
    for name in ("sheet.csv", "sheet.key.jsonl"):
        (ready.folder / name).rename(ready.folder / f"kept-{name}")
        (ready.folder / name).symlink_to(f"kept-{name}")
    refused(label(ready, pairs=40), ready.folder, contents(ready.folder), "--out")


def test_a_sheet_that_cannot_be_written_leaves_no_key(ready: Example, monkeypatch) -> None:
    """A file that appears while the sheet is drawn is somebody's, too."""
    from pytest_ragft.cli import label as command

    def late(*args: object, **kwargs: object):
        (ready.folder / "sheet.csv").write_text("of somebody else")
        return draw(*args, **kwargs)

    draw = command.draw_sheet
    monkeypatch.setattr(command, "draw_sheet", late)
    done = label(ready, pairs=40)
    assert done.code == 1
    assert (ready.folder / "sheet.csv").read_text() == "of somebody else"
    assert not (ready.folder / "sheet.key.jsonl").exists()


@pytest.mark.parametrize("name", ["labels.jsonl", "notes.json"])
def test_calibrate_writes_over_calibrations_alone(tmp_path: Path, name: str) -> None:
    write_labels(tmp_path, labels())
    (tmp_path / "notes.json").write_text('{"mine": 1}')
    before = contents(tmp_path)
    refused(
        ragft(tmp_path, "calibrate", "--labels=labels.jsonl", f"--out={name}"),
        tmp_path,
        before,
        "--out",
    )
    for _ in range(2):
        done = ragft(tmp_path, "calibrate", "--labels=labels.jsonl", "--out=mine.json")
        assert done.code == 0, done.err


def test_calibrate_looks_at_its_usual_place_as_well(tmp_path: Path) -> None:
    write_labels(tmp_path, labels())
    place = tmp_path / ".ragft" / "calibrations" / "reference.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"by": "hand"}')
    done = ragft(tmp_path, "calibrate", "--labels=labels.jsonl")
    assert done.code == 1
    assert place.read_text() == '{"by": "hand"}'


def test_judge_writes_over_scores_alone(tmp_path: Path) -> None:
    write(tmp_path, LINE)
    before = contents(tmp_path)
    done = ragft(tmp_path, "judge", "in.jsonl", "--out", "in.jsonl")
    refused(done, tmp_path, before, "--out")

    for _ in range(2):
        assert ragft(tmp_path, "judge", "in.jsonl", "--out", "out.jsonl").code == 0
    scores = json.loads((tmp_path / "out.jsonl").read_text())
    (tmp_path / "out.jsonl").write_text(json.dumps(scores | {"label": 1.0}) + "\n")
    before = contents(tmp_path)
    refused(ragft(tmp_path, "judge", "in.jsonl", "--out", "out.jsonl"), tmp_path, before, "--out")


def test_a_report_is_written_over_reports_alone(ready: Example) -> None:
    questions = ready.folder / "suites/demo/questions.jsonl"
    before = questions.read_bytes()
    result = ready.gate("-k", "gate-", "--ragft-json=suites/demo/questions.jsonl")
    assert result.code == 4, result.out + result.err
    assert "--ragft-json" in result.err
    assert questions.read_bytes() == before
    for _ in range(2):
        assert ready.gate("-k", "gate-", "--ragft-json=report.json").code in (0, 1)
