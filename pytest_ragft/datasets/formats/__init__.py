"""Readers of question sets in the forms that their makers publish them in, one module a form.

`FORMATS` names them; a module is imported when its form is read. See `port` for what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatFacts:
    """What is known of a form before its reader is imported."""

    module: str
    """Name of the module of this package."""
    what: str
    """The form in a few words."""
    source: str
    """Where the form is described, or the data set published."""
    licence: str = "that of the data"
    """Of the data, where the form is that of one data set."""
    files: tuple[str, ...]
    """Patterns of the names of files, for folders and data sets of the Hub; packed ones count."""
    splits: bool = True
    """Whether files are told apart as train, validation and test by their names."""


FORMATS: Mapping[str, FormatFacts] = {
    "jsonl": FormatFacts(
        module="lines",
        what="one JSON object a line, with a column map",
        source="https://jsonlines.org",
        files=("*.jsonl", "*.ndjson"),
    ),
    "json": FormatFacts(
        module="array",
        what="an array of JSON objects, with a column map",
        source="RFC 8259",
        files=("*.json",),
    ),
    "csv": FormatFacts(
        module="table",
        what="CSV, TSV and the like, with a header and a column map",
        source="RFC 4180",
        files=("*.csv", "*.tsv"),
    ),
    "parquet": FormatFacts(
        module="parquet",
        what="Parquet, with a column map (extra `data`)",
        source="https://parquet.apache.org",
        files=("*.parquet",),
    ),
    "squad": FormatFacts(
        module="squad",
        what="SQuAD 1.1 and 2.0, and whatever has their layout",
        source="https://rajpurkar.github.io/SQuAD-explorer/",
        licence="CC BY-SA 4.0 (SQuAD); that of the data otherwise",
        files=("*.json",),
    ),
    "bioasq": FormatFacts(
        module="bioasq",
        what="BioASQ task B: biomedical questions with snippets of abstracts",
        source="https://participants-area.bioasq.org/datasets/",
        licence="CC BY 2.5",
        files=("*.json",),
        splits=False,
    ),
    "nq-open": FormatFacts(
        module="nq_open",
        what="Natural Questions, open: search queries with short answers",
        source="https://github.com/google-research-datasets/natural-questions",
        licence="CC BY-SA 3.0",
        files=("*.jsonl",),
    ),
    "nq-oracle": FormatFacts(
        module="nq_oracle",
        what="Natural Questions with gold passages and distractors",
        source="https://github.com/nelson-liu/lost-in-the-middle",
        licence="MIT; CC BY-SA 3.0 of the questions",
        files=("*.jsonl",),
        splits=False,
    ),
    "qasper": FormatFacts(
        module="qasper",
        what="Qasper: questions about scientific papers, with evidence",
        source="https://allenai.org/data/qasper",
        licence="CC BY 4.0",
        files=("*.json", "*.jsonl"),
    ),
    "clapnq": FormatFacts(
        module="clapnq",
        what="ClapNQ: long answers, and questions without one",
        source="https://github.com/primeqa/clapnq",
        licence="Apache-2.0",
        files=("*.jsonl",),
    ),
    "tatqa": FormatFacts(
        module="tatqa",
        what="TAT-QA: numbers from tables and paragraphs",
        source="https://github.com/NExTplusplus/TAT-QA",
        licence="CC BY 4.0",
        files=("*.json",),
    ),
    "pubmedqa": FormatFacts(
        module="pubmedqa",
        what="PubMedQA: yes, no or maybe by an abstract",
        source="https://github.com/pubmedqa/pubmedqa",
        licence="MIT",
        files=("*.json",),
    ),
    "kqa": FormatFacts(
        module="kqa",
        what="K-QA: patients' questions with must-have statements",
        source="https://github.com/Itaymanes/K-QA",
        licence="MIT",
        files=("*.jsonl",),
        splits=False,
    ),
    "financebench": FormatFacts(
        module="financebench",
        what="FinanceBench: questions on annual reports, with evidence",
        source="https://github.com/patronus-ai/financebench",
        licence="CC BY-NC 4.0",
        files=("*.jsonl",),
        splits=False,
    ),
    "beir": FormatFacts(
        module="beir",
        what="BEIR: corpus.jsonl, queries.jsonl, qrels/*.tsv; for retrieval, mostly",
        source="https://github.com/beir-cellar/beir",
        files=("corpus*.jsonl", "queries*.jsonl", "*.tsv"),
        splits=False,
    ),
    "trec": FormatFacts(
        module="trec",
        what="TREC: topics and qrels, for retrieval; passages from `corpus`",
        source="https://trec.nist.gov/data.html",
        files=("*.txt", "*.tsv", "*.xml", "*.qrels", "*.topics"),
        splits=False,
    ),
}
"""By the name that ``format = …`` and `ragft convert` take, in the order of the documentation."""
