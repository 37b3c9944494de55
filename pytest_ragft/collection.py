"""suite.toml and ragft.toml as pytest nodes: every question × variant and every gate is an item.

Items compute nothing: they read the evaluation of the run.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_ragft.evaluation.evaluation import BASELINE, RETRIEVAL, Arm
from pytest_ragft.fixtures import wanted_by
from pytest_ragft.paths import covers, same_path
from pytest_ragft.records import Score
from pytest_ragft.reporting.junit import gate_properties, question_properties
from pytest_ragft.reporting.text import clean
from pytest_ragft.run.groups import GateSpec, Group
from pytest_ragft.run.result import (
    GateKey,
    gate_key,
    gate_result,
    run_errors,
    suite_facts,
    variant_facts,
)
from pytest_ragft.suite import Suite
from pytest_ragft.suite.finding import RULES_FILE, SUITE_FILE

if TYPE_CHECKING:
    from pytest_ragft.run.run import Run, Wanted


class SuiteFile(pytest.File):
    """A suite.toml: for each variant its questions and the gates of this suite alone."""

    def __init__(self, *, run: Run, suite: Suite, gates: Iterable[GateSpec], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._run, self._suite, self._gates = run, suite, tuple(gates)
        self.add_marker(pytest.mark.ragft(suite=suite.name))

    def collect(self) -> Iterable[pytest.Collector]:
        """One node a variant, and one for retrieval."""
        yield from _nodes(self, self._run, self._gates, self._suite)


class PooledGates(pytest.File):
    """A ragft.toml, or the common folder of suites without one: the gates over all its suites."""

    def __init__(self, *, run: Run, group: Group, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._run, self._group = run, group
        self.add_marker("ragft")

    def collect(self) -> Iterable[pytest.Collector]:
        """One node a variant, and one for retrieval."""
        yield from _nodes(self, self._run, self._group.pooled)


def file_node(
    parent: pytest.Collector, file_path: Path, run: Run
) -> SuiteFile | PooledGates | None:
    """A suite.toml or a ragft.toml as a test file of its own kind; None for any other."""
    if file_path.name == SUITE_FILE:
        for group, suite in ((g, s) for g in run.groups for s in g.suites):
            if same_path(suite.path, file_path):
                gates = group.single[suite.path]
                return SuiteFile.from_parent(
                    parent, path=file_path, run=run, suite=suite, gates=gates
                )
    if file_path.name == RULES_FILE:
        for group in run.groups:
            if group.has_rules and same_path(group.path, file_path):
                return PooledGates.from_parent(parent, path=file_path, run=run, group=group)
    return None


def absent_gates(
    session: pytest.Session, run: Run, items: Iterable[pytest.Item]
) -> list[pytest.Item]:
    """The pooled gates of given suites whose ragft.toml is not itself among the arguments."""
    there, added = gates_of(items).keys(), []
    for group in run.groups:
        keys = {gate_key(spec, name) for spec in group.pooled for name in run.contenders(spec)}
        absent = keys - there
        if absent and any(covers(session.config, suite.path) for suite in group.suites):
            node = PooledGates.from_parent(session, path=group.path, run=run, group=group)
            pooled = session.genitems(node)
            added += [item for item in pooled if not absent.isdisjoint(gates_of([item]))]
    return added


def _nodes(
    parent: pytest.Collector, run: Run, gates: Iterable[GateSpec], suite: Suite | None = None
) -> Iterator[pytest.Collector]:
    """What stands under a file for each variant, and for retrieval alone."""
    specs = [spec for spec in gates if run.contenders(spec)]
    node = partial(VariantNode.from_parent, parent, run=run)
    for variant in run.variants:
        of_variant = [spec for spec in specs if not spec.retrieval]
        yield node(name=variant.name, suite=suite, gates=of_variant)
    if of_retrieval := [spec for spec in specs if spec.retrieval]:
        yield node(name=RETRIEVAL, suite=None, gates=of_retrieval)


class VariantNode(pytest.Collector):
    """A variant's items, or those of retrieval, under one file."""

    def __init__(
        self, *, run: Run, suite: Suite | None, gates: Iterable[GateSpec], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._run, self._suite, self._gates = run, suite, tuple(gates)

    def collect(self) -> Iterable[pytest.Item]:
        """Questions first, then gates."""
        if self._suite is not None:
            for example in self._suite.examples[: self._run.settings.limit]:
                yield QuestionItem.from_parent(
                    self, name=example.id, run=self._run, variant=self.name, suite=self._suite
                )
        for spec in self._gates:
            yield GateItem.from_parent(
                self, name=spec.name, run=self._run, variant=self.name, spec=spec
            )


class RagftItem(pytest.Item):
    """What question and gate items have in common."""

    def __init__(self, *, run: Run, variant: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run, self.variant = run, variant

    @abstractmethod
    def wanted(self) -> Wanted:
        """What has to be evaluated before the item can be read."""


class QuestionItem(RagftItem):
    """A question put to a variant. Fails only on what is wrong by itself."""

    def __init__(self, *, suite: Suite, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.suite = suite

    def wanted(self) -> Wanted:
        """The answers of baseline and variant to this question."""
        return self.run.arms(self.variant, [self.suite.name], frozenset([self.name]))

    def setup(self) -> None:
        """A question that could not be put to the variant is an error."""
        if self.name not in self.run.evaluation.answers[self._arm]:
            reason = self.run.evaluation.errors.get(self._arm, "it was not evaluated")
            pytest.fail(f"not answered: {reason}", pytrace=False)

    def runtest(self) -> None:
        """Check the answer as it is."""
        answer = self.run.evaluation.answers[self._arm][self.name]
        scores = self._scores(self.variant)
        baseline = self._scores(BASELINE) if self.run.settings.gated else {}
        # junitxml reads the teardown report, so these are in time.
        self.user_properties.extend(question_properties(baseline, scores))
        self.add_report_section("call", "answer", clean(answer.text))
        if answer.error is not None:
            pytest.fail(f"no answer: {answer.error}", pytrace=False)
        if not answer.text.strip():
            pytest.fail(f"no answer: the text is empty (finish: {answer.finish})", pytrace=False)
        self._check_floor(scores.get("accuracy"))

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where pytest says that this item is."""
        return self.path, None, f"{self.suite.name} {self.variant} {self.name}"

    @property
    def _arm(self) -> tuple[str, str]:
        return self.variant, self.suite.name

    def _scores(self, variant: str) -> dict[str, Score]:
        arm = variant, self.suite.name
        return {m: self.run.evaluation.score(arm, self.name, m) for m in self.run.judge.metrics}

    def _check_floor(self, accuracy: Score | None) -> None:
        floor = self.suite.question_floor
        if floor is None or accuracy is None:
            return
        if accuracy.status == "missing":
            pytest.fail(f"accuracy is missing: {accuracy.reason}", pytrace=False)
        if accuracy.value is not None and accuracy.value < floor:
            self.user_properties.append(("ragft.failed", "question_floor"))
            pytest.fail(
                f"accuracy {accuracy.value:.3f} is below the suite's question_floor {floor:g}: "
                f"{accuracy.reason}",
                pytrace=False,
            )


class GateItem(RagftItem):
    """A gate put to a variant, or to retrieval alone.

    Speaks for its complete suites, whatever else was selected.
    """

    def __init__(self, *, spec: GateSpec, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec
        # So that -k 'gate and not guard' does what it says.
        self.extra_keyword_matches.add(spec.gate.role)

    def wanted(self) -> Wanted:
        """Every question of its suites, for baseline and variant, or as they were retrieved."""
        return self.run.arms(self.variant, self.spec.suites)

    def setup(self) -> None:
        """A gate whose scores could not be evaluated is an error, not a verdict."""
        if errors := run_errors(self.run, self.spec, self.variant):
            pytest.fail("not gated: " + "; ".join(errors), pytrace=False)

    def runtest(self) -> None:
        """Decide, and fail if that stops the deploy."""
        result = gate_result(self.run, self.spec, self.variant, self.nodeid)
        names = () if self.spec.retrieval else (BASELINE, self.variant)
        self.user_properties.extend(
            gate_properties(
                result,
                variants=[variant_facts(self.run, name) for name in names],
                suites=[suite_facts(self.run, self.run.suites[s]) for s in self.spec.suites],
                judge="" if self.spec.retrieval else self.run.settings.judge,
            )
        )
        verdict = result.verdict
        if result.blocks:
            reason = f" ({verdict.reason})" if verdict.reason else ""
            pytest.fail(f"{verdict.outcome}{reason}: {result.explanation}", pytrace=False)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where pytest says that this item is."""
        what = "pooled" if self.spec.pooled else self.spec.suites[0]
        return self.path, None, f"{what} {self.variant} {self.name}"


def wanted_of(run: Run, items: Iterable[pytest.Item]) -> Wanted:
    """What has to be evaluated for items of any kind, hand-written tests among them."""
    whole: set[Arm] = set()
    parts: dict[Arm, set[str]] = {}
    for item in items:
        wanted = item.wanted() if isinstance(item, RagftItem) else wanted_by(run, item)
        for arm, ids in wanted.items():
            if ids is None:
                whole.add(arm)
            parts.setdefault(arm, set()).update(ids or ())
    return {arm: None if arm in whole else frozenset(ids) for arm, ids in parts.items()}


def gates_of(items: Iterable[pytest.Item]) -> dict[GateKey, str]:
    """The node ids of the gates among some items."""
    return {
        gate_key(item.spec, item.variant): item.nodeid
        for item in items
        if isinstance(item, GateItem)
    }


def is_question(node_id: str) -> bool:
    """Whether a node id, perhaps of another process, is that of a question."""
    file, _, names = node_id.partition("::")
    return Path(file).name == SUITE_FILE and "::gate-" not in names
