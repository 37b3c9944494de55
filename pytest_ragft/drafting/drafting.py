"""Rows of a table and a folder's documents, made into a suite's questions and passages.

What a row says is taken; what it leaves out is looked for, and left empty where it is not clear.
How each answer to that came about is kept beside it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_ragft.datasets.documents import Documents
from pytest_ragft.datasets.formats.collecting import question_id
from pytest_ragft.datasets.question_tables import QuestionRow, QuestionTable
from pytest_ragft.drafting.corpus import Corpus, Names, cut
from pytest_ragft.drafting.support import Support, Supports
from pytest_ragft.errors import InputError
from pytest_ragft.judging.abstention import abstains
from pytest_ragft.judging.lexical.reading import AnswerReader
from pytest_ragft.judging.lexical.reference_kinds import ReferenceKind
from pytest_ragft.numbers import count
from pytest_ragft.records import Passage, QAExample, QuestionType

_SHOWN = 5
# Sentences from which a reference that states something is a summary.
_SUMMARY = 3
_SENTENCE = re.compile(r"[.!?](?=\s|$)")
_TYPES: Mapping[ReferenceKind, QuestionType] = {
    "number": "number", "date": "date", "yesno": "yesno", "list": "list",
    "name": "factoid", "identifier": "factoid", "choice": "factoid",
}  # fmt: skip
# What stands between several answers, by habit.
_SEPARATORS = ("||", " | ", ";")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A question with how its document and passages were come by."""

    line: int
    """Of the table."""
    example: QAExample
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A suite before it is written."""

    reviewed: tuple[Reviewed, ...]
    passages: tuple[Passage, ...]
    notes: tuple[str, ...]
    """What was left out, guessed or not found, one sentence each with counts and lines."""

    @property
    def examples(self) -> tuple[QAExample, ...]:
        """The questions, in the order of the table."""
        return tuple(of.example for of in self.reviewed)


def draft_suite(table: QuestionTable, documents: Documents, *, words: int) -> Draft:
    """The questions of a table over the passages of documents.

    Args:
        table: as it was read.
        documents: as they were read.
        words: most words of a passage.

    Raises:
        InputError: two rows have one id, or an answerable question has no reference; the message
            names the lines.
    """
    corpus = cut(documents.documents, words)
    drafting = _Drafting(table, corpus, Names(documents.documents, documents.same))
    rows = drafting.distinct(table.rows)
    ids = drafting.ids(rows)
    reviewed = [drafting.reviewed(row, name) for row, name in zip(rows, ids, strict=True)]
    drafting.look_over(reviewed)
    return Draft(
        reviewed=tuple(reviewed),
        passages=corpus.passages,
        notes=(*documents.notes, *drafting.notes()),
    )


class _Drafting:
    def __init__(self, table: QuestionTable, corpus: Corpus, names: Names) -> None:
        self._table, self._corpus, self._names = table, corpus, names
        self._supports = Supports(corpus.passages)
        self._known = {passage.id for passage in corpus.passages}
        self._answers = AnswerReader()
        self._lines: dict[str, list[str]] = defaultdict(list)

    def distinct(self, rows: Sequence[QuestionRow]) -> list[QuestionRow]:
        """The rows without those that say what an earlier one says."""
        kept: dict[tuple[object, ...], QuestionRow] = {}
        questions: dict[str, int] = {}
        for row in rows:
            words = " ".join(row.question.casefold().split())
            same = kept.setdefault((words, row.references, row.document), row)
            if same is not row:
                self._note("left out, since an earlier row says the same", row)
            elif questions.setdefault(words, row.line) != row.line:
                self._note("kept, though its question stands in an earlier row, too", row)
        return list(kept.values())

    def ids(self, rows: Sequence[QuestionRow]) -> list[str]:
        """An id for each row: its own where it has one that can be one."""
        first: dict[str, int] = {}
        for row in rows:
            if row.id and (line := first.setdefault(question_id(row.id), row.line)) != row.line:
                raise InputError(
                    f"line {row.line}: id {row.id!r} is already that of line {line}; ids are "
                    "unique: mend it, or leave the column out with --columns id="
                )
            if row.id and row.id != question_id(row.id):
                self._lines["with an id that no test can have, and a new one"].append(
                    f"{row.line} ({row.id} is {question_id(row.id)})"
                )
        width = len(str(len(rows)))
        names = (f"q-{number:0{width}}" for number in range(1, len(rows) + len(first) + 1))
        free = (name for name in names if name not in first)
        return [question_id(row.id) if row.id else next(free) for row in rows]

    def reviewed(self, row: QuestionRow, name: str) -> Reviewed:
        """A row as a question; what it leaves out is looked for."""
        answerable = bool(row.references) if row.answerable is None else row.answerable
        if answerable and not row.references:
            raise InputError(
                f"line {row.line}: is answerable and has no reference; give one, or say that it "
                "is not answerable"
            )
        if not row.references and row.answerable is None:
            self._note("taken as unanswerable, since there is no reference", row)
        named = self._named(row)
        support = self._support(row, named) if answerable else Support(how="unanswerable")
        return Reviewed(
            line=row.line,
            example=QAExample(
                id=name,
                question=row.question,
                references=row.references,
                facts=row.facts if answerable else (),
                relevant=support.passages,
                document=(named[0] if named else row.document) or support.document,
                answerable=answerable,
                type=row.type or (self._type(row) if answerable else None),
                tags=row.tags,
            ),
            how=support.how,
        )

    def look_over(self, reviewed: Iterable[Reviewed]) -> None:
        """Note what somebody should look at."""
        for of in reviewed:
            example = of.example
            if example.answerable and any(
                abstains(r, example.question) for r in example.references
            ):
                self._lines["answerable, though a reference declines to answer"].append(
                    str(of.line)
                )
            if example.document is None and example.answerable:
                self._lines["without a document, so that each counts as its own"].append(
                    str(of.line)
                )

    def notes(self) -> list[str]:
        """What was noted of rows, with their lines."""
        table = self._table
        columns = ", ".join(f"{role} = {name!r}" for role, name in table.columns.items())
        notes = [f"columns: {columns}"]
        if table.unread:
            notes.append(f"columns not read: {', '.join(map(repr, table.unread))}")
        notes += [f"{count(len(at), 'row')} {what}: line {_some(at)}" for what, at in
                  self._lines.items()]  # fmt: skip
        hint = Counter(
            mark
            for row in table.rows
            for mark in _SEPARATORS
            if len(row.references) == 1 and mark in row.references[0]
        )
        notes += [
            f"{count(n, 'reference')} with {mark!r}: if that stands between several right "
            f"answers, give --separator {mark!r}"
            for mark, n in hint.items()
        ]
        return notes

    def _note(self, what: str, row: QuestionRow) -> None:
        self._lines[what].append(str(row.line))

    def _named(self, row: QuestionRow) -> tuple[str, ...]:
        """The document that a row names; empty where it names none that there is."""
        if not row.document:
            return ()
        found = self._names.document(row.document)
        if len(found) != 1:
            why = (
                "naming several documents at once" if found else "naming no document of the folder"
            )
            self._lines[f"{why}, whose word is taken as it is"].append(
                f"{row.line} ({row.document})"
            )
            return ()
        return found

    def _support(self, row: QuestionRow, named: tuple[str, ...]) -> Support:
        if row.relevant:
            given = self._given(row)
            if given:
                return Support(passages=given, document=_document(given[0]), how="given")
            self._note("whose given passages are not found, so that references are", row)
        if row.document and not named:
            return Support(how="its document is not in the folder")
        found = self._supports.find(row.question, row.references, named)
        pages = {self._corpus.pages.get(name) for name in found.passages}
        if row.page.isdigit() and named and int(row.page) not in pages:
            return self._on_page(row, named[0], found)
        return found

    def _given(self, row: QuestionRow) -> tuple[str, ...]:
        """Passages that a row names by their ids, or by what they say."""
        found = [
            (name,) if name in self._known else self._supports.quoting(name)
            for name in row.relevant
        ]
        return tuple(dict.fromkeys(name for names in found for name in names))

    def _on_page(self, row: QuestionRow, document: str, found: Support) -> Support:
        """The passages of the page that a row names, whatever words they hold."""
        wanted = tuple(
            name
            for name, page in self._corpus.pages.items()
            if page == int(row.page) and _document(name) == document
        )
        if not wanted:
            self._note("naming a page that is not there or holds no text", row)
            return found
        return Support(passages=wanted, document=document, how=f"given: page {row.page}")

    def _type(self, row: QuestionRow) -> QuestionType | None:
        """By the form of its references, as the judge reads it."""
        example = QAExample(id="", question=row.question, references=row.references)
        kind = self._answers.target(example).kind
        long = len(_SENTENCE.findall(row.references[0])) >= _SUMMARY
        return "summary" if kind == "statement" and long else _TYPES.get(kind)


def _document(passage_id: str) -> str:
    return passage_id.rpartition("#")[0]


def _some(lines: Sequence[str]) -> str:
    more = len(lines) - _SHOWN
    return ", ".join(lines[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
