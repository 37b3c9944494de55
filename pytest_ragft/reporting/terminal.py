"""The result of a run as lines for a terminal. Pure: the hook writes them.

The order is that of a reader in a hurry: per variant the picture, the numbers and what stopped it,
then where to look, then what limits the verdicts; the conclusions come last, where eyes land.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pytest_ragft.records import RunResult, SuiteFacts, VariantFacts
from pytest_ragft.reporting.conclusion import (
    Conclusion,
    Decision,
    conclude,
    stops,
    variant_names,
)
from pytest_ragft.reporting.details import detail_lines, explanation_lines
from pytest_ragft.reporting.gate_table import gate_lines, rule_lines
from pytest_ragft.reporting.notes import not_gated, notes
from pytest_ragft.reporting.numbers import NOTHING, count, fixed
from pytest_ragft.reporting.text import (
    Line,
    Style,
    can_show,
    clean,
    cut,
    map_strings,
    rule,
    table,
    transliterate,
    width_of,
    wrap,
)

_LEAST_WIDTH = 80
_DECISION_STYLES: dict[Decision, Style] = {
    "PASS": "good",
    "WARN": "warn",
    "BLOCK": "bad",
    "NOT GATED": "bad",
    "ERROR": "bad",
}


def render(
    result: RunResult, *, width: int, verbose: int = 0, encoding: str | None = "utf-8"
) -> list[Line]:
    """All that a terminal shows about a run.

    Args:
        result: of the run.
        width: of the terminal, in columns; below 80, long lines run over.
        verbose: 0 shows details of primary and of blocking gates; from 1 on, of all gates, with
            more movers, fingerprints and specs.
        encoding: of the stream; where it lacks the drawing characters, ASCII is used.

    Returns:
        Lines without line ends. The last ones are the conclusions, one a variant.
    """
    width = max(width, _LEAST_WIDTH)
    ascii_only = not can_show(encoding)
    result = map_strings(result, partial(clean, ascii_only=ascii_only))
    lines = [Line(rule("ragft", width, "="), "title")]
    for name in variant_names(result):
        lines += _variant(result, name, width, verbose)
    lines += _run_facts(result, width, verbose)
    lines += _ending(result, width)
    return [Line(transliterate(x.text), x.style) for x in lines] if ascii_only else lines


def _variant(run: RunResult, name: str, width: int, verbose: int) -> list[Line]:
    gates = [result for result in run.gates if result.variant == name]
    against = f" against {gates[0].baseline}" if gates else ""
    lines = [Line(rule(name + against, width, "-"), "heading"), *rule_lines(gates, width)]
    lines += gate_lines(gates, width)
    if explained := explanation_lines(gates, width, verbose):
        lines += [Line(""), *explained]
    for result in gates:
        if verbose or result.gate.role == "primary" or stops(result):
            details = detail_lines(result, width, verbose)
            lines += [Line(""), *details] if details else []
    return [*lines, Line("")]


def _run_facts(run: RunResult, width: int, verbose: int) -> list[Line]:
    lines = [Line(rule("what was compared", width, "-"), "heading")]
    lines += [Line(f"   {cut(row, width - 3)}") for row in _variant_rows(run.variants, verbose)]
    if run.suites:
        header, *rows = _suite_rows(run.suites, width - 3)
        lines += [Line(""), Line(f"   {header}", "dim"), *(Line(f"   {row}") for row in rows)]
        if verbose:
            lines += [
                Line(f"   {s.name}: {s.path}, fingerprint {s.fingerprint}") for s in run.suites
            ]
    if limits := notes(run):
        lines.append(Line(""))
        lines += [Line(row) for note in limits for row in wrap(note, width, first="   - ")]
    return [*lines, Line("")]


def _variant_rows(variants: Sequence[VariantFacts], verbose: int) -> list[str]:
    rows = []
    for facts in variants:
        stored = facts.answers - facts.computed
        source = f"{count(facts.computed)} computed, {count(stored)} from the store"
        identity = f"fingerprint {facts.fingerprint}" if verbose else ""
        rows.append(
            (facts.role, facts.name, count(facts.answers, "answer"), source, identity, facts.spec)
        )
    return table(rows, "<<><<<") if rows else []


def _suite_rows(suites: Sequence[SuiteFacts], width: int) -> list[str]:
    """As many columns as fit; those that matter least to a verdict give way first."""
    metrics = list(dict.fromkeys(name for suite in suites for name in sorted(suite.retrieval)))
    columns = [
        ["suite", *(cut(suite.name, 24) for suite in suites)],
        ["questions", *(count(suite.questions) for suite in suites)],
        ["unanswerable", *(count(suite.unanswerable) for suite in suites)],
        ["documents", *(count(suite.documents) for suite in suites)],
        ["passages", *(count(suite.passages) for suite in suites)],
        *([m, *(fixed(suite.retrieval.get(m)) for suite in suites)] for m in metrics),
        ["retriever", *(cut(suite.retriever, 30) or NOTHING for suite in suites)],
    ]
    for least in ("passages", "unanswerable", "documents"):
        rows = _columns_to_rows(columns)
        if max(map(width_of, rows)) <= width:
            break
        columns = [column for column in columns if column[0] != least]
    return _columns_to_rows(columns)


def _columns_to_rows(columns: Sequence[Sequence[str]]) -> list[str]:
    return table(list(zip(*columns, strict=True)), "<" + ">" * (len(columns) - 2) + "<")


def _ending(run: RunResult, width: int) -> list[Line]:
    lines = []
    for error in run.errors:
        lines += [Line(row, "bad") for row in wrap(f"ERROR: {error}", width, rest="       ")]
    lines += [Line(row, "bad") for line in not_gated(run) for row in wrap(line, width, rest="  ")]
    lines += [
        Line(conclusion_text(conclusion, width), _DECISION_STYLES[conclusion.decision])
        for conclusion in conclude(run)
    ]
    return lines


def conclusion_text(conclusion: Conclusion, width: int) -> str:
    """The one line on a variant, such as ``ft-ckpt: BLOCK - accuracy regressed``, with a dash.

    Reasons that do not fit become a count; the decision is always there in full.
    """
    head = f"{conclusion.variant}: {conclusion.decision} {NOTHING} "
    reasons = conclusion.reasons
    for shown in range(len(reasons), 0, -1):
        rest = len(reasons) - shown
        text = head + ", ".join(reasons[:shown]) + (f", and {rest} more" if rest else "")
        if width_of(text) <= width or shown == 1:
            return text
    return head.rstrip()
