"""Retrieval metrics with binary relevance, in trec_eval's conventions.

A ranking may be shorter than the cut-off k: precision still divides by k, and a query without hits
has 0 in every metric. Queries without a relevant passage are left out of means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from statistics import fmean

from pytest_ragft.records import Hit, QAExample

Metric = Callable[[Sequence[str], Collection[str], int], float]


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


def mean_metrics(
    examples: Sequence[QAExample], hits: Sequence[Sequence[Hit]], k: int
) -> dict[str, float]:
    """Means of recall@k, precision@k, mrr and ndcg@k over the questions with relevant passages.

    Args:
        examples: The questions.
        hits: Their hits, best first, in the order of the questions.
        k: Cut-off of all four, at least 1.

    Returns:
        The means by name, such as ``recall@5``; empty when no question names a relevant passage.

    Raises:
        ValueError: `examples` and `hits` differ in length.
    """
    rated = [
        ([hit.passage_id for hit in ranking], example.relevant)
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


def relevant_retrieved(example: QAExample, hits: Sequence[Hit]) -> bool | None:
    """Whether any relevant passage is among the hits; None when the question names none."""
    if not example.relevant:
        return None
    return not {hit.passage_id for hit in hits}.isdisjoint(example.relevant)


def _found(ranking: Sequence[str], relevant: Collection[str], k: int) -> tuple[list[bool], int]:
    wanted = set(relevant)
    if k < 1 or not wanted:
        raise ValueError(f"needs k of at least 1 and a relevant passage, got k = {k!r}")
    if len(set(ranking)) < len(ranking):
        raise ValueError("a passage stands twice in the ranking")
    return [passage_id in wanted for passage_id in ranking[:k]], len(wanted)


def _discount(position: int) -> float:
    return 1 / math.log2(position + 2)
