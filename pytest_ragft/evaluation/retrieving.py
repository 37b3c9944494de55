"""Hits of a suite's questions: from the store, or from the retriever, and frozen from then on.

Every variant reads the same passages, so that a comparison isolates the generator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pytest_ragft.errors import RetrievalError, StoreError
from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.codec import PASSAGES, RANKINGS
from pytest_ragft.evaluation.ranking import Hits, Rankings, sources_of
from pytest_ragft.evaluation.requests import shown
from pytest_ragft.records import Hit, Passage, QAExample
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.suite import Suite

# Hits in the order of the questions, and their texts.
_Found: TypeAlias = tuple[Sequence[tuple[Hit, ...]], Mapping[str, Passage]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """What a retriever found for the questions of a suite."""

    hits: Hits
    texts: Mapping[str, Passage]
    """The passages by id; those of the hits at least."""
    depth: int
    """Hits that were asked for; the first of them are shown."""
    index: str | None
    """The retriever's fingerprint."""

    @property
    def rankings(self) -> Rankings:
        """The hits with what retrieval gates need of their texts."""
        every = (hit for hits in self.hits.values() for hit in hits)
        sources = sources_of(every, self.texts)
        return Rankings(hits=self.hits, depth=self.depth, sources=sources, index=self.index)

    def shown(self, k: int) -> dict[str, tuple[Hit, ...]]:
        """The first `k` hits of each question: what every variant sees."""
        return {example_id: hits[:k] for example_id, hits in self.hits.items()}


def retrieve(
    suite: Suite,
    examples: Sequence[QAExample],
    retriever: Retriever,
    archive: Archive,
    depth: int,
) -> Retrieved:
    """At most `depth` hits by question id with their texts, from the store or the retriever.

    What is shown is asked for as if nothing deeper were wanted, and comes first: hybrid fusion and
    approximate search may rank otherwise when more is asked for, and gates on retrieval must not
    change what a model reads.

    Nothing is taken from the store, nor kept there, where the retriever's identity is unknown:
    nobody could tell whether the index has changed since.

    Raises:
        RetrievalError: the retriever failed, or found what the corpus does not have.
        StoreError: the store cannot be used.
    """
    identity = retriever.fingerprint
    ranked, texts = _ranked(suite, examples, retriever, archive, identity, suite.retrieval.k)
    if depth > suite.retrieval.k:
        further, more = _ranked(suite, examples, retriever, archive, identity, depth)
        ranked = [_joined(*pair)[:depth] for pair in zip(ranked, further, strict=True)]
        texts = {**more, **texts} if more is not texts else texts
    by_id = {example.id: hits for example, hits in zip(examples, ranked, strict=True)}
    return Retrieved(hits=by_id, texts=texts, depth=depth, index=identity)


def _joined(first: tuple[Hit, ...], others: tuple[Hit, ...]) -> tuple[Hit, ...]:
    known = {hit.passage_id for hit in first}
    return (*first, *(hit for hit in others if hit.passage_id not in known))


def _ranked(
    suite: Suite,
    examples: Sequence[QAExample],
    retriever: Retriever,
    archive: Archive,
    identity: str | None,
    k: int,
) -> _Found:
    if identity is None:
        return _asked(suite, examples, retriever, k)
    key = keys.hits_key(identity, [example.question for example in examples], k)
    found = _stored(suite, examples, archive, key)
    if found is None:
        ranked, texts = _asked(suite, examples, retriever, k)
        if not suite.passages:
            archive.keep(PASSAGES, {keys.texts_key(key): texts})
        archive.keep(RANKINGS, {key: ranked})
        found = _stored(suite, examples, archive, key) or (ranked, texts)
    return found


def _asked(suite: Suite, examples: Sequence[QAExample], retriever: Retriever, k: int) -> _Found:
    ranked = retriever.retrieve([example.question for example in examples], k)
    if len(ranked) != len(examples):
        raise RetrievalError(
            f"{suite.path}: the retriever answered {len(ranked)} of {len(examples)} questions"
        )
    ids = dict.fromkeys(hit.passage_id for hits in ranked for hit in hits)
    texts = suite.passages or retriever.passages(ids)
    for example, hits in zip(examples, ranked, strict=True):
        shown(hits, texts, suite)
        if len({hit.passage_id for hit in hits}) < len(hits):
            raise RetrievalError(
                f"{suite.path}: the retriever found one passage twice for question "
                f"{example.id!r}; give each passage of the index an id of its own"
            )
    return ranked, texts


def _stored(
    suite: Suite, examples: Sequence[QAExample], archive: Archive, key: str
) -> _Found | None:
    """What an earlier run kept; None where hits or, for an index without corpus, texts lack."""
    ranked = archive.load(RANKINGS, [key]).get(key)
    texts: Mapping[str, Passage] | None = suite.passages
    if not texts:
        texts = archive.load(PASSAGES, [keys.texts_key(key)]).get(keys.texts_key(key))
    if ranked is None or texts is None:
        return None
    if len(ranked) != len(examples):
        raise StoreError(
            f"the store {str(archive.store.path)!r} holds a damaged entry, the hits {key!r} "
            f"({len(ranked)} for {len(examples)} questions); run once with --ragft-cache=refresh"
        )
    return ranked, texts
