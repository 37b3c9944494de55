"""The retrievers that the contract is held against.

An adapter adds its cases to `RETRIEVERS`: a name, its mode, and a function that opens it over a
corpus. The function gets the test's request, to ask for fixtures such as a server, and skips with
the reason where what it needs is not there. What it opens is closed after the test.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from pytest_ragft.records import Passage
from pytest_ragft.retrieval.bm25 import BM25Retriever
from pytest_ragft.retrieval.dense import DenseRetriever
from pytest_ragft.retrieval.embedded import open_embedded
from pytest_ragft.retrieval.encoding import Encoder, open_encoder
from pytest_ragft.retrieval.hybrid import HybridRetriever
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.retrieval.ranking import searched_text
from pytest_ragft.retrieval.settings import Mode, RetrievalSettings
from tests.elastic.opening import contract_case

Open = Callable[[tuple[Passage, ...], pytest.FixtureRequest], Retriever]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to retrieve."""

    name: str
    mode: Mode
    open: Open
    stems: bool = True
    """Inflected words match; only asked where words are what matches."""


def encoder_folder() -> Path:
    """The sentence encoder's folder, or a skip."""
    folder = os.environ.get("RAGFT_TEST_ENCODER")
    if not folder:
        pytest.skip("RAGFT_TEST_ENCODER names no sentence encoder (make it: make encoder)")
    pytest.importorskip("torch", reason="the extra 'hf' is not installed")
    return Path(folder)


def embedded(**settings: object) -> Open:
    """Opens the embedded backend with settings."""

    made = RetrievalSettings(**settings)

    def open_(passages: tuple[Passage, ...], request: pytest.FixtureRequest) -> Retriever:
        texts = [searched_text(passage) for passage in passages]
        return open_embedded(
            passages,
            made,
            lambda: open_encoder(made.encoder, corpus=texts, store=None, offline=False),
        )

    return open_


def dense_hf(passages: tuple[Passage, ...], request: pytest.FixtureRequest) -> Retriever:
    """Opens the embedded dense retriever with the test's sentence encoder, loaded only once."""
    return DenseRetriever(passages, sentence_encoder(encoder_folder()))


def hybrid_hf(passages: tuple[Passage, ...], request: pytest.FixtureRequest) -> Retriever:
    """Opens the embedded hybrid retriever with the test's sentence encoder."""
    parts = [BM25Retriever(passages), dense_hf(passages, request)]
    return HybridRetriever(parts, fusion="rrf", depth=50)


@cache
def sentence_encoder(folder: Path) -> Encoder:
    """The encoder of a folder, with nothing kept between calls."""
    return open_encoder(f"hf:{folder}", corpus=(), store=None, offline=False)


RETRIEVERS = [
    Case(name="embedded-bm25", mode="bm25", open=embedded()),
    Case(
        name="embedded-bm25-standard",
        mode="bm25",
        open=embedded(analyzer="standard"),
        stems=False,
    ),
    Case(name="embedded-dense-tfidf", mode="dense", open=embedded(mode="dense")),
    Case(name="embedded-dense-hf", mode="dense", open=dense_hf),
    Case(name="embedded-hybrid-rrf", mode="hybrid", open=embedded(mode="hybrid")),
    Case(
        name="embedded-hybrid-weighted",
        mode="hybrid",
        open=embedded(mode="hybrid", fusion="weighted"),
    ),
    Case(name="embedded-hybrid-hf", mode="hybrid", open=hybrid_hf),
    Case(name="elastic-bm25", mode="bm25", open=contract_case()),
    Case(
        name="elastic-bm25-fields",
        mode="bm25",
        open=contract_case(fields={"title": 1.5, "text": 1.0}),
    ),
    Case(name="elastic-dense-int8", mode="dense", open=contract_case(mode="dense")),
    Case(name="elastic-dense-flat", mode="dense", open=contract_case(mode="dense", vectors="flat")),
    Case(name="elastic-hybrid", mode="hybrid", open=contract_case(mode="hybrid")),
]
