"""Questions that are scored by rules: no judge is asked, and no reference is needed."""

from __future__ import annotations

from pytest_ragft.judging.checks.scores import (
    check_identity,
    check_score,
    failed_checks,
    require_checkers,
)

__all__ = ["check_identity", "check_score", "failed_checks", "require_checkers"]
