"""suite.toml and ragft.toml as pytest nodes: every question × variant and every gate is an item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_ragft.evaluation.evaluation import RETRIEVAL, Arm
from pytest_ragft.fixture_values import wanted_by
from pytest_ragft.gating.gates import GateSpec, Group
from pytest_ragft.gating.verdicts import gate_key
from pytest_ragft.items import GateItem, QuestionItem, RagftItem, gates_of
from pytest_ragft.paths import covers, in_loop, same_path
from pytest_ragft.suite import Suite
from pytest_ragft.suite.finding import RULES_FILE, SUITE_FILE

if TYPE_CHECKING:
    from pytest_ragft.gating.plan import Wanted
    from pytest_ragft.gating.run import GatingRun


class SuiteFile(pytest.File):
    """A suite.toml: for each variant its questions and the gates of this suite alone."""

    def __init__(
        self, *, run: GatingRun, suite: Suite, gates: Iterable[GateSpec], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._run, self._suite, self._gates = run, suite, tuple(gates)
        self.add_marker(pytest.mark.ragft(suite=suite.name))

    def collect(self) -> Iterable[pytest.Collector]:
        """One node a variant, and one for retrieval."""
        yield from _nodes(self, self._run, self._gates, self._suite)


class PooledGates(pytest.File):
    """A ragft.toml, or the common folder of suites without one: the gates over all its suites."""

    def __init__(self, *, run: GatingRun, group: Group, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._run, self._group = run, group
        self.add_marker("ragft")

    def collect(self) -> Iterable[pytest.Collector]:
        """One node a variant, and one for retrieval."""
        yield from _nodes(self, self._run, self._group.pooled)


def file_node(
    parent: pytest.Collector, file_path: Path, run: GatingRun
) -> SuiteFile | PooledGates | None:
    """A suite.toml or a ragft.toml as a test file of its own kind; None for any other."""
    if file_path.name not in (SUITE_FILE, RULES_FILE) or in_loop(file_path):
        return None
    if file_path.name == SUITE_FILE:
        for group, suite in ((g, s) for g in run.plan.groups for s in g.suites):
            if same_path(suite.path, file_path):
                gates = group.single[suite.path]
                return SuiteFile.from_parent(
                    parent, path=file_path, run=run, suite=suite, gates=gates
                )
    if file_path.name == RULES_FILE:
        for group in run.plan.groups:
            if group.has_rules and same_path(group.path, file_path):
                return PooledGates.from_parent(parent, path=file_path, run=run, group=group)
    return None


def absent_gates(
    session: pytest.Session, run: GatingRun, items: Iterable[pytest.Item]
) -> list[pytest.Item]:
    """The pooled gates of given suites whose ragft.toml is not itself among the arguments."""
    there, added = gates_of(items).keys(), []
    for group in run.plan.groups:
        keys = {gate_key(spec, name) for spec in group.pooled for name in run.plan.contenders(spec)}
        absent = keys - there
        if absent and any(covers(session.config, suite.path) for suite in group.suites):
            node = PooledGates.from_parent(session, path=group.path, run=run, group=group)
            pooled = session.genitems(node)
            added += [item for item in pooled if not absent.isdisjoint(gates_of([item]))]
    return added


def _nodes(
    parent: pytest.Collector, run: GatingRun, gates: Iterable[GateSpec], suite: Suite | None = None
) -> Iterator[pytest.Collector]:
    """What stands under a file for each variant, and for retrieval alone."""
    specs = [spec for spec in gates if run.plan.contenders(spec)]
    node = partial(VariantNode.from_parent, parent, run=run)
    for variant in run.plan.variants:
        of_variant = [spec for spec in specs if not spec.retrieval]
        yield node(name=variant.name, suite=suite, gates=of_variant)
    if of_retrieval := [spec for spec in specs if spec.retrieval]:
        yield node(name=RETRIEVAL, suite=None, gates=of_retrieval)


class VariantNode(pytest.Collector):
    """A variant's items, or those of retrieval, under one file."""

    def __init__(
        self, *, run: GatingRun, suite: Suite | None, gates: Iterable[GateSpec], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._run, self._suite, self._gates = run, suite, tuple(gates)

    def collect(self) -> Iterable[pytest.Item]:
        """Questions first, then gates."""
        if self._suite is not None and self._suite.judged:
            item = partial(QuestionItem.from_parent, self, run=self._run, variant=self.name)
            examples = self._suite.examples[: self._run.plan.settings.limit]
            for position, example in enumerate(examples):
                yield item(name=example.id, suite=self._suite, position=position)
        for spec in self._gates:
            yield GateItem.from_parent(
                self, name=spec.name, run=self._run, variant=self.name, spec=spec
            )


def wanted_of(run: GatingRun, items: Iterable[pytest.Item]) -> Wanted:
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
