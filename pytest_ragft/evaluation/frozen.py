"""Frozen hits: a suite as every variant sees it, with one set of passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from pytest_ragft.errors import RetrievalError, StoreError
from pytest_ragft.evaluation import keys
from pytest_ragft.evaluation.archive import Archive
from pytest_ragft.evaluation.codec import PASSAGES, RANKINGS
from pytest_ragft.evaluation.ranking import Hits, Rankings, sources_of
from pytest_ragft.records import Hit, Passage, Prompt, QAExample, Request
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.suite import Suite

_Found: TypeAlias = tuple[Sequence[tuple[Hit, ...]], Mapping[str, Passage]]
"""Hits in the order of the questions, and their texts."""


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


class FrozenSuite:
    """Questions of a suite, the passages shown with them, and what every variant is asked.

    Args:
        suite: with the prompt's settings.
        examples: the questions that this run asks.
        hits: for each question.
        texts: the passages by id.
    """

    def __init__(
        self,
        suite: Suite,
        examples: Sequence[QAExample],
        hits: Hits,
        texts: Mapping[str, Passage],
    ) -> None:
        self.suite = suite
        self.examples = examples
        self._hits = hits
        self._texts = texts

    def passages(self, example_id: str) -> tuple[Passage, ...]:
        """The passages that every variant sees with a question."""
        return shown(self._hits[example_id], self._texts, self.suite)

    @cached_property
    def requests(self) -> list[Request]:
        """What every variant is asked, in the order of the questions."""
        return [
            Request(
                suite=self.suite.name,
                id=example.id,
                prompt=prompt_for(self.suite, example.question, self.passages(example.id)),
            )
            for example in self.examples
        ]

    @cached_property
    def prompts(self) -> list[str]:
        """Fingerprints of the requests' prompts."""
        return [keys.prompt_fingerprint(request.prompt) for request in self.requests]

    @cached_property
    def judged(self) -> list[str]:
        """Fingerprints of the questions as a judge reads them."""
        return [keys.judged_fingerprint(example) for example in self.examples]


def prompt_for(suite: Suite, question: str, passages: tuple[Passage, ...]) -> Prompt:
    """A question as a suite puts it."""
    return Prompt(
        system=suite.prompt.system, user=suite.prompt.user, question=question, passages=passages
    )


def shown(hits: Sequence[Hit], texts: Mapping[str, Passage], suite: Suite) -> tuple[Passage, ...]:
    """The passages of a ranking.

    Raises:
        RetrievalError: one of them is not in the corpus.
    """
    try:
        return tuple([texts[hit.passage_id] for hit in hits])
    except KeyError as error:
        raise RetrievalError(
            f"{suite.path}: the retriever found the passage {error.args[0]!r}, which the suite's "
            "corpus does not have; index the suite's own corpus"
        ) from None


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


def moved(examples: Sequence[QAExample], today: FrozenSuite, then: FrozenSuite) -> int:
    """Questions that are shown other passages today: others, in other order, or changed."""
    return sum(
        [_read(p) for p in today.passages(e.id)] != [_read(p) for p in then.passages(e.id)]
        for e in examples
    )


def _read(passage: Passage) -> tuple[str, str, str]:
    return passage.id, passage.title, passage.text
