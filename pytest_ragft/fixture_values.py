"""What the fixtures of hand-written tests give: systems to ask, answered cases, comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

import pytest

from pytest_ragft.errors import RagftError, SuiteError
from pytest_ragft.gating.gates import GateSpec, Overrides
from pytest_ragft.gating.plan import Wanted
from pytest_ragft.gating.run import GatingRun
from pytest_ragft.gating.verdicts import gate_result
from pytest_ragft.marks import marked_suite
from pytest_ragft.records import Answer, AnsweredCase, Comparison, Gate, Verdict
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.suite import METRICS, Suite
from pytest_ragft.without_model import NO_MODEL

_VARIANT = "_ragft_variant_name"
_EXAMPLE = "_ragft_example_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A variant, or the baseline, that answers any question over a suite's corpus."""

    run: GatingRun
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
class ComparedVariant:
    """A variant compared with the baseline, metric by metric."""

    run: GatingRun
    suites: tuple[Suite, ...]
    variant: str

    def comparison(self, metric: str) -> Comparison:
        """The paired scores of a metric, scored if no gate has asked for it."""
        self.run.score_also(self.variant, self.suites, [metric])
        return self.run.evaluation.comparison(
            metric, self.variant, self.suites, limit=self.run.plan.settings.limit
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
            for group in self.run.plan.groups
            for spec in group.specs
            if spec.gate.metric == metric and spec.gate.where is None
        ]
        for spec in whole:
            if set(spec.suites) == set(names):
                return spec
        for spec in whole:
            if spec.pooled and set(spec.suites) > set(names):
                return replace(spec, gate=replace(spec.gate, looks=None), suites=names)
        settings = self.run.plan.settings
        gate = Overrides(margin=settings.margin, alpha=settings.alpha).apply(
            Gate(metric=metric, role="primary")
        )
        return GateSpec(
            path=self.suites[0].path, gate=gate, suites=names, pooled=len(names) > 1, guards=1
        )


class FixtureValues:
    """What a fixture of a test gets; it skips the test where no model was named anywhere.

    Args:
        request: the fixture's.
        run: None where no model was given.
    """

    def __init__(self, request: pytest.FixtureRequest, run: GatingRun | None) -> None:
        if run is None or not run.plan.variants:
            pytest.skip(NO_MODEL)
        self.run = run
        self._request = request

    def parameter(self) -> str:
        """What `parametrize` chose."""
        return str(self._request.param)

    def retriever(self) -> Retriever:
        """The retriever over the test's suite."""
        with _failing():
            return self.run.services.retriever(self._suite)

    def system(self, name: str) -> System:
        """A variant, or the baseline, on the test's suite."""
        with _failing():
            return System(run=self.run, suite=self._suite, name=name)

    def case(self, variant: str, example_id: str) -> AnsweredCase:
        """An answered question of the test's suite."""
        with _failing():
            suite = self._suite
            # The complete arm: the first test of a worker pays once, and the others read.
            self.run.require(variant, [suite])
            self.run.score_also(variant, [suite], METRICS)
            return self.run.cases[suite.name, example_id, variant]

    def comparison(self, variant: str) -> ComparedVariant:
        """A comparison over the test's suite, or over all where it is not marked."""
        with _failing():
            suites = _compared_suites(self._node, self.run)
            self.run.require(variant, suites)
            return ComparedVariant(run=self.run, suites=tuple(suites), variant=variant)

    @property
    def _node(self) -> pytest.Item:
        return cast(pytest.Item, self._request.node)

    @property
    def _suite(self) -> Suite:
        return _checked_suite(self.run, marked_suite(self._node))


def parametrize(metafunc: pytest.Metafunc, run: GatingRun) -> None:
    """Let a test that asks for a variant run once for each, or for each question of its suite."""
    if not run.plan.variants:
        return
    if _VARIANT in metafunc.fixturenames:
        metafunc.parametrize(_VARIANT, [v.name for v in run.plan.variants], indirect=True)
    if _EXAMPLE in metafunc.fixturenames:
        suite = _checked_suite(run, marked_suite(metafunc.definition))
        examples = suite.examples[: run.plan.settings.limit]
        metafunc.parametrize(_EXAMPLE, [e.id for e in examples], indirect=True)


def wanted_by(run: GatingRun, item: pytest.Item) -> Wanted:
    """What a hand-written test's fixtures will read."""
    names = getattr(item, "fixturenames", ())
    callspec = getattr(item, "callspec", None)
    if callspec is None or _VARIANT not in callspec.params:
        return {}
    variant = callspec.params[_VARIANT]
    if "ragft_case" in names:
        suite = run.plan.suite(marked_suite(item))
        return run.plan.arms(variant, [suite.name], frozenset([callspec.params[_EXAMPLE]]))
    if "ragft_comparison" in names:
        return run.plan.arms(variant, [suite.name for suite in _compared_suites(item, run)])
    return {}


@contextmanager
def _failing() -> Iterator[None]:
    """A test that cannot have its fixture is an error of one message, without our traceback."""
    try:
        yield
    except (RagftError, pytest.UsageError) as error:
        pytest.fail(str(error), pytrace=False)


def _checked_suite(run: GatingRun, name: str | None) -> Suite:
    try:
        return run.plan.suite(name)
    except SuiteError as error:
        raise pytest.UsageError(str(error)) from error


def _compared_suites(item: pytest.Item, run: GatingRun) -> list[Suite]:
    name = marked_suite(item)
    return list(run.plan.suites.values()) if name is None else [_checked_suite(run, name)]
