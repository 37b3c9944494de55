"""Retrievers together: each finds, their rankings are fused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_ragft.records import Hit, Passage
from pytest_ragft.retrieval.fusion import fuse
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.retrieval.ranking import expect_k
from pytest_ragft.retrieval.settings import RRF_K, Fusion
from pytest_ragft.store import fingerprint

_ALGORITHM = "hybrid/1"


class HybridRetriever:
    """The fused rankings of several retrievers over one corpus; scores are the fused ones.

    Args:
        parts: The retrievers; among equal scores the order of the first one decides.
        fusion: ``rrf`` (reciprocal ranks, k = 60) or ``weighted`` (min–max scores, equal weights).
        depth: Hits of each part that are fused, at least 1; more where more are asked for.
    """

    def __init__(self, parts: Sequence[Retriever], *, fusion: Fusion, depth: int) -> None:
        if not parts or depth < 1:
            raise ValueError(
                f"needs a part and depth of at least 1, got {len(parts)!r} and {depth!r}"
            )
        self._parts = tuple(parts)
        self._fusion: Fusion = fusion
        self._depth = depth
        self._finders: dict[str, int] = {}

    @property
    def fingerprint(self) -> str | None:
        """Those of the parts, fusion and depth; None where that of a part is not known."""
        parts = [part.fingerprint for part in self._parts]
        if None in parts:
            return None
        return fingerprint(_ALGORITHM, parts, self._fusion, RRF_K, self._depth)

    @property
    def description(self) -> str:
        """For reports."""
        parts = " + ".join(part.description for part in self._parts)
        return f"hybrid {self._fusion} ({parts})"

    @property
    def notes(self) -> tuple[str, ...]:
        """Those of the parts, each once."""
        return tuple(dict.fromkeys(note for part in self._parts for note in part.notes))

    def check(self) -> None:
        """Whether each part can be used.

        Raises:
            RetrievalError: one cannot.
        """
        for part in self._parts:
            part.check()

    def close(self) -> None:
        """Close every part, also when one of them fails to."""
        errors = []
        for part in self._parts:
            try:
                part.close()
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def retrieve(self, queries: Sequence[str], k: int) -> list[tuple[Hit, ...]]:
        """At most `k` hits a query, best first, ties as in the rankings of the parts.

        Raises:
            ValueError: `k` is less than 1.
            RetrievalError: the answer of a part would be incomplete.
        """
        expect_k(k)
        depth = max(self._depth, k)
        rankings = [part.retrieve(queries, depth) for part in self._parts]
        for at, found in enumerate(rankings):
            assert len(found) == len(queries), "a part answers every query"
            self._finders.update((hit.passage_id, at) for hits in found for hit in hits)
        return [fuse(of_query, self._fusion)[:k] for of_query in zip(*rankings, strict=True)]

    def passages(self, ids: Iterable[str]) -> Mapping[str, Passage]:
        """The texts of passages, each from a part that found it, or else from the first.

        Raises:
            RetrievalError: a part does not have one of them.
        """
        of_part: dict[int, list[str]] = {}
        for passage_id in ids:
            of_part.setdefault(self._finders.get(passage_id, 0), []).append(passage_id)
        return {
            passage_id: passage
            for at, wanted in of_part.items()
            for passage_id, passage in self._parts[at].passages(wanted).items()
        }
