"""The page's tables and pictures, as texts that its template lays out. Pure."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Any

from pytest_ragft.numbers import NOTHING, count, exact, fixed, level, verdict_texts
from pytest_ragft.records import GateResult, RunResult, Stratum
from pytest_ragft.reporting.by_suite import SuiteMatrix, suite_matrices
from pytest_ragft.reporting.conclusion import gate_name, short_name
from pytest_ragft.reporting.details import worth_text
from pytest_ragft.reporting.draws import draws_text
from pytest_ragft.reporting.gate_table import mark, style_of, verdict_text
from pytest_ragft.reporting.html.legible import legible
from pytest_ragft.reporting.html.packed import PackedQuestions
from pytest_ragft.reporting.html.plots import bar, forest, margin_label, sorted_differences
from pytest_ragft.reporting.human_labels import correction_text, people_margin_text
from pytest_ragft.reporting.knowledge import (
    effect_tables,
    part_level,
    part_tables,
    sentences,
)


def all_gates(gates: Sequence[GateResult]) -> dict[str, Any] | None:
    """Every gate with its interval, by variant; None without any."""
    if not gates:
        return None
    picture = forest(gates)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for gate in sorted(gates, key=lambda g: (g.gate.role != "primary", not g.pooled)):
        lower, estimate, upper = verdict_texts(gate.verdict)
        groups.setdefault((gate.variant, gate.baseline), []).append(
            {
                "name": gate_name(gate),
                "mark": mark(gate),
                "style": style_of(gate),
                "interval": picture.interval(gate),
                "baseline": fixed(gate.baseline_mean),
                "variant": fixed(gate.variant_mean),
                "estimate": estimate,
                "bounds": f"[{lower}, {upper}]",
                "n": f"{count(gate.verdict.n)} / {count(gate.verdict.clusters)}",
                "verdict": verdict_text(gate),
                "worth": worth_text(gate),
                "draws": draws_text(gate),
                "explanation": gate.explanation,
            }
        )
    order = list(dict.fromkeys(gate.variant for gate in gates))
    return {
        "picture": picture,
        "margin": margin_label(gates),
        "groups": sorted(groups.items(), key=lambda group: order.index(group[0][0])),
    }


def matrices(run: RunResult) -> list[dict[str, Any]]:
    """Suites by variants, one table a metric; the worst cell of all is marked."""
    return [
        {
            "metric": of.metric,
            "variants": of.variants,
            "parts": [
                (
                    title,
                    [(suite, [_cell(of, suite, name) for name in of.variants]) for suite in suites],
                )
                for title, suites in of.parts
            ],
        }
        for of in suite_matrices(run)
    ]


_NO_MOVE = {
    "text": NOTHING, "means": "", "n": "", "shade": "", "verdict": "", "worst": False,
    "trained": False,
}  # fmt: skip


def _cell(of: SuiteMatrix, suite: str, variant: str) -> dict[str, Any]:
    move = of.rows[suite].get(variant)
    if move is None:
        return _NO_MOVE
    return {
        "text": fixed(move.difference, signed=True),
        "means": f"{fixed(move.baseline)} → {fixed(move.variant)}",
        "n": count(move.n),
        "shade": _shade(move.difference),
        "verdict": "" if move.gate is None else verdict_text(move.gate),
        "worst": of.worst == (suite, variant),
        "trained": (suite, variant) in of.trained,
    }


def _shade(difference: float) -> str:
    """One of three steps to either side."""
    size = abs(difference)
    step = (size >= 0.01) + (size >= 0.05) + (size >= 0.15)
    return f"{'fell' if difference < 0 else 'rose'}-{step}" if step else ""


def all_differences(questions: PackedQuestions) -> list[dict[str, Any]]:
    """A picture of all questions' differences for each variant and metric."""
    return [
        {"variant": legible(variant), "metric": legible(metric), "of": sorted_differences(values)}
        for (variant, metric), values in questions.differences.items()
    ]


