"""`ragft check`: exit codes, findings with both places, training data in every form, privacy."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.running import Done, ragft

QUESTIONS = [
    "Which enzyme cuts starch in the mouth?",
    "When was the harbour of Fernwick opened?",
    "How many keepers does the lighthouse have?",
    "Who painted the ceiling of the town hall?",
]
ANSWERS = ["Amylase cuts it.", "It opened in 1907.", "It has 3 keepers.", "Ada Brook painted it."]
OTHERS = ["What is the capital of Norway?", "Which metal is liquid at room temperature?"]


def suite(folder: Path, name: str = "demo", rows: list[dict[str, Any]] | None = None) -> Path:
    place = folder / "suites" / name
    place.mkdir(parents=True)
    (place / "suite.toml").write_text(
        f'[suite]\nname = "{name}"\nquestions = "questions.jsonl"\ncorpus = "corpus.jsonl"\n'
    )
    rows = usual() if rows is None else rows
    lines(place / "questions.jsonl", rows)
    lines(
        place / "corpus.jsonl",
        [{"_id": f"p{at}", "text": text} for at, text in enumerate(ANSWERS)],
    )
    return place / "questions.jsonl"


def usual() -> list[dict[str, Any]]:
    return [
        {"id": f"q{at}", "question": question, "references": [answer], "relevant": [f"p{at}"]}
        for at, (question, answer) in enumerate(zip(QUESTIONS, ANSWERS, strict=True))
    ]


def lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def check(folder: Path, *arguments: str) -> tuple[Done, dict[str, Any]]:
    done = ragft(folder, "check", "suites", *arguments, "--json=check.json")
    found = folder / "check.json"
    return done, json.loads(found.read_text("utf-8")) if found.exists() else {}


def kinds(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Kind, severity and question of each finding but for the size of so small a suite."""
    return [
        (one["kind"], one["severity"], one["here"]["id"])
        for one in report["findings"]
        if one["kind"] != "gate"
    ]


def test_a_clean_suite_is_clean(tmp_path: Path) -> None:
    suite(tmp_path)
    done, report = check(tmp_path)
    assert done.code == 0, done.out + done.err
    assert kinds(report) == []
    assert report["sizes"][0]["questions"] == 4


def test_so_few_questions_can_pass_nothing_and_it_says_so(tmp_path: Path) -> None:
    suite(tmp_path)
    done, report = check(tmp_path)
    assert [one["here"]["id"] for one in report["findings"]] == [
        "gate-accuracy",
        "gate-completeness",
    ]
    assert "cannot pass, not even an unchanged model: 4 questions" in done.out
    assert done.code == 0


def test_a_guard_that_cannot_veto_is_named(tmp_path: Path) -> None:
    suite(tmp_path)
    toml = tmp_path / "suites/demo/suite.toml"
    toml.write_text(toml.read_text() + '[[gate]]\nmetric = "accuracy"\nrole = "guard"\n')
    done, _ = check(tmp_path)
    assert "demo::gate-accuracy" in done.out
    assert "cannot veto: 4 questions in effectively 4.0 documents" in done.out


LEAKED = QUESTIONS[0]
FORMS: dict[str, Any] = {
    "chat.jsonl": {
        "messages": [
            {"role": "system", "content": "Answer from the context."},
            {"role": "user", "content": f"Context:\nBread is chewed.\n\nQuestion: {LEAKED}"},
            {"role": "assistant", "content": ANSWERS[0]},
        ]
    },
    "parts.jsonl": {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": LEAKED}]},
            {"role": "assistant", "content": ANSWERS[0]},
        ]
    },
    "sharegpt.jsonl": {
        "conversations": [
            {"from": "human", "value": LEAKED},
            {"from": "gpt", "value": ANSWERS[0]},
        ]
    },
    "completion.jsonl": {"prompt": f"### Question\n{LEAKED}\n### Answer", "completion": ANSWERS[0]},
    "turns.jsonl": {
        "prompt": [{"role": "user", "content": LEAKED}],
        "completion": [{"role": "assistant", "content": ANSWERS[0]}],
    },
    "instruction.jsonl": {"instruction": "Answer.", "input": LEAKED, "output": ANSWERS[0]},
    "answer.jsonl": {"question": LEAKED, "answer": ANSWERS[0]},
    "answers.jsonl": {"question": LEAKED, "answers": [ANSWERS[0], "amylase"]},
    "beside.jsonl": {"input": "Bread is chewed.", "user": LEAKED, "output": ANSWERS[0]},
    "within.jsonl": {"output": ANSWERS[0], "data": {"turns": [{"asks": LEAKED, "n": 3}]}},
}


