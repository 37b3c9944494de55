"""A folder in BEIR's layout: corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv.

Source: Thakur et al. 2021, https://arxiv.org/abs/2104.08663, and https://github.com/beir-cellar/beir;
MTEB's data sets for retrieval have it, too. Each data set has a licence of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pytest_ragft.datasets.fields import Fields
from pytest_ragft.datasets.files import read_text
from pytest_ragft.datasets.formats import columns
from pytest_ragft.datasets.formats.collecting import Collector, Deferred, question_id
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.formats.splits import of_split
from pytest_ragft.datasets.jsonl import named_lines, parse_line, read_passages
from pytest_ragft.datasets.trec import read_qrels
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Passage, QAExample

OPTIONS = ("columns", "encoding", "separator", "split", "least_grade")

_UNJUDGED = "queries without judgments of relevance, left out"
_UNREFERENCED = "queries without a reference answer, left out, since others have one"


def read(files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """Queries with judgments of relevance, as questions; a text may be empty and a title null.

    BEIR has no reference answers. Where queries hold some all the same, `columns` says where, such
    as ``references = "metadata.answer"``; else the questions serve retrieval alone.

    Raises:
        SuiteError: see `Format`.
    """
    fields = Fields(options, where=READER, known=OPTIONS)
    encoding, least = fields.optional_text("encoding"), fields.integer("least_grade") or 1
    corpora, queries, judged = _kinds(files)
    collector = Collector()
    own = {key: value for key, value in options.items() if key in columns.OPTIONS}
    rows = columns.Rows(own, own={"id": "_id", "question": "text"}, unreferenced=True)
    for file in queries:
        rows.read(named_lines(read_text(file, encoding), file), collector, file, parse_line)
    grades = _grades(judged, fields.optional_text("split"), encoding)
    examples = (
        with_relevance(collector, grades, least) if judged else collector.collected().examples
    )
    return QuestionSet(
        examples=referenced(examples, collector),
        passages=Deferred(partial(_passages, corpora, encoding)) if corpora else (),
        notes=collector.notes,
    )


def with_relevance(
    collector: Collector, grades: Mapping[str, Mapping[str, int]], least: int
) -> tuple[QAExample, ...]:
    """The collected questions that were judged, with what is relevant to them; others are noted.

    Args:
        collector: holds the questions.
        grades: By the queries' ids as their makers write them, and the passages'.
        least: The lowest grade of a relevant passage.
    """
    by_question = {question_id(query): of for query, of in grades.items()}
    kept = []
    for example in collector.collected().examples:
        if example.id in by_question:
            relevant = tuple(p for p, grade in by_question[example.id].items() if grade >= least)
            kept.append(replace(example, relevant=relevant))
        else:
            collector.note(_UNJUDGED, example.id)
    return tuple(kept)


def referenced(examples: Sequence[QAExample], collector: Collector) -> tuple[QAExample, ...]:
    """All questions where none can be judged by references, else those that can."""
    if not any(example.references for example in examples):
        return tuple(examples)
    for example in examples:
        if not example.references and example.answerable:
            collector.note(_UNREFERENCED, example.id)
    return tuple(e for e in examples if e.references or not e.answerable)


def _kinds(files: Iterable[Path]) -> tuple[list[Path], list[Path], list[Path]]:
    corpora, queries, judged = [], [], []
    for file in files:
        if ".tsv" in file.suffixes:
            judged.append(file)
        elif file.name.startswith("corpus"):
            corpora.append(file)
        elif file.name.startswith("queries"):
            queries.append(file)
        else:
            raise SuiteError(
                f"{file}: is no corpus.jsonl, queries.jsonl or .tsv with judgments; name the "
                "folder with all three"
            )
    if not queries:
        raise SuiteError(f"{files}: no queries.jsonl is among the files")
    return corpora, queries, judged


def _grades(
    files: Sequence[Path], split: str | None, encoding: str | None
) -> dict[str, dict[str, int]]:
    folder = files[0].parent if len(files) > 1 else None
    chosen = of_split(files, split, folder=folder) if files or split else []
    return grades_of(chosen, encoding)


def grades_of(files: Iterable[Path], encoding: str | None) -> dict[str, dict[str, int]]:
    """The judgments of several files.

    Raises:
        SuiteError: a file is wrong, or two of them judge one passage differently.
    """
    grades: dict[str, dict[str, int]] = {}
    for file in files:
        for query, of in read_qrels(file, encoding).items():
            known = grades.setdefault(query, {})
            for document, grade in of.items():
                if known.setdefault(document, grade) != grade:
                    raise SuiteError(
                        f"{file}: document {document!r} has another grade for query {query!r} "
                        "than in a file before it; keep one"
                    )
    return grades


def _passages(files: Sequence[Path], encoding: str | None) -> tuple[Passage, ...]:
    read = [read_passages(file, encoding=encoding, others=True) for file in files]
    if len(read) == 1:
        return read[0]
    first: dict[str, Path] = {}
    for file, passages in zip(files, read, strict=True):
        for passage in passages:
            if first.setdefault(passage.id, file) is not file:
                raise SuiteError(
                    f"{file}: passage id {passage.id!r} is already that of one in "
                    f"{first[passage.id]}; ids are unique"
                )
    return tuple(passage for passages in read for passage in passages)
