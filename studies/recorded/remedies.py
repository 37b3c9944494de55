"""What the gate's remedies against a judge's bias do: a calibration, and labels for a part.

Both on questions that the calibration has not seen. One half of the questions (of the documents,
where there are some) gives the slope of the judge's score on people's, from the labelled answers
of all systems; cases are drawn from the other half, and then the other way round. Labels need no
calibration: people label some of the drawn questions, at random.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np

from pytest_ragft.calibration.slope import slope_of
from pytest_ragft.gate.levels import LEAST_SLOPE, margins_of
from pytest_ragft.progress import Phase
from pytest_ragft.records import Gate, Slope
from pytest_ragft.stats.noninferiority import Bounds
from pytest_ragft.stats.prediction_powered import corrected_bounds
from studies.recorded.cases import PEOPLE, Arms, outcome, truth
from studies.recorded.draws import Draws, again
from studies.recorded.sets import Recorded
from studies.statistics.rules import ALPHA, MARGIN

ALONE, SCALED = "judge alone", "margin of people"
LABELS = {"60 labels": 60, "100 labels": 100}
REMEDIES = (ALONE, SCALED, *LABELS)
PARTS = (0, 1)
_GATE = Gate(metric="accuracy", role="primary", margin=MARGIN, margin_scale="people")


def halves(recorded: Recorded, seed: list[int]) -> np.ndarray:
    """0 or 1 of each question; one question, or document, is never on both sides."""
    clusters = recorded.groups if recorded.documents is None else recorded.documents
    which = np.unique(clusters, return_inverse=True)[1]
    side = np.random.default_rng(seed).permutation(np.arange(which.max() + 1) % len(PARTS))
    return side[which]


def part_of(recorded: Recorded, at: np.ndarray) -> Recorded:
    """The set's questions at `at`."""
    return replace(
        recorded,
        groups=recorded.groups[at],
        documents=None if recorded.documents is None else recorded.documents[at],
        right=recorded.right[:, at],
        judged={judge: given[:, at] for judge, given in recorded.judged.items()},
    )


def slopes(recorded: Recorded) -> dict[str, Slope]:
    """Of each judge on all labelled answers."""
    labelled = ~np.isnan(recorded.right)
    codes = np.broadcast_to(np.arange(labelled.shape[1]), labelled.shape)[labelled]
    labels = recorded.right[labelled]
    return {
        judge: slope_of(given[labelled], labels, labels > 0.5, codes)
        for judge, given in recorded.judged.items()
    }


def remedied(
    recorded: Recorded, *, seed: list[int], draws: int, sizes: tuple[int, ...], phase: Phase
) -> tuple[Counter[tuple[Any, ...]], list[dict[str, Any]]]:
    """Counts by n, truth, judge, remedy and the outcomes by people and by the judge; the slopes.

    Questions are drawn out of endlessly many like those of a half.
    """
    side = halves(recorded, seed)
    found: Counter[tuple[Any, ...]] = Counter()
    fitted = []
    for part in PARTS:
        known = slopes(part_of(recorded, np.flatnonzero(side != part)))
        fitted += [
            {"part": part, "judge": judge, "slope": [of.estimate, of.lower, of.upper]}
            for judge, of in known.items()
        ]
        tested = part_of(recorded, np.flatnonzero(side == part))
        for two in permutations(range(len(recorded.systems)), 2):
            arms = Arms.of(tested, *two)
            rng = np.random.default_rng([*seed, part, *sorted(two)])
            class_ = truth(arms.difference(PEOPLE))
            for n in sizes:
                drawn = again(rng, arms.documents, arms.size, n, draws)
                for key in _outcomes(arms, drawn, known, rng):
                    found[(n, class_, *key)] += 1
            phase.advance(1)
    return found, fitted


def _outcomes(
    arms: Arms, drawn: Draws, known: Mapping[str, Slope], rng: np.random.Generator
) -> Iterator[tuple[str, str, str, str]]:
    people = list(map(outcome, arms.bounds(PEOPLE, drawn)))
    n = drawn.at.shape[1]
    # The same questions are labelled whoever judges: as on a sheet, a random part of them.
    order = np.argsort(rng.random(drawn.at.shape), axis=1)
    for judge, slope in known.items():
        # A slope that may be next to nothing is refused by the gate, too.
        usable = slope.lower >= LEAST_SLOPE
        margins = margins_of(_GATE, slope, labelled=False) if usable else None
        for draw, bounds in enumerate(arms.bounds(judge, drawn)):
            yield judge, ALONE, people[draw], outcome(bounds)
            if margins:
                scaled = outcome(bounds, margin=margins.passing, regression=margins.regression)
                yield judge, SCALED, people[draw], scaled
            for remedy, labels in LABELS.items():
                if labels < n - 1:
                    corrected = _corrected(arms, judge, drawn, draw, order[draw], labels)
                    yield judge, remedy, people[draw], outcome(corrected)


def _corrected(
    arms: Arms, judge: str, drawn: Draws, draw: int, order: np.ndarray, labels: int
) -> Bounds:
    human, judged = (
        (arms.values[who][1] - arms.values[who][0])[drawn.at[draw]] for who in (PEOPLE, judge)
    )
    codes = drawn.clusters(draw)
    some, others = order[:labels], order[labels:]
    return corrected_bounds(
        human[some],
        judged[some],
        judged[others],
        alpha=ALPHA,
        clusters=None if codes is None else codes[some],
        other_clusters=None if codes is None else codes[others],
    )
