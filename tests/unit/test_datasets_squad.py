"""SQuAD's layout, and what every form has in common, on the way through suite.toml."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pytest_ragft.datasets.formats.collecting import question_id
from pytest_ragft.datasets.formats.opening import read_set
from pytest_ragft.datasets.jsonl import is_question_id
from pytest_ragft.errors import SuiteError
from pytest_ragft.suite import load_suite

CONTEXT = "The dome has 52 ribs. Its key stone weighs three tons."


def qa(name: str = "q1", **changes: object) -> dict[str, object]:
    answers = [
        {"text": "52", "answer_start": 13},
        {"text": "52 ribs", "answer_start": 13},
        {"text": "52", "answer_start": 13},
    ]
    return {"id": name, "question": "How many ribs?", "answers": answers} | changes


def squad(*qas: object, title: str = "Dome", context: str = CONTEXT) -> dict[str, object]:
    paragraphs = [{"context": context, "qas": list(qas)}]
    return {"version": "v2.0", "data": [{"title": title, "paragraphs": paragraphs}]}


def write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def suite_at(folder: Path, extra: str = "", path: str = '"dev.json"') -> Path:
    file = folder / "suite.toml"
    file.write_text(f'[suite]\nname = "dome"\nformat = "squad"\npath = {path}\n{extra}')
    return file


def test_a_suite_of_squad_files(tmp_path: Path) -> None:
    impossible = {"answers": [], "is_impossible": True, "plausible_answers": [{"text": "52"}]}
    write(tmp_path / "dev.json", squad(qa(), qa("q2", **impossible)))

    suite = load_suite(suite_at(tmp_path))

    first, second = suite.examples
    assert (first.id, first.references, first.document) == ("q1", ("52", "52 ribs"), "Dome")
    assert first.relevant == tuple(suite.passages)
    assert [(p.title, p.text) for p in suite.passages.values()] == [("Dome", CONTEXT)]
    assert (second.answerable, second.references, second.relevant) == (False, (), ())
    assert suite.notes == ()


@pytest.mark.parametrize("path", ['"parts"', '"parts/*.json.gz"', '["parts/a.json.gz", "parts"]'])
def test_packed_files_of_folders_globs_and_lists_are_read_once(tmp_path: Path, path: str) -> None:
    (tmp_path / "parts").mkdir()
    for name in "ab":
        data = json.dumps(squad(qa(name)), indent=1).replace("\n", "\r\n").encode("utf-8-sig")
        (tmp_path / "parts" / f"{name}.json.gz").write_bytes(gzip.compress(data))

    suite = load_suite(suite_at(tmp_path, path=path))

    assert [example.id for example in suite.examples] == ["a", "b"]
    assert len(suite.passages) == 1


def test_the_fingerprint_follows_records_and_not_files(tmp_path: Path) -> None:
    write(tmp_path / "dev.json", squad(qa("a"), qa("b")))
    whole = load_suite(suite_at(tmp_path))
    (tmp_path / "parts").mkdir()
    write(tmp_path / "parts" / "1.json", squad(qa("a")))
    write(tmp_path / "parts" / "2.json", squad(qa("b")))

    assert load_suite(suite_at(tmp_path, path='"parts"')).fingerprint == whole.fingerprint
    write(tmp_path / "dev.json", squad(qa("a"), qa("b", question="Which stone?")))
    assert load_suite(suite_at(tmp_path)).fingerprint != whole.fingerprint


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    found = read_set(
        "squad",
        [
            write(
                tmp_path / "dev.json",
                squad(qa(), qa("q2", answers=[]), qa("q3", answers=[]), qa()),
            ),
            write(
                tmp_path / "more.json", squad(qa("q4", answers=[{"text": "52", "answer_start": 1}]))
            ),
        ],
        {},
    )

    assert [example.id for example in found.examples] == ["q1", "q4"]
    assert found.notes == (
        "questions without an answer that are not marked as impossible, left out: 2 (q2, q3)",
        "questions that stand more than once, kept once: 1 (q1)",
        "questions with an answer that is not the paragraph's words at its place: 1 (q4)",
    )


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ('{"data": [\n{"title": }]}', ["dev.json, line 2, column 11: not JSON"]),
        ([], ["dev.json: [] is not a table"]),
        ({"rows": []}, ["dev.json: 'data' is missing"]),
        (squad("q"), ["dev.json, article 1, paragraph 1, question 1: 'q' is not a table"]),
        (squad(qa(question=None)), ["paragraph 1, question 1: 'question' is missing"]),
        (squad(qa(answers="52")), ["answers = '52': must be a list"]),
        (squad(qa(answers=[{"text": 52}])), ["answer 1: text = 52: must be a text"]),
        (squad(qa(), qa(question="Why?")), ["the id 'q1' is already that of another question"]),
        (squad(), ["dev.json: no question is left in squad form"]),
        (squad(qa(), context=" "), ["paragraph 1: context = ' ': must not be empty"]),
        ("\xff", ["dev.json, line 1: not UTF-8 at byte 0"]),
    ],
)
def test_what_is_wrong_is_said_with_file_and_place(
    tmp_path: Path, content: object, parts: list[str]
) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "dev.json").write_bytes(text.encode("latin-1"))

    with pytest.raises(SuiteError) as caught:
        load_suite(suite_at(tmp_path))

    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('path = "dev.json"', "format = None"),
        (
            'format = "squadd"\npath = "dev.json"',
            "squad, .*did you mean 'squad'|did you mean 'squad'",
        ),
        ('format = "squad"', "[suite]: 'path' is missing"),
        (
            'format = "squad"\npath = "absent.json"',
            "[suite] path = 'absent.json': there is no file",
        ),
        ('format = "squad"\npath = "*.jso"', "'*.jso': it matches no file"),
        ('format = "squad"\npath = "empty"', "'empty': no file named *.json lies in it"),
        ('format = "squad"\npath = "dev.json"\nquestions = "q.jsonl"', "stands beside format"),
        ('format = "squad"\npath = "dev.json"\nrevision = "main"', "is of a data set of the Hub"),
        ('format = "squad"\npath = "dev.json"\nreader = 3', "reader = 3: must be a table"),
        ('format = "squad"\npath = "dev.json"\n[suite.reader]\nencodin = "x"', "'encodin'; did"),
        ('format = "squad"\npath = "dev.json"\n[suite.reader]\nencoding = "x"', "no encoding of"),
        ('format = "squad"\npath = "dev.json"\n[suite.columns]\nid = "x"', "has no columns to"),
        (
            'format = "squad"\npath = "dev.json"\n[suite.reader]\nsplit = "test"',
            "split = 'test': no",
        ),
    ],
)
def test_keys_that_are_wrong_are_named(tmp_path: Path, toml: str, message: str) -> None:
    write(tmp_path / "dev.json", squad(qa()))
    (tmp_path / "empty").mkdir()
    (tmp_path / "suite.toml").write_text(f'[suite]\nname = "dome"\n{toml}\n')

    with pytest.raises(SuiteError) as caught:
        load_suite(tmp_path / "suite.toml")

    said = str(caught.value)
    assert said.startswith(str(tmp_path / "suite.toml"))
    assert "\n" not in said
    if toml.startswith("format"):
        assert message.split("|")[-1] in said
    else:
        assert "belongs to a format" in said


@pytest.mark.parametrize(
    "upstream", ["a/b", "a b", "gate-1", "-1", "x" * 300, "\u200b", "é:ü", "[]"]
)
def test_ids_of_makers_become_valid_and_stay_apart(upstream: str) -> None:
    made = question_id(upstream)

    assert is_question_id(made)
    assert made == question_id(upstream) != question_id(f"{upstream} ")


def test_a_corpus_replaces_the_passages_where_relevance_is_given_up(tmp_path: Path) -> None:
    write(tmp_path / "dev.json", squad(qa()))
    write(tmp_path / "corpus.jsonl", {"_id": "d", "text": "Another text."})
    with pytest.raises(SuiteError, match=r"no passage of .*corpus\.jsonl has this _id"):
        load_suite(suite_at(tmp_path, 'corpus = "corpus.jsonl"'))

    suite = load_suite(
        suite_at(tmp_path, 'corpus = "corpus.jsonl"\n[suite.reader]\nrelevant = false')
    )

    assert list(suite.passages) == ["d"]
    assert suite.examples[0].relevant == ()
