"""Label files: cells that no spreadsheet computes, tables as spreadsheets save them, JSONL."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.datasets.cells import escaped, read_table, unescaped, write_table
from pytest_ragft.datasets.labels import listed, read_labels
from pytest_ragft.errors import InputError

HEADER = "id,question,references,answer,label\n"


def read(tmp_path: Path, text: str, name: str = "labels.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_labels(tmp_path / name)


@given(st.text())
def test_every_cell_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert escaped(text)[:1] not in tuple("=+-@\t\r\n")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1"])
def test_formulas_are_escaped(text: str) -> None:
    assert escaped(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1", "'tis", "a=b", "''", " =1"])
def test_other_cells_stay(text: str) -> None:
    assert escaped(text) == text == unescaped(text)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_a_table_comes_back(rows: list[tuple[str, str]]) -> None:
    text = write_table(("a", "b"), rows)
    assert text.startswith("\ufeff")
    kept = [row for row in rows if any(escaped(cell).strip() for cell in row)]
    found = [row for _, row in read_table(text.removeprefix("\ufeff"), "sheet")]
    assert [(row["a"], row["b"]) for row in found] == kept
    plain = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert all(cell[:1] not in tuple("=+-@") for row in plain[1:] for cell in row)


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1))
def test_a_list_in_a_cell_comes_back(texts: list[str]) -> None:
    from pytest_ragft.datasets.labels import _texts

    assert _texts(listed(texts)) == texts


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_save(tmp_path: Path, separator: str) -> None:
    cells = [
        ["ID", "Question", "References", "answer", "label", "remark"],
        ["a", '"Why, or; not?"', '"Rome\nThe city of Rome"', "'-5 degrees", "0", "x"],
        ["b", "When?", "Oslo", "", '"0,5"', ""],
        ["c", "When?", "Oslo", "later", ""],
        ["", "", "", "", ""],
    ]
    text = "\ufeff" + "\r\n".join(separator.join(row) for row in cells)
    first, second, third = read(tmp_path, text)
    assert (first.id, first.question) == ("a", "Why, or; not?")
    assert first.references == ("Rome", "The city of Rome")
    assert first.answer == "-5 degrees"
    assert first.label == 0.0
    assert (second.answer, second.label) == ("", 0.5)
    assert third.label is None
    assert third.where.endswith("labels.csv, line 5"), "the last of its lines"


def test_json_lines(tmp_path: Path) -> None:
    line = (
        '{"id": 7, "question": "q", "references": ["x"], "answer": "", "label": 1, "facts": ["f"],'
        ' "variant": "v", "metric": "accuracy", "rater": "ann", "answerable": true, "more": 1}'
    )
    (label,) = read(tmp_path, line, "labels.jsonl")
    assert (label.id, label.label, label.rater, label.facts) == ("7", 1.0, "ann", ("f",))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEADER, "holds no label"),
        ("", "no header line"),
        ("id,id\n", "'id' stands twice"),
        ("id,question,answer,label\na,q,x,1\n", "'references' is missing"),
        ("id,question,references,label\na,q,r,1\n", "'answer' is missing"),
        (HEADER + "a,q,r,x,yes\n", "line 2: label = 'yes'"),
        (HEADER + "a,q,r,x,nan\n", "line 2: label = nan"),
        (HEADER + "a,q,r,x,1\nb,q,r,x,-0.1\n", "line 3: label = -0.1"),
        (HEADER + "a,q,r,x,1,2\n", "6 cells under 5 columns"),
        (HEADER + ",q,r,x,1\n", "'id' is missing"),
        (HEADER + 'a,"q\n', "a quote opens here"),
        (HEADER + '=a,q,"[1]",x,1\n', "references"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)
    assert "labels.csv" in str(caught.value)


def test_five_mistakes_are_shown(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="… and 3 more such lines"):
        read(tmp_path, HEADER + "a,q,r,x,9\n" * 8)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + "é,q,r,x,1\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_labels(tmp_path / "latin.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path / "none.csv")
