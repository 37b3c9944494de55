"""Documents in four forms: what is read of them, and what is told of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ragft.datasets.documents import Document, read_documents
from pytest_ragft.datasets.documents.markup import read_html, read_markdown
from pytest_ragft.datasets.documents.pdf import read_pdf
from pytest_ragft.errors import InputError
from tests.pdf import pdf_of

MARKDOWN = """---
title: "The page"
layout: x
---
before

# Setup
Two *words* with `code`
on two lines.

- one
- two

  more of two

| a | b |
|---|---|
| 1 | 2 |

```sh
ls  -l
```

## Sub
below &amp; more

# Other
#### Deep
z
"""


def sections(document: Document) -> list[tuple[str, str]]:
    return [(section.title, section.text) for section in document.sections]


def test_markdown_is_cut_at_headings_with_those_above() -> None:
    document = read_markdown(MARKDOWN, "a.md", "a")

    assert document.title == "The page"
    assert sections(document) == [
        ("The page", "before"),
        (
            "The page – Setup",
            "Two words with code on two lines.\n- one\n- two\nmore of two\na | b\n1 | 2\nls  -l",
        ),
        ("The page – Setup – Sub", "below & more"),
        ("The page – Other – Deep", "z"),
    ]


def test_html_is_read_as_somebody_sees_it() -> None:
    document = read_html(
        "<html><head><title>Site</title><style>p {}</style></head><body><nav>menu</nav>"
        "<main><h1>Top</h1>hello<br>there<p>a &lt; b<p>c<script>var x</script>"
        "<h2>Next</h2><table><tr><th>x</th><td>y</td></tr></table></main><footer>(c)</footer>",
        "a.html",
        "a",
    )

    assert sections(document) == [("Top", "hello\nthere\na < b\nc"), ("Top – Next", "x | y")]


def test_several_articles_are_a_list_and_all_are_read() -> None:
    document = read_html("<article>one</article><article>two</article>", "a.html", "a")

    assert sections(document) == [("a", "one\ntwo")]


def test_deep_pages_are_no_recursion() -> None:
    assert sections(read_html("<div>" * 20_000 + "deep", "a.html", "a")) == [("a", "deep")]


def test_a_folder_of_all_forms(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "a.md").write_bytes("# Ä\r\n\r\ntext\r\n".encode())
    (tmp_path / "below" / "b_two.txt").write_bytes("\ufeffplain\r\ntext".encode())
    (tmp_path / "c.HTM").write_text("<p>page")
    (tmp_path / "d.pdf").write_bytes(pdf_of("First page of", "Second page"))

    read = read_documents(tmp_path)

    assert [(d.name, d.title) for d in read.documents] == [
        ("a.md", "Ä"),
        ("below/b_two.txt", "b two"),
        ("c.HTM", "c"),
        ("d.pdf", "d"),
    ]
    assert [d.sections[0].text for d in read.documents] == [
        "text",
        "plain\ntext",
        "page",
        "First page of",
    ]
    assert [section.page for section in read.documents[3].sections] == [1, 2]
    assert read.notes == ()


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nsame words")
    (tmp_path / "copy.md").write_text("# A\n\nsame  words\n")
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "scanned.pdf").write_bytes(pdf_of(""))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (tmp_path / "photo.png").write_bytes(b"png")
    (tmp_path / ".hidden.md").write_text("hidden")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "nowhere.md").symlink_to(tmp_path / "gone")

    read = read_documents(tmp_path)

    assert [document.name for document in read.documents] == ["a.md"]
    assert read.same == {"copy.md": "a.md"}
    empty, unreadable, same, others = read.notes
    assert empty == "files without text, left out: 2 (empty.txt, scanned.pdf (scanned?))"
    assert unreadable.startswith("files that cannot be read, left out: 1 (broken.pdf (cannot be")
    assert same == "files that say what another says, left out: 1 (copy.md = a.md)"
    assert others == "files of other kinds, not read: 1 .png, 1 hidden"


def test_lines_of_a_pdf_are_joined_and_leaders_are_cut() -> None:
    lines = "Con- tents . . . . . . . . 5"
    document = read_pdf(pdf_of(lines, "a" * 3), "a.pdf", "a")

    assert [(s.page, s.text) for s in document.sections] == [(1, "Con- tents … 5"), (2, "aaa")]


def test_encodings(tmp_path: Path) -> None:
    (tmp_path / "utf16.txt").write_bytes("größe".encode("utf-16"))
    (tmp_path / "says.html").write_bytes('<meta charset="iso-8859-1"><p>größe'.encode("latin-1"))
    assert {d.sections[0].text for d in read_documents(tmp_path).documents} == {"größe"}

    (tmp_path / "old.txt").write_bytes("eins\nzwei größe\n".encode("cp1252"))
    with pytest.raises(InputError, match=r"old\.txt, line 2: not UTF-8; save it as UTF-8, or give"):
        read_documents(tmp_path)
    read = read_documents(tmp_path, encoding="cp1252")
    assert "zwei größe" in read.documents[0].sections[0].text

    with pytest.raises(InputError, match="'cp9999' is no encoding"):
        read_documents(tmp_path, encoding="cp9999")


def test_a_line_of_megabytes_is_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("first\n" + "word " * 1_000_000)

    read = read_documents(tmp_path)

    assert read.notes == ("long.txt, line 2: has 5,000,000 characters",)


def test_a_folder_without_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        read_documents(tmp_path / "none")
    (tmp_path / "empty.md").write_text("# \n")
    with pytest.raises(InputError, match=r"no file with text in it .*; it holds empty\.md"):
        read_documents(tmp_path)
