"""JSONL, JSON, CSV and Parquet of anybody's, with a column map."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_ragft.datasets.formats.opening import read_set
from pytest_ragft.datasets.question_tables import read_question_table
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import QAExample
from pytest_ragft.suite import load_suite

ROWS = [
    {"qid": 1, "Question": "Who built it?", "answers": {"text": ["Ada", "Ada L."], "n": 2},
     "context": "Ada L. built it.\nIn 1843.", "kind": "name"},
    {"qid": 2, "Question": "When; and \"where\"?", "answers": {"text": ["1843"], "n": 1},
     "context": "Ada L. built it.\nIn 1843.", "kind": "when"},
]  # fmt: skip
COLUMNS = {
    "id": "qid",
    "question": "Question",
    "references": "answers.text",
    "passages": "context",
    "type": {"column": "kind", "values": {"name": "factoid", "when": "date"}},
    "tags": {"value": ["mine"]},
}


def write(
    path: Path, form: str, rows: Sequence[Mapping[str, Any]], encoding: str = "utf-8"
) -> Path:
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
    elif form == "csv":
        with path.open("w", encoding=encoding, newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif form == "json":
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding=encoding)
    else:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path.write_text(text, encoding=encoding)
    return path


def flat(form: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """CSV has no tables in cells."""
    if form != "csv":
        return [dict(row) for row in rows]
    return [{**row, "answers": "|".join(row["answers"]["text"])} for row in rows]


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "parquet"])
def test_a_column_map_makes_questions_of_any_table(tmp_path: Path, form: str) -> None:
    columns: dict[str, object] = dict(COLUMNS)
    if form == "csv":
        columns["references"] = {"column": "answers", "separator": "|"}

    found = read_set(form, [write(tmp_path / "rows", form, flat(form, ROWS))], {"columns": columns})

    passage = found.passages[0]
    assert [p.text for p in found.passages] == ["Ada L. built it.\nIn 1843."]
    assert found.examples == (
        QAExample(
            id="1", question="Who built it?", references=("Ada", "Ada L."), type="factoid",
            tags=("mine",), relevant=(passage.id,),
        ),
        QAExample(
            id="2", question='When; and "where"?', references=("1843",), type="date",
            tags=("mine",), relevant=(passage.id,),
        ),
    )  # fmt: skip
    assert found.notes == ()


@pytest.mark.parametrize("form", ["jsonl", "json", "csv"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig", "shift-jis"])
@pytest.mark.parametrize("packed", [False, True])
def test_texts_in_other_encodings_packed_or_not(
    tmp_path: Path, form: str, encoding: str, packed: bool
) -> None:
    word = "東京" if encoding == "shift-jis" else "Zoë’s café"
    path = write(
        tmp_path / "rows", form, [{"id": "a", "question": word, "references": word}], encoding
    )
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                     if encoding != "utf-16" else path.read_bytes())  # fmt: skip
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    options = {} if encoding.startswith("utf-8") else {"encoding": encoding}

    (example,) = read_set(form, [path], options).examples

    assert (example.question, example.references) == (word, (word,))


@pytest.mark.parametrize(
    ("written", "named"), [("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-16", "utf-16")]
)
def test_a_byte_order_mark_is_no_part_of_the_first_column(
    tmp_path: Path, written: str, named: str
) -> None:
    path = write(tmp_path / "t", "csv", [{"question": "Q?", "references": "a"}], written)

    assert read_set("csv", [path], {"encoding": named}).examples[0].question == "Q?"


def test_a_cell_of_megabytes_and_lines_is_a_cell(tmp_path: Path) -> None:
    long = "word\r\n" * 900_000
    rows = [{"question": "Q?", "references": "a", "passages": long}]
    limit = csv.field_size_limit()

    for form in ("csv", "jsonl", "json", "parquet"):
        found = read_set(form, [write(tmp_path / form, form, rows)], {})
        assert found.passages[0].text == long.strip()
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("cell", ["['a', 'b']", '["a", "b"]', '["a", "b", null]', " ['a','b'] "])
def test_lists_that_are_written_out_in_cells(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path / "t.csv", "csv", [{"question": "Q?", "references": cell}])

    assert read_set("csv", [path], {}).examples[0].references == ("a", "b")


@pytest.mark.parametrize("cell", ["[a, b]", "[1] is a note", "[", "()"])
def test_other_brackets_are_text(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path / "t.csv", "csv", [{"question": "Q?", "references": cell}])

    assert read_set("csv", [path], {}).examples[0].references == (cell,)


def test_scalars_are_texts(tmp_path: Path) -> None:
    import datetime

    answers = [42, 2.0, 0.1, True, datetime.date(2024, 2, 29), None]
    rows = [
        {"question": f"Q{i}?", "references": answer, "id": i} for i, answer in enumerate(answers)
    ]
    found = [
        read_set("parquet", [write(tmp_path / "rows", "parquet", [row])], {}).examples
        for row in rows[:-1]
    ]

    assert [one[0].references[0] for one in found] == ["42", "2", "0.1", "yes", "2024-02-29"]


def test_pandas_writes_what_is_read(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"question": ["A?", "B?", "C?"], "references": ["1", None, "3"],
                          "number": [1, None, 3]})  # fmt: skip
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv.gz", index=False, sep="\t", encoding="utf-16")
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    frame.to_json(tmp_path / "t.json", orient="table")

    sets = [
        read_set("csv", [tmp_path / "t.csv"], {}),
        read_set("csv", [tmp_path / "t.tsv.gz"], {"encoding": "utf-16"}),
        read_set("parquet", [tmp_path / "t.parquet"], {"columns": {"references": "number"}}),
        read_set("jsonl", [tmp_path / "t.jsonl"], {"columns": {"references": "number"}}),
        read_set("json", [tmp_path / "t.json"], {"records": "data"}),
    ]

    for found in sets:
        assert [example.references for example in found.examples] == [("1",), ("3",)]
        assert len(found.notes) == 1
        assert found.notes[0].startswith("questions without a reference answer, left out: 1 (q-")
        assert found.examples == sets[0].examples


def test_rows_without_a_reference_can_be_said_to_have_no_answer(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv",
        "csv",
        [{"question": "Q?", "references": ""}, {"question": "R?", "references": "r"}],
    )

    found = read_set("csv", [path], {"unanswerable": "empty"})

    assert [example.answerable for example in found.examples] == [False, True]
    assert found.notes == ()


def test_answerable_may_be_the_opposite_of_a_column(tmp_path: Path) -> None:
    rows = [
        {"question": "Q?", "references": "x", "impossible": True},
        {"question": "R?", "references": "x", "impossible": False},
    ]
    columns = {"answerable": {"column": "impossible", "values": {"true": False, "false": True}}}

    found = read_set("jsonl", [write(tmp_path / "t", "jsonl", rows)], {"columns": columns})

    assert [(e.answerable, e.references) for e in found.examples] == [(False, ()), (True, ("x",))]


def test_lists_of_objects_and_positions(tmp_path: Path) -> None:
    rows = [{"question": "Q?", "a": [{"t": "x", "alias": ["y", "z"]}, {"t": "w"}], "a.b": "dotted"}]
    path = write(tmp_path / "t", "jsonl", rows)

    def references(name: str) -> tuple[str, ...]:
        found = read_set("jsonl", [path], {"columns": {"references": name}})
        return found.examples[0].references

    assert references("a.t") == ("x", "w")
    assert references("a.alias") == ("y", "z")
    assert references("a.1.t") == ("w",)
    assert references("a.b") == ("dotted",)


@pytest.mark.parametrize(
    ("form", "content", "options", "parts"),
    [
        ("jsonl", '{"question": "Q?"\n', {}, ["rows, line 1, column 18: not JSON"]),
        ("jsonl", '\n["a"]\n', {}, ["rows, line 2: ['a'] is not a table"]),
        ("jsonl", '{"question": "Q?", "references": {"a": 1}}', {}, ["line 1: references = "]),
        ("jsonl", '{"question": 3, "references": "a"}\n{"references": "a"}', {},
         ["line 2: 'question' is missing"]),
        ("jsonl", '{"Question": "Q?", "references": "a"}', {},
         ["no column 'question'", "[suite.columns] question = …; did you mean 'Question'?",
          "the columns are: Question, references"]),
        ("jsonl", '{"question": "Q?", "answer": "a"}', {}, ["no column 'references'"]),
        ("jsonl", '{"question": "Q?", "references": "a", "id": "x"}\n'
                  '{"question": "R?", "references": "a", "id": "x"}', {},
         ["line 2: the id 'x' is already that of another question, in ", "rows, line 1"]),
        ("jsonl", '{"question": "Q?", "references": "a", "type": "essay"}', {},
         ["type = 'essay': must be one of factoid"]),
        ("jsonl", '{"question": "Q?", "references": "\\ud800"}', {}, ["half of a surrogate"]),
        ("jsonl", '{"question": "Q?", "references": "a"}', {"columns": {"id": "qid"}},
         ["[suite.columns] id = 'qid': there is no such column"]),
        ("jsonl", "", {"columns": {"ids": "qid"}}, ["[suite.columns]: unknown key 'ids'; did you"]),
        ("jsonl", "", {"columns": {"id": {}}}, ["must have either column, its name, or value"]),
        ("jsonl", "", {"columns": {"id": 3}}, ["[suite.columns]: id: 3 is not a table"]),
        ("jsonl", "", {"unanswerable": "all"}, ["unanswerable = 'all': must be one of empty"]),
        ("jsonl", "", {}, ["rows: no question is left in jsonl form"]),
        ("jsonl", b'{"question": "Q?"}\n{"question": "\xe9"}', {},
         ["rows, line 2: not UTF-8 at byte 33"]),
        ("jsonl", b"\x1f\x8bxx", {}, ["rows: a damaged gzip file"]),
        ("json", '{"rows": [], "n": 1}', {}, ["is no array of objects", "records = …", "'rows'"]),
        ("json", '{"rows": []}', {"records": "row"}, ["there is no key 'row'"]),
        ("json", '[\n{"question": "Q?"},\n]', {}, ["rows, line 3, column 1: not JSON"]),
        ("json", '[{"question": "Q?", "references": "a"}, 3]', {}, ["rows, record 2: 3 is not a"]),
        ("csv", "", {}, ["rows, line 1: no header line"]),
        ("csv", "question,references\na,b,c\n", {}, ["rows, line 2: 3 cells under 2 columns"]),
        ("csv", 'question,references\n"a\nb,c\n', {}, ["line 2: a quote opens here"]),
        ("csv", "question,question\n", {}, ["the column 'question' stands twice"]),
        ("csv", "question,answer\na,b\n", {}, ["no column 'references'", "question, answer"]),
        ("csv", "question|references\na|b\n", {"delimiter": "||"}, ["must be one character"]),
        ("csv", "question|references\na|b\n", {}, ["no column 'question'"]),
        ("parquet", "no Parquet", {}, ["rows: cannot be read as Parquet: "]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_line(
    tmp_path: Path, form: str, content: str | bytes, options: dict[str, object], parts: list[str]
) -> None:
    path = tmp_path / "rows"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(SuiteError) as caught:
        read_set(form, [path], options)

    for part in parts:
        assert part in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_wrong_column_of_parquet_is_named_with_all_of_its_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", "parquet", ROWS)

    with pytest.raises(SuiteError, match=r"'Question'.*columns are: qid, Question, answers"):
        read_set("parquet", [path], {"columns": {"references": "answers.text"}})


def test_a_long_bad_line_is_not_printed_whole(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"question": "Q?", "references": "a"}\n{"question": "' + "x" * 5_000_000)

    with pytest.raises(SuiteError, match=r"t\.jsonl, line 2, column") as caught:
        read_set("jsonl", [path], {})

    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("file", "columns", "texts"),
    [
        (
            "kqa/dataset/questions_w_answers.jsonl",
            {"question": "Question", "references": "Free_form_answer", "facts": "Must_have"},
            lambda row: [row["Free_form_answer"]],
        ),
        (
            "nq_open_oracle/qa_data/nq-open-oracle.jsonl.gz",
            {"references": "answers", "passages": "ctxs.text"},
            lambda row: row["answers"],
        ),
    ],
)
def test_published_lines_are_read_whole(file: str, columns: dict, texts: Any) -> None:
    path = Path(os.environ.get("RAGFT_DATA", "")) / file
    if "RAGFT_DATA" not in os.environ or not path.is_file():
        pytest.skip(f"RAGFT_DATA names no folder with {file}")
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    rows = [json.loads(line) for line in text.splitlines()]

    found = read_set("jsonl", [path], {"columns": columns})

    assert len(found.examples) == len(rows)
    assert sum(len(e.references) for e in found.examples) == sum(len({*texts(r)}) for r in rows)
    if "passages" in columns:
        distinct = {c["text"].strip() for row in rows for c in row["ctxs"]}
        assert len(found.passages) == len(distinct)
    assert found.notes == ()


@pytest.mark.parametrize(
    "cell",
    [
        '["Ada", "Ada L."]',
        "['Ada', 'Ada L.']",
        "['Ada' 'Ada L.']",
        "['Ada'\n 'Ada L.']",
        "array(['Ada', 'Ada L.'], dtype=object)",
        "{'text': array(['Ada', 'Ada L.'], dtype=object), 'answer_start': array([1, 2])}",
        "{'text': ['Ada', 'Ada L.'], 'answer_start': [1, 2]}",
    ],
)
def test_lists_are_read_however_a_cell_writes_them(tmp_path: Path, cell: str) -> None:
    file = write(tmp_path / "a.csv", "csv", [{"question": "Who?", "answer": cell}])

    (example,) = read_set("csv", [file], {"columns": {"references": "answer"}}).examples
    (row,) = read_question_table(file).rows

    assert example.references == row.references == ("Ada", "Ada L.")


@pytest.mark.parametrize("cell", ["[sic]", '{"name": "Ada"}', "[1 2", "array(", "['a' b]"])
def test_what_is_no_list_is_a_text(tmp_path: Path, cell: str) -> None:
    file = write(tmp_path / "a.csv", "csv", [{"question": "Who?", "answer": cell}])

    (example,) = read_set("csv", [file], {"columns": {"references": "answer"}}).examples

    assert example.references == (cell,)


def test_references_of_unanswerable_questions_do_not_vanish_unsaid(tmp_path: Path) -> None:
    rows = [{"id": "a", "question": "Who?", "references": "Ada", "is_impossible": "true"}]
    file = write(tmp_path / "a.csv", "csv", rows)

    found = read_set("csv", [file], {"columns": {"answerable": "is_impossible"}})

    assert found.examples[0].references == ("Ada",)
    rows[0]["is_impossible"] = "false"
    found = read_set(
        "csv", [write(file, "csv", rows)], {"columns": {"answerable": "is_impossible"}}
    )
    assert found.examples[0].references == ()
    assert found.notes == (
        "questions marked as not answerable, whose reference answers are left out: 1 (a)",
    )


def test_one_question_with_two_answers_in_two_rows_has_a_remedy(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("question,references\nWho?,Ada\nWho?,Bea\n")

    with pytest.raises(SuiteError) as caught:
        read_set("csv", [file], {})

    assert str(caught.value) == (
        f"{file}, line 3: asks what {file}, line 2 asks, and says something else; put all right "
        "answers into one row, or name a column of ids"
    )


def test_a_quote_that_is_left_open_is_said_where_it_opens(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('question,references\nWho?,Ada\n"When?,1843\nWhere?,Here\n')

    with pytest.raises(SuiteError, match=r"a\.csv, line 3: a quote opens here"):
        read_set("csv", [file], {})


def test_the_line_that_names_the_separator_is_no_header(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("sep=;\r\nquestion;references\r\nWho, me?;Ada\r\n")

    (row,) = read_question_table(file).rows

    assert (row.line, row.question, row.references) == (3, "Who, me?", ("Ada",))
    assert read_set("csv", [file], {}).examples[0].question == "Who, me?"


def suite_of(folder: Path, path: str) -> Path:
    """A suite over CSV files in `folder`/data."""
    for name, who in (("train.csv", "Ada"), ("dev.CSV", "Bea")):
        file = folder / "data" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"question,references\nWho is {who}?,{who}\n")
    (folder / "corpus.jsonl").write_text('{"_id": "p", "text": "Ada and Bea."}\n')
    toml = folder / "suite.toml"
    toml.write_text(
        f'[suite]\nname = "a"\nformat = "csv"\npath = {path}\ncorpus = "corpus.jsonl"\n'
    )
    return toml


@pytest.mark.parametrize("path", ['"data"', '"data/*"', '"data/**"', '"d*/*.[cC]*"'])
def test_a_pattern_does_not_mix_training_data_with_what_is_held_out(
    tmp_path: Path, path: str
) -> None:
    with pytest.raises(SuiteError, match=r"of several splits \(train, validation\)"):
        load_suite(suite_of(tmp_path, path))

    toml = suite_of(tmp_path, path)
    toml.write_text(toml.read_text() + '[suite.reader]\nsplit = "dev"\n')
    assert [example.question for example in load_suite(toml).examples] == ["Who is Bea?"]


def test_patterns_start_at_the_suite_whatever_its_folder_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "a [1] *"
    folder.mkdir()

    suite = load_suite(suite_of(folder, '"data/d*"'))

    assert [example.question for example in suite.examples] == ["Who is Bea?"]


def test_a_folder_is_read_through_links_and_each_file_once(tmp_path: Path) -> None:
    toml = suite_of(tmp_path, '"linked"')
    (tmp_path / "data" / "train.csv").unlink()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "more").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "loop").symlink_to(tmp_path / "linked")

    assert [example.question for example in load_suite(toml).examples] == ["Who is Bea?"]


@pytest.mark.parametrize("path", ["[]", '""', '" "'])
def test_a_path_that_names_nothing_is_a_mistake(tmp_path: Path, path: str) -> None:
    with pytest.raises(SuiteError, match=r"suite\.toml: \[suite\]: path = .*names no file; give"):
        load_suite(suite_of(tmp_path, path))
