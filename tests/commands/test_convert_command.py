"""`ragft convert`: a suite folder that gates, equal to what the reader gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_ragft.datasets.formats import FORMATS
from pytest_ragft.suite import load_suite
from tests.commands.running import Done, ragft
from tests.example import Example

ROWS = [
    {
        "Question": f"What holds part {i}?",
        "Answer": f"bolt {i}",
        "page": f"p{i // 3}",
        "text": f"Part {i} is held by bolt {i}.",
    }
    for i in range(60)
]
COLUMNS = (
    "--column=question=Question",
    "--column=references=Answer",
    "--column=document=page",
    "--column=passages=text",
)


def write(folder: Path) -> None:
    lines = [json.dumps(row) for row in [*ROWS, {"Question": "Why?", "Answer": None}]]
    (folder / "faq.jsonl").write_text("\n".join(lines))


def convert(folder: Path, *arguments: str, out: str = "suites/faq") -> Done:
    return ragft(folder, "convert", "jsonl", "faq.jsonl", f"--out={out}", *arguments)


def test_a_converted_suite_gates(example: Example) -> None:
    write(example.folder)

    done = convert(example.folder, *COLUMNS)

    assert done.code == 0, done.err
    assert "suites/faq: 60 questions (0 unanswerable) on 20 documents, 60 passages" in done.out
    assert "questions without a reference answer, left out: 1 (q-" in done.out
    answers = [
        {"suite": "faq", "id": e.id, "answer": e.references[0]}
        for e in load_suite(example.folder / "suites/faq/suite.toml").examples
    ]
    for name, shift in (("right", 0), ("wrong", 30)):
        lines = [
            row | {"answer": answers[(i + shift) % 60]["answer"]} for i, row in enumerate(answers)
        ]
        example.write_lines(f"{name}.jsonl", lines)
    result = example.run_pytest(
        "suites", "--ragft-model=wrong.jsonl", "--ragft-baseline=right.jsonl"
    )
    assert result.code == 1
    assert result.outcome("gate-accuracy") == "failed"
    assert result.properties("gate-accuracy")["ragft.verdict"] == "REGRESSION"


def test_what_is_written_equals_what_is_read_in_place(tmp_path: Path) -> None:
    write(tmp_path)
    assert convert(tmp_path, *COLUMNS, out="faq").code == 0
    (tmp_path / "suite.toml").write_text(
        '[suite]\nname = "other"\nformat = "jsonl"\npath = "faq.jsonl"\n[suite.columns]\n'
        'question = "Question"\nreferences = "Answer"\ndocument = "page"\npassages = "text"\n'
        "[generation]\nmax_new_tokens = 64\n"
    )

    converted, read = (load_suite(tmp_path / at) for at in ("faq/suite.toml", "suite.toml"))

    assert converted.examples == read.examples
    assert dict(converted.passages) == dict(read.passages)
    assert converted.fingerprint == read.fingerprint


def test_again_replaces_its_own_and_never_what_was_changed(tmp_path: Path) -> None:
    write(tmp_path)
    assert convert(tmp_path, *COLUMNS).code == convert(tmp_path, *COLUMNS).code == 0
    toml = tmp_path / "suites/faq/suite.toml"
    toml.write_text(toml.read_text() + "# mine\n")

    done = convert(tmp_path, *COLUMNS)

    assert done.code == 1
    assert "suite.toml there is not what `ragft convert` wrote" in done.err
    assert toml.read_text().endswith("# mine\n")
    assert convert(tmp_path, *COLUMNS, out="suites").code == 1


def test_the_formats_are_listed_with_source_and_licence(tmp_path: Path) -> None:
    done = ragft(tmp_path, "convert", "--list")

    assert done.code == 0
    for name, facts in FORMATS.items():
        assert f"\n{name} " in f"\n{done.out}"
        assert facts.source in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["jsonl"], "PATH is missing"),
        (["jsonl", "faq.jsonl"], "--out is missing"),
        (["jsonI", "faq.jsonl", "--out=o"], "no format 'jsonI'; did you mean 'json"),
        (["jsonl", "no.jsonl", "--out=o"], "'no.jsonl': there is no file or folder"),
        (["jsonl", "faq.jsonl", "--out=o"], "no column 'question'; name the one that holds it with "
         "--column question = …; did you mean 'Question'?"),
        (["jsonl", "faq.jsonl", "--out=o", "--option=x"], "--option='x': give it as KEY=VALUE"),
        (["jsonl", "faq.jsonl", "--out=o", "--option=x=1"], "--option: unknown key 'x' (known: "),
        (["jsonl", "faq.jsonl", "--out=o", "--column=id={a"], "not a value of TOML"),
        (["jsonl", "faq.jsonl", "--out=o", *COLUMNS[:2]], "bring no passages along; name them"),
        (["jsonl", "faq.jsonl", "--out=o o", *COLUMNS], "must consist of letters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    write(tmp_path)

    done = ragft(tmp_path, "convert", *arguments)

    assert done.code == 1
    assert said in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["faq.jsonl"]


def test_values_are_toml_where_they_look_like_it(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "pages.jsonl").write_text('{"_id": "p", "text": "Bolts."}')

    done = convert(
        tmp_path,
        *COLUMNS,
        "--column=tags={value = ['mine']}",
        "--column=type={column = 'page', values = {p0 = 'factoid'}}",
        "--option=relevant=false",
        "--corpus=pages.jsonl",
        out="faq",
    )

    assert done.code == 1  # p1 is no type
    assert "type = 'p1': must be one of factoid" in done.err
    done = convert(
        tmp_path, *COLUMNS, "--column=tags={value = ['mine']}", "--option=relevant=false",
        "--corpus=pages.jsonl", out="faq",
    )  # fmt: skip
    suite = load_suite(tmp_path / "faq" / "suite.toml")
    assert list(suite.passages) == ["p"]
    assert {(example.tags, example.relevant) for example in suite.examples} == {(("mine",), ())}


def test_questions_for_retrieval_alone_are_not_converted(tmp_path: Path) -> None:
    (tmp_path / "topics.txt").write_text("1\tword\n")
    (tmp_path / "qrels.txt").write_text("1 0 d 1\n")

    done = ragft(tmp_path, "convert", "trec", "*.txt", "--out=o")

    assert done.code == 1
    assert "no question has a reference answer" in done.err
