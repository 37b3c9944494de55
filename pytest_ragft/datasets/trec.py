"""TREC's files: judgments of relevance (qrels), runs, and topics, in trec_eval's conventions.

Described at https://github.com/usnistgov/trec_eval and https://trec.nist.gov/data.html.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_ragft.datasets.fields import show
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.jsonl import numbered_lines, read_rows
from pytest_ragft.errors import SuiteError

Qrels = Mapping[str, Mapping[str, int]]
"""Grades by query id and document id."""

_WHOLE = re.compile(r"[+-]?\d+(\.0*)?")
_TOPIC = re.compile(r"<top(?:ic)?\b(?P<head>[^>]*)>(?P<body>.*?)</top(?:ic)?>", re.DOTALL | re.I)
_NUMBER = re.compile(
    r"<num(?:ber)?>\s*(?:Number:)?\s*(?P<text>[^<\n]+)|number=\"(?P<head>[^\"]+)\"", re.IGNORECASE
)
_PART = r"<{name}\b[^>]*>\s*(?:{label}:)?(?P<text>.*?)(?=<|\Z)"
_PARTS = {"title": "Topic", "query": "Query", "question": "Question", "desc": "Description"}


def read_qrels(path: Path, encoding: str | None = None) -> Qrels:
    """Grades of relevance.

    A line is ``query 0 document grade`` (TREC), or ``query document grade`` with tabs and perhaps a
    header (BEIR).

    Raises:
        SuiteError: the file cannot be read, or lines are wrong.
    """
    grades: dict[str, dict[str, int]] = {}

    def judgment(line: str, where: str) -> None:
        parts = line.split("\t") if line.count("\t") >= 2 else line.split()
        query, document, grade = _three(parts, where, line)
        if not query or not document:
            raise SuiteError(f"{where}: {show(line)} lacks an id; {_QRELS}")
        if grades.setdefault(query, {}).setdefault(document, grade) != grade:
            raise SuiteError(
                f"{where}: document {document!r} has two grades for query {query!r}; keep one"
            )

    read_rows(_lines(path, encoding, header=True), judgment, path)
    return grades


_QRELS = "a line is 'query 0 document grade', or 'query<tab>document<tab>grade'"


def is_qrels(path: Path, encoding: str | None = None) -> bool:
    """Whether a file looks like judgments: three or four words a line, a grade at the end.

    A topic has one tab, behind its id.
    """
    lines = [line for _, line in _lines(path, encoding, header=True)][:2]
    return bool(lines) and all(
        line.count("\t") != 1
        and len(words := line.split()) in (3, 4)
        and _WHOLE.fullmatch(words[-1])
        for line in lines
    )


def _three(parts: list[str], where: str, line: str) -> tuple[str, str, int]:
    if len(parts) not in (3, 4) or not _WHOLE.fullmatch(parts[-1].strip()):
        raise SuiteError(f"{where}: {show(line)} is no judgment; {_QRELS}")
    return parts[0].strip(), parts[-2].strip(), int(float(parts[-1]))


def read_run(path: Path, encoding: str | None = None) -> dict[str, tuple[tuple[str, float], ...]]:
    """Documents and scores by query id, best first.

    A line is ``query Q0 document rank score tag``. As in trec_eval, the score decides, equal ones
    in falling order of the documents' ids, and the rank is not read.

    Raises:
        SuiteError: the file cannot be read, lines are wrong, or it holds none.
    """
    found: dict[str, dict[str, float]] = {}

    def ranked(line: str, where: str) -> None:
        parts = line.split()
        score = _number(parts[4]) if len(parts) in (5, 6) else math.nan
        if not math.isfinite(score):
            raise SuiteError(
                f"{where}: {show(line)} is no line of a run, which is 'query Q0 document rank "
                "score tag'"
            )
        documents = found.setdefault(parts[0], {})
        if parts[2] in documents:
            raise SuiteError(
                f"{where}: document {parts[2]!r} stands twice for query {parts[0]!r}; keep one"
            )
        documents[parts[2]] = score

    read_rows(_lines(path, encoding, header=False), ranked, path)
    if not found:
        raise SuiteError(f"{path}: holds no line of a run")
    return {
        query: tuple(sorted(sorted(of.items(), reverse=True), key=lambda hit: -hit[1]))
        for query, of in found.items()
    }


def read_topics(path: Path, part: str = "title", encoding: str | None = None) -> dict[str, str]:
    """Queries by id.

    Either tagged topics (``<top><num>…<title>…``, and ``<topic number="…"><query>…``), or a line
    ``id<tab>query``.

    Args:
        path: of the file.
        part: Of a tagged topic, see `TOPIC_PARTS`.
        encoding: of the file; UTF-8 without one.

    Raises:
        SuiteError: the file cannot be read, or a topic is wrong or stands twice.
    """
    text = read_text(path, encoding)
    tagged = list(_TOPIC.finditer(text))
    queries: dict[str, str] = {}
    for where, name, query in _tagged(tagged, text, part, path) if tagged else _tabbed(text, path):
        if not name or not query:
            raise SuiteError(f"{where}: is no topic, which has an id and a {part}")
        if queries.setdefault(name, query) != query:
            raise SuiteError(f"{where}: the topic {name!r} stands twice; ids are unique")
    return queries


TOPIC_PARTS = tuple(_PARTS)
"""Parts of a tagged topic that can be its question."""


def _tagged(
    topics: list[re.Match[str]], text: str, part: str, path: Path
) -> Iterator[tuple[str, str, str]]:
    wanted = re.compile(_PART.format(name=part, label=_PARTS[part]), re.DOTALL | re.IGNORECASE)
    for topic in topics:
        number = _NUMBER.search(topic[0])
        name = (number["text"] or number["head"]).strip() if number else ""
        query = found["text"] if (found := wanted.search(topic["body"])) else ""
        line = text.count("\n", 0, topic.start()) + 1
        yield f"{path}, line {line}", name, html.unescape(" ".join(query.split()))


def _tabbed(text: str, path: Path) -> Iterator[tuple[str, str, str]]:
    for number, line in numbered_lines(text):
        name, _, query = line.partition("\t")
        yield f"{path}, line {number}", name.strip(), query.strip()


def _lines(path: Path, encoding: str | None, *, header: bool) -> Iterator[tuple[str, str]]:
    for number, line in numbered_lines(read_text(path, encoding)):
        last = re.split(r"\s", line.strip())[-1]
        if header and number == 1 and not _WHOLE.fullmatch(last) and last.isalpha():
            continue
        yield f"{path}, line {number}", line.rstrip("\r")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
