"""What judges have in common that ask a model for each metric by itself."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from typing import Self

from pytest_ragft.judging.llm.settled import Rules
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Case


class SelectiveJudge:
    """A judge that can be asked for some of its metrics alone, and whose rules come first.

    Args:
        metrics: All that it scores.
    """

    def __init__(self, metrics: tuple[str, ...]) -> None:
        self._metrics = metrics
        self._rules = Rules()

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what it scores."""
        return self._metrics

    def asking(self, metrics: Collection[str]) -> Self:
        """The same judge, with the same calls to its credit, asked only for some metrics."""
        narrowed = copy(self)
        narrowed._metrics = tuple(metric for metric in self._metrics if metric in metrics)
        return narrowed

    def _settled(self, case: Case) -> Scores:
        """Scores that need no model."""
        return self._only(self._rules.settle(case) or {})

    def _only(self, scores: Scores) -> Scores:
        """Those that are asked for, in the order of `metrics`."""
        return {metric: scores[metric] for metric in self._metrics if metric in scores}
