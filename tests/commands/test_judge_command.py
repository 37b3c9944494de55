"""`ragft judge`: line for line, whole or not at all, and only what is not there yet."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.commands.running import ragft, ragft_process

LINE = {
    "id": "a",
    "question": "Who wrote Faust?",
    "references": ["Goethe"],
    "answer": "Goethe did.",
}
EARLIER = '{"id": "z", "accuracy": {"value": 1.0, "status": "scored", "reason": ""}}\n'


def write(folder: Path, *lines: dict[str, Any] | str) -> None:
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "in.jsonl").write_text("\n".join(text) + "\n", encoding="utf-8")


def output(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]


def test_lines_come_back_in_their_order_with_their_ids(tmp_path: Path) -> None:
    write(
        tmp_path,
        LINE | {"id": "z", "label": 1, "note": "not read"},
        LINE | {"id": 7, "answer": "Schiller."},
        "",
        LINE | {"answerable": False, "references": [], "answer": "I do not know."},
        LINE | {"id": "a", "answer": ""},
        LINE | {"facts": ["Goethe"], "type": "factoid", "contexts": ["Faust is by Goethe."]},
    )
    done = ragft_process(tmp_path, "judge", "--judge=reference", "in.jsonl", "--out", "out.jsonl")
    assert (done.code, done.out) == (0, "")
    assert "5 of 5 answers" in done.err, "progress"

    lines = output(tmp_path)
    assert [line["id"] for line in lines] == ["z", 7, "a", "a", "a"]
    assert [set(line) for line in lines] == [{"id", "accuracy", "completeness"}] * 5
    for line in lines:
        for metric in ("accuracy", "completeness"):
            assert set(line[metric]) == {"value", "status", "reason"}
    assert lines[0]["accuracy"]["value"] > 0.9
    assert lines[1]["accuracy"]["value"] < 0.1
    assert lines[2]["accuracy"]["value"] == 1.0
    assert lines[2]["completeness"] == {
        "value": None,
        "status": "not_applicable",
        "reason": lines[2]["completeness"]["reason"],
    }
    assert lines[3]["accuracy"] == {"value": 0.0, "status": "scored", "reason": "empty answer"}


def test_standard_input_and_output(tmp_path: Path) -> None:
    done = ragft_process(tmp_path, "judge", "-", stdin=json.dumps(LINE) + "\n")
    assert done.code == 0
    (line,) = [json.loads(text) for text in done.out.splitlines()]
    assert (line["id"], line["accuracy"]["status"]) == ("a", "scored")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[1]", "is not a table"),
        (LINE | {"references": 1749}, "references"),
        (LINE | {"references": None}, "'references' is missing"),
        (LINE | {"references": [""]}, "references"),
        ({k: v for k, v in LINE.items() if k != "answer"}, "'answer' is missing"),
        (LINE | {"answer": 3}, "answer = 3"),
        (LINE | {"id": True}, "id = True"),
        (LINE | {"id": None}, "'id' is missing"),
        (LINE | {"question": ""}, "question"),
        (LINE | {"answerable": "no"}, "answerable = 'no'"),
        (LINE | {"type": "essay"}, "type = 'essay'"),
        (LINE | {"contexts": ["x"], "passages": ["y"]}, "one of the two"),
        (LINE | {"contexts": 5}, "contexts"),
        (LINE | {"passages": [{"title": "x"}]}, "passages[0]"),
        ('{"id": "a", "id": "b"}', "stands twice"),
    ],
)
def test_a_malformed_line_is_named_and_nothing_is_written(
    tmp_path: Path, line: dict[str, Any] | str, told: str
) -> None:
    write(tmp_path, LINE, line)
    (tmp_path / "out.jsonl").write_text(EARLIER)
    done = ragft(tmp_path, "judge", "in.jsonl", "--out", "out.jsonl")

    assert done.code == 1
    assert "in.jsonl, line 2" in done.err
    assert told in done.err
    assert (tmp_path / "out.jsonl").read_text() == EARLIER
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_a_missing_score_is_counted_and_asked_for_again(tmp_path: Path) -> None:
    write(tmp_path, LINE, LINE | {"id": "b", "references": []})
    done = ragft(tmp_path, "judge", "in.jsonl", "--out", "out.jsonl")

    assert done.code == 1
    assert "1 of 2 answers have a missing score" in done.err
    assert "'b'" in done.err
    lines = output(tmp_path)
    assert lines[0]["accuracy"]["status"] == "scored"
    missing = {"value": None, "status": "missing", "reason": "no reference"}
    assert lines[1] == {"id": "b", "accuracy": missing, "completeness": missing}

    again = ragft(tmp_path, "judge", "in.jsonl", "--out", "out.jsonl")
    assert "1 of 1 answers" in again.err, "the scored one is not asked for again"
    assert again.code == 1
    assert output(tmp_path) == lines


def test_what_is_kept_is_kept_under_the_root(tmp_path: Path) -> None:
    (tmp_path / ".ragft").mkdir()
    project = tmp_path / "project"
    below = project / "below"
    below.mkdir(parents=True)
    (project / "pyproject.toml").write_text("")
    write(below, LINE)
    done = ragft(below, "judge", "in.jsonl")
    assert done.code == 0
    assert f"under {project}\n" in done.err
    assert not (below / ".ragft").exists()
    assert not list((tmp_path / ".ragft").iterdir()), "another project's"
    connection = sqlite3.connect(project / ".ragft" / "store.sqlite")
    try:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["in.jsonl", "--out", "no/folder/out.jsonl"], "--out='no/folder/out.jsonl'"),
        (["in.jsonl", "--out", "."], "--out='.'"),
        (["in.jsonl", "--out", "x" * 5000], "x': cannot be written: File name too long"),
        (["in.jsonl", "--root", "x" * 5000], "x': there is no such folder"),
        (["in.jsonl", "--judge=wise"], "'wise'"),
        (["in.jsonl", "--root=none"], "--root='none'"),
        (["empty.jsonl"], "holds no answer"),
        (["latin.jsonl"], "not UTF-8"),
    ],
)
def test_what_cannot_be_used_is_one_message(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    write(tmp_path, LINE)
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "\xe9"}')
    done = ragft(tmp_path, "judge", *arguments)
    assert done.code == 1
    assert told in done.err
    assert "judging" not in done.err


def test_half_of_a_surrogate_pair_in_an_answer_is_mended(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(LINE).replace("Goethe did.", "Goethe \\ud83d did."))
    assert ragft(tmp_path, "judge", "in.jsonl", "--out", "out.jsonl").code == 0
    assert output(tmp_path)[0]["accuracy"]["value"] > 0.9


def test_nothing_heavy_is_loaded_for_the_reference_judge(tmp_path: Path) -> None:
    write(tmp_path, LINE)
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, sys\n"
        "heavy = {'torch', 'transformers', 'deepeval', 'aiohttp', 'pytest'}\n"
        "atexit.register(lambda: print('HEAVY', sorted(heavy & set(sys.modules))))\n"
    )
    done = ragft_process(
        tmp_path,
        "judge",
        "in.jsonl",
        "--out",
        "out.jsonl",
        env={"PYTHONPATH": os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))},
    )
    assert done.code == 0
    assert "HEAVY []" in done.out


def test_reasoning_is_not_judged(tmp_path: Path) -> None:
    write(
        tmp_path,
        LINE | {"answer": "<think>Goethe did.</think>\nSchiller."},
        LINE | {"answer": "<think>Goethe did."},
        LINE | {"answer": None, "reasoning_content": "Goethe did."},
        LINE | {"answer": "Goethe did.", "reasoning": "Schiller?"},
        LINE | {"answer": ""},
        LINE | {"answer": None},
        LINE | {"answer": None, "reasoning": "  "},
    )
    done = ragft(tmp_path, "judge", "in.jsonl", "--out", "out.jsonl")
    assert done.code == 0, done.err
    told = [line["accuracy"] for line in output(tmp_path)]
    assert [score["value"] > 0.9 for score in told] == [0, 0, 0, 1, 0, 0, 0]
    assert [score["reason"] for score in told[1:3]] == ["cut while thinking (finish: recorded)"] * 2
    assert told[4]["reason"] == "empty answer"
    assert [score["reason"] for score in told[5:]] == ["the recorded answer is null"] * 2


def test_data_as_people_have_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        LINE | {"references": "Goethe", "contexts": "Goethe wrote it.", "facts": None},
        LINE | {"contexts": ["", {"id": 7, "title": None, "text": None}]},
    )
    done = ragft(tmp_path, "judge", "in.jsonl", "--out", "out.jsonl")
    assert done.code == 0, done.err
    assert len(output(tmp_path)) == 2


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"answer": False}, "answer = False: must be a text"),
        ({"reasoning_content": ["a"]}, "reasoning_content = ['a']: must be a text"),
    ],
)
def test_an_answer_that_is_no_text_is_named(
    tmp_path: Path, keys: dict[str, Any], said: str
) -> None:
    write(tmp_path, LINE | keys)
    done = ragft(tmp_path, "judge", "in.jsonl")
    assert done.code != 0
    assert f"line 1: {said}" in done.err


def test_an_id_is_no_command_to_a_ci_service(tmp_path: Path) -> None:
    name = "##vso[task.setvariable variable=p]x"
    line = {"id": name, "question": "Who?", "references": ["Ann Lee"], "answer": "Ann Lee"}
    (tmp_path / "in.jsonl").write_text(json.dumps(line) + "\n")

    done = ragft(tmp_path, "judge", "in.jsonl")

    assert "##" not in done.out + done.err
    assert json.loads(done.out)["id"] == name
