"""What a suite says about retrieval: the table ``[retrieval]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pytest_ragft.retrieval.encoding.port import TextRole

Mode = Literal["bm25", "dense", "hybrid"]
Fusion = Literal["rrf", "weighted"]
Vectors = Literal["int8_hnsw", "flat"]

BACKENDS = ("auto", "embedded", "elasticsearch")
"""Those of the package; any other names a retriever of one's own."""

NONE = "none"
"""The backend of a suite whose questions are asked without passages; no option asks for it."""

URL = re.compile(r"https?://[^/\s@]+(/\S*)?")
"""Of a server; without user and password, which come from the environment."""

RRF_K = 60
"""Cormack, Clarke and Büttcher (2009)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIndex:
    """An index of the user's, which is only ever read."""

    name: str
    text_field: str = "text"
    title_field: str | None = None
    id_field: str | None = None
    """A keyword field with the passage's id, which also orders ties; None: ``_id``, unordered."""
    vector_field: str | None = None
    query: str | None = None
    """A body for ``_search`` as JSON text with ``{query}`` and perhaps ``{vector}``."""
    filter: str | None = None
    """A query clause as JSON text that every hit must match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalSettings:
    """The table ``[retrieval]``."""

    backend: str = "auto"
    """One of `BACKENDS`, `NONE`, ``MODULE:CLASS``, or the name of an entry point."""
    mode: Mode = "bm25"
    k: int = 5
    """Passages shown to the model."""
    analyzer: str = "english"
    """Elasticsearch's name; embedded knows ``english``, and ``standard`` without stems."""
    k1: float = 1.2
    b: float = 0.75
    fields: Mapping[str, float] = field(default_factory=dict)
    """Weights of ``title`` and ``text``, searched apart; empty: both as one field."""
    encoder: str = "tfidf"
    """For dense and hybrid: ``tfidf``, ``hf:PATH`` or ``openai:MODEL@URL``."""
    query_prompt: str | None = None
    """Stands before each question that is encoded; None: the model's own, if it brings one."""
    document_prompt: str | None = None
    """The same for passages."""
    vectors: Vectors = "int8_hnsw"
    """How Elasticsearch indexes vectors; ``flat`` is exact. Embedded search is always exact."""
    fusion: Fusion = "rrf"
    """For hybrid: reciprocal ranks with k = 60, or min–max scores with .5 each."""
    chunk_words: int | None = None
    """Longest passage in words; longer corpus lines are cut at sentence ends. None: none is."""
    chunk_overlap: int = 1
    """Sentences that neighbouring passages share."""
    url: str | None = None
    """Of Elasticsearch; ``--ragft-es-url`` and ``RAGFT_ES_URL`` override it."""
    index: OwnIndex | None = None
    run: str | None = None
    """A run file of TREC in place of a search, from the suite's folder."""

    @property
    def prompts(self) -> dict[TextRole, str]:
        """Those that are given, by the role of the text."""
        given: dict[TextRole, str | None]
        given = {"query": self.query_prompt, "document": self.document_prompt}
        return {role: prompt for role, prompt in given.items() if prompt is not None}

    def plain(self) -> dict[str, object]:
        """For fingerprints: without prompts or a run it is what it was before there were any."""
        value = asdict(self)
        new = ("query_prompt", "document_prompt", "run")
        return {k: v for k, v in value.items() if not (k in new and v is None)}

    @property
    def depth(self) -> int:
        """Hits of each part that hybrid fuses: 5 × k, at least 50."""
        return max(5 * self.k, 50)
