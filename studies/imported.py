"""How far `ragft import` is right about the documents that it finds: against the known ones.

    [RAGFT_DATA=…] python -m studies.imported

On the shipped suites, and on sets in `RAGFT_DATA`: ClapNQ (long answers, one passage a question,
600 passages) and BioASQ (exact answers, all snippets of its questions; a snippet of another
question may bear an answer out as well and counts as wrong). What is known is put aside, and looked
for by question and references alone. Printed: questions, those with a document, and of these the
share that is right; passages likewise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.drafting.support import Supports
from pytest_ragft.records import Passage
from pytest_ragft.suite import load_suite

SUITES = Path(__file__).parents[1] / "suites"
CLAPNQ = Path("clapnq_dev", "annotated_data", "dev")
BIOASQ = Path("bioasq", "golden")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question whose documents and passages are known."""

    question: str
    references: tuple[str, ...]
    documents: frozenset[str]
    passages: frozenset[str]


def main() -> None:
    """Print a row a set."""
    print("| set | passages | questions | document found | right | passages found | right |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, asked, corpus in _sets():
        supports = Supports(corpus)
        found = [(of, supports.find(of.question, of.references)) for of in asked]
        told = [(of, support) for of, support in found if support.document is not None]
        right = sum(support.document in of.documents for of, support in told)
        passages = sum(len(support.passages) for _, support in told)
        relevant = sum(len(of.passages.intersection(support.passages)) for of, support in told)
        print(
            f"| {name} | {len(corpus):,} | {len(asked):,} | {_share(len(told), len(asked))} | "
            f"{_share(right, len(told))} | {passages:,} | {_share(relevant, passages)} |"
        )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _sets() -> Iterator[tuple[str, list[Asked], list[Passage]]]:
    for name in ("biomedical", "encyclopedia", "papers"):
        yield name, *_suite(name)
    data = os.environ.get("RAGFT_DATA")
    if data and (Path(data) / CLAPNQ).is_dir():
        yield "ClapNQ", *_clapnq(Path(data))
    if data and (Path(data) / BIOASQ).is_dir():
        yield "BioASQ", *_bioasq(Path(data))


def _suite(name: str) -> tuple[list[Asked], list[Passage]]:
    suite = load_suite(SUITES / name / "suite.toml")
    asked = [
        Asked(
            question=example.question,
            references=example.references,
            documents=frozenset({suite.cluster_of(example).name}),
            passages=frozenset(example.relevant),
        )
        for example in suite.examples
        if example.answerable
    ]
    return asked, list(suite.passages.values())


def _clapnq(data: Path) -> tuple[list[Asked], list[Passage]]:
    asked, corpus = [], []
    for file in sorted((data / CLAPNQ).glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row: dict[str, Any] = json.loads(line)
            (passage,) = row["passages"]
            corpus.append(
                Passage(
                    id=row["id"],
                    title=passage["title"],
                    text=passage["text"],
                    document=passage["title"],
                )
            )
            answers = tuple(of["answer"] for of in row["output"] if of["answer"])
            if answers:
                asked.append(
                    Asked(
                        question=row["input"],
                        references=answers,
                        documents=frozenset({passage["title"]}),
                        passages=frozenset({row["id"]}),
                    )
                )
    return asked, corpus


def _bioasq(data: Path) -> tuple[list[Asked], list[Passage]]:
    asked, corpus = [], dict[tuple[str, str], Passage]()
    for file in sorted((data / BIOASQ).glob("*.json")):
        for row in json.loads(file.read_text(encoding="utf-8"))["questions"]:
            places = [(of["document"], of["text"]) for of in row["snippets"]]
            for place in places:
                passage = Passage(id=str(len(corpus)), text=place[1], document=place[0])
                corpus.setdefault(place, passage)
            references = _exact(row.get("exact_answer"))
            if row["type"] in ("factoid", "list") and references:
                asked.append(
                    Asked(
                        question=row["body"],
                        references=references,
                        documents=frozenset(document for document, _ in places),
                        passages=frozenset(corpus[place].id for place in places),
                    )
                )
    return asked, list(corpus.values())


def _exact(answer: object) -> tuple[str, ...]:
    if isinstance(answer, str):
        return (answer,)
    if isinstance(answer, Sequence):
        return tuple(text for of in answer for text in _exact(of))
    return ()


if __name__ == "__main__":
    main()
