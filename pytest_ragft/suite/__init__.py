"""Suites and rules: suite.toml and ragft.toml, read with every mistake named."""

from __future__ import annotations

from pytest_ragft.suite.finding import find_rules, is_excluded, suites_at, suites_in, suites_under
from pytest_ragft.suite.loading import check_names, load_rules, load_suite, load_suites
from pytest_ragft.suite.schema import (
    ABSTENTION,
    GATED,
    METRICS,
    PromptSettings,
    Rules,
    Suite,
    SuiteIdentity,
    applies,
    is_retrieval,
    pooled_gates,
)

__all__ = [
    "ABSTENTION",
    "GATED",
    "METRICS",
    "PromptSettings",
    "Rules",
    "Suite",
    "SuiteIdentity",
    "applies",
    "check_names",
    "find_rules",
    "is_excluded",
    "is_retrieval",
    "load_rules",
    "load_suite",
    "load_suites",
    "pooled_gates",
    "suites_at",
    "suites_in",
    "suites_under",
]
