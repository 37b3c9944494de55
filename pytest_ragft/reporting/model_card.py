"""A run's verdicts on one variant for its model card: a section, and metadata for the Hub. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pytest_ragft.numbers import count, level
from pytest_ragft.records import BASELINE, GateResult, RunResult, VariantFacts
from pytest_ragft.reporting.conclusion import conclude, gate_name
from pytest_ragft.reporting.markdown import gate_cells
from pytest_ragft.reporting.markdown_escaping import cell, cell_code, code, prose, table

BEGIN = "<!-- pytest-ragft card -->"
END = "<!-- end of pytest-ragft card -->"
"""Around the section, so that the next run's takes its place."""

_NAME = 80


def card_section(result: RunResult, variant: str) -> str:
    """What was gated, against what, with which bounds, by which judge, on which suites."""
    (conclusion,) = (each for each in conclude(result) if each.variant == variant)
    gates = _gates(result, variant)
    parts = [
        BEGIN,
        "## Regression gate",
        f"{conclusion.decision}: {prose(', '.join(conclusion.reasons))}",
        "\n".join(_compared(result, variant)),
        "\n".join(table(_HEADER, [gate_cells(gate, _NAME) for gate in gates], _ALIGN))
        if gates
        else "",
        _rule(gates) if gates else "",
        "\n".join(_suites(result)),
        END,
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def with_section(text: str, section: str) -> str:
    """The text of a card with the section in the place of an earlier one, or at its end."""
    # On lines of their own: inside of one, they are somebody's text.
    earlier = re.search(rf"^{BEGIN}$.*?^{END}$", text, re.DOTALL | re.MULTILINE)
    if earlier:
        return f"{text[: earlier.start()]}{section.rstrip()}{text[earlier.end() :]}"
    return f"{text.rstrip()}\n\n{section}" if text.strip() else section


def evaluations(result: RunResult, variant: str) -> list[dict[str, Any]]:
    """Arguments for `huggingface_hub.EvalResult`, one for each gate that has a mean."""
    fingerprints = {suite.name: suite.fingerprint for suite in result.suites}
    return [
        {
            "task_type": "text-generation",
            "task_name": "Question answering over retrieved passages",
            "dataset_type": "pytest-ragft",
            "dataset_name": ", ".join(gate.suites),
            "dataset_args": {name: fingerprints.get(name, "") for name in gate.suites},
            "metric_type": gate.gate.metric,
            "metric_name": gate_name(gate),
            "metric_value": gate.variant_mean,
            "metric_args": _metric(gate, result),
        }
        for gate in _gates(result, variant)
        if gate.variant_mean is not None
    ]


def _metric(gate: GateResult, result: RunResult) -> dict[str, Any]:
    verdict = gate.verdict
    return {
        "verdict": f"{verdict.outcome} {verdict.reason}".rstrip(),
        "baseline": gate.baseline_mean,
        "difference": verdict.estimate,
        "lower": verdict.lower,
        "upper": verdict.upper,
        "margin": verdict.margin,
        "alpha": verdict.alpha,
        "questions": verdict.n,
        "documents": verdict.clusters,
        "judge": result.judge,
    }


def _gates(result: RunResult, variant: str) -> list[GateResult]:
    return [gate for gate in result.gates if gate.variant == variant]


def _compared(result: RunResult, variant: str) -> Iterator[str]:
    for title, of in (("model", variant), ("compared with", BASELINE)):
        yield from (f"- {title}: {_model(v)}" for v in result.variants if v.name == of)
    if result.judge:
        note = f": {prose(result.judge_note)}" if result.judge_note else ""
        yield f"- judge: {code(result.judge, _NAME)}{note}"
    yield f"- tool: {prose(f'pytest-ragft {result.version}'.rstrip(), _NAME)}"


def _model(facts: VariantFacts) -> str:
    return f"{code(facts.spec, _NAME)}, fingerprint {code(facts.fingerprint, _NAME)}"


_HEADER = ("gate", "baseline", "model", "difference", "bounds", "margin", "questions", "verdict")
_ALIGN = "<>>>>>><"


def _rule(gates: list[GateResult]) -> str:
    levels = ", ".join(dict.fromkeys(level(gate.verdict.alpha) for gate in gates))
    return (
        f"Each bound is one-sided ({levels}), for questions of one document taken together. PASS: "
        "the lower bound excludes a loss of the margin; REGRESSION: the upper bound is below it."
    )


def _suites(result: RunResult) -> list[str]:
    rows = [
        [
            cell_code(suite.name, _NAME),
            count(suite.questions),
            count(suite.documents),
            cell(suite.retriever, _NAME),
            cell_code(suite.fingerprint, _NAME),
        ]
        for suite in result.suites
    ]
    header = ["suite", "questions", "documents", "retriever", "fingerprint"]
    return table(header, rows, "<>><<") if rows else []
