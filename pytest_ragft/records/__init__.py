"""Frozen records that flow between the rooms. No third-party import, no behaviour beyond reading.

Terms are those of the field and have one meaning each: a *variant* is a system under test (the
baseline is one too), a *hit* is a ranked passage, a *score* is a metric's value in [0, 1].
"""

from __future__ import annotations

from pytest_ragft.records.answering import (
    BASELINE,
    Answer,
    Finish,
    Hit,
    Passage,
    Prompt,
    QAExample,
    QuestionType,
    Request,
)
from pytest_ragft.records.results import (
    AnswerStyle,
    Disagreement,
    GateResult,
    HandWrittenGate,
    JudgeUsage,
    Mover,
    Refusals,
    RunResult,
    Stratum,
    SuiteFacts,
    VariantFacts,
)
from pytest_ragft.records.scoring import (
    Case,
    Cluster,
    ClusterScope,
    Comparison,
    Correction,
    Gate,
    MarginScale,
    Outcome,
    PairedScore,
    PairLabels,
    Role,
    Score,
    Slice,
    Slope,
    Status,
    Verdict,
)

__all__ = [
    "BASELINE",
    "Answer",
    "AnswerStyle",
    "Case",
    "Cluster",
    "ClusterScope",
    "Comparison",
    "Correction",
    "Disagreement",
    "Finish",
    "Gate",
    "GateResult",
    "HandWrittenGate",
    "Hit",
    "JudgeUsage",
    "MarginScale",
    "Mover",
    "Outcome",
    "PairLabels",
    "PairedScore",
    "Passage",
    "Prompt",
    "QAExample",
    "QuestionType",
    "Refusals",
    "Request",
    "Role",
    "RunResult",
    "Score",
    "Slice",
    "Slope",
    "Status",
    "Stratum",
    "SuiteFacts",
    "VariantFacts",
    "Verdict",
]
