"""Retrieval metrics with binary relevance, in trec_eval's conventions.

A ranking may be shorter than the cut-off k: precision still divides by k, and a query without hits
has 0 in every metric. Queries without a relevant passage are left out of means.

Relevance is stated by corpus lines. Where long lines were cut into passages, a line counts once, at
the rank of its best passage; its other passages take up their ranks and count as not relevant, as
in α-nDCG with α = 1 (Clarke et al. 2008). So a metric at k depends on the first k hits alone, which
are what a model is shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from pytest_ragft.records import Hit, QAExample

Metric = Callable[[Sequence[str], Collection[str], int], float]

MAX_K = 10_000
"""Largest cut-off: Elasticsearch gives no more hits for one query unless it is told to."""


def recall(ranking: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Share of the relevant passages among the first `k`, in [0, 1].

    Args:
        ranking: Passage ids, best first, each once.
        relevant: Ids of the relevant passages, not empty.
        k: Cut-off, at least 1.
    """
    found, total = _found(ranking, relevant, k)
    return sum(found) / total


def precision(ranking: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Relevant passages among the first `k`, divided by `k`, in [0, 1]."""
    found, _ = _found(ranking, relevant, k)
    return sum(found) / k


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str], k: int) -> float:
    """1 / rank of the first relevant passage if among the first `k`, else 0; the mean is MRR."""
    found, _ = _found(ranking, relevant, k)
    return 1 / (found.index(True) + 1) if True in found else 0.0


def ndcg(ranking: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Discounted gain of the first `k` over that of the best ranking, in [0, 1].

    Gain 1 for a relevant passage, discount log2(rank + 1) (Järvelin and Kekäläinen 2002).
    """
    found, total = _found(ranking, relevant, k)
    gain = math.fsum(_discount(i) for i, hit in enumerate(found) if hit)
    return gain / math.fsum(_discount(i) for i in range(min(total, k)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMetric:
    """A metric with its cut-off, as a gate names it; more is better, in [0, 1]."""

    name: str
    """As it was written, such as ``recall@5``."""
    measure: Metric
    k: int | None
    """Hits that it needs; None for ``mrr``, which looks at all that a suite retrieves."""

    def value(
        self,
        example: QAExample,
        ranking: Sequence[str],
        sources: Mapping[str, str] | None = None,
    ) -> float:
        """The metric of one question.

        Args:
            example: The question; it names a relevant passage.
            ranking: Ids of its hits, best first, each once.
            sources: For passages that were cut from corpus lines, `Passage.source` by id.

        Raises:
            ValueError: the question names no relevant passage, or an id stands twice.
        """
        k = max(len(ranking), 1) if self.k is None else self.k
        return self.measure(by_source(ranking, sources), example.relevant, k)


def metric_named(name: str) -> NamedMetric:
    """The metric that ``recall@k``, ``precision@k``, ``ndcg@k``, ``mrr@k`` or ``mrr`` names.

    Raises:
        ValueError: it names none; the message says what is accepted.
    """
    match = _NAME.fullmatch(name)
    k = int(match["k"]) if match is not None and match["k"] else None
    if match is None or (k or 1) > MAX_K or (k is None and match["measure"] != "mrr"):
        raise ValueError(
            f"{name!r} is no retrieval metric; accepted are recall@k, precision@k, ndcg@k, mrr@k "
            f"and mrr, with k from 1 to {MAX_K}, such as 'recall@5'"
        )
    return NamedMetric(name=name, measure=_MEASURES[match["measure"]], k=k)


def by_source(ranking: Sequence[str], sources: Mapping[str, str] | None) -> list[str]:
    """The ranking with each source in the place of its best passage.

    Args:
        ranking: Passage ids, best first, each once.
        sources: `Passage.source` by passage id; an id that is not there is its own source.

    Returns:
        As many ids as in `ranking`; further passages of a source keep their own ids, which are
        never those of corpus lines.
    """
    if not sources:
        return list(ranking)
    seen: set[str] = set()
    placed = []
    for passage_id in ranking:
        source = sources.get(passage_id, passage_id)
        placed.append(passage_id if source in seen else source)
        seen.add(source)
    return placed


def mean_metrics(
    examples: Sequence[QAExample],
    hits: Sequence[Sequence[Hit]],
    k: int,
    sources: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """Means of recall@k, precision@k, mrr and ndcg@k over the questions with relevant passages.

    Args:
        examples: The questions.
        hits: Their hits, best first, in the order of the questions.
        k: Cut-off of all four, at least 1.
        sources: For passages that were cut from corpus lines, `Passage.source` by id.

    Returns:
        The means by name, such as ``recall@5``; empty when no question names a relevant passage.

    Raises:
        ValueError: `examples` and `hits` differ in length.
    """
    rated = [
        (by_source([hit.passage_id for hit in ranking], sources), example.relevant)
        for example, ranking in zip(examples, hits, strict=True)
        if example.relevant
    ]
    if not rated:
        return {}
    metrics: dict[str, Metric] = {
        f"recall@{k}": recall,
        f"precision@{k}": precision,
        "mrr": reciprocal_rank,
        f"ndcg@{k}": ndcg,
    }
    return {
        name: fmean(metric(ranking, relevant, k) for ranking, relevant in rated)
        for name, metric in metrics.items()
    }


def relevant_retrieved(
    example: QAExample, hits: Sequence[Hit], sources: Mapping[str, str] | None = None
) -> bool | None:
    """Whether any relevant passage is among the hits; None when the question names none.

    Args:
        example: The question.
        hits: Its hits.
        sources: For passages that were cut from corpus lines, `Passage.source` by id.
    """
    if not example.relevant:
        return None
    found = by_source([hit.passage_id for hit in hits], sources)
    return not set(found).isdisjoint(example.relevant)


_MEASURES: Mapping[str, Metric] = {
    "recall": recall,
    "precision": precision,
    "ndcg": ndcg,
    "mrr": reciprocal_rank,
}
# One spelling a metric, so that one file cannot hold two gates of the same.
_NAME = re.compile(r"(?P<measure>recall|precision|ndcg|mrr)(?:@(?P<k>[1-9][0-9]{0,8}))?")


def _found(ranking: Sequence[str], relevant: Collection[str], k: int) -> tuple[list[bool], int]:
    wanted = set(relevant)
    if k < 1 or not wanted:
        raise ValueError(f"needs k of at least 1 and a relevant passage, got k = {k!r}")
    if len(set(ranking)) < len(ranking):
        raise ValueError("a passage stands twice in the ranking")
    return [passage_id in wanted for passage_id in ranking[:k]], len(wanted)


def _discount(position: int) -> float:
    return 1 / math.log2(position + 2)