def parts(gates: Sequence[GateResult]) -> list[dict[str, Any]]:
    """Parts of the questions by the gates over most of them, the primary ones first."""
    found = []
    for gate in sorted(gates, key=lambda g: g.gate.role != "primary"):
        if not (gate.pooled or gate.gate.role == "primary") or not gate.strata:
            continue
        parts = [stratum for stratum in gate.strata if stratum.n]
        largest = max((abs(part.variant - part.baseline) for part in parts), default=0.0)
        rows = [_part_row(part, largest) for part in parts]
        tags = [row for row in rows if row["name"].startswith("tag ")]
        tags.sort(key=lambda row: row["loss"])
        found.append(
            {
                "title": f"{gate.variant}: {gate_name(gate)}",
                "rows": [row for row in rows if row not in tags],
                "tags": tags,
            }
        )
    return found


def _part_row(part: Stratum, largest: float) -> dict[str, Any]:
    difference = part.variant - part.baseline
    start, width = bar(difference, largest)
    return {
        "name": part.name,
        "n": count(part.n),
        "baseline": fixed(part.baseline),
        "variant": fixed(part.variant),
        "difference": fixed(difference, signed=True),
        "fell": difference < 0,
        "start": start,
        "width": width,
        "loss": part.n * difference,
    }


def retrieval(run: RunResult) -> dict[str, Any] | None:
    """Sizes and retrieval metrics by suite; None where no suite was asked."""
    metrics = list(dict.fromkeys(name for suite in run.suites for name in sorted(suite.retrieval)))
    if not run.suites:
        return None
    return {
        "metrics": metrics,
        "rows": [
            {
                "suite": suite.name,
                "questions": count(suite.questions),
                "unanswerable": count(suite.unanswerable),
                "documents": count(suite.documents),
                "passages": count(suite.passages),
                "values": [fixed(suite.retrieval.get(metric)) for metric in metrics],
                "retriever": suite.retriever or NOTHING,
            }
            for suite in run.suites
        ],
    }


def knowledge(run: RunResult) -> dict[str, Any] | None:
    """What retrieval adds, in all and by parts; None where nobody asked for it."""
    axis = run.knowledge
    if axis is None:
        return None
    return {
        "tables": effect_tables(axis),
        "sentences": sentences(axis),
        "parts": part_tables(axis),
        "level": part_level(axis),
    }


def judging(run: RunResult) -> list[str]:
    """What is known of the judge: agreement with people, slopes, corrections by labels.

    The first line is that of `notes`, which need not say it again.
    """
    lines = [f"judge {run.judge}: {run.judge_note}" if run.judge_note else f"judge {run.judge}"]
    for gate in run.gates:
        lines += [
            f"{gate.variant}, {short_name(gate)}: {text}"
            for text in (correction_text(gate), people_margin_text(gate))
            if text
        ]
    return lines


def rule(gate: GateResult) -> dict[str, str]:
    """What a gate was held to."""
    looks = gate.gate.looks
    return {
        "id": gate.node_id,
        "margin": exact(gate.gate.margin) + (" (default)" if gate.gate.margin_is_default else ""),
        "alpha": exact(gate.gate.alpha),
        "level": level(gate.verdict.alpha),
        "looks": ", ".join(count(size) for size in looks) if looks else "one assumed",
        "needed": count(gate.verdict.questions_needed),
    }


def command(run: RunResult) -> str:
    """The run again, from the same files; what came from settings besides stands in the tables."""
    words = ["pytest", *dict.fromkeys(os.path.dirname(suite.path) for suite in run.suites)]
    words += [f"--ragft-model={v.name}={v.spec}" for v in run.variants if v.role == "variant"]
    # An adapter's own base needs no name.
    bases = [v.spec for v in run.variants if v.role == "baseline" and " " not in v.spec]
    words += [f"--ragft-baseline={spec}" for spec in bases]
    words.append(f"--ragft-judge={run.judge}")
    if run.limit is not None:
        words.append(f"--ragft-limit={run.limit}")
    if run.on_inconclusive == "warn":
        words.append("--ragft-on-inconclusive=warn")
    return " ".join(map(shlex.quote, words))
