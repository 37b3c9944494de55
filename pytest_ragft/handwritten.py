"""What hand-written tests get from the fixtures: systems to ask, answered cases, comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_ragft.evaluation.evaluation import BASELINE
from pytest_ragft.records import (
    Answer,
    Comparison,
    Gate,
    Hit,
    Passage,
    QAExample,
    Score,
    Verdict,
)
from pytest_ragft.run.groups import GateSpec, Overrides
from pytest_ragft.run.result import gate_result
from pytest_ragft.run.run import Run
from pytest_ragft.suite import METRICS, Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A variant, or the baseline, that answers any question over a suite's corpus."""

    run: Run
    suite: Suite
    name: str

    def ask(self, question: str) -> Answer:
        """Answer a question as the pipeline would: retrieve, prompt, generate.

        The answer is kept in the store like any other.

        Raises:
            GenerationError: the system cannot answer new questions, as recorded answers cannot.
            RetrievalError: the retriever failed.
        """
        return self.run.evaluator.ask(self.name, self.suite.name, question)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCase:
    """A question of a suite with a variant's and the baseline's judged answers."""

    example: QAExample
    variant: str
    hits: tuple[Hit, ...]
    passages: tuple[Passage, ...]
    answer: Answer
    scores: Mapping[str, Score]
    """The variant's scores by metric."""
    baseline_answer: Answer | None
    """None on a run without a baseline."""
    baseline_scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedVariant:
    """A variant compared with the baseline, metric by metric."""

    run: Run
    suites: tuple[Suite, ...]
    variant: str

    def comparison(self, metric: str) -> Comparison:
        """The paired scores of a metric, scored if no gate has asked for it."""
        self.run.score_also(self.variant, self.suites, [metric])
        return self.run.evaluation.comparison(
            metric, self.variant, self.suites, limit=self.run.settings.limit
        )

    def verdict(
        self, metric: str, *, margin: float | None = None, alpha: float | None = None
    ) -> Verdict:
        """The decision on a metric, by the same rule, labels, looks and settings as the gate's.

        The rule is that of the gate over the same questions; over a part of a pool it is that of
        the pooled gate, but for its looks, which announce sizes of the whole pool.

        Args:
            metric: such as ``accuracy``.
            margin: fraction of the scale that the variant may lose; None for the gate's.
            alpha: one-sided error rate; None for the gate's.

        Raises:
            ValueError: margin or alpha is out of range.
            InputError: human labels are about other questions or answers.
            SuiteError: the pool has none of the announced sizes, or no calibration says what a
                margin in people's units means.
        """
        self.run.score_also(self.variant, self.suites, [metric])
        spec = self._spec(metric)
        gate = spec.gate
        if margin is not None:
            gate = replace(gate, margin=margin, margin_is_default=False)
        if alpha is not None:
            gate = replace(gate, alpha=alpha)
        return gate_result(self.run, replace(spec, gate=gate), self.variant, "").verdict

    def _spec(self, metric: str) -> GateSpec:
        names = tuple(suite.name for suite in self.suites)
        whole = [
            spec
            for group in self.run.groups
            for spec in group.specs
            if spec.gate.metric == metric and spec.gate.where is None
        ]
        for spec in whole:
            if set(spec.suites) == set(names):
                return spec
        for spec in whole:
            if spec.pooled and set(spec.suites) > set(names):
                return replace(spec, gate=replace(spec.gate, looks=None), suites=names)
        settings = self.run.settings
        gate = Overrides(margin=settings.margin, alpha=settings.alpha).apply(
            Gate(metric=metric, role="primary")
        )
        return GateSpec(
            path=self.suites[0].path, gate=gate, suites=names, pooled=len(names) > 1, guards=1
        )


def answered_case(run: Run, suite: Suite, variant: str, example_id: str) -> AnsweredCase:
    """A question of a suite, evaluated if it is not there yet.

    Raises:
        RagftError: it could not be answered.
    """
    # The complete arm: the first test of a worker pays once, and the others read.
    run.require(variant, [suite])
    run.score_also(variant, [suite], METRICS)
    evaluation = run.evaluation
    arm, baseline = (variant, suite.name), (BASELINE, suite.name)
    return AnsweredCase(
        example=next(e for e in suite.examples if e.id == example_id),
        variant=variant,
        hits=evaluation.hits[suite.name][example_id],
        passages=run.evaluator.passages(suite.name, example_id),
        answer=evaluation.answers[arm][example_id],
        scores=evaluation.scores[arm][example_id],
        baseline_answer=evaluation.answers[baseline].get(example_id),
        baseline_scores=evaluation.scores[baseline].get(example_id, {}),
    )


def compared_variant(run: Run, suites: Sequence[Suite], variant: str) -> ComparedVariant:
    """A variant compared on complete suites, evaluated if they are not there yet.

    Raises:
        RagftError: an arm could not be evaluated.
    """
    run.require(variant, suites)
    return ComparedVariant(run=run, suites=tuple(suites), variant=variant)
