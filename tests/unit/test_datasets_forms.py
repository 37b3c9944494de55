"""What holds for every reader of a published set: packed files, encodings, mistakes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pytest_ragft.datasets.formats.opening import read_set
from pytest_ragft.errors import SuiteError
from pytest_ragft.suite import load_suite
from tests.question_sets import (
    GOOD,
    PAPER,
    bio,
    context,
    made,
    pubmed,
    report,
    tat,
    text_of,
)


@pytest.mark.parametrize("form", GOOD)
def test_packed_crlf_and_other_encodings_read_the_same(form: str, tmp_path: Path) -> None:
    text = text_of(GOOD[form]).replace("moon", "m\u00f6\u00f6n")
    plain, packed, other = (tmp_path / name for name in ("a.json", "b.json.gz", "c.json"))
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.replace("\n", "\r\n").encode("utf-8-sig") + b"\r\n"))
    other.write_text(text, encoding="cp1252")

    found = read_set(form, [plain], {})

    assert read_set(form, [packed], {}) == found
    assert read_set(form, [other], {"encoding": "cp1252"}) == found
    twice = read_set(form, [plain, packed], {})
    assert (twice.examples, twice.passages) == (found.examples, found.passages)
    assert any("kept once" in note for note in twice.notes) or form == "financebench"


@pytest.mark.parametrize("form", GOOD)
@pytest.mark.parametrize("end", [0.3, 0.9])
def test_a_file_that_is_cut_off_is_named_with_the_line(
    form: str, end: float, tmp_path: Path
) -> None:
    text = text_of(GOOD[form])
    with pytest.raises(SuiteError, match=r"set\.json, line 1, column \d+: not JSON"):
        made(tmp_path, form, text[: int(end * len(text))])


@pytest.mark.parametrize("form", GOOD)
def test_a_file_of_two_encodings_is_named_with_the_line(form: str, tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    text = text_of(GOOD[form]).replace("{", "{\n", 1).replace("moon", "m\u00f6\u00f6n")
    path.write_bytes(text.encode() + b"\n" + "\u00f6".encode("cp1252"))

    line = text.count("\n") + 2
    with pytest.raises(SuiteError, match=rf"set\.json, line {line}: not UTF-8 at byte \d+; save"):
        read_set(form, [path], {})


@pytest.mark.parametrize("form", GOOD)
def test_a_record_of_five_megabytes_is_read_or_named_in_a_short_message(
    form: str, tmp_path: Path
) -> None:
    found = made(tmp_path, form, GOOD[form])
    place = "tables" if form == "tatqa" else "notes"
    long = text_of(GOOD[form]).replace("{", f'{{"{place}": "{"tide " * 1_000_000}", ', 1)
    # The entries of these are papers and abstracts, whatever their key.
    if form in ("qasper", "pubmedqa"):
        long = long.replace('": "tide', '": {"more": "tide').replace('tide ", ', 'tide "}, ')

    if form in ("qasper", "pubmedqa"):
        with pytest.raises(SuiteError, match=r"set\.json, record 'notes': ") as caught:
            made(tmp_path, form, long)
    else:
        assert made(tmp_path, form, long) == found
        with pytest.raises(SuiteError, match=r"set\.json, line 1, column \d+: not JSON") as caught:
            made(tmp_path, form, long[:-2])

    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("form", GOOD)
@pytest.mark.parametrize("content", ["17", '"text"', "{}", "[]", "[17]", '{"a": 17}', "null"])
def test_another_file_is_refused_in_one_message(form: str, content: str, tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"set\.json"):
        made(tmp_path, form, content)


@pytest.mark.parametrize("form", ["tatqa", "pubmedqa", "bioasq"])
def test_a_whole_file_is_not_shown_in_a_message(form: str, tmp_path: Path) -> None:
    rows = [{"body": "tide " * 30, "items": ["moon " * 30] * 9}] * 9
    other = {"tatqa": {"questions": rows}, "pubmedqa": rows, "bioasq": {"questions": {"a": rows}}}
    with pytest.raises(SuiteError) as caught:
        made(tmp_path, form, json.dumps(other[form]))

    assert max(map(len, str(caught.value).split("\n"))) < 700


@pytest.mark.parametrize("form", GOOD)
def test_every_form_makes_a_suite(form: str, tmp_path: Path) -> None:
    found = made(tmp_path, form, GOOD[form])
    toml = f'[suite]\nname = "tides"\nformat = "{form}"\npath = "set.json"\n'
    if not found.passages:
        (tmp_path / "corpus.jsonl").write_text('{"_id": "d", "text": "The moon pulls."}')
        toml += 'corpus = "corpus.jsonl"\n'
    (tmp_path / "suite.toml").write_text(toml)

    suite = load_suite(tmp_path / "suite.toml")

    assert suite.examples == found.examples
    assert suite.notes == found.notes
    assert tuple(suite.passages.values()) == tuple(found.passages) or not found.passages


def lines_of(count: int, **wrong: object) -> list[object]:
    return [{"question": "who", "answer": ["moon"]} | wrong for _ in range(count)]


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        ("bioasq", {"questions": 3}, r'holds no list "questions"'),
        ("bioasq", {"questions": [bio("q", "facts", ["x"])]}, r"record 1: type = 'facts': must be"),
        ("bioasq", {"questions": [bio("q", "list", [3])]}, r"record 1: ideal_answer = \[3\]: 3 in"),
        (
            "bioasq",
            {"questions": [bio("q", "yesno", ["x"], "perhaps")]},
            r"record 1: exact_answer = 'perhaps': 'perhaps' is no answer to a yes/no question",
        ),
        (
            "bioasq",
            {"questions": [bio("q", "list", ["x"], [["a"], {"b": 1}])]},
            r"record 1: exact_answer = .* must be a text, a list of texts or of lists of texts",
        ),
        (
            "bioasq",
            {"questions": [bio("q", "summary", ["x"], snippets=[{"document": "1"}])]},
            r"record 1, snippets 1: 'text' is missing",
        ),
        ("nq-open", [{"question": "who"}], r"line 1: 'answer' is missing: give a list"),
        ("nq-open", lines_of(7, question=""), r"line 5: .*\n… and 2 more such lines in"),
        ("nq-oracle", [{"question": "who"}], r"line 1: 'answers' is missing"),
        (
            "nq-oracle",
            [{"question": "who", "answers": ["x"], "ctxs": [{"text": "x", "isgold": "yes"}]}],
            r"line 1, ctxs 1: isgold = 'yes': must be true or false",
        ),
        ("clapnq", [{"id": 1, "input": "who"}], r"line 1: 'output' is missing"),
        (
            "qasper",
            {"1": PAPER | {"qas": 3}},
            r"record '1': qas = 3: must be a list of objects, or",
        ),
        (
            "qasper",
            {"1": PAPER | {"qas": {"question": ["a"], "question_id": []}}},
            r"record '1': qas = .* its lists must be of one length",
        ),
        ("qasper", '{"1": {"qas": []},\n"1": {"qas": []}}', r"line 1: the key '1' stands twice"),
        ("qasper", {"1": PAPER | {"qas": [{"question": "a"}]}}, r"qas 1: 'question_id' is missing"),
        (
            "tatqa",
            "[" + json.dumps(context(tat("a", 4, "count", "dozens"))) + "]",
            r"record 1, questions 1: scale = 'dozens': must be one of",
        ),
        (
            "tatqa",
            "[" + json.dumps(context(tat("a", 4, "count", rel_paragraphs=["9"]))) + "]",
            r"record 1, questions 1: rel_paragraphs = \['9'\]: '9' is the order of no paragraph",
        ),
        (
            "tatqa",
            "[" + json.dumps(context(tat("a", {"b": 1}, "count"))) + "]",
            r"questions 1: answer = \{'b': 1\}: .* is neither a text nor a number",
        ),
        ("tatqa", json.dumps([{"table": {"uid": "t", "table": 3}}]), r"table = 3: must be a list"),
        ("pubmedqa", {"1": pubmed("perhaps")}, r"record '1': final_decision = 'perhaps': must be"),
        (
            "pubmedqa",
            {"1": pubmed("yes", LABELS=["A"])},
            r"record '1': LABELS = \['A'\]: must be one for each of the 2 CONTEXTS",
        ),
        ("pubmedqa", {"1": pubmed("no", CONTEXTS=["x", 3])}, r"CONTEXTS = .*: must be a list of"),
        ("kqa", [{"Question": 3}], r"line 1: Question = 3: must be a text"),
        ("financebench", [report("f", evidence="x")], r"line 1: evidence = 'x': must be a list"),
    ],
)
def test_what_is_wrong_is_said_with_record_and_key(
    form: str, content: object, message: str, tmp_path: Path
) -> None:
    with pytest.raises(SuiteError, match=rf"set\.json.*{message}"):
        made(tmp_path, form, content)
