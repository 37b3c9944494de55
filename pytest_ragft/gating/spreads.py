"""How far two models' scores lie apart, question by question: as in a run, or as is typical."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pytest_ragft.evaluation.baseline import SavedBaseline
from pytest_ragft.gate.forecast import Spread, correlation_within
from pytest_ragft.numbers import count, percent
from pytest_ragft.records import Gate, RunResult
from pytest_ragft.suite import Suite

CHANGED = 0.2
"""Share of the questions on which one of two models of about the same quality is right and the
other wrong: 20 % in the mean over pairs of recorded systems (`studies/statistics/spread.py`)."""

WITHIN = 0.15
"""Correlation of such differences within a document (the same)."""

# Questions of a run from which a slice speaks for itself.
_ENOUGH = 20
_PLACES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpread:
    """A spread, and where it is known from."""

    spread: Spread
    source: str
    """A sentence's end, such as ``of the run …``."""


class Spreads(Protocol):
    """Knows how scores differ."""

    def of(self, gate: Gate) -> KnownSpread:
        """The spread of a gate's differences."""
        ...


class TypicalSpreads:
    """What is typical of answers that are right or wrong; graded scores differ less.

    Args:
        changed: share of the questions with another score.
        within: correlation within a document.
    """

    def __init__(self, changed: float | None = None, within: float = WITHIN) -> None:
        self._given = changed is not None
        self._changed = CHANGED if changed is None else changed
        self._within = within

    @property
    def spread(self) -> Spread:
        """Of every gate."""
        return Spread(
            values=(0.0, 1.0), weights=(1 - self._changed, self._changed), within=self._within
        )

    def of(self, gate: Gate) -> KnownSpread:
        """The same for every gate."""
        who = "as given" if self._given else "as in pairs of recorded systems"
        return KnownSpread(
            spread=self.spread,
            source=f"typical: {percent(self._changed)} of the answers change between right and "
            f"wrong, {who}",
        )


class RunSpreads:
    """Differences that a run has found.

    Args:
        result: of the run, with its questions.
        name: of its file, for messages.
        suites: that are planned for, which say what stands on one document.
        otherwise: asked for metrics that the run has not scored.
    """

    def __init__(
        self, result: RunResult, name: str, suites: Iterable[Suite], otherwise: Spreads
    ) -> None:
        self._result, self._name, self._otherwise = result, name, otherwise
        self._documents = {
            (suite.name, example.id): suite.cluster_of(example).key(suite.name)
            for suite in suites
            for example in suite.examples
        }

    @property
    def covers(self) -> bool:
        """Whether it holds a question of the suites that are planned for."""
        return any(key[:2] in self._documents for key in self._result.cases)

    def of(self, gate: Gate) -> KnownSpread:
        """Of the questions of its slice where there are enough, else of all."""
        every, inside = [], []
        for suite, example_id, variant in self._result.cases:
            case = self._result.cases[suite, example_id, variant]
            scores = (case.scores.get(gate.metric), case.baseline_scores.get(gate.metric))
            values = [None if score is None else score.value for score in scores]
            if values[0] is None or values[1] is None:
                continue
            document = self._documents.get((suite, example_id)) or (
                ("", suite, example_id) if case.example.document is None
                else (case.example.document,)
            )  # fmt: skip
            row = (values[0] - values[1], (*document, variant))
            every.append(row)
            if gate.where is None or gate.where.holds_for(case.example, hit=gate.where.hit):
                inside.append(row)
        rows = inside if len(inside) >= _ENOUGH else every
        if len(rows) < _ENOUGH:
            return self._otherwise.of(gate)
        return self._known(rows, len(inside) < len(rows))

    def _known(self, rows: list[tuple[float, tuple[str, ...]]], whole: bool) -> KnownSpread:
        codes: dict[tuple[str, ...], int] = defaultdict(lambda: len(codes))
        labels = np.array([codes[document] for _, document in rows], dtype=np.intp)
        differences = np.array([value for value, _ in rows])
        within = correlation_within(differences, labels)
        values = Counter(round(abs(value), _PLACES) for value, _ in rows)
        spread = Spread(
            values=tuple(values),
            weights=tuple(float(n) for n in values.values()),
            within=WITHIN if within is None else within,
        )
        of = "all its questions" if whole else "it"
        typical = ", how they hang together in documents is not known and typical" * (
            within is None
        )
        return KnownSpread(
            spread=spread,
            source=f"of {self._name}: {count(len(rows), 'difference')} of {of}{typical}",
        )


class BaselineSpreads:
    """What a saved baseline's scores leave room for: a typical share of answers is drawn anew.

    Args:
        saved: the baseline.
        otherwise: asked for metrics that it has no scores of.
    """

    def __init__(self, saved: SavedBaseline, otherwise: Spreads) -> None:
        self._saved, self._otherwise = saved, otherwise

    def of(self, gate: Gate) -> KnownSpread:
        """Of all its questions."""
        scores = [
            scores[gate.metric].value
            for suite in self._saved.suites.values()
            for scores in suite.scores.values()
            if gate.metric in scores
        ]
        values = Counter(round(value, 2) for value in scores if value is not None)
        if values.total() < _ENOUGH:
            return self._otherwise.of(gate)
        # Of answers that are right as often as wrong, twice the typical share.
        anew = 2 * CHANGED
        return KnownSpread(
            spread=Spread(
                values=tuple(redrawn := _redrawn(values, anew)),
                weights=tuple(redrawn.values()),
                within=WITHIN,
            ),
            source=f"of the saved baseline {self._saved.name!r}, as if {percent(anew)} of its "
            f"{count(values.total(), 'score')} were drawn anew, which is typical",
        )


def _redrawn(values: Mapping[float, int], anew: float) -> dict[float, float]:
    """Probabilities of absolute differences where a share of scores is another one's."""
    total = sum(values.values())
    found: dict[float, float] = defaultdict(float)
    found[0.0] = 1 - anew
    for before, often in values.items():
        for after, chance in values.items():
            found[round(abs(after - before), 2)] += anew * often * chance / total**2
    return dict(found)
