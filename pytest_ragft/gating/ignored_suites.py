"""What a gate pools is what stands on disk: suites that are not asked keep it from being put."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_ragft.gating.gates import GateSpec, Group
from pytest_ragft.gating.plan import Plan
from pytest_ragft.suite import find_rules
from pytest_ragft.suite.finding import RULES_FILE


def not_asked(plan: Plan, spec: GateSpec) -> list[str]:
    """Suites that a gate pools and something ignores, one sentence each with the remedy."""
    return [
        f"{path}: is ignored by {by}, and {spec.name} pools what stands on disk; to leave it out "
        f"for everyone, write {_exclusion(group, path)}"
        for group in plan.groups
        if spec in group.pooled
        for path, by in plan.ignored.items()
        if _pools(group, path)
    ]


def not_wanted(plan: Plan, spec: GateSpec) -> bool:
    """Whether a gate pools a suite that the user left out of this run."""
    groups = [group for group in plan.groups if spec in group.pooled]
    return any(_pools(group, path) for group in groups for path in plan.unwanted)


def ungated_suites(plan: Plan) -> list[str]:
    """Suites that something ignores and no gate of this run pools, one sentence each."""
    return [
        f"{path}: is ignored by {by}, so that nothing gates it; to leave it out for everyone, name "
        "it in `exclude` of the ragft.toml above it"
        for path, by in plan.ignored.items()
        # Where its rules are in force and do not pool it, they say so themselves: `exclude`.
        if not any(group.path == find_rules(path) or _pools(group, path) for group in plan.groups)
    ]


def _pools(group: Group, suite_toml: Path) -> bool:
    if not group.has_rules:
        return find_rules(suite_toml) is None
    place = os.path.realpath(suite_toml)
    return any(os.path.realpath(suite.path) == place for suite in group.suites)


def _exclusion(group: Group, suite_toml: Path) -> str:
    rules = group.path
    if not group.has_rules:
        suites = [suite.path.parent.parent for suite in group.suites]
        rules = Path(os.path.commonpath([*suites, suite_toml.parent.parent])) / RULES_FILE
    pattern = Path(os.path.relpath(suite_toml.parent, rules.parent)).as_posix()
    return f'exclude = ["{pattern}"] in {rules}'
