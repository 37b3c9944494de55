"""Verdicts by people's labels and by judges on the same questions of the same two systems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from pytest_ragft.gate.decision import verdict_on
from pytest_ragft.progress import Phase
from pytest_ragft.stats.noninferiority import Bounds, mean_bounds
from studies.judge.figures import Values
from studies.recorded.draws import HOW, Draws, Indices, whole
from studies.recorded.sets import Recorded
from studies.statistics.rules import ALPHA, MARGIN, RULES, Runs

PEOPLE = "people"
UNDECIDED = "INCONCLUSIVE"
LARGE = 0.1
LOSSES = ("loss", "large")
"""What a loss by the margin or more is called, the second from `LARGE` on."""
OPPOSITE, LOSS, LOSS_PASSED = "decided cases that differ", "losses", "losses that passed"
RIGHT = 0.5
"""Where a judge's score is cut for a rule that asks whether an answer is right."""
RIVALS = ("mean not 2 points lower", "no significant McNemar")
SIZES = (79, 120, 200)
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """Two systems' values for the questions that people labelled of both."""

    documents: Indices | None
    values: dict[str, tuple[Values, Values]]
    """By people and by judge: of the baseline and of the variant, shape [questions]."""

    @classmethod
    def of(cls, recorded: Recorded, baseline: int, variant: int) -> Arms:
        """Of two systems of a set."""
        at = recorded.shared(baseline, variant)
        tables = {PEOPLE: recorded.right, **recorded.judged}
        return cls(
            documents=None if recorded.documents is None else recorded.documents[at],
            values={who: (of[baseline, at], of[variant, at]) for who, of in tables.items()},
        )

    @property
    def size(self) -> int:
        return self.values[PEOPLE][0].size

    def difference(self, who: str) -> float:
        """Variant less baseline, of all questions."""
        return float((self.values[who][1] - self.values[who][0]).mean())

    def bounds(self, who: str, draws: Draws) -> list[Bounds]:
        """Of the mean difference, by draw."""
        baseline, variant = self.values[who]
        differences = (variant - baseline)[draws.at]
        return [
            mean_bounds(d, draws.clusters(draw), alpha=ALPHA) for draw, d in enumerate(differences)
        ]

    def passed(self, who: str, draws: Draws) -> dict[str, np.ndarray]:
        """Which draws each of the rivals' rules lets through."""
        baseline, variant = (arm[draws.at] for arm in self.values[who])
        # Every question is on its own to these rules.
        given = Runs(baseline, variant, np.arange(draws.at.shape[1]))
        cut = Runs((baseline >= RIGHT) * 1.0, (variant >= RIGHT) * 1.0, given.documents)
        lower, test = (RULES[rule](runs) for rule, runs in zip(RIVALS, (given, cut), strict=True))
        # Nobody stops a variant for being better.
        return dict(zip(RIVALS, (lower, test | (cut.differences.mean(axis=1) > 0)), strict=True))


def outcome(bounds: Bounds, *, margin: float = MARGIN, regression: float = MARGIN) -> str:
    """The gate's, at its defaults but for the margins."""
    verdict = verdict_on(
        bounds, margin=margin, regression_margin=regression, alpha=ALPHA, scale=1.0
    )
    return verdict.outcome


def truth(difference: float) -> str:
    """What a difference by all labels is called: which loss it is, if it is one."""
    if difference <= -LARGE + _ROUNDING:
        return "large"
    if difference <= -MARGIN + _ROUNDING:
        return "loss"
    return "less" if difference < -_ROUNDING else "none"


def whole_pairs(recorded: Recorded, phase: Phase) -> Iterator[dict[str, Any]]:
    """One row for each ordered pair of systems, on all questions that people labelled of both."""
    for baseline, variant in permutations(range(len(recorded.systems)), 2):
        arms = Arms.of(recorded, baseline, variant)
        draws = whole(arms.documents, arms.size)
        yield {
            "baseline": recorded.systems[baseline],
            "variant": recorded.systems[variant],
            "questions": arms.size,
            **{who: _said(arms.bounds(who, draws)[0]) for who in arms.values},
            "rules": [rule for rule, passed in arms.passed(PEOPLE, draws).items() if passed[0]],
        }
        phase.advance(1)


def _said(bounds: Bounds) -> list[Any]:
    numbers = (bounds.estimate, bounds.lower, bounds.upper)
    return [outcome(bounds), *(round(number, 4) for number in numbers)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How often what happened, over pairs and draws."""

    verdicts: Counter[tuple[Any, ...]]
    """By how questions were drawn, n, truth, judge, and the outcomes by people and by the judge."""
    rules: Counter[tuple[Any, ...]]
    """By how questions were drawn, n, truth, who scored, rule, and whether it let through."""
    pairs: Counter[tuple[Any, ...]]
    """By judge, what is counted (`OPPOSITE`, `LOSS` or `LOSS_PASSED`), baseline and variant."""


def counted(
    recorded: Recorded, *, seed: list[int], draws: int, sizes: tuple[int, ...], phase: Phase
) -> Counts:
    """Verdicts on `draws` draws of each size of each ordered pair.

    A pair has the same draws in both directions, and for all judges. Drawn `once`, a size beyond
    the set's is left out, and one that is all of the set is one draw.
    """
    found = Counts(verdicts=Counter(), rules=Counter(), pairs=Counter())
    for two in permutations(range(len(recorded.systems)), 2):
        arms = Arms.of(recorded, *two)
        class_ = truth(arms.difference(PEOPLE))
        names = tuple(recorded.systems[one] for one in two)
        rng = np.random.default_rng([*seed, *sorted(two)])
        for how, draw in HOW.items():
            for n in sizes:
                if how == "once" and n > arms.size:
                    continue
                repeats = 1 if how == "once" and n == arms.size else draws
                drawn = draw(rng, arms.documents, arms.size, n, repeats)
                _count(found, arms, drawn, (how, n, class_), names)
        phase.advance(1)
    return found


def _count(
    found: Counts, arms: Arms, drawn: Draws, case: tuple[Any, ...], names: tuple[str, ...]
) -> None:
    outcomes = {who: list(map(outcome, arms.bounds(who, drawn))) for who in arms.values}
    for who, given in outcomes.items():
        for rule, passed in arms.passed(who, drawn).items():
            found.rules.update((*case, who, rule, bool(one)) for one in passed)
        if who == PEOPLE:
            continue
        for by_people, by_judge in zip(outcomes[PEOPLE], given, strict=True):
            found.verdicts[(*case, who, by_people, by_judge)] += 1
            if by_people != by_judge and UNDECIDED not in (by_people, by_judge):
                found.pairs[(who, OPPOSITE, *names)] += 1
            if case[-1] in LOSSES:
                found.pairs[(who, LOSS, *names)] += 1
                found.pairs[(who, LOSS_PASSED, *names)] += by_judge == "PASS"
