"""A judge that may neither open a socket nor load a model: only kept scores count."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pytest_ragft.judging.guarding import no_scores
from pytest_ragft.judging.port import Judge, Scores, Versioned, asking, notes_of
from pytest_ragft.records import Case


class OfflineJudge:
    """Stands in for a judge under ``--ragft-offline``; has its identity, and so its kept scores.

    Args:
        judge: Nothing is asked of it.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @property
    def name(self) -> str:
        """The judge's."""
        return self._judge.name

    @property
    def fingerprint(self) -> str:
        """The judge's."""
        return self._judge.fingerprint

    @property
    def version(self) -> str:
        """The judge's; empty for one that has none."""
        return self._judge.version if isinstance(self._judge, Versioned) else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """The judge's, of what its server granted when it was last asked."""
        return notes_of(self._judge)

    def negotiate(self) -> None:
        """Nothing is asked: what the server last granted holds."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The judge's."""
        return self._judge.metrics

    @property
    def reads_passages(self) -> bool:
        """The judge's."""
        return self._judge.reads_passages

    def asking(self, metrics: Collection[str]) -> OfflineJudge:
        """Stands in for the judge that is asked only for some metrics."""
        return OfflineJudge(asking(self._judge, metrics))

    def judge(self, cases: Sequence[Case]) -> list[Scores]:
        """A missing score of each metric for each case."""
        reason = f"offline: the store has no score of {self.name!r} for this answer"
        return [no_scores(self, reason) for _ in cases]
