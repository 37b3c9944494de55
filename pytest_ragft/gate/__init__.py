"""The gate: paired scores of baseline and variant in, a verdict with known error rates out."""

from pytest_ragft.gate.decision import decide
from pytest_ragft.gate.evaluation import evaluate_gate

__all__ = ["decide", "evaluate_gate"]
