"""Which document each question is about: questions on one document are not independent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_ragft.records import Cluster, Passage, QAExample


def clusters_of(
    examples: Sequence[QAExample], passages: Iterable[Passage], *, own: bool
) -> Mapping[str, Cluster]:
    """The cluster of each question, by its id.

    A question that names no document is about that of its first relevant passage; a corpus line
    without a document is one by itself, within its suite. Else the question is its own cluster.

    Args:
        examples: of one suite.
        passages: of its corpus; none where that is not at hand.
        own: whether its documents' names mean something else in other suites.
    """
    corpus = {passage.source: passage for passage in passages}
    return {example.id: _cluster(example, corpus, own) for example in examples}


def _cluster(example: QAExample, corpus: Mapping[str, Passage], own: bool) -> Cluster:
    name = example.document
    passage = corpus.get(example.relevant[0]) if example.relevant else None
    if name is None and passage is not None:
        if passage.document is None:
            return Cluster(name=passage.source, scope="suite")
        name = passage.document
    if name is None:
        return Cluster(name=example.id, scope="question")
    return Cluster(name=name, scope="suite" if own else "pool")
