"""BioASQ task B: biomedical questions by experts, with snippets of PubMed abstracts.

Source: https://participants-area.bioasq.org/datasets/ (after registration), files such as
``10B1_golden.json`` and ``training11b.json``. Licence: CC BY 2.5. Paper: Tsatsaronis et al., "An
overview of the BIOASQ large-scale biomedical semantic indexing and question answering competition",
BMC Bioinformatics 16 (2015).

A file is ``{"questions": [{"id", "body", "type", "ideal_answer", "exact_answer", "snippets"}]}``;
concepts, triples and documents without a snippet are not read.

- Several ideal answers: all are references, that of the most words first, of those that have the
  exact answer where one does. Exact answers are further ones: each name of a factoid, the plain yes
  or no, the enumeration of a list.
- A list's items are its facts. Where an item has several names, of which a fact could hold only
  one, there are no facts: the enumerations by all names, up to 24, are references, and a judge
  counts their items. Where no ideal answer has all items, the enumeration comes first.
- A yes/no question: the decision is its fact; ideal answers that do not say it open with it ("Yes.
  …"), and one that says the opposite is left out.
- The corpus is the snippets of all questions, each text of an abstract once, with the PubMed id as
  document. Questions that share an abstract, also through others, share their document: the one
  that the first of them cites first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from pathlib import Path
from typing import Literal, cast

from pytest_ragft.datasets.fields import Fields, show
from pytest_ragft.datasets.formats.answers import (
    CONTRADICTS,
    filled,
    fullest_first,
    keep,
    named,
    opened,
)
from pytest_ragft.datasets.formats.collecting import Collector
from pytest_ragft.datasets.formats.json_files import numbered, read_document, records
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.jsonl import read_rows
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import QAExample

OPTIONS = ("encoding",)

# Enumerations of a list whose items have several names.
_MOST_WAYS = 24

_TYPES = ("factoid", "list", "summary", "yesno")
Kind = Literal["factoid", "list", "summary", "yesno"]


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions of task B; see `pytest_ragft.datasets.formats.port.Format`."""
    encoding = Fields(options, where=READER, known=OPTIONS).optional_text("encoding")
    found, links = list[tuple[QAExample, str]](), _Links()
    collector = Collector()
    for path in files:
        document = read_document(path, encoding)
        if isinstance(document, Mapping):
            document = document.get("questions")
        if not isinstance(document, list):
            raise SuiteError(
                f'{path}: holds no list "questions"; a file of task B is {{"questions": […]}}'
            )
        read_rows(
            numbered(document, path),
            lambda row, where: found.append(_question(row, where, collector, links)),
            path,
        )
    clusters = links.named()
    for example, where in found:
        document = clusters.get(example.id)
        keep(collector, replace(example, document=document), where)
    return collector.collected()


def _question(
    row: object, where: str, collector: Collector, links: _Links
) -> tuple[QAExample, str]:
    fields = Fields(row, where=where, known=("id", "body", "type"), others=True)
    kind = cast("Kind", fields.choice("type", _TYPES))
    name, question = named(fields, "id"), fields.text("body")
    ideal = fullest_first(filled(fields, "ideal_answer")[0])
    exact = _exact(fields, kind)
    # Everything is checked before anything is kept.
    snippets = [
        (_pubmed(snippet.text("document")), snippet.text("text", empty=True))
        for snippet in records(fields, "snippets", ("document", "text"))
    ]
    relevant = []
    for document, text in snippets:
        if text.strip():
            relevant.append(collector.passage(text, document=document))
        else:
            collector.note("snippets without a text, left out", name)
    links.join(name, [document for document, _ in snippets])
    facts: tuple[str, ...] = ()
    if kind == "yesno":
        references, facts = _polar(ideal, exact, name, collector)
    elif kind == "list":
        references, facts = _listed(ideal, exact)
    else:
        names = (name for item in exact for name in item)
        references = (*_naming(ideal, exact)[:1], *ideal, *names)
    example = QAExample(
        id=name,
        question=question.strip(),
        references=tuple(dict.fromkeys(references)),
        facts=facts,
        relevant=tuple(dict.fromkeys(relevant)),
        type=kind,
    )
    return example, where


def _exact(fields: Fields, kind: Kind) -> list[list[str]]:
    """Items with their names; a yes or no is one item of one name."""
    value = fields.given.get("exact_answer")
    if value is None or kind == "summary":
        return []
    given = value if isinstance(value, list) else [value]
    # A factoid's names may stand in a list of their own, or not.
    if kind != "list" and all(isinstance(name, str) for name in given):
        given = [given]
    names = [item if isinstance(item, list) else [item] for item in given]
    if not all(isinstance(name, str) for item in names for name in item):
        raise fields.wrong("exact_answer", "must be a text, a list of texts or of lists of texts")
    stripped = [[bare for name in item if (bare := str(name).strip(" ,;"))] for item in names]
    exact = [item for item in stripped if item]
    if kind == "yesno" and (
        len(exact) != 1 or exact[0][0].lower().rstrip(".") not in ("yes", "no")
    ):
        raise fields.wrong("exact_answer", f"{show(value)} is no answer to a yes/no question")
    return exact


def _polar(
    ideal: Sequence[str], exact: list[list[str]], name: str, collector: Collector
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """References and facts of a yes/no question."""
    if not exact:
        return tuple(ideal), ()
    said = exact[0][0].lower().rstrip(".")
    texts = [opened(answer, said) for answer in ideal]
    for _ in range(texts.count(None)):
        collector.note(CONTRADICTS, name)
    return (*(text for text in texts if text is not None), said.capitalize()), (said,)


def _listed(
    ideal: Sequence[str], exact: list[list[str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """References and facts of a list."""
    if not exact:
        return tuple(ideal), ()
    several = any(len(names) > 1 for names in exact)
    ways = list(islice(product(*([*names] for names in exact)), _MOST_WAYS))
    plain = ["; ".join(dict.fromkeys(way)) for way in ways]
    # A list is complete by its first reference, where it has no facts.
    first = _naming(ideal, exact)[:1] or plain[:1]
    facts = () if several else tuple(dict.fromkeys(ways[0]))
    return (*first, *ideal, *plain), facts


def _naming(ideal: Sequence[str], exact: list[list[str]]) -> list[str]:
    """Ideal answers that have a name of each item."""
    return [text for text in ideal if all(any(_says(text, n) for n in item) for item in exact)]


def _says(text: str, name: str) -> bool:
    return f" {_bare(name)} " in f" {_bare(text)} "


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _pubmed(document: str) -> str:
    """The PubMed id of an address such as ``http://www.ncbi.nlm.nih.gov/pubmed/34494428``."""
    return document.rstrip("/").rsplit("/", 1)[-1]


class _Links:
    """Which questions hang together by the abstracts that they cite."""

    def __init__(self) -> None:
        self._parents: dict[tuple[str, str], tuple[str, str]] = {}
        self._first: dict[str, str] = {}

    def join(self, question: str, documents: Iterable[str]) -> None:
        """A question cites these."""
        for document in documents:
            self._first.setdefault(question, document)
            self._parents[self._root(("document", document))] = self._root(("question", question))

    def named(self) -> dict[str, str]:
        """By question the first document of its group."""
        names: dict[tuple[str, str], str] = {}
        return {
            question: names.setdefault(self._root(("question", question)), document)
            for question, document in self._first.items()
        }

    def _root(self, node: tuple[str, str]) -> tuple[str, str]:
        while (parent := self._parents.setdefault(node, node)) != node:
            self._parents[node] = self._parents[parent]
            node = parent
        return node
