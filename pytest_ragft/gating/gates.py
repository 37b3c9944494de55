"""Which gates exist: pooled ones over the suites of one ragft.toml, guards of single suites."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_ragft.datasets.fields import suggest
from pytest_ragft.errors import SuiteError
from pytest_ragft.records import CHECKS, Gate
from pytest_ragft.stats.planning import REGRESSION_QUESTIONS
from pytest_ragft.suite import (
    ABSTENTION,
    METRICS,
    Rules,
    Suite,
    SuiteIdentity,
    applies,
    check_names,
    find_rules,
    is_excluded,
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
    """Guard gates of its kind in force around it, which share alpha where they are many."""
    select_best: bool = False
    """Whether the best of several variants is to be chosen, so that they share alpha."""

    @property
    def name(self) -> str:
        """The last part of its node id."""
        return f"gate-{self.gate.label}"

    @property
    def retrieval(self) -> bool:
        """Whether it is a gate on retrieval alone, which no variant has a part in."""
        return is_retrieval(self.gate.metric)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Suites that are pooled: those under one ragft.toml, or all that have none."""

    path: Path
    has_rules: bool
    rules: Rules | None
    """What the ragft.toml says; None without one."""
    suites: tuple[Suite, ...]
    pooled: tuple[GateSpec, ...]
    single: Mapping[Path, tuple[GateSpec, ...]]
    """Gates of each suite.toml."""
    excluded: tuple[Path, ...] = ()
    """Every suite.toml below `path` that its `exclude` leaves out."""

    @property
    def ungated(self) -> tuple[str, ...]:
        """Metrics of answers that no gate over all questions of the pool is about."""
        gated = {spec.gate.metric for spec in self.pooled if spec.gate.where is None}
        examples = [example for suite in self.suites for example in suite.examples]
        scored = [m for m in METRICS if any(applies(m, e) for e in examples)]
        return tuple(metric for metric in scored if metric not in gated)

    @property
    def unchecked(self) -> int:
        """Questions with checks that no gate over all of them is about."""
        if any(spec.gate.metric == CHECKS and spec.gate.where is None for spec in self.specs):
            return 0
        return sum(bool(e.checks) for suite in self.suites for e in suite.examples)

    @property
    def unguarded(self) -> int:
        """Questions without an answer that no gate watches, where there are enough for a veto."""
        where = ABSTENTION.where
        watched = any(
            spec.gate.metric == ABSTENTION.metric and spec.gate.where == where
            for spec in self.pooled
        )
        number = sum(not example.answerable for suite in self.suites for example in suite.examples)
        return 0 if watched or number < REGRESSION_QUESTIONS else number

    @property
    def specs(self) -> tuple[GateSpec, ...]:
        """All gates, the pooled ones first."""
        return (*self.pooled, *(spec for specs in self.single.values() for spec in specs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the command line says over the files."""

    margin: Mapping[str, float]
    alpha: float | None
    offline: bool = False
    """No data set is fetched."""

    def apply(self, gate: Gate) -> Gate:
        """The gate as it is in force."""
        if gate.metric in self.margin:
            gate = replace(gate, margin=self.margin[gate.metric], margin_is_default=False)
        return gate if self.alpha is None else replace(gate, alpha=self.alpha)


def rules_in_force(group: Group) -> list[str]:
    """The rules that decide over a group, and what they allow to be lost, for the header."""
    pooled = ", ".join(
        f"{spec.gate.label} {spec.gate.margin:g} ({spec.gate.role})" for spec in group.pooled
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


def find_groups(
    suite_files: Iterable[Path],
    overrides: Overrides,
    identities: Mapping[Path, SuiteIdentity] | None = None,
) -> tuple[Group, ...]:
    """The groups that the given suite.toml belong to, each with all of its suites.

    Args:
        suite_files: that are given.
        overrides: what the command line says over the files.
        identities: of suites that another process of the same run has read.

    Raises:
        SuiteError: a file is wrong, or two suites of the run have one name.
    """
    by_rules: dict[Path | None, list[Path]] = {}
    for path in dict.fromkeys(suite_files):
        by_rules.setdefault(find_rules(path), []).append(path)
    groups, dropped = [], []
    for file, given in by_rules.items():
        rules = load_rules(file) if file else None
        # An excluded suite that was given stands for nothing, and asks for no gate of others.
        if all(_excludes(rules, path) for path in given):
            dropped += given
        else:
            groups.append(_group(rules, given, overrides, identities))
    if dropped and not groups:
        raise SuiteError(
            f"{dropped[0]}: is left out by `exclude` in the ragft.toml above it, and no other "
            "suite is given; give one that counts, or take this one out of `exclude`"
        )
    check_names(suite for group in groups for suite in group.suites)
    return tuple(groups)


def _excludes(rules: Rules | None, suite_toml: Path) -> bool:
    return rules is not None and is_excluded(suite_toml, rules.path, rules.exclude)


def _members(rules: Rules | None, given: list[Path]) -> tuple[list[Path], list[Path]]:
    """All suites of a group, and those that it excludes.

    Also given ones that lie where the search below a file does not go: in a folder that is linked,
    hidden or called ``build``.
    """
    if rules is None:
        return sorted(given), []
    found = suites_under(rules.path)
    known = {path.resolve() for path in found}
    every = sorted([*found, *(path for path in given if path.resolve() not in known)])
    excluded = [path for path in every if _excludes(rules, path)]
    return [path for path in every if path not in excluded], excluded


def _group(
    rules: Rules | None,
    given: list[Path],
    overrides: Overrides,
    identities: Mapping[Path, SuiteIdentity] | None,
) -> Group:
    paths, excluded = _members(rules, given)
    suites = load_suites(paths, identities, offline=overrides.offline)
    unanswerable = sum(not example.answerable for suite in suites for example in suite.examples)
    checked = sum(bool(example.checks) for suite in suites for example in suite.examples)
    gates = pooled_gates(
        rules,
        unanswerable=unanswerable,
        checked=checked,
        others=sum(len(suite.examples) for suite in suites) - checked,
    )
    pooled = [overrides.apply(gate) for gate in gates]
    single = {suite.path: [overrides.apply(gate) for gate in suite.gates] for suite in suites}
    every = [*pooled, *(gate for gates in single.values() for gate in gates)]
    # Guards of answers veto a variant, those of retrieval an index: two families of tests.
    guards = Counter(is_retrieval(gate.metric) for gate in every if gate.role == "guard")
    folders = [suite.path.parent for suite in suites]
    path = rules.path if rules else Path(os.path.commonpath(folders))
    names = tuple(suite.name for suite in suites)
    judged = tuple(suite.name for suite in suites if suite.judged)
    if not judged:
        pooled = [gate for gate in pooled if is_retrieval(gate.metric)]

    def spec(file: Path, gate: Gate, over: tuple[str, ...], *, pooled: bool) -> GateSpec:
        if not is_retrieval(gate.metric):
            over = tuple(name for name in over if name in judged)
            over = _expect_judged(gate, file, [suite for suite in suites if suite.name in over])
        _check_slice(gate, file, [suite for suite in suites if suite.name in over])
        return GateSpec(
            path=file,
            gate=gate,
            suites=over,
            pooled=pooled,
            guards=max(1, guards[is_retrieval(gate.metric)]),
            select_best=rules is not None and rules.select == "best",
        )

    return Group(
        path=path,
        has_rules=rules is not None,
        rules=rules,
        suites=suites,
        pooled=tuple(spec(path, gate, names, pooled=True) for gate in pooled),
        single={
            suite.path: tuple(
                spec(suite.path, gate, (suite.name,), pooled=False) for gate in single[suite.path]
            )
            for suite in suites
        },
        excluded=tuple(excluded),
    )


def _expect_judged(gate: Gate, file: Path, suites: list[Suite]) -> tuple[str, ...]:
    """The suites that a gate on answers is about; refuses one on what no question is judged by."""
    if not suites:
        raise SuiteError(
            f"{file}: [[gate]] metric = {gate.metric!r}: no question of this suite has a reference "
            "answer to judge by; gate its retrieval, such as recall@5, or give references"
        )
    over = tuple(s.name for s in suites if any(applies(gate.metric, e) for e in s.examples))
    if not over and gate.metric == CHECKS:
        raise SuiteError(
            f"{file}: [[gate]] metric = {gate.metric!r}: no question has checks; give them in "
            'questions.jsonl, such as "checks": {"max_words": 20}, or take the gate out'
        )
    if not over and any(example.checks for suite in suites for example in suite.examples):
        raise SuiteError(
            f"{file}: [[gate]] metric = {gate.metric!r}: every question has checks, which decide "
            f"alone; write metric = {CHECKS!r}"
        )
    return over or tuple(suite.name for suite in suites)


def _check_slice(gate: Gate, file: Path, suites: list[Suite]) -> None:
    """Refuse a slice that no question is in: a misspelt tag would guard nothing, silently.

    Which questions were hit is known only later.
    """
    where = gate.where
    if where is None:
        return
    fixed = replace(where, hit=None)
    if any(fixed.holds_for(example) for suite in suites for example in suite.examples):
        return
    tags = {tag for suite in suites for example in suite.examples for tag in example.tags}
    hint = "" if where.tag is None or where.tag in tags else suggest(where.tag, tags)
    names = ", ".join(suite.name for suite in suites)
    raise SuiteError(
        f"{file}: [[gate]] name = {gate.label!r}: no question of {names} is in its slice{hint}; "
        "mend `where`, or the questions"
    )
