"""What all judges have in common that ask a model: rules come first, metrics can be left out."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from typing import Self

from pytest_ragft.judging.abstention import scored_without_judge
from pytest_ragft.judging.port import Scores
from pytest_ragft.records import Case


class ModelJudge:
    """A judge that can be asked for some of its metrics alone, and whose model comes last.

    Whether an answer declines is a matter of form, on which all judges agree. Where that is not
    recognised on an answerable question, the model may still find so by its rubric.

    Args:
        metrics: All that it scores.
    """

    def __init__(self, metrics: tuple[str, ...]) -> None:
        self._metrics = metrics

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what it scores."""
        return self._metrics

    def asking(self, metrics: Collection[str]) -> Self:
        """The same judge, with the same calls to its credit, asked only for some metrics."""
        # A copy shares the chat model, and so the count of its calls.
        narrowed = copy(self)
        narrowed._metrics = tuple(metric for metric in self._metrics if metric in metrics)
        return narrowed

    def _ruled(self, case: Case) -> Scores:
        """Scores that need no model."""
        return self._only(scored_without_judge(case) or {})

    def _only(self, scores: Scores) -> Scores:
        """Those that are asked for, in the order of `metrics`."""
        return {metric: scores[metric] for metric in self._metrics if metric in scores}
