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
