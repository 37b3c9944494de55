"""`ragft import`: from a table and a folder to a suite that gates, and nothing invented."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_ragft.suite import load_suite
from tests.commands.running import Done, ragft, ragft_process
from tests.example import Example
from tests.own_data import write_own_data
from tests.pdf import pdf_of

PAGES = {
    "router.md": "# Router\n\nThe router has four ports.\n\n## Power\n\nIt draws 12 watts at most.",
    "lamp.txt": "The lamp weighs 900 grams.\nIt was launched on 4 May 2021.",
    "desk.html": "<h1>Desk</h1><p>The desk comes in oak, ash and walnut.</p>",
}


def make(folder: Path, table: str, pages: dict[str, str] = PAGES, name: str = "q.csv") -> None:
    (folder / "pages").mkdir(exist_ok=True)
    for file, text in pages.items():
        (folder / "pages" / file).write_text(text, encoding="utf-8")
    (folder / name).write_bytes(table.encode())


def imported(folder: Path, *more: str, table: str = "q.csv") -> Done:
    return ragft(folder, "import", table, "--documents", "pages", "--out", "suites/mine", *more)


def questions(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "suites" / "mine" / "questions.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def review(folder: Path) -> list[dict[str, str]]:
    text = (folder / "suites" / "mine" / "review.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_from_a_table_and_a_folder_to_a_verdict(example: Example) -> None:
    write_own_data(example.folder / "own")
    done = ragft_process(
        example.folder,
        *("import", "own/faq.csv", "--documents", "own/pages", "--out", "mine/pumps"),
    )
    assert done.code == 0, done.err
    assert "mine/pumps: 60 questions (0 unanswerable) on 20 documents, 60 passages" in done.out

    result = example.run_pytest(
        "mine",
        "--ragft-model=own/worse.jsonl",
        "--ragft-baseline=own/old.jsonl",
        "--ragft-json=report.json",
    )

    assert result.code == 1, result.out
    gates = json.loads((example.folder / "report.json").read_text())["gates"]
    assert [gate["verdict"]["outcome"] for gate in gates] == ["REGRESSION", "REGRESSION"]
    assert {gate["verdict"]["clusters"] for gate in gates} == {20}


def test_every_question_has_what_is_clear_and_nothing_else(tmp_path: Path) -> None:
    make(
        tmp_path,
        "Query;Expected\n"
        "How much power does the router draw?;12 watts\n"
        "When was the lamp launched?;4 May 2021\n"
        "Which woods does the desk come in?;oak, ash and walnut\n"
        "What colour is the router?;\n"
        "Does the router have a fan?;No\n"
        "How much does the whale weigh?;900 grams\n",
    )

    done = imported(tmp_path)

    assert done.code == 0, done.err
    assert questions(tmp_path) == [
        {
            "id": "q-1",
            "question": "How much power does the router draw?",
            "references": ["12 watts"],
            "relevant": ["router.md#2"],
            "document": "router.md",
            "type": "number",
        },
        {
            "id": "q-2",
            "question": "When was the lamp launched?",
            "references": ["4 May 2021"],
            "relevant": ["lamp.txt#1"],
            "document": "lamp.txt",
            "type": "date",
        },
        {
            "id": "q-3",
            "question": "Which woods does the desk come in?",
            "references": ["oak, ash and walnut"],
            "relevant": ["desk.html#1"],
            "document": "desk.html",
            "type": "list",
        },
        {
            "id": "q-4",
            "question": "What colour is the router?",
            "references": [],
            "answerable": False,
        },
        {
            "id": "q-5",
            "question": "Does the router have a fan?",
            "references": ["No"],
            "type": "yesno",
        },
        {
            "id": "q-6",
            "question": "How much does the whale weigh?",
            "references": ["900 grams"],
            "type": "number",
        },
    ]
    assert [row["how"] for row in review(tmp_path)] == [
        "found: the passage holds the reference",
        "found: the passage holds the reference",
        "found: the passage holds the reference",
        "unanswerable",
        "the reference says too little to be looked for",
        "the reference stands where nothing else of the question does",
    ]
    assert "1 row taken as unanswerable, since there is no reference: line 5" in done.out
    assert "2 rows without a document, so that each counts as its own: line 6, 7" in done.out
    assert done.out.endswith(
        "  ragft plan suites/mine                  # what it can decide\n"
        "  pytest suites/mine --ragft-model=MODEL  # the verdict\n"
    )


def test_two_documents_that_say_the_same_are_not_chosen_between(tmp_path: Path) -> None:
    pages = {"a.md": "The red kettle holds 2 litres.", "b.md": "A red kettle holds 2 litres, too."}
    make(tmp_path, "question,answer\nHow much does the red kettle hold?,2 litres\n", pages)

    imported(tmp_path)

    assert "document" not in questions(tmp_path)[0]
    assert review(tmp_path)[0]["how"] == "several documents hold the reference: a.md, b.md"


def test_a_column_names_documents_as_people_do(tmp_path: Path) -> None:
    named = (
        "router.md", "pages/router.md", "Router", "https://x.org/router.html#power", "ROUTER.MD",
        "C:\\docs\\router.md",
    )  # fmt: skip
    rows = [
        f"{at},How much does the router draw ({at})?,12 watts,{n}" for at, n in enumerate(named)
    ]
    make(tmp_path, "\n".join(["id,question,answer,source", *rows, "9,Why?,x,gone.md"]))

    done = imported(tmp_path)

    found = questions(tmp_path)
    assert [q["document"] for q in found] == [*["router.md"] * 6, "gone.md"]
    assert [q["relevant"] for q in found[:6]] == [["router.md#2"]] * 6
    assert "relevant" not in found[6]
    assert [q["id"] for q in found] == ["0", "1", "2", "3", "4", "5", "9"]
    assert (
        "1 row naming no document of the folder, whose word is taken as it is: line 8 (gone.md)"
        in done.out
    )


def test_pages_of_a_pdf(tmp_path: Path) -> None:
    make(tmp_path, "question,answer,file,page\nWhat is it?,a thing of sorts,two.pdf,2\n", {})
    (tmp_path / "pages" / "two.pdf").write_bytes(pdf_of("Nothing here", "Another text"))

    imported(tmp_path)

    assert questions(tmp_path)[0]["relevant"] == ["two.pdf#2"]
    assert review(tmp_path)[0]["how"] == "given: page 2"


def test_columns_of_other_names_and_several_references(tmp_path: Path) -> None:
    make(tmp_path, "Frage,Antwort,Rest\nWho made it?,Ann; Ann Lee,x\n")

    lost = imported(tmp_path)
    assert lost.code == 1
    assert "no column is known for question (such as 'question', 'query'" in lost.err
    assert "it has 'frage', 'antwort', 'rest'" in lost.err

    wrong = imported(tmp_path, "--columns", "question=Frage,references=Antwrt")
    assert "did you mean 'antwort'?" in wrong.err

    done = imported(tmp_path, "--columns", "question=Frage,references=Antwort")
    assert "1 reference with ';': if that stands between several right answers" in done.out
    assert questions(tmp_path)[0]["references"] == ["Ann; Ann Lee"]

    columns = "question=Frage,references=Antwort"
    imported(tmp_path, "--columns", columns, "--separator", ";")
    assert questions(tmp_path)[0]["references"] == ["Ann", "Ann Lee"]


def test_json_lines(tmp_path: Path) -> None:
    rows = [
        {"user_input": "Who?", "ground_truth": ["Ann", "Ann Lee"], "is_impossible": False},
        {"user_input": "When?", "ground_truth": ["never"], "is_impossible": True, "topic": ["a"]},
        {"user_input": "How much?", "ground_truth": 12},
    ]
    make(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), name="q.jsonl")

    done = imported(tmp_path, table="q.jsonl")

    assert done.code == 0, done.err
    assert [(q["references"], q.get("answerable", True)) for q in questions(tmp_path)] == [
        (["Ann", "Ann Lee"], True),
        (["never"], False),
        (["12"], True),
    ]
    assert questions(tmp_path)[1]["tags"] == ["a"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "q.csv, line 1: no header line"),
        ("question,answer\n", "holds no question"),
        ("question,answer\n,x\n", "q.csv, line 2: 'question' is empty"),
        ("question,answer\nWho?,x,y,z\n", "q.csv, line 2: 4 cells under 2 columns"),
        ('question,answer\n"Who?,x\n', "q.csv, line 2: a quote opens here"),
        ("question,answer,answerable\nWho?,x,maybe\n", "'answerable' = 'maybe': must be true or"),
        ("question,answer,answerable\nWho?,,yes\n", "q.csv, line 2: is answerable and has no"),
        ("id,question,answer\n1,A?,x\n1,B?,y\n", "q.csv, line 3: id '1' is already that of line 2"),
        ("question,answer\nA?,x\nB?," + "y" * 200_000, "line 3: a cell of more than 131,072"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_nothing_is_written(
    table: str, said: str, tmp_path: Path
) -> None:
    make(tmp_path, table)

    done = imported(tmp_path)

    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "suites").exists()


def test_json_lines_that_are_wrong_are_all_named_at_once(tmp_path: Path) -> None:
    make(tmp_path, '{"question": "A?", "answer": "x"}\r\n{bad\r\n[1]\r\n', name="q.jsonl")

    done = imported(tmp_path, table="q.jsonl")

    assert done.code == 1
    assert "q.jsonl, line 2, column 2: not JSON" in done.err
    assert not (tmp_path / "suites").exists()


def test_encodings_of_the_table(tmp_path: Path) -> None:
    make(tmp_path, "")
    (tmp_path / "q.csv").write_bytes(
        "question,answer\r\nWie groß?,\r\nÜber?,x\r\n".encode("cp1252")
    )

    lost = imported(tmp_path)
    assert "q.csv, line 2: not UTF-8; save it as UTF-8, or give --encoding=NAME" in lost.err

    assert imported(tmp_path, "--encoding", "cp1252").code == 0
    assert questions(tmp_path)[1]["question"] == "Über?"


def test_a_spreadsheet_is_no_table_and_a_packed_one_is(tmp_path: Path) -> None:
    make(tmp_path, "")
    (tmp_path / "q.xlsx").write_bytes(b"PK\x03\x04 and more")
    (tmp_path / "q.csv.gz").write_bytes(gzip.compress(b"question,answer\nWho?,x\n"))

    assert "save the table as CSV" in imported(tmp_path, table="q.xlsx").err
    assert imported(tmp_path, table="q.csv.gz").code == 0


def test_rows_that_stand_twice_and_odd_ids_are_told(tmp_path: Path) -> None:
    make(tmp_path, "id,question,answer\na 1,Who?,x\nb,Who?,x\nc,who?,y\n")

    done = imported(tmp_path)

    names = [q["id"] for q in questions(tmp_path)]
    assert len(names) == 2
    assert names[0].startswith("a_1-")
    assert "1 row left out, since an earlier row says the same: line 3" in done.out
    assert "1 row kept, though its question stands in an earlier row, too: line 4" in done.out
    assert (
        f"with an id that no test can have, and a new one: line 2 (a 1 is {names[0]})" in done.out
    )


@pytest.mark.parametrize(
    ("package", "page"), [("selectolax", "a.html"), ("markdown_it", "a.md"), ("pypdf", "a.pdf")]
)
def test_a_library_that_is_not_there_is_named_with_its_extra(
    package: str, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "question,answer\nWho?,x\n", {page: "text", "b.txt": "text"})
    monkeypatch.setitem(sys.modules, package, None)

    done = imported(tmp_path)

    assert done.code == 1
    assert f"needs the package {package!r}" in done.err
    assert "pip install 'pytest-ragft[data]'" in done.err
    assert not (tmp_path / "suites").exists()


def test_nothing_of_anybody_is_overwritten(tmp_path: Path) -> None:
    make(tmp_path, "question,answer\nWho?,x\n")
    assert imported(tmp_path).code == 0
    assert imported(tmp_path).code == 0
    folder = tmp_path / "suites" / "mine"
    (folder / "notes.txt").write_text("mine")
    assert imported(tmp_path).code == 0

    with (folder / "questions.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"id": "q-9", "question": "Mine?", "references": ["x"]}\n')
    refused = imported(tmp_path)

    assert refused.code == 1
    assert "questions.jsonl there is not what `ragft import` wrote" in refused.err
    assert "q-9" in (folder / "questions.jsonl").read_text()
    assert (folder / "notes.txt").read_text() == "mine"

    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("mine")
    for place, why in (
        ("other", "file there is not what"),
        ("other/file", "is no folder"),
        ("a b", "names the suite"),
    ):
        done = ragft(tmp_path, "import", "q.csv", "--documents", "pages", "--out", place)
        assert done.code == 1
        assert why in done.err


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    make(tmp_path, "question,answer\nHow much power does the router draw?,12 watts\n")
    imported(tmp_path, "--words", "3")

    suite = load_suite(tmp_path / "suites" / "mine" / "suite.toml")

    assert suite.name == "mine"
    assert max(len(p.text.split()) for p in suite.passages.values()) == 3
    assert next(p.document for p in suite.passages.values()) == "desk.html"
