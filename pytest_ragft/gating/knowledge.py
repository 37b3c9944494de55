"""The knowledge axis of a run: how variants answer with gold passages, and without any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from pytest_ragft.evaluation.drawing import unless_lost
from pytest_ragft.evaluation.evaluation import Evaluation
from pytest_ragft.gate.knowledge import Row, Rows, effects_of
from pytest_ragft.gate.ruling import MISSING_SHARE
from pytest_ragft.gating.facts import shown_arms
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.numbers import count
from pytest_ragft.records import (
    BASELINE,
    Effect,
    Knowledge,
    KnowledgeAxis,
    KnowledgeEffect,
    KnowledgeScore,
    PairedScore,
    Score,
    WorstPart,
)
from pytest_ragft.suite import Suite

WITH: Mapping[Knowledge, str] = {
    "retrieved": "with retrieved passages",
    "gold": "with gold passages",
    "none": "without passages",
}
# Characters of a reason.
_SHOWN = 300

Errors = list[tuple[str, str]]
"""Variants with what could not be measured of them."""


def knowledge_axis(run: GatingRun) -> tuple[KnowledgeAxis | None, Errors]:
    """What the run found, and by variant what was asked for and could not be measured.

    Retrieved passages stand for themselves: what fails there is an error of the run already.
    """
    settings = run.plan.settings
    if not settings.knowledge or not run.plan.variants:
        return None, []
    names = shown_arms(run.plan)
    suites = [s for s in run.plan.axis_suites if all((n, s.name) in run.axis_arms for n in names)]
    measured = Measured(run, suites)
    scores = tuple(measured.scores(names))
    errors = [*_arm_errors(run, names, suites), *measured.missing(scores)]
    effects: list[KnowledgeEffect] = []
    worst: list[WorstPart] = []
    for name, effect in measured.wanted(names):
        found, lowest = effects_of(name, effect, measured.rows(name, effect))
        effects += found
        if lowest is not None and name != BASELINE and effect != "gap":
            worst.append(lowest)
    axis = KnowledgeAxis(
        kinds=settings.knowledge,
        suites=tuple(suite.name for suite in suites),
        scores=scores,
        effects=tuple(effects),
        worst=tuple(worst),
        without_gold=measured.without_gold if "gold" in settings.knowledge else 0,
        notes=tuple([*_unasked(run, suites), *_dropped(run, names, suites)]),
        errors=tuple(dict.fromkeys(error for _, error in errors)),
    )
    return axis, errors


class Measured:
    """The scores of a run by question, whatever they were given for.

    Args:
        run: Evaluated, with its knowledge axis where it has one.
        suites: Whose questions are measured.
    """

    def __init__(self, run: GatingRun, suites: Sequence[Suite]) -> None:
        self._kinds = run.plan.settings.knowledge
        self._gated = run.plan.settings.gated
        self._metrics = run.plan.axis_metrics
        further = run.evaluator.further.evaluations
        self._of: dict[Knowledge, Evaluation] = {"retrieved": run.evaluation, **further}
        limit = run.plan.settings.limit
        asked = [(suite.name, example) for suite in suites for example in suite.examples[:limit]]
        self._gold = {(name, example.id) for name, example in asked if example.relevant}
        self.without_gold = len(asked) - len(self._gold)
        # Any comparison says to which document, type and tags a question belongs.
        self._comparison = partial(run.evaluation.comparison, suites=suites, limit=limit)
        first = next((variant.name for variant in run.plan.variants), BASELINE)
        self._pairs = {m: self._comparison(m, first).pairs for m in self._metrics}
        self._failed = {
            kind: run.evaluation.errors.keys() | evaluation.errors.keys()
            for kind, evaluation in self._of.items()
        }

    def wanted(self, names: Sequence[str]) -> Iterator[tuple[str, Effect]]:
        """Effects that these kinds of knowledge give, the most telling first."""
        for name in names:
            against = self._gated and name != BASELINE
            if "none" in self._kinds:
                yield name, "increment"
                if against:
                    yield name, "increment_difference"
            if "gold" in self._kinds:
                yield name, "gap"
            if against:
                yield name, "baseline_difference"

    def rows(self, name: str, effect: Effect) -> dict[str, Rows]:
        """What an effect compares, by metric."""
        sides: dict[Effect, tuple[list[tuple[str, Knowledge]], list[tuple[str, Knowledge]]]] = {
            "increment": ([(name, "none")], [(name, "retrieved")]),
            "gap": ([(name, "retrieved")], [(name, "gold")]),
            "increment_difference": (
                [(BASELINE, "none"), (BASELINE, "retrieved")],
                [(name, "none"), (name, "retrieved")],
            ),
        }
        if effect == "baseline_difference":
            return {metric: self._as_gated(metric, name) for metric in self._metrics}
        before, after = sides[effect]
        return {metric: self._rows(metric, before, after) for metric in self._metrics}

    def beside_baseline(self, name: str, kind: Knowledge) -> dict[str, Rows]:
        """A variant's scores with one kind of knowledge beside the baseline's, by metric."""
        if kind == "retrieved":
            return self.rows(name, "baseline_difference")
        return {
            metric: self._rows(metric, [(BASELINE, kind)], [(name, kind)])
            for metric in self._metrics
        }

    def _as_gated(self, metric: str, name: str) -> Rows:
        """The pairs as gates have them."""
        pairs = self._comparison(metric, name).pairs
        rows = [
            Row(pair=pair, before=pair.baseline.value, after=pair.variant.value)
            for pair in pairs
            if pair.baseline.value is not None and pair.variant.value is not None
        ]
        apply = [p for p in pairs if "not_applicable" not in (p.baseline.status, p.variant.status)]
        return Rows(rows=rows, missing=len(apply) - len(rows))

    def _rows(
        self,
        metric: str,
        before: Sequence[tuple[str, Knowledge]],
        after: Sequence[tuple[str, Knowledge]],
    ) -> Rows:
        rows, missing = [], 0
        for pair in self._pairs[metric]:
            sides = [[self._score(pair, metric, *of) for of in side] for side in (before, after)]
            if any(score.status == "not_applicable" for side in sides for score in side):
                continue
            values = [[score.value for score in side] for side in sides]
            if any(value is None for side in values for value in side):
                missing += 1
                continue
            # A side of two is an increment, the second less the first.
            first, second = (
                sum(v or 0.0 for v in s[-1:]) - sum(v or 0.0 for v in s[:-1]) for s in values
            )
            rows.append(Row(pair=pair, before=first, after=second))
        return Rows(rows=rows, missing=missing)

    def _score(self, pair: PairedScore, metric: str, name: str, kind: Knowledge) -> Score:
        if kind == "gold" and (pair.suite, pair.id) not in self._gold:
            return Score(metric=metric, value=None, status="not_applicable")
        of, arm = self._of[kind], (name, pair.suite)
        return unless_lost(of.score(arm, pair.id, metric), of.drawn(arm, pair.id))

    def scores(self, names: Sequence[str]) -> Iterator[KnowledgeScore]:
        """The mean of each variant, metric and kind of knowledge."""
        for name in names:
            for metric in self._metrics:
                for kind in self._kinds:
                    found = [self._score(pair, metric, name, kind) for pair in self._pairs[metric]]
                    values = [score.value for score in found if score.value is not None]
                    yield KnowledgeScore(
                        variant=name,
                        metric=metric,
                        knowledge=kind,
                        mean=sum(values) / len(values) if values else None,
                        n=len(values),
                        missing=sum(score.status == "missing" for score in found),
                        not_applicable=sum(score.status == "not_applicable" for score in found),
                    )

    def missing(self, scores: Sequence[KnowledgeScore]) -> Iterator[tuple[str, str]]:
        """Where more scores are missing than a gate would bear, beside arms that failed."""
        for of in scores:
            if of.knowledge == "retrieved":
                continue
            lacking = [
                score.reason
                for pair in self._pairs[of.metric]
                if (of.variant, pair.suite) not in self._failed[of.knowledge]
                and (score := self._score(pair, of.metric, of.variant, of.knowledge)).status
                == "missing"
            ]
            if len(lacking) > MISSING_SHARE * (of.n + of.missing):
                ((reason, _), *_) = Counter(lacking).most_common(1)
                yield (
                    of.variant,
                    f"knowledge axis: {of.variant} {WITH[of.knowledge]}: {len(lacking)} of "
                    f"{count(of.n + of.missing, 'score')} in {of.metric} are missing, mostly: "
                    f"{reason[:_SHOWN]}",
                )


def _arm_errors(run: GatingRun, names: Sequence[str], suites: Sequence[Suite]) -> Errors:
    """What failed with other passages alone."""
    return [
        (name, f"knowledge axis: {name} {WITH[kind]} on suite {suite.name!r}: {error}")
        for kind, evaluation in run.evaluator.further.evaluations.items()
        for name in names
        for suite in suites
        if (error := evaluation.errors.get((name, suite.name)))
        and (name, suite.name) not in run.evaluation.errors
    ]


def _unasked(run: GatingRun, suites: Sequence[Suite]) -> Iterator[str]:
    asked = {suite.name for suite in suites}
    if not run.plan.axis_suites:
        yield "not measured: no suite with reference answers lies under the paths of this run"
    elif left := [suite.name for suite in run.plan.axis_suites if suite.name not in asked]:
        yield (
            f"not measured on {', '.join(left)}: this run asks for a part of the tests, and the "
            "axis speaks about whole suites"
        )


def _dropped(run: GatingRun, names: Sequence[str], suites: Sequence[Suite]) -> Iterator[str]:
    gold = run.evaluator.further.evaluations.get("gold")
    for name in names if gold is not None else ():
        answers = [a for s in suites if gold for a in gold.every_answer((name, s.name)).values()]
        if dropped := sum(answer.passages_dropped > 0 for answer in answers):
            yield (
                f"{name}: gold passages were dropped from {count(dropped, 'prompt')}, which "
                "exceeded its window"
            )
