"""Answered questions with all their texts, put together from an evaluation when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.gating.plan import Plan
from pytest_ragft.records import BASELINE, AnsweredCase, CaseKey, QAExample


class EvaluatedCases(Mapping[CaseKey, AnsweredCase]):
    """Every question that a variant has answered, by suite, question id and variant.

    Args:
        plan: names the suites and variants.
        evaluator: holds what is evaluated so far.
    """

    def __init__(self, plan: Plan, evaluator: Evaluator) -> None:
        self._plan = plan
        self._evaluator = evaluator

    def __getitem__(self, key: CaseKey) -> AnsweredCase:
        suite, example_id, _ = key
        return replace(
            self.answered(key),
            hits=self._evaluator.evaluation.hits[suite][example_id],
            passages=self._evaluator.passages(suite, example_id),
        )

    def answered(self, key: CaseKey) -> AnsweredCase:
        """A case without hits and passages, which takes no corpus.

        Raises:
            KeyError: nobody has answered it.
        """
        suite, example_id, variant = key
        evaluation = self._evaluator.evaluation
        answer = evaluation.answers.get((variant, suite), {})[example_id]
        baseline = BASELINE, suite
        return AnsweredCase(
            suite=suite,
            example=self._examples[suite][example_id],
            variant=variant,
            hits=(),
            passages=(),
            answer=answer,
            scores=evaluation.scores.get((variant, suite), {}).get(example_id, {}),
            baseline_answer=evaluation.answers.get(baseline, {}).get(example_id),
            baseline_scores=evaluation.scores.get(baseline, {}).get(example_id, {}),
            draws=evaluation.drawn((variant, suite), example_id),
            baseline_draws=evaluation.drawn(baseline, example_id),
        )

    def __iter__(self) -> Iterator[CaseKey]:
        answers = self._evaluator.evaluation.answers
        for suite, examples in self._examples.items():
            for variant in self._plan.variants:
                known = answers.get((variant.name, suite), {})
                yield from ((suite, each, variant.name) for each in examples if each in known)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @cached_property
    def _examples(self) -> Mapping[str, Mapping[str, QAExample]]:
        return {
            suite: {example.id: example for example in self._evaluator.examples(suite)}
            for suite in self._plan.suites
        }