@pytest.mark.parametrize("name", FORMS)
def test_a_leaked_question_is_found_in_every_form(tmp_path: Path, name: str) -> None:
    suite(tmp_path)
    filler = {"question": OTHERS[0], "answer": "Oslo"}
    file = lines(tmp_path / name, [filler, FORMS[name]])
    done, report = check(tmp_path, f"--training={file}")
    assert done.code == 1
    assert kinds(report) == [("training-question", "error", "q0")]
    (found,) = (one for one in report["findings"] if one["kind"] == "training-question")
    assert found["here"]["where"] == "suites/demo/questions.jsonl, line 1"
    assert found["other"]["where"].endswith(f"{name}, line 2")
    assert found["note"] == "exact, with a reference as its answer"


def test_json_arrays_csv_text_and_gzip_are_read(tmp_path: Path) -> None:
    suite(tmp_path)
    row = {"question": LEAKED, "answer": "Pepsin."}
    (tmp_path / "rows.json").write_text(json.dumps([row]))
    with (tmp_path / "rows.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["Question", "Answer"], [LEAKED, "Pepsin."]])
    (tmp_path / "rows.txt").write_text(f"{OTHERS[0]}\n{LEAKED.upper()}\n")
    packed = tmp_path / "rows.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(row).encode()))
    for name, where, how in (
        ("rows.json", "row 1", "exact, with another answer"),
        ("rows.csv", "line 2", "exact, with another answer"),
        ("rows.txt", "line 2", "exact, without an answer"),
        ("rows.jsonl.gz", "line 1", "exact, with another answer"),
    ):
        _, report = check(tmp_path, f"--training={name}")
        found = report["findings"][0]
        assert (found["other"]["where"], found["note"]) == (f"{name}, {where}", how)


def test_a_folder_of_suites_is_training_data_too(tmp_path: Path) -> None:
    suite(tmp_path)
    other = tmp_path / "trained"
    suite(other, "old", [{"id": "a", "question": LEAKED, "references": ["amylase"]}])
    done, report = check(tmp_path, "--training=trained")
    assert done.code == 1
    assert kinds(report)[0] == ("training-question", "error", "q0")
    assert report["findings"][0]["other"]["where"] == "trained/suites/old/questions.jsonl, line 1"


@pytest.mark.parametrize(
    "text",
    [
        "Wihch enzyme cuts starch in the mouth?",
        "Which enzime cuts starch in the mouth?",
        "In the mouth, which enzyme cuts starch?",
        "Please tell me briefly: which enzyme cuts starch in the mouth?",
        "I am a student of medicine and would like to know, which enzyme cuts starch in the mouth?",
    ],
)
def test_a_near_copy_is_found(tmp_path: Path, text: str) -> None:
    suite(tmp_path)
    (tmp_path / "train.txt").write_text(f"{text}\n")
    done, report = check(tmp_path, "--training=train.txt")
    assert done.code == 1
    assert kinds(report) == [("training-question", "error", "q0")]


def test_a_question_of_several_sentences_is_found_whole(tmp_path: Path) -> None:
    question = (
        "Assume that you advise an investor who looks for solid firms, and that you have seen all "
        "statements of the last ten years: was there growth in Fernwick? Answer in per cent, "
        "rounded to one decimal place. Use the income statement alone, and say which year it is "
        "about, since the firm has changed the end of its financial year more than once."
    )
    suite(tmp_path, rows=[{"id": "a", "question": question, "references": ["12 %"]}])
    text = f"Some sentence of a passage. {question} Another sentence, of the same passage.\n"
    (tmp_path / "train.txt").write_text(text)
    done, report = check(tmp_path, "--training=train.txt")
    assert done.code == 1
    assert report["findings"][0]["note"] == "exact, without an answer"


@pytest.mark.parametrize(
    "text",
    [
        "Which enzyme cuts protein in the stomach?",
        "When was the harbour of Larkhaven opened?",
        "Where was the harbour of Fernwick opened, and why?",
        "How many ships does the lighthouse have?",
        "Amylase is an enzyme. It cuts starch, and works in the mouth of many animals.",
    ],
)
def test_another_question_of_the_same_form_is_not(tmp_path: Path, text: str) -> None:
    suite(tmp_path)
    (tmp_path / "train.txt").write_text(f"{text}\n")
    done, report = check(tmp_path, "--training=train.txt")
    assert kinds(report) == []
    assert done.code == 0


LONG = (
    "Which painter from the western islands made the ceiling of the old town hall of Fernwick for "
    "the mayor in 1907?"
)


@pytest.mark.parametrize(
    ("asked", "trained", "same"),
    [
        (LONG, LONG.replace("1907", "1908"), False),
        (LONG, LONG.replace("Fernwick", "Larkhaven"), False),
        (LONG, LONG.replace("Fernwick", "Fernwikc"), True),
        ("When was the harbour opened?", "Where was the harbour opened?", False),
        ("Which fish live in the lake?", "Which fish never live in the lake?", False),
        ("What is ketosis?", "What is keotsis?", True),
        ("Who wrote sonatas?", "Who wrote sontas?", True),
        ("Was it built in 2018?", "Was it built in 2081?", True),
    ],
)
def test_what_tells_questions_apart(tmp_path: Path, asked: str, trained: str, same: bool) -> None:
    suite(tmp_path, rows=[{"id": "a", "question": asked, "references": ["x"]}])
    (tmp_path / "train.txt").write_text(f"{trained}\n")
    found = [kind for kind, _, _ in kinds(check(tmp_path, "--training=train.txt")[1])]
    assert ("training-question" in found) is same


def test_years_and_numbers_tell_questions_apart(tmp_path: Path) -> None:
    rows = [{"id": "a", "question": "What was the net revenue in 2018?", "references": ["$ 3"]}]
    suite(tmp_path, rows=rows)
    (tmp_path / "train.txt").write_text("What was the net revenue in 2019?\n")
    assert kinds(check(tmp_path, "--training=train.txt")[1]) == []


def test_a_reference_or_passage_without_its_question_is_a_warning(tmp_path: Path) -> None:
    text = "The old lighthouse of Fernwick was moved inland by oxen in the spring of 1911."
    rows = [{"id": "a", "question": "What happened?", "references": [text], "relevant": ["p0"]}]
    suite(tmp_path, rows=rows)
    lines(tmp_path / "suites/demo/corpus.jsonl", [{"_id": "p0", "text": f"{text} It stands."}])
    lines(tmp_path / "train.jsonl", [{"prompt": "Tell me of Fernwick.", "completion": text}])
    done, report = check(tmp_path, "--training=train.jsonl")
    assert done.code == 0
    assert kinds(report)[:2] == [
        ("training-reference", "warning", "a"),
        ("training-passage", "warning", "p0"),
    ]


def test_the_same_question_twice(tmp_path: Path) -> None:
    again = {"id": "again", "question": QUESTIONS[0].lower(), "references": [ANSWERS[0]]}
    suite(tmp_path)
    suite(tmp_path, "second", [again])
    done, report = check(tmp_path)
    assert done.code == 1
    (found,) = (one for one in report["findings"] if one["kind"] == "duplicate")
    assert found["here"]["where"] == "suites/second/questions.jsonl, line 1"
    assert found["other"]["where"] == "suites/demo/questions.jsonl, line 1"
    assert found["severity"] == "error"


def test_on_one_document_or_with_another_answer_it_is_a_warning(tmp_path: Path) -> None:
    same = {"question": QUESTIONS[0], "references": [ANSWERS[0]], "document": "d"}
    rows = [{"id": "a", **same}, {"id": "b", **same}, {"id": "c", **same, "references": ["x"]}]
    suite(tmp_path, rows=rows)
    done, report = check(tmp_path)
    assert done.code == 0
    assert [one["note"] for one in report["findings"] if one["kind"] == "duplicate"] == [
        "on one document",
        "with other references",
        "with other references",
    ]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "contradiction yesno": ({"type": "yesno", "references": ["Amylase"]}, "contradiction"),
    "contradiction number": ({"type": "number", "references": ["Amylase"]}, "contradiction"),
    "contradiction date": ({"type": "date", "references": ["Amylase"]}, "contradiction"),
    "contradiction factoid": ({"type": "factoid", "references": ["Yes"]}, "contradiction"),
    "declines": ({"references": ["I do not know."]}, "contradiction"),
    "no word": ({"references": ["…"]}, "no-reference"),
    "no relevant": ({"references": [ANSWERS[0]], "relevant": []}, "no-relevant"),
    "another passage": ({"references": [ANSWERS[0]], "relevant": ["p1"]}, "unsupported"),
    "another number": (
        {"question": QUESTIONS[1], "references": ["It opened in 1908."], "relevant": ["p1"]},
        "unsupported",
    ),
    "in the question": ({"references": ["starch"], "relevant": ["p0"]}, "in-question"),
    "too long": ({"references": [" ".join(["amylase cuts it"] * 40)]}, "too-long"),
    "unanswerable": ({"references": ["Amylase"], "answerable": False, "relevant": []},
                     "contradiction"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_one_question(tmp_path: Path, name: str) -> None:
    row, kind = WRONG[name]
    asked = {"id": "odd", "question": "Which enzyme cuts starch?", "relevant": ["p0"], **row}
    suite(tmp_path, rows=[*usual()[1:], asked])
    _, report = check(tmp_path)
    assert kind in [found for found, _, who in kinds(report) if who == "odd"], report["findings"]


def test_texts_can_stay_on_the_machine(tmp_path: Path) -> None:
    asked = {"id": "odd", "question": "Which starch is it?", "references": ["starch"]}
    suite(tmp_path, rows=[*usual(), asked])
    lines(tmp_path / "train.jsonl", [FORMS["answer.jsonl"]])
    done, report = check(tmp_path, "--training=train.jsonl", "--texts=none", "-v")
    assert ("in-question", "warning", "odd") in kinds(report)
    for secret in ("starch", "enzyme", "mylase"):
        assert secret not in (done.out + json.dumps(report)).casefold()


def test_a_suite_that_cannot_be_read_is_a_finding_and_the_others_are_checked(
    tmp_path: Path,
) -> None:
    suite(tmp_path)
    suite(tmp_path, "broken", [usual()[0], usual()[0]])
    lines(tmp_path / "train.jsonl", [FORMS["answer.jsonl"]])
    done, report = check(tmp_path, "--training=train.jsonl")
    assert done.code == 1
    assert [kind for kind, _, _ in kinds(report)] == ["unreadable", "training-question"]
    assert "ids are unique" in done.out


BAD: dict[str, tuple[str, bytes, str]] = {
    "malformed": ("t.jsonl", b'{"question": "a"}\n{"question": \n', "t.jsonl, line 2"),
    "unknown keys": ("t.jsonl", b'{"foo": "a"}\n', "t.jsonl, line 1"),
    "no row": ("t.jsonl", b"7\n", "t.jsonl, line 1"),
    "not UTF-8": ("t.txt", b"a\nb\xff\n", "t.txt, line 2"),
    "empty": ("t.jsonl", b"\n\n", "holds no row"),
    "damaged": ("t.jsonl.gz", b"\x1f\x8b\x08\x00abc", "damaged gzip"),
    "no table": ("t.csv", b"question,question\na,b\n", "t.csv, line 1"),
    "other columns": ("t.csv", b"foo,bar\na,b\n", "t.csv, line 2"),
    "another form": ("t.parquet", b"PAR1", "JSON Lines"),
    "messages": ("t.jsonl", b'{"messages": "hello"}\n', "t.jsonl, line 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_training_data_is_one_message_and_2(tmp_path: Path, name: str) -> None:
    file, data, said = BAD[name]
    suite(tmp_path)
    (tmp_path / file).write_bytes(data)
    done, report = check(tmp_path, f"--training={file}")
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    assert not report


def test_a_suite_in_another_form_is_checked_without_lines(tmp_path: Path) -> None:
    place = tmp_path / "suites" / "table"
    place.mkdir(parents=True)
    (place / "suite.toml").write_text(
        '[suite]\nname = "table"\nformat = "csv"\npath = "q.csv"\ncorpus = "corpus.jsonl"\n'
        '[suite.columns]\nquestion = "Q"\nreferences = "A"\n'
    )
    with (place / "q.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["Q", "A"], *zip(QUESTIONS, ANSWERS, strict=True)])
    lines(place / "corpus.jsonl", [{"_id": "p0", "text": "Bread is chewed."}])
    (tmp_path / "train.txt").write_text(f"{LEAKED}\n")
    done, report = check(tmp_path, "--training=train.txt")
    assert done.code == 1, done.out + done.err
    assert report["findings"][0]["here"]["where"] == "suites/table/suite.toml"


def test_wrong_places_are_2(tmp_path: Path) -> None:
    suite(tmp_path)
    (tmp_path / "empty").mkdir()
    for arguments, said in (
        (["nowhere"], "no suite.toml"),
        (["suites", "--training=gone.jsonl"], "cannot be read"),
        (["suites", "--training=empty"], "without suite.toml"),
        (["suites", "--json=suites/demo/suite.toml"], "not what this command writes"),
    ):
        done = ragft(tmp_path, "check", *arguments)
        assert done.code == 2
        assert said in done.err


def test_crlf_a_byte_order_mark_and_a_line_of_5_mb_are_read(tmp_path: Path) -> None:
    suite(tmp_path)
    long = json.dumps({"text": "word and more " * 350_000})
    text = f"\ufeff{long}\r\n{json.dumps(FORMS['answer.jsonl'])}\r\n"
    (tmp_path / "train.jsonl").write_bytes(text.encode())
    done, report = check(tmp_path, "--training=train.jsonl")
    assert done.code == 1
    assert report["findings"][0]["other"]["where"] == "train.jsonl, line 2"


def test_it_fits_80_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    suite(tmp_path)
    lines(tmp_path / "train.jsonl", [FORMS["chat.jsonl"]])
    done, _ = check(tmp_path, "--training=train.jsonl")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "ERROR: questions that stand in the training data: 1" in done.out
    assert "1 finding that makes a verdict untrustworthy" in done.out
