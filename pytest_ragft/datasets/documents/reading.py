"""A folder of documents, read: which files there are, what each says, what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pytest_ragft.datasets.documents.markup import declared_encoding, read_html, read_markdown
from pytest_ragft.datasets.documents.pdf import read_pdf
from pytest_ragft.datasets.documents.sections import Document, Section
from pytest_ragft.datasets.files import walk
from pytest_ragft.errors import InputError, SuiteError

MARKDOWN = (".md", ".markdown", ".mdown")
HTML = (".html", ".htm", ".xhtml")
TEXT = (".txt", ".text", ".rst")
PDF = (".pdf",)
KINDS = (*MARKDOWN, *HTML, *TEXT, *PDF)
"""Endings of the files that are read."""

_SHOWN = 5
# Characters from which a line is no line of prose.
_LONG_LINE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The documents of a folder."""

    documents: tuple[Document, ...]
    """By name, in alphabetical order; none without text, none twice."""
    same: Mapping[str, str]
    """Names of files that say word for word what a document says, and that document's name."""
    notes: tuple[str, ...]
    """What was left out or read otherwise than it stands, one sentence each."""


def read_documents(folder: Path, *, encoding: str | None = None) -> Documents:
    """Every text, Markdown, HTML and PDF file in a folder and below it.

    Hidden files and folders are left out, as are files without text and copies of others; the notes
    say so. Links are followed, a loop of them once.

    Args:
        folder: where they lie.
        encoding: of the files that are not UTF-8.

    Raises:
        InputError: there is no such folder, no file of these kinds with text, or files are in
            another encoding (the first five are named, each with its line).
        MissingDependencyError: a library for one of the kinds is not installed.
    """
    files, others = _files(folder)
    kept: dict[tuple[Section, ...], Document] = {}
    same: dict[str, str] = {}
    empty, unreadable, undecoded, notes = [], [], [], []
    for name, path in files:
        try:
            document, remark = _document(path, name, encoding)
        except _Undecodable as error:
            undecoded.append(str(error))
            continue
        except InputError as error:
            unreadable.append(f"{name} ({error})")
            continue
        notes += remark
        if not document.sections:
            empty.append(f"{name} (scanned?)" if path.suffix.lower() in PDF else name)
        elif (other := kept.setdefault(_said(document), document)) is not document:
            same[name] = other.name
    if undecoded:
        raise InputError("\n".join(_first(undecoded)))
    if not kept:
        held = f"; it holds {_some([*empty, *unreadable])}" if empty or unreadable else ""
        raise InputError(
            f"--documents={str(folder)!r}: no file with text in it ({', '.join(KINDS)}){held}; "
            "name the folder of your documents"
        )
    notes += _left_out("files without text", empty)
    notes += _left_out("files that cannot be read", unreadable)
    copies = [f"{name} = {other}" for name, other in same.items()]
    notes += _left_out("files that say what another says", copies)
    if others:
        kinds = [f"{n} {kind}" for kind, n in sorted(others.items())]
        notes.append(f"files of other kinds, not read: {', '.join(kinds)}")
    return Documents(documents=tuple(kept.values()), same=same, notes=tuple(notes))


def _left_out(why: str, names: list[str]) -> list[str]:
    return [f"{why}, left out: {len(names):,} ({_some(names)})"] if names else []


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _first(mistakes: list[str]) -> list[str]:
    more = len(mistakes) - _SHOWN
    return [*mistakes[:_SHOWN], *([f"… and {more} more such files"] if more > 0 else [])]


def _said(document: Document) -> tuple[Section, ...]:
    """What it says, whatever the file is called."""
    return tuple(Section(title="", text=section.text) for section in document.sections)


def _files(folder: Path) -> tuple[list[tuple[str, Path]], Counter[str]]:
    """Names and paths of what can be read, and how many others there are of each ending."""
    if not folder.is_dir():
        raise InputError(f"--documents={str(folder)!r}: there is no such folder")
    files, others = [], Counter[str]()
    try:
        paths = list(walk(folder))
    except SuiteError as error:
        raise InputError(str(error)) from error
    for path in paths:
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            others["hidden"] += 1
        elif path.suffix.lower() in KINDS:
            files.append((name.as_posix(), path))
        else:
            others[path.suffix.lower() or "without ending"] += 1
    return sorted(files), others


class _Undecodable(InputError):
    """A file is not in the encoding that it was taken for."""


def _document(path: Path, name: str, encoding: str | None) -> tuple[Document, list[str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(error.strerror or str(error)) from error
    ending, fallback = path.suffix.lower(), _title_of(name)
    if ending in PDF:
        return read_pdf(data, name, fallback), []
    declared = declared_encoding(data) if ending in HTML else None
    text = decoded(data, path, encoding, declared)
    notes = [
        f"{name}, line {number}: has {len(line):,} characters"
        for number, line in enumerate(text.split("\n"), start=1)
        if len(line) > _LONG_LINE
    ]
    if ending in MARKDOWN:
        return read_markdown(text, name, fallback), notes
    if ending in HTML:
        return read_html(text, name, fallback), notes
    stripped = text.replace("\r\n", "\n").strip()
    sections = (Section(title=fallback, text=stripped),) if stripped else ()
    return Document(name=name, title=fallback, sections=sections), notes


def _title_of(name: str) -> str:
    return " ".join(PurePosixPath(name).stem.replace("_", " ").replace("-", " ").split())


def decoded(
    data: bytes, path: Path, encoding: str | None = None, declared: str | None = None
) -> str:
    """The text of a file: UTF-8, or UTF-16 with its mark, or else what is said of it.

    Args:
        data: of the file.
        path: for messages.
        encoding: of files that are not UTF-8.
        declared: what the file itself says of its encoding.

    Raises:
        InputError: it is in none of them; the message names file and line.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried: Iterable[str | None] = ("utf-16",)
    else:
        tried = ("utf-8-sig", declared, encoding)
    mistakes = []
    for name in filter(None, tried):
        try:
            return data.decode(name)
        except LookupError:
            mistakes.append(f"{name!r} is no encoding that Python knows")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            mistakes.append(f"line {line}: not {name.removesuffix('-sig').upper()}")
    raise _Undecodable(
        f"{path}, {'; '.join(mistakes)}; save it as UTF-8, or give --encoding=NAME, such as "
        "windows-1252, for all files that are not"
    )
