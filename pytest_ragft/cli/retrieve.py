"""`ragft retrieve`: what is retrieved for a question, for people who debug retrieval."""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import closing

from pytest_ragft.cli.searching import access_of, add_searching_arguments, suite_of
from pytest_ragft.foreign import harmless
from pytest_ragft.option_types import argument_type, positive_integer
from pytest_ragft.records import Hit, Passage, QAExample
from pytest_ragft.reporting.text import clean
from pytest_ragft.retrieval.port import Explaining, Retriever
from pytest_ragft.suite import Suite
from pytest_ragft.suite.opening import open_retriever

_INDENT = " " * 14
_LINES = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = "A passage that the suite calls relevant to the question is marked with ✓."
    parser.add_argument(
        "question", metavar="QUESTION", help="any text, or the id of one of the suite's questions"
    )
    parser.add_argument(
        "-k",
        type=argument_type(positive_integer),
        metavar="N",
        help="passages (default: the suite's k)",
    )
    parser.add_argument(
        "--explain", action="store_true", help="with how Elasticsearch came to each score"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a passage")
    add_searching_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Retrieve and show; 0 also when nothing is found.

    Raises:
        RagftError: the suite is wrong, or its retriever cannot answer.
    """
    suite = suite_of(arguments)
    example = next((e for e in suite.examples if e.id == arguments.question), None)
    example = example or next((e for e in suite.examples if e.question == arguments.question), None)
    question = arguments.question if example is None else example.question
    k = arguments.k or suite.retrieval.k
    with access_of(arguments) as access, closing(open_retriever(suite, access)) as retriever:
        retriever.check()
        (hits,) = retriever.retrieve([question], k)
        passages = retriever.passages(hit.passage_id for hit in hits)
        reasons = _explained(retriever, question, k) if arguments.explain else {}
    rows = [_Row(rank, hit, passages[hit.passage_id], example) for rank, hit in enumerate(hits, 1)]
    if arguments.json:
        for row in rows:
            print(json.dumps(row.plain() | {"explanation": reasons.get(row.passage.id)}))
        return 0
    print(f"{suite.name} · {retriever.description} · top {k} for {clean(question)!r}")
    for note in retriever.notes:
        print(f"note: {note}")
    if arguments.explain and not reasons and rows:
        print("note: only Elasticsearch explains its scores, and not those of hybrid")
    _show(rows, reasons, suite)
    return 0


class _Row:
    """A passage with its rank."""

    def __init__(self, rank: int, hit: Hit, passage: Passage, example: QAExample | None) -> None:
        self.rank, self.hit, self.passage = rank, hit, passage
        self.relevant = example is not None and passage.source in example.relevant

    def plain(self) -> dict[str, object]:
        """As JSON shows it."""
        return {
            "rank": self.rank,
            "id": self.passage.id,
            "score": self.hit.score,
            "relevant": self.relevant,
            "title": self.passage.title,
            "text": self.passage.text,
        }

    def lines(self, width: int) -> list[str]:
        """As the terminal shows it."""
        mark = "✓" if self.relevant else " "
        title = f"  {clean(self.passage.title)}" if self.passage.title else ""
        head = f"{mark}{self.rank:3}  {self.hit.score:7.3f}  {clean(self.passage.id)}{title}"
        text = textwrap.wrap(
            " ".join(clean(self.passage.text).split()),
            width,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
            max_lines=_LINES,
            placeholder=" …",
        )
        return [head, *text]


def _explained(retriever: Retriever, question: str, k: int) -> dict[str, Sequence[str]]:
    if not isinstance(retriever, Explaining):
        return {}
    return {hit.passage_id: lines for hit, lines in retriever.explain(question, k)}


def _show(rows: Sequence[_Row], reasons: Mapping[str, Sequence[str]], suite: Suite) -> None:
    if not rows:
        print(f"nothing: no passage of {suite.path} shares a term with the question")
    width = max(shutil.get_terminal_size().columns, 40)
    for row in rows:
        print("\n".join(row.lines(width)))
        for line in reasons.get(row.passage.id, ()):
            print(harmless(f"{_INDENT}{line}"))
