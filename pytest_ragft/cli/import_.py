"""`ragft import`: a table of questions and a folder of documents, made into a suite."""

from __future__ import annotations

import argparse
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from pytest_ragft.cli import COMMANDS
from pytest_ragft.cli.place import write_lines
from pytest_ragft.datasets.documents import read_documents
from pytest_ragft.datasets.question_tables import ROLES, Role, read_question_table
from pytest_ragft.drafting import Draft, SuiteFolder, draft_suite
from pytest_ragft.drafting.folder import REVIEW
from pytest_ragft.errors import InputError
from pytest_ragft.numbers import count
from pytest_ragft.option_types import argument_type, positive_integer
from pytest_ragft.suite import load_suite
from pytest_ragft.suite.finding import SUITE_FILE

_WORDS = 200
_NEXT = {"check": "what is wrong with it", "plan": "what it can decide"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "Columns are found by common names (question, query, prompt; answer, reference, expected, "
        "ground_truth, gold; id; document, source, file, page; answerable; type; tags). A row "
        "without a reference is taken as unanswerable. Where no column names the document, it is "
        "the one whose passages hold the reference, where that is clear; review.csv says of each "
        "question how it was found. A folder that was written before and changed since is never "
        "overwritten."
    )
    parser.add_argument(
        "questions", type=Path, metavar="QUESTIONS", help="CSV, or JSON lines (*.jsonl)"
    )
    parser.add_argument(
        "--documents",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="text, Markdown, HTML and PDF files, in it and below it",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="the suite's new folder, which names it",
    )
    parser.add_argument(
        "--columns",
        type=argument_type(columns),
        default={},
        metavar="ROLE=NAME,…",
        help=f"which column is which, of {', '.join(ROLES)}; ROLE= for none",
    )
    parser.add_argument(
        "--separator", metavar="TEXT", help="between several right answers in one cell"
    )
    parser.add_argument(
        "--words",
        type=argument_type(positive_integer),
        default=_WORDS,
        metavar="N",
        help=f"longest passage (default: {_WORDS})",
    )
    parser.add_argument(
        "--encoding", metavar="NAME", help="of files that are not UTF-8, such as windows-1252"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the suite; 0 when it is there.

    Raises:
        InputError: a file is unusable, or something else stands in the folder; nothing is written.
        SuiteError: what was written is no suite.
    """
    folder = SuiteFolder(arguments.out)
    table = read_question_table(
        arguments.questions,
        columns=arguments.columns,
        separator=arguments.separator,
        encoding=arguments.encoding,
    )
    documents = read_documents(arguments.documents, encoding=arguments.encoding)
    try:
        draft = draft_suite(table, documents, words=arguments.words)
    except InputError as error:
        raise InputError(f"{arguments.questions}, {error}") from None
    folder.write(draft)
    load_suite(folder.path / SUITE_FILE)
    write_lines(_told(draft, folder.path))
    return 0


def columns(text: str) -> Mapping[Role, str]:
    """``question=Q,references=A`` as names of columns by role.

    Raises:
        ValueError: a part is none, or names no role.
    """
    found: dict[Role, str] = {}
    for part in text.split(","):
        role, equals, name = part.partition("=")
        if not equals or role.strip() not in ROLES:
            raise ValueError(f"{part!r}: give ROLE=NAME, with a role of {', '.join(ROLES)}")
        found[cast("Role", role.strip())] = name.strip()
    return found


def _told(draft: Draft, folder: Path) -> list[str]:
    examples, where = draft.examples, shlex.quote(str(folder))
    documents = {passage.document for passage in draft.passages}
    unanswerable = sum(not example.answerable for example in examples)
    about = {example.document for example in examples} - {None}
    last = f"pytest {where} --ragft-model=MODEL"
    return [
        f"{folder}: {count(len(examples), 'question')} ({unanswerable} unanswerable) on "
        f"{count(len(about), 'document')}, {count(len(draft.passages), 'passage')} of "
        f"{count(len(documents), 'document')}",
        f"types: {_counted(example.type or 'none' for example in examples)}",
        f"relevant passages: {_counted(of.how.split(':')[0] for of in draft.reviewed)}",
        *draft.notes,
        "",
        f"Look at {folder / REVIEW}, then:",
        "",
        *(
            f"  ragft {name} {where}".ljust(len(last) + 2) + f"  # {what}"
            for name, what in _NEXT.items()
            if name in COMMANDS
        ),
        f"  {last}  # the verdict",
    ]


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{n} {word}" for word, n in Counter(words).most_common())
