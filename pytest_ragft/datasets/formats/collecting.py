"""What every reader of a form needs: valid ids, each passage once, notes with counts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import overload

from pytest_ragft.datasets.formats.port import QuestionSet
from pytest_ragft.datasets.jsonl import is_question_id
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Passage, QAExample

_ID_UNUSABLE = re.compile(r"[\s:\[\]/\\]+")
_ID_KEPT = 150
_SHOWN = 3


def question_id(upstream: str) -> str:
    """A valid id of a question (see `jsonl.ID_RULE`), always the same for an id of its makers.

    An id that is valid stays. Another loses what it may not hold and gets a digest of the whole, so
    that no two become one.

    Args:
        upstream: The id, or whatever tells the question apart; not empty.
    """
    if is_question_id(upstream):
        return upstream
    plain = _ID_UNUSABLE.sub("_", "".join(c for c in upstream if c.isprintable() or c.isspace()))
    plain = plain.strip("_-")[:_ID_KEPT].removeprefix("gate-")
    return f"{plain or 'q'}-{digest(upstream)}"


def digest(*texts: str) -> str:
    """Ten hexadecimal digits that tell texts apart."""
    whole = "\x00".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:10]


class Deferred(Sequence[Passage]):
    """Passages that are read once somebody wants one of them."""

    def __init__(self, read: Callable[[], Sequence[Passage]]) -> None:
        self._read = read

    @cached_property
    def _passages(self) -> Sequence[Passage]:
        return self._read()

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Passage]: ...
    def __getitem__(self, index: int | slice) -> Passage | Sequence[Passage]:
        return self._passages[index]

    def __iter__(self) -> Iterator[Passage]:
        return iter(self._passages)

    def __len__(self) -> int:
        return len(self._passages)


class Collector:
    """Gathers a question set while files are read."""

    def __init__(self) -> None:
        self._examples: dict[str, tuple[QAExample, str]] = {}
        self._passages: dict[str, Passage] = {}
        self._noted: dict[str, list[str]] = {}

    def question(self, example: QAExample, where: str, *, named: bool = True) -> None:
        """Add a question; one that stands twice in all its fields is kept once and noted.

        Args:
            example: With an id from `question_id`.
            where: File and line, or record, for messages.
            named: Whether its makers gave the id; else it is made of what is asked.

        Raises:
            SuiteError: another question has its id.
        """
        kept = self._examples.setdefault(example.id, (example, where))
        if kept[0] is example:
            return
        if kept[0] != example and not named:
            raise SuiteError(
                f"{where}: asks what {kept[1]} asks, and says something else; put all right "
                "answers into one row, or name a column of ids"
            )
        if kept[0] != example:
            raise SuiteError(
                f"{where}: the id {example.id!r} is already that of another question, in "
                f"{kept[1]}; ids are unique over all files of a suite"
            )
        self.note("questions that stand more than once, kept once", example.id)

    def passage(
        self, text: str, *, title: str = "", document: str | None = None, id: str | None = None
    ) -> str:
        """Add a passage unless it is there; its id, for `relevant`.

        Args:
            text: of the passage.
            title: of the passage or its document.
            document: What it was taken from.
            id: Its makers' id; None where they give none: it is made of document and content then,
                so that the same text of the same document is the same passage.

        Raises:
            SuiteError: another passage has this id.
        """
        if id is None:
            id = f"{document or title or 'p'}-{digest(document or '', title, text)}"
        passage = Passage(id=id, text=text, title=title, document=document)
        if self._passages.setdefault(id, passage) != passage:
            raise SuiteError(f"passage {id!r}: stands twice with different texts; ids are unique")
        return id

    def note(self, what: str, name: str) -> None:
        """Count something that was left out or read otherwise.

        Args:
            what: What was done to which, such as ``questions without a reference answer, left
                out``; the count and the first ids are put behind it.
            name: The id of what it is about.
        """
        self._noted.setdefault(what, []).append(name)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted, one sentence each, with count and the first ids."""
        return tuple(_sentence(what, names) for what, names in self._noted.items())

    def collected(self, passages: Sequence[Passage] | None = None) -> QuestionSet:
        """All of it; with `passages` for the corpus where they come from elsewhere."""
        return QuestionSet(
            examples=tuple(example for example, _ in self._examples.values()),
            passages=tuple(self._passages.values()) if passages is None else passages,
            notes=self.notes,
        )


def _sentence(what: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return f"{what}: {len(names):,} ({shown})"
