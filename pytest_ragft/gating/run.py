"""A gating run: a plan, the services that it works with, and what has been evaluated so far."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from pytest_ragft.errors import GenerationError
from pytest_ragft.evaluation.evaluation import RETRIEVAL, Arm, Evaluation
from pytest_ragft.evaluation.evaluator import Evaluator
from pytest_ragft.gating.cases import EvaluatedCases
from pytest_ragft.gating.gates import GateSpec, retrieval_metrics
from pytest_ragft.gating.plan import Plan
from pytest_ragft.gating.services import Services
from pytest_ragft.judging.port import asking
from pytest_ragft.progress import Progress
from pytest_ragft.records import GateResult
from pytest_ragft.suite import Suite


class GatingRun:
    """Evaluates what the items of a plan need, and remembers what was decided over it.

    Args:
        plan: what the run is about.
        progress: shows long work.
        run_id: shared by the processes of one run; None for a new one.
        handed_over: in another process than the one that evaluates, reads what that has written;
            called once, when it is first needed.
    """

    def __init__(
        self,
        plan: Plan,
        progress: Progress,
        *,
        run_id: str | None = None,
        handed_over: Callable[[], Mapping[str, Any] | None] = lambda: None,
    ) -> None:
        self.plan = plan
        self.run_id = run_id or uuid.uuid4().hex
        self.services = Services(plan, progress, self.run_id)
        self.decided: dict[tuple[GateSpec, str], GateResult] = {}
        """Gates as they were put to variants over what is evaluated so far."""
        self.retrieval: dict[str, Mapping[str, float]] = {}
        """Retrieval metrics by suite, once its hits are frozen; every gate reports them."""
        self.axis_arms: set[Arm] = set()
        """Arms that the knowledge axis was asked of."""
        self._handed_over = handed_over

    @cached_property
    def handed_over(self) -> Mapping[str, Any] | None:
        """What another process of this run has evaluated, if this one reads it from there."""
        return self._handed_over()

    @cached_property
    def evaluator(self) -> Evaluator:
        """Computes what is missing."""
        plan, services = self.plan, self.services
        return Evaluator(
            store=services.store,
            judge=services.judge,
            suites=plan.suites,
            generators=services.generators,
            retriever_of=services.retriever,
            progress=services.progress,
            saved=services.saved,
            limit=plan.settings.limit,
            offline=plan.settings.offline,
            retrieval=retrieval_metrics(spec for group in plan.groups for spec in group.specs),
            evaluation=Evaluation.from_plain(self.handed_over) if self.handed_over else None,
            knowledge=plan.further,
        )

    @property
    def evaluation(self) -> Evaluation:
        """What has been evaluated so far."""
        return self.evaluator.evaluation

    @cached_property
    def cases(self) -> EvaluatedCases:
        """Every question that a variant has answered so far, with all texts."""
        return EvaluatedCases(self.plan, self.evaluator)

    def evaluate(
        self,
        wanted: Mapping[Arm, frozenset[str] | None],
        *,
        further: bool = False,
        only: Collection[str] | None = None,
    ) -> Evaluation:
        """Answer and judge what is wanted and not there yet.

        Args:
            wanted: questions by arm; None for all of them.
            further: whether the knowledge axis is, too: of arms of which all is wanted.
            only: names of suites to which the knowledge axis is confined; None: it is not.
        """
        self.decided.clear()
        arms: list[Arm] = []
        if further:
            suites = {s.name for s in self.plan.axis_suites if only is None or s.name in only}
            whole = (arm for arm, ids in wanted.items() if ids is None)
            arms = [(name, s) for name, s in whole if s in suites and name != RETRIEVAL]
            self.axis_arms.update(arms)
        return self.evaluator.evaluate(wanted, further=arms)

    def require(
        self, variant: str, suites: Iterable[Suite], ids: frozenset[str] | None = None
    ) -> None:
        """Evaluate what is wanted of a variant, unless it is there.

        Raises:
            GenerationError: an arm could not be evaluated; the message says why.
        """
        wanted = self.plan.arms(variant, [suite.name for suite in suites], ids)
        self.evaluate({arm: i for arm, i in wanted.items() if not self._has(arm, i)})
        self._expect_evaluated(wanted)

    def score_also(self, variant: str, suites: Iterable[Suite], metrics: Collection[str]) -> None:
        """Score what `require` has evaluated in further metrics that the judge knows.

        Raises:
            GenerationError: an arm could not be evaluated; the message says why.
        """
        judge = self.services.whole_judge
        lacking = set(metrics).difference(self.services.judge.metrics).intersection(judge.metrics)
        if lacking:
            wanted = self.plan.arms(variant, [suite.name for suite in suites])
            self.evaluator.score_also(wanted, asking(judge, lacking))
            self._expect_evaluated(wanted)

    def _has(self, arm: Arm, ids: frozenset[str] | None) -> bool:
        if ids is None:
            ids = frozenset(example.id for example in self.evaluator.examples(arm[1]))
        return ids <= self.evaluation.scores[arm].keys()

    def _expect_evaluated(self, wanted: Iterable[Arm]) -> None:
        known = self.evaluation.errors
        if errors := dict.fromkeys(known[arm] for arm in wanted if arm in known):
            raise GenerationError("; ".join(errors))

    def close(self) -> None:
        """Close the store, the retrievers and their connections."""
        self.services.close()
