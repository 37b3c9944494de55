"""What the readers of published sets make of them: does the judge know their own references again?

    RAGFT_DATA=… python -m studies.judge.question_sets [SET …]

One row a set of the folder in ``RAGFT_DATA``: questions, passages, those without an answer. Of all
others the share for which the reference judge finds an answer right, and complete, with at least
.95, where the answer is the first reference, the same before "That is all." (so that equal texts do
not decide), and each further reference with the mean of its completeness (another annotator's
answer need not say all that the fullest does). Then hit rate and recall at 5 of BM25 over the set's
own passages, against those that it calls relevant: a mapping that is wrong shows there.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from pytest_ragft.datasets.cleaning import clean_examples
from pytest_ragft.judging.lexical.reference import ReferenceJudge
from pytest_ragft.records import Case, Passage, QAExample
from pytest_ragft.retrieval.bm25 import BM25Retriever
from pytest_ragft.suite.sources import read_places

KNOWN = 0.95
"""A score from which the judge knows an answer again."""
K = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSet:
    """A set of the folder of data."""

    form: str
    places: tuple[str, ...]
    options: Mapping[str, object] = field(default_factory=dict)


SETS: Mapping[str, PublishedSet] = {
    "BioASQ": PublishedSet(form="bioasq", places=("bioasq/golden",)),
    "NQ, oracle": PublishedSet(form="nq-oracle", places=("nq_open_oracle",)),
    "ClapNQ": PublishedSet(form="clapnq", places=("clapnq_dev/annotated_data",)),
    "Qasper": PublishedSet(form="qasper", places=("qasper_sample10",)),
    "Qasper, paper named": PublishedSet(
        form="qasper", places=("qasper_sample10",), options={"name_paper": True}
    ),
    "TAT-QA": PublishedSet(form="tatqa", places=("tatqa_dev",)),
    "K-QA": PublishedSet(form="kqa", places=("kqa/dataset/questions_w_answers.jsonl",)),
    "FinanceBench, half": PublishedSet(form="financebench", places=("financebench_half",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """How many of some answers the judge knows again."""

    answers: int
    right: float
    """Share with an accuracy of at least `KNOWN`."""
    complete: float
    mean: float
    """Of completeness."""


def known_again(judge: ReferenceJudge, answers: Iterable[tuple[QAExample, str]]) -> Known | None:
    """What the judge says to answers; None without any."""
    cases = [Case(example=example, answer=answer) for example, answer in answers]
    scores = judge.judge(cases)
    if not cases:
        return None
    right = [score["accuracy"].value or 0.0 for score in scores]
    whole = [score["completeness"].value or 0.0 for score in scores]
    return Known(
        answers=len(cases),
        right=fmean(value >= KNOWN for value in right),
        complete=fmean(value >= KNOWN for value in whole),
        mean=fmean(whole),
    )


def found(examples: Sequence[QAExample], passages: Sequence[Passage]) -> tuple[float, float] | None:
    """Hit rate and recall of BM25 at `K`; None where nothing is relevant."""
    asked = [example for example in examples if example.relevant]
    if not asked:
        return None
    with closing(BM25Retriever(passages)) as retriever:
        hits = retriever.retrieve([example.question for example in asked], K)
    shares = []
    for example, ranked in zip(asked, hits, strict=True):
        relevant = set(example.relevant)
        shares.append(len(relevant & {hit.passage_id for hit in ranked}) / len(relevant))
    return fmean(share > 0 for share in shares), fmean(shares)


def row(name: str, given: PublishedSet, data: Path, judge: ReferenceJudge) -> str:
    """The set's row of the table."""
    read = read_places(given.form, given.places, given.options, folder=data)
    examples, _ = clean_examples(read.examples)
    asked = [example for example in examples if example.answerable]
    answers = [
        known_again(judge, ((e, e.references[0]) for e in asked)),
        known_again(judge, ((e, f"{e.references[0].rstrip(' .')}. That is all.") for e in asked)),
        known_again(judge, ((e, other) for e in asked for other in e.references[1:])),
    ]
    cells = [
        name,
        f"{len(examples):,}",
        f"{len(read.passages):,}",
        f"{len(examples) - len(asked):,}",
    ]
    cells += [f"{k.right:.1%}, {k.complete:.1%}" if k else "–" for k in answers]
    cells.append(f"{answers[-1].mean:.2f} of {answers[-1].answers:,}" if answers[-1] else "–")
    search = found(examples, read.passages)
    cells.append(f"{search[0]:.2f}, {search[1]:.2f}" if search else "–")
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| set | questions | passages | unanswerable | first reference: right, complete "
    "| before “That is all.” | others: right, complete | their mean completeness "
    "| BM25: hit rate, recall@5 |"
)


def main(names: Sequence[str]) -> None:
    data, judge = Path(os.environ["RAGFT_DATA"]), ReferenceJudge()
    print(HEAD)
    print("| --- " * (HEAD.count("|") - 1) + "|")
    for name, given in SETS.items():
        if (not names or name in names) and all((data / place).exists() for place in given.places):
            print(row(name, given, data, judge), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}")
    main(parser.parse_args().sets)
