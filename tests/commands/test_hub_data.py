"""Data sets of the Hub, by its own client from a stand-in on loopback."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_ragft.suite import load_suite
from tests.commands.running import Done, ragft, ragft_process
from tests.example import Example
from tests.hub_server import Hub, serving

ROWS = [
    {
        "id": f"q{i}",
        "question": f"Which bolt holds part {i}?",
        "answers": {"text": [f"bolt {i}"], "answer_start": [1]},
        "context": f"Part {i} is held by bolt {i}.",
        "title": f"Page {i // 2}",
    }
    for i in range(60)
]
COLUMNS = ("--column=references=answers.text", "--column=passages=context")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    top = tmp_path / "hub"
    data = top / "maker" / "parts" / "data"
    data.mkdir(parents=True)
    for number, rows in enumerate((ROWS[:25], ROWS[25:])):
        pq.write_table(
            pa.Table.from_pylist(rows), data / f"validation-0000{number}-of-00002.parquet"
        )
    pq.write_table(pa.Table.from_pylist(ROWS[:3]), data / "train-00000-of-00001.parquet")
    (data.parent / "README.md").write_text("A data set.")
    lines = top / "maker" / "lines"
    lines.mkdir()
    text = "\n".join(json.dumps(row) for row in ROWS)
    (lines / "all.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    (lines / "all.csv").write_text("question,references\nA?,a\n")
    with serving(top) as served:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", served.url)
        monkeypatch.setattr(
            "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
            served.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
        yield served


def convert(folder: Path, *arguments: str, out: str = "out") -> Done:
    return ragft(folder, "convert", *arguments, f"--out={out}", *COLUMNS)


def test_a_split_of_parquet_files(hub: Hub, tmp_path: Path) -> None:
    done = ragft_process(
        tmp_path, "convert", "parquet", "hf:maker/parts", "--option=split=dev", "--out=out",
        *COLUMNS, env=hub.environment,
    )  # fmt: skip

    assert done.code == 0, done.err
    assert "60 questions (0 unanswerable) on 0 documents, 60 passages" in done.out
    suite = load_suite(tmp_path / "out" / "suite.toml")
    assert [e.id for e in suite.examples] == [row["id"] for row in ROWS]
    assert suite.examples[3].references == ("bolt 3",)
    asked = {line.rpartition("/")[2] for line in hub.requests if "/resolve/" in line}
    assert "README.md" not in asked
    assert all(name.endswith(".parquet") for name in asked)


def test_splits_are_not_mixed_and_files_may_be_named(hub: Hub, tmp_path: Path) -> None:
    done = convert(tmp_path, "parquet", "hf:maker/parts")
    assert done.code == 1
    assert "the files are of several splits (train, validation)" in done.err

    done = convert(tmp_path, "parquet", "hf:maker/parts", "--files=data/train-*")
    assert done.code == 0, done.err
    assert "3 questions" in done.out


def test_packed_lines_offline_and_by_revision(hub: Hub, tmp_path: Path) -> None:
    assert convert(tmp_path, "jsonl", "hf:maker/lines", "--offline").code == 1
    assert not hub.requests
    done = convert(tmp_path, "jsonl", "hf:maker/lines", f"--revision={hub.commit('maker/lines')}")
    assert done.code == 0, done.err
    hub.requests.clear()

    again = convert(
        tmp_path, "jsonl", "hf:maker/lines", "--offline",
        f"--revision={hub.commit('maker/lines')}", out="again",
    )  # fmt: skip

    assert again.code == 0, again.err
    assert not hub.requests
    one, other = (load_suite(tmp_path / at / "suite.toml") for at in ("out", "again"))
    assert one.examples == other.examples


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["jsonl", "hf:maker/none"], "'maker/none' is not found among the data sets of the hub"),
        (["jsonl", "hf:lines"], "'lines': is no name of a data set on the Hub, which is ORG/NAME"),
        (["jsonl", "hf:maker/lines", "--revision=v9"], "'maker/lines' is not found"),
        (["json", "hf:maker/lines"], "'hf:maker/lines' has no file like *.json, *.json.gz"),
        (["jsonl", "hf:maker/parts", "--offline"], "is not found in the hub's cache (offline)"),
    ],
)
def test_what_is_not_there_is_one_message(
    hub: Hub, tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = convert(tmp_path, *arguments)

    assert done.code == 1
    assert said in done.err
    assert not (tmp_path / "out").exists()


def test_a_download_that_was_cut_short_is_no_data_set(hub: Hub, tmp_path: Path) -> None:
    hub.refuses = frozenset({"validation-00001-of-00002.parquet"})
    assert convert(tmp_path, "parquet", "hf:maker/parts", "--option=split=dev").code == 1
    hub.refuses = frozenset()

    done = convert(tmp_path, "parquet", "hf:maker/parts", "--option=split=dev", "--offline")

    assert done.code == 1
    assert "data/validation-00001-of-00002.parquet is not there" in done.err
    done = convert(tmp_path, "parquet", "hf:maker/parts", "--option=split=dev")
    assert done.code == 0, done.err


def test_a_suite_over_a_data_set_gates_and_offline_without_a_socket(
    hub: Hub, example: Example
) -> None:
    example.write(
        "suites/parts/suite.toml",
        '[suite]\nname = "parts"\nformat = "parquet"\npath = "hf:maker/parts"\n'
        '[suite.reader]\nsplit = "validation"\n'
        '[suite.columns]\nreferences = "answers.text"\npassages = "context"\n',
    )
    for name, wrong in (("right", 0), ("wrong", 20)):
        lines = [
            {"suite": "parts", "id": row["id"], "answer": f"bolt {i if i >= wrong else 99}"}
            for i, row in enumerate(ROWS)
        ]
        example.write_lines(f"{name}.jsonl", lines)
    example.cold = True
    arguments = ("suites", "--ragft-model=wrong.jsonl", "--ragft-baseline=right.jsonl")

    online = example.run_pytest(*arguments, env=hub.environment)
    hub.requests.clear()
    offline = example.run_pytest(*arguments, "--ragft-offline", "-n", "2", env=hub.environment)

    for result in (online, offline):
        assert result.code == 1, result.out + result.err
        assert result.properties("gate-accuracy")["ragft.verdict"] == "REGRESSION"
    assert not hub.requests
