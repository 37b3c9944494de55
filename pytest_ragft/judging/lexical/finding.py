"""What is found about an answer in one metric, on its way to a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_ragft.records import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A value before damping, with why and which reference it rests on."""

    value: float
    reason: str
    reference: str | None = None
    match: range | None = None
    """Where in the answer the reference stands."""
    evidence: Mapping[str, object] = field(default_factory=dict)
    settled: bool = False
    """Nothing else that the answer says changes it."""
    certain: bool = False
    """The form of reference and answer tells: other words for the same do not matter."""


IDENTICAL = Finding(value=1.0, reason="is a reference", certain=True)


def score_of(metric: str, finding: Finding, factor: float = 1.0, why: str = "") -> Score:
    """The score of a finding, its value times `factor`, and why that is below 1."""
    evidence: dict[str, object] = dict(finding.evidence)
    if finding.certain:
        evidence["certain"] = True
    if finding.reference is not None:
        evidence["reference"] = finding.reference
    if factor < 1:
        evidence["damped"] = factor
    reason = f"{finding.reason}; damped: {why}" if factor < 1 else finding.reason
    return Score(
        metric=metric, value=min(1.0, finding.value * factor), reason=reason, evidence=evidence
    )
