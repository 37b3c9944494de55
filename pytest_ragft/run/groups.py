"""Which gates exist: pooled ones over the suites of one ragft.toml, guards of single suites."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_ragft.errors import SuiteError
from pytest_ragft.records import Gate
from pytest_ragft.suite import (
    Suite,
    check_names,
    find_rules,
    is_retrieval,
    load_rules,
    load_suites,
    pooled_gates,
    suites_under,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSpec:
    """A gate of one file, before a variant is put to it."""

    path: Path
    """The ragft.toml or suite.toml that it stands under, or the common folder of the suites."""
    gate: Gate
    suites: tuple[str, ...]
    pooled: bool
    guards: int
    """Guard gates of its kind in force around it, over which alpha is split for a guard."""

    @property
    def name(self) -> str:
        """The last part of its node id."""
        return f"gate-{self.gate.metric}"

    @property
    def retrieval(self) -> bool:
        """Whether it is a gate on retrieval alone, which no variant has a part in."""
        return is_retrieval(self.gate.metric)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Suites that are pooled: those under one ragft.toml, or all that have none."""

    path: Path
    has_rules: bool
    suites: tuple[Suite, ...]
    pooled: tuple[GateSpec, ...]
    single: Mapping[Path, tuple[GateSpec, ...]]
    """Gates of each suite.toml."""

    @property
    def specs(self) -> tuple[GateSpec, ...]:
        """All gates, the pooled ones first."""
        return (*self.pooled, *(spec for specs in self.single.values() for spec in specs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the command line says over the files."""

    margin: Mapping[str, float]
    alpha: float | None

    def apply(self, gate: Gate) -> Gate:
        """The gate as it is in force."""
        if gate.metric in self.margin:
            gate = replace(gate, margin=self.margin[gate.metric], margin_is_default=False)
        return gate if self.alpha is None else replace(gate, alpha=self.alpha)


def rules_in_force(group: Group) -> list[str]:
    """The rules that decide over a group, and what they allow to be lost, for the header."""
    pooled = ", ".join(
        f"{spec.gate.metric} {spec.gate.margin:g} ({spec.gate.role})" for spec in group.pooled
    )
    where = str(group.path) if group.has_rules else f"no ragft.toml above {group.path}, defaults"
    return [f"rules: {where}; margins: {pooled or 'no pooled gate'}"]


def retrieval_metrics(specs: Iterable[GateSpec]) -> dict[str, tuple[str, ...]]:
    """Metrics of the gates on retrieval among `specs`, by suite."""
    metrics: dict[str, dict[str, None]] = {}
    for spec in specs:
        for suite in spec.suites if spec.retrieval else ():
            metrics.setdefault(suite, {})[spec.gate.metric] = None
    return {suite: tuple(names) for suite, names in metrics.items()}


def find_groups(suite_files: Iterable[Path], overrides: Overrides) -> tuple[Group, ...]:
    """The groups that the given suite.toml belong to, each with all of its suites.

    Raises:
        SuiteError: a file is wrong, or two suites of the run have one name.
    """
    by_rules: dict[Path | None, list[Path]] = {}
    for path in dict.fromkeys(suite_files):
        by_rules.setdefault(find_rules(path), []).append(path)
    groups = tuple(
        _group(rules, _members(rules, given), overrides) for rules, given in by_rules.items()
    )
    check_names(suite for group in groups for suite in group.suites)
    return groups


def _members(rules: Path | None, given: list[Path]) -> list[Path]:
    """All suites of a group; also given ones that lie where the search below a file does not go.

    Such are suites in a folder that is linked, hidden or called ``build``.
    """
    found = suites_under(rules) if rules else []
    known = {path.resolve() for path in found}
    return sorted([*found, *(path for path in given if path.resolve() not in known)])


def _group(rules_file: Path | None, paths: list[Path], overrides: Overrides) -> Group:
    rules = load_rules(rules_file) if rules_file else None
    suites = load_suites(paths)
    if not suites:
        raise SuiteError(f"{rules_file}: no suite.toml lies below it; add one, or remove the file")
    pooled = [overrides.apply(gate) for gate in pooled_gates(rules)]
    single = {suite.path: [overrides.apply(gate) for gate in suite.gates] for suite in suites}
    every = [*pooled, *(gate for gates in single.values() for gate in gates)]
    # Guards of answers veto a variant, those of retrieval an index: two families of tests.
    guards = Counter(is_retrieval(gate.metric) for gate in every if gate.role == "guard")
    path = rules_file or Path(os.path.commonpath([suite.path.parent for suite in suites]))
    names = tuple(suite.name for suite in suites)

    def spec(file: Path, gate: Gate, over: tuple[str, ...], *, pooled: bool) -> GateSpec:
        around = max(1, guards[is_retrieval(gate.metric)])
        return GateSpec(path=file, gate=gate, suites=over, pooled=pooled, guards=around)

    return Group(
        path=path,
        has_rules=rules_file is not None,
        suites=suites,
        pooled=tuple(spec(path, gate, names, pooled=True) for gate in pooled),
        single={
            suite.path: tuple(
                spec(suite.path, gate, (suite.name,), pooled=False) for gate in single[suite.path]
            )
            for suite in suites
        },
    )
