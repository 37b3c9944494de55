"""Several rankings of one query, made into one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from pytest_ragft.records import Hit
from pytest_ragft.retrieval.settings import RRF_K, Fusion

# Sums that differ by less are ties: the order of additions leaves noise of about 1e-16.
_DECIMALS = 12


def fuse(rankings: Sequence[Sequence[Hit]], fusion: Fusion) -> tuple[Hit, ...]:
    """The rankings fused by reciprocal ranks, or by their scores with equal weights.

    Args:
        rankings: One of each part, best first.
        fusion: ``rrf`` or ``weighted``.

    Returns:
        Every passage of any ranking with its fused score, best first.
    """
    if fusion == "rrf":
        return reciprocal_ranks([[hit.passage_id for hit in ranking] for ranking in rankings])
    return weighted_scores(rankings, [1 / len(rankings)] * len(rankings))


def reciprocal_ranks(rankings: Sequence[Sequence[str]], k: int = RRF_K) -> tuple[Hit, ...]:
    """Reciprocal rank fusion: the sum of 1 / (k + rank) over the rankings that hold a passage.

    Cormack, Clarke and Büttcher (2009), "Reciprocal rank fusion outperforms Condorcet and
    individual rank learning methods".

    Args:
        rankings: Passage ids, best first, each once a ranking.
        k: What keeps the first ranks from deciding alone, at least 0.

    Returns:
        Every passage of any ranking, best first; ties by the rank in the first ranking, then in the
        next.
    """
    if k < 0:
        raise ValueError(f"k must be at least 0, got {k!r}")
    return _ordered(
        [
            {passage_id: 1 / (k + rank) for rank, passage_id in enumerate(ranking, start=1)}
            for ranking in rankings
        ],
        rankings,
    )


def weighted_scores(rankings: Sequence[Sequence[Hit]], weights: Sequence[float]) -> tuple[Hit, ...]:
    """The weighted sum of scores, each ranking's brought to [0, 1] by its least and its greatest.

    A passage that a ranking lacks has 0 there, as has its last one. In a ranking whose scores are
    all equal, as of a single hit, each has 1: they were found, others were not.

    Args:
        rankings: Hits of one query, best first, each passage once a ranking.
        weights: One a ranking, finite and at least 0.

    Returns:
        As `reciprocal_ranks`.

    Raises:
        ValueError: numbers of rankings and weights differ, or a weight or score is unusable.
    """
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights):
        raise ValueError(f"weights must be finite and at least 0, got {list(weights)!r}")
    return _ordered(
        [
            {passage_id: weight * share for passage_id, share in _shares(ranking).items()}
            for ranking, weight in zip(rankings, weights, strict=True)
        ],
        [[hit.passage_id for hit in ranking] for ranking in rankings],
    )


def _shares(ranking: Sequence[Hit]) -> dict[str, float]:
    scores = [hit.score for hit in ranking]
    if not all(math.isfinite(score) for score in scores):
        raise ValueError("a score is not finite")
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    return {
        hit.passage_id: 1.0 if high == low else (hit.score - low) / (high - low) for hit in ranking
    }


def _ordered(
    parts: Sequence[Mapping[str, float]], rankings: Sequence[Iterable[str]]
) -> tuple[Hit, ...]:
    """Sums over the parts, greatest first; equal ones by rank in the first part, then the next."""
    ranks = [{passage_id: i for i, passage_id in enumerate(ranking)} for ranking in rankings]
    for rank, part, ranking in zip(ranks, parts, rankings, strict=True):
        if len(rank) != len(list(ranking)):
            raise ValueError("a passage stands twice in a ranking")
        assert len(rank) == len(part)
    sums = {
        passage_id: round(math.fsum(part.get(passage_id, 0.0) for part in parts), _DECIMALS)
        for part in parts
        for passage_id in part
    }

    def place(passage_id: str) -> tuple[float, ...]:
        return (-sums[passage_id], *(rank.get(passage_id, math.inf) for rank in ranks))

    return tuple(Hit(passage_id=i, score=sums[i]) for i in sorted(sums, key=place))
