"""The folder of a suite that is made by a command: written whole, and never over people's work."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pytest_ragft.atomic import write_atomically
from pytest_ragft.datasets.cells import write_table
from pytest_ragft.drafting.drafting import Draft
from pytest_ragft.errors import InputError
from pytest_ragft.records import Passage, QAExample
from pytest_ragft.records.answering import NAME
from pytest_ragft.suite.finding import SUITE_FILE

QUESTIONS, CORPUS, REVIEW = "questions.jsonl", "corpus.jsonl", "review.csv"
_SUITE = """\
# Written by `{command}`. Change what you like: a file that was changed is never overwritten.

[suite]
name = "{name}"
questions = "questions.jsonl"
corpus = "corpus.jsonl"

[retrieval]
k = 5                        # passages shown to the model

[generation]
max_new_tokens = 64
"""
_REVIEW = (
    "line", "id", "question", "references", "answerable", "type", "document", "relevant", "how",
)  # fmt: skip


class SuiteFolder:
    """A folder that a draft is written to.

    Args:
        path: new, empty, or one that was written before and not changed since.
        command: that writes it.

    Raises:
        InputError: it holds something else, or its name can be no suite's.
    """

    def __init__(self, path: Path, command: str = "ragft import") -> None:
        self.path, self.command = path, command
        self.record = f"{command.split()[-1]}.json"
        """Says what the command has written, so that it knows its own files again."""
        self.name = Path(os.path.abspath(path)).name
        if not NAME.fullmatch(self.name):
            raise InputError(
                f"--out={str(path)!r}: its last part names the suite, and must consist of letters "
                "A-Z a-z, digits, dot, _ and - only"
            )
        self._expect_ours()

    def write(self, draft: Draft) -> None:
        """Write all files of a suite.

        Raises:
            InputError: one of them cannot be written.
        """
        self.write_suite(draft.examples, draft.passages, {REVIEW: _review(draft)})

    def write_suite(
        self,
        examples: Iterable[QAExample],
        passages: Iterable[Passage],
        further: Mapping[str, str] | None = None,
    ) -> None:
        """Write questions, corpus and suite.toml, and further files by name, in front of it.

        Raises:
            InputError: one of them cannot be written.
        """
        files = {
            QUESTIONS: _lines(map(_question, examples)),
            CORPUS: _lines(map(_passage, passages)),
            **(further or {}),
            SUITE_FILE: _SUITE.format(name=self.name, command=self.command),
        }
        known = self._record()
        # With what stood there before: a write that ends early leaves nothing that seems people's.
        record = {
            name: [*known.get(name, [])[-1:], _digest(text.encode())]
            for name, text in files.items()
        }
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for name, text in {self.record: json.dumps(record, indent=2) + "\n", **files}.items():
                write_atomically(self.path / name, text.encode())
        except OSError as error:
            raise InputError(
                f"--out={str(self.path)!r}: cannot be written: {error.strerror or error}"
            ) from error

    def _expect_ours(self) -> None:
        try:
            if not self.path.exists():
                return
            if not self.path.is_dir():
                raise InputError(f"--out={str(self.path)!r}: is no folder; name one")
            if not any(self.path.iterdir()):
                return
            changed = self._changed()
        except OSError as error:
            raise InputError(
                f"--out={str(self.path)!r}: cannot be read: {error.strerror or error}"
            ) from error
        if changed:
            raise InputError(
                f"--out={str(self.path)!r}: {', '.join(changed)} there is not what "
                f"`{self.command}` wrote, and is not overwritten; name another folder, or move it "
                "away"
            )

    def _changed(self) -> list[str]:
        """Files in the place of ours that are somebody's."""
        record, ours = self._record(), (SUITE_FILE, QUESTIONS, CORPUS, REVIEW)
        found = [name for name in ours if os.path.lexists(self.path / name)]
        if not record:
            return found or [min(entry.name for entry in self.path.iterdir())]
        return [n for n in found if _digest((self.path / n).read_bytes()) not in record.get(n, [])]

    def _record(self) -> Mapping[str, list[str]]:
        """Digests of what was written, by file; empty where nothing was, or nobody knows."""
        try:
            record = json.loads((self.path / self.record).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(record, dict) or not all(isinstance(of, list) for of in record.values()):
            return {}
        return record


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _lines(records: Iterable[Mapping[str, object]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _question(example: QAExample) -> dict[str, object]:
    """A line of questions.jsonl; keys that say nothing are left out."""
    said = {
        "facts": list(example.facts),
        "relevant": list(example.relevant),
        "document": example.document,
        "type": example.type,
        "tags": list(example.tags),
    }
    line: dict[str, object] = {
        "id": example.id,
        "question": example.question,
        "references": list(example.references),
    }
    if not example.answerable:
        line["answerable"] = False
    return line | {key: value for key, value in said.items() if value}


def _passage(passage: Passage) -> dict[str, object]:
    return {
        "_id": passage.id,
        "title": passage.title,
        "text": passage.text,
        "document": passage.document,
    }


def _review(draft: Draft) -> str:
    rows = (
        (
            str(of.line),
            of.example.id,
            of.example.question,
            " | ".join(of.example.references),
            "yes" if of.example.answerable else "no",
            of.example.type or "",
            of.example.document or "",
            " ".join(of.example.relevant),
            of.how,
        )
        for of in draft.reviewed
    )
    return write_table(_REVIEW, rows)
