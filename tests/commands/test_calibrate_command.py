"""`ragft calibrate`: what it shows and saves, and what gates then quote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.running import fill, ragft, ragft_process, right
from tests.endpoint_server import Server
from tests.example import Example
from tests.llm_scripts import honest, probed, read_blocks

CITIES = ["Paris", "London", "Rome", "Oslo", "Bern", "Wien", "Prag", "Riga", "Kyiv", "Lima"]


def labels(n: int = 40, **changes: Any) -> list[dict[str, Any]]:
    """Every second answer is wrong."""
    rows = []
    for i in range(n):
        city, other = CITIES[i % 10], CITIES[(i + 1) % 10]
        wrong = i % 2 == 1
        rows.append(
            {
                "id": f"q{i}",
                "question": f"Which city is number {i}?",
                "references": [city],
                "answer": f"It is {other if wrong else city}.",
                "label": float(not wrong),
                **changes,
            }
        )
    return rows


def write(folder: Path, rows: list[dict[str, Any]], name: str = "labels.jsonl") -> None:
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def saved(folder: Path) -> dict[str, Any]:
    text = (folder / ".ragft" / "calibrations" / "reference.json").read_text()
    return json.loads(text)


def test_reasoning_in_a_labelled_answer_is_not_judged(tmp_path: Path) -> None:
    rows = labels()
    for row in rows:
        row["answer"] = f"<think>{row['references'][0]}?</think>\n\n{row['answer']}"
    write(tmp_path, rows)
    done = ragft(tmp_path, "calibrate", "--judge=reference", "--labels=labels.jsonl")
    assert done.code == 0, done.err
    assert saved(tmp_path)["metrics"]["accuracy"]["figures"]["accuracy"]["value"] == 1.0


def test_agreement_is_shown_and_saved(tmp_path: Path) -> None:
    rows = labels()
    rows[0]["label"] = 0.0  # one on which the judge is too kind
    write(tmp_path, rows)
    done = ragft_process(tmp_path, "calibrate", "--judge=reference", "--labels=labels.jsonl")

    assert done.code == 0, done.err
    assert "accuracy: 40 labelled answers to 40 questions, 47.5 % right, 1 rater" in done.out
    for name in ("Cohen's κ", "Pearson", "Spearman", "AUC", "reliability", "best cut", "bias"):
        assert name in done.out
    accuracy = saved(tmp_path)["metrics"]["accuracy"]
    assert accuracy["figures"]["accuracy"]["value"] == 39 / 40
    assert accuracy["figures"]["accuracy"]["lower"] < 0.95
    assert accuracy["bias"][0]["bias"]["value"] == pytest.approx(1 / 40, abs=0.02)
    assert saved(tmp_path)["labels"]["files"] == ["labels.jsonl"]


def test_a_stream_that_knows_no_greek_gets_something(tmp_path: Path) -> None:
    write(tmp_path, labels())
    env = {"PYTHONIOENCODING": "ascii"}
    done = ragft_process(tmp_path, "calibrate", "--labels=labels.jsonl", env=env)
    assert done.code == 0, done.err
    assert "Cohen's" in done.out


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (labels(19), "at least 20"),
        (labels(40, label=1.0), "are labelled right"),
        (labels(40, label=0), "are labelled wrong"),
        (labels(40, label=None), "none of 40 rows has a label yet"),
        (labels(40, metric="style"), "metric 'style'"),
        (labels(40, label=1.5), "label = 1.5"),
        (labels(40, label=True), "label = True"),
        (labels(40, label="1"), "label = '1'"),
        (labels(40, references=[]), "are missing, so that nothing is measured"),
        (labels(20, rater="ann") + labels(40, rater="bob")[20:], "never label the same answer"),
        (labels(40) + labels(1), "labelled this answer already"),
    ],
    ids=["few", "right", "wrong", "empty", "metric", "range", "truth", "text", "missing",
         "raters", "twice"],
)  # fmt: skip
def test_labels_that_measure_nothing(tmp_path: Path, rows: list[dict[str, Any]], told: str) -> None:
    write(tmp_path, rows)
    done = ragft(tmp_path, "calibrate", "--labels=labels.jsonl")
    assert done.code == 1
    assert told in done.err
    assert not (tmp_path / ".ragft" / "calibrations").exists()


def test_gates_quote_it_and_labels_of_a_sheet_carry_the_variants(example: Example) -> None:
    example.suite(documents=20)
    example.recorded("baseline.jsonl", wrong=0.3).recorded("variant.jsonl", wrong=0.3)
    lines = example.read_lines("variant.jsonl")
    example.write_lines("variant.jsonl", [x | {"answer": f"{x['answer']} ok"} for x in lines])
    done = ragft(
        example.folder, "label", "suites", "--model=variant.jsonl", "--baseline=baseline.jsonl",
        "--pairs=70", "--seed=1", "--out=sheet.csv",
    )  # fmt: skip
    assert done.code == 0, done.err
    fill(example.folder / "sheet.csv", right)
    done = ragft(example.folder, "calibrate", "--labels=sheet.csv", "--labels=sheet.key.jsonl")
    assert done.code == 0, done.err
    names = [of["name"] for of in saved(example.folder)["metrics"]["accuracy"]["bias"]]
    assert set(names) == {"all", "baseline", "variant"}
    assert saved(example.folder)["metrics"]["accuracy"]["favours"]["value"] is not None

    result = example.gate("-k", "gate-", "--ragft-json=report.json")
    told = json.loads((example.folder / "report.json").read_text())["judge_note"]
    assert told.startswith("valid for the judge's score; on accuracy it agrees with people with κ")
    assert "(140 labelled answers to 70 questions, " in told
    assert "AUC" in " ".join(result.out.split())

    path = example.folder / ".ragft" / "calibrations" / "reference.json"
    path.write_text(path.read_text().replace('"n": 140', '"n": 1400'))
    example.gate("-k", "gate-", "--ragft-json=report.json")
    told = json.loads((example.folder / "report.json").read_text())["judge_note"]
    assert "was not measured here" in told
    assert "damaged and not read: .ragft/calibrations/reference.json" in told


def test_ids_that_no_key_knows(example: Example) -> None:
    example.suite(documents=10).recorded("baseline.jsonl").recorded("variant.jsonl")
    ragft(
        example.folder, "label", "suites", "--model=variant.jsonl", "--baseline=baseline.jsonl",
        "--pairs=40", "--seed=1", "--out=sheet.csv",
    )  # fmt: skip
    write(example.folder, labels())
    done = ragft(example.folder, "calibrate", "--labels=labels.jsonl", "--labels=sheet.key.jsonl")
    assert done.code == 1
    assert "40 of 40 rows have an id that is in no key, such as 'q0'" in done.err


def test_only_what_is_labelled_is_asked(tmp_path: Path) -> None:
    write(tmp_path, labels())
    with Server(probed(honest)) as server:
        done = ragft(
            tmp_path, "calibrate", "--labels=labels.jsonl", f"--judge=claims:m@{server.url}"
        )
    assert done.code == 0, done.err
    asked = [set(read_blocks(call)) for call in server.calls[1:]]
    assert asked
    assert all("ANSWER" in names for names in asked), "accuracy alone"
