"""The results of a study as a tidy table for other programs. Pure.

One row a model, metric and knowledge, so that nothing has to be taken apart; the bases stand in it
as models of size 0. Numbers are written so that reading gives them back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from pytest_ragft.datasets.cells import escaped
from pytest_ragft.finetuning.targets import name_of_target
from pytest_ragft.records import GateResult
from pytest_ragft.reporting.study_reading import (
    curve_label,
    fact,
    gate_on,
    pairs_of,
    standing,
    varied,
)
from pytest_ragft.study.records import BaseResult, CellResult, Kept, Measure, StudyResult

Row = Mapping[str, object]

COLUMNS = (
    "data", "base", "model", "recipe", "recipe_fingerprint",
    "method", "form", "target", "size", "seed",
    "suite", "metric", "knowledge", "base_mean", "model_mean", "difference", "lower", "upper",
    "n", "documents", "missing",
    "verdict", "reason", "gate_lower", "gate_upper", "gate_alpha", "margin", "standing",
    "pairs", "steps", "loss_start", "loss_end", "perplexity", "self_aligned_perplexity",
    "base_words", "model_words", "answerable", "base_refused", "model_refused",
    "unanswerable", "base_abstained", "model_abstained",
)  # fmt: skip
"""In this order; a cell is empty where it says nothing."""


def to_csv(study: StudyResult) -> str:
    """The table, without a byte order mark; its lines end in a line feed alone."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in _rows(study):
        writer.writerow([as_cell(row.get(name)) for name in COLUMNS])
    return stream.getvalue()


def as_cell(value: object) -> str:
    """A text that no spreadsheet computes, or a number in full; empty for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return escaped(value)
    # numpy's floats are floats that call themselves otherwise.
    return repr(float(value)) if isinstance(value, float) else repr(value)


def _rows(study: StudyResult) -> Iterator[Row]:
    fields = varied(study.plan.cells)
    for base in study.bases:
        yield from _base_rows(base)
    for of in study.cells:
        shared = _shared(of, curve_label(of.cell.recipe, fields))
        for measure in of.measures:
            yield {**shared, **_measured(of, measure)}
        for kept in of.retention:
            yield {**shared, **_kept(kept)}


def _base_rows(of: BaseResult) -> Iterator[Row]:
    for (metric, knowledge), mean in of.means.items():
        yield {
            "data": of.data,
            "base": of.base,
            "size": 0,
            "metric": metric,
            "knowledge": knowledge,
            "base_mean": mean,
            "model_mean": mean,
            "base_words": of.words,
            "model_words": of.words,
        }


def _shared(of: CellResult, label: str) -> Row:
    """What is the same in all rows of a model."""
    cell, recipe = of.cell, of.cell.recipe
    row: dict[str, object] = {
        "data": cell.data,
        "base": cell.base,
        "model": cell.name,
        "recipe": label,
        "recipe_fingerprint": fact(of.facts, "training", "recipe"),
        "method": recipe.method,
        "form": recipe.form,
        "target": name_of_target(recipe.target),
        "size": recipe.size,
        "seed": recipe.seed,
        "standing": standing(of),
        "pairs": pairs_of(of),
        "steps": fact(of.facts, "training", "steps"),
        "loss_start": fact(of.facts, "training", "loss_start"),
        "loss_end": fact(of.facts, "training", "loss_end"),
        "perplexity": fact(of.facts, "data", "familiarity", "perplexity"),
        "self_aligned_perplexity": fact(of.facts, "data", "familiarity", "self_aligned"),
    }
    if of.style is not None:
        row |= {"base_words": of.style.baseline_words, "model_words": of.style.variant_words}
    if of.refusals is not None:
        row |= {
            "answerable": of.refusals.answerable,
            "base_refused": of.refusals.baseline_refused,
            "model_refused": of.refusals.variant_refused,
            "unanswerable": of.refusals.unanswerable,
            "base_abstained": of.refusals.baseline_abstained,
            "model_abstained": of.refusals.variant_abstained,
        }
    return row


def _measured(of: CellResult, measure: Measure) -> Row:
    # Gates see answers with retrieved passages, and nothing else.
    gate = gate_on(of, measure.metric) if measure.knowledge == "retrieved" else None
    return {
        "metric": measure.metric,
        "knowledge": measure.knowledge,
        "base_mean": measure.base,
        "model_mean": measure.cell,
        "difference": measure.difference.estimate,
        "lower": measure.difference.lower,
        "upper": measure.difference.upper,
        "n": measure.difference.n,
        "documents": measure.difference.documents,
        "missing": measure.missing,
        **_ruled(gate),
    }


def _kept(of: Kept) -> Row:
    return {
        "suite": of.suite,
        "metric": of.metric,
        "knowledge": "retrieved",
        "base_mean": of.base,
        "model_mean": of.cell,
        "difference": of.cell - of.base,
        "n": of.n,
        **_ruled(of.gate),
    }


def _ruled(gate: GateResult | None) -> Row:
    if gate is None:
        return {}
    of = gate.verdict
    return {
        "verdict": of.outcome,
        "reason": of.reason,
        "gate_lower": of.lower,
        "gate_upper": of.upper,
        "gate_alpha": of.alpha,
        "margin": of.margin,
    }
