"""The result of a run as lines for a terminal. Pure: the hook writes them.

The order is that of a reader in a hurry: per variant the picture, the numbers and what stopped it,
then where to look, then what limits the verdicts; the conclusions come last, where eyes land.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from pytest_ragft.numbers import NOTHING, count, fixed
from pytest_ragft.records import RunResult, SuiteFacts, VariantFacts
from pytest_ragft.reporting.advice import advice
from pytest_ragft.reporting.by_suite import SuiteMatrix, suite_matrices
from pytest_ragft.reporting.conclusion import Conclusion, Decision, conclude
from pytest_ragft.reporting.details import detail_lines
from pytest_ragft.reporting.gate_table import gate_lines
from pytest_ragft.reporting.knowledge import effect_tables, sentences
from pytest_ragft.reporting.notes import not_gated, notes
from pytest_ragft.reporting.question import full_lines, short_lines, worst_cases
from pytest_ragft.reporting.questions import Texts, cut_case
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

_LEAST_WIDTH = 60
_INDENT = "   "
# Questions of a blocked variant that are shown, and those with -v.
_WORST, _MOST_WORST = 3, 10
_ADVICE = 3
# Suites from which on each one's differences are shown without -v.
_MANY_SUITES = 4
_DECISION_STYLES: dict[Decision, Style] = {
    "PASS": "good",
    "WARN": "warn",
    "BLOCK": "bad",
    "NOT GATED": "bad",
    "ERROR": "bad",
}


def render(
    result: RunResult,
    *,
    width: int,
    verbose: int = 0,
    encoding: str | None = "utf-8",
    texts: Texts = "short",
) -> list[Line]:
    """All that a terminal shows about a run.

    Args:
        result: of the run.
        width: of the terminal, in columns; below 60, lines run over.
        verbose: pytest's verbosity. 0 shows details of primary and of blocking gates; from 1 on, of
            all gates, with more movers and fingerprints; below 0, no details.
        encoding: of the stream; where it lacks the drawing characters, ASCII is used.
        texts: how much of questions and answers a log may hold; with none of it, blocked variants
            show no questions.

    Returns:
        Lines without line ends. The last ones are the conclusions, one a variant.
    """
    width = max(width, _LEAST_WIDTH)
    ascii_only = not can_show(encoding)
    cases = {} if texts == "none" or verbose < 0 else result.cases
    result = map_strings(replace(result, cases={}), partial(clean, ascii_only=ascii_only))
    worst = replace(result, cases=cases)
    lines = [Line(rule(f"ragft {result.version}".rstrip(), width, "="), "title")]
    conclusions = conclude(result)
    for conclusion in conclusions:
        lines += _variant(result, conclusion, width, verbose)
        if conclusion.decision == "BLOCK":
            lines += _worst(worst, conclusion.variant, width, verbose, texts, ascii_only)
        if verbose >= 0 and conclusion.decision != "PASS":
            lines += _next(result, conclusion, width, verbose > 0)
    if verbose >= 0:
        lines += _by_suite(result, width, verbose > 0)
        lines += _knowledge(result, width)
        lines += _run_facts(result, width, verbose > 0)
    lines += _ending(result, conclusions, width)
    return [Line(transliterate(x.text), x.style) for x in lines] if ascii_only else lines


def _variant(run: RunResult, conclusion: Conclusion, width: int, verbose: int) -> list[Line]:
    gates = [result for result in run.gates if result.variant == conclusion.variant]
    against = f" against {gates[0].baseline}" if gates else ""
    title = f"{conclusion.variant}{against}: {conclusion.decision}"
    return [
        Line(rule(title, width, "-"), _DECISION_STYLES[conclusion.decision]),
        *gate_lines(gates, width),
        *(detail_lines(gates, width, verbose > 0) if verbose >= 0 else ()),
        Line(""),
    ]


def _worst(
    run: RunResult, variant: str, width: int, verbose: int, texts: Texts, ascii_only: bool
) -> list[Line]:
    """What got worse, to be read at once; `ragft show` gives the rest."""
    lines: list[Line] = []
    for case in worst_cases(run, variant, _MOST_WORST if verbose > 0 else _WORST):
        shown = map_strings(cut_case(case, texts), partial(clean, ascii_only=ascii_only))
        lines += [*(full_lines if verbose > 0 else short_lines)(shown, width), Line("")]
    if not lines:
        return []
    more = "more of any question: ragft show SUITE::ID"
    return [Line("questions that got worse", "heading"), *lines[:-1], Line(more, "dim"), Line("")]


def _next(run: RunResult, conclusion: Conclusion, width: int, verbose: bool) -> list[Line]:
    """What to do about it; the reports have all of it."""
    rows = [
        Line(row)
        for text in advice(run, conclusion)[: None if verbose else _ADVICE]
        for row in wrap(text, width, first=" - ")
    ]
    return [Line("what to do next", "heading"), *rows, Line("")]


def _by_suite(run: RunResult, width: int, verbose: bool) -> list[Line]:
    """What each suite gained or lost; of few suites only on demand, as their gates stand above."""
    matrices = suite_matrices(run) if verbose or len(run.suites) >= _MANY_SUITES else ()
    lines: list[Line] = []
    for of in matrices:
        rows = [[of.metric, *of.variants]]
        for title, suites in of.parts:
            rows += [[title, *("" for _ in of.variants)]] if title else []
            rows += [
                [cut(suite, 30), *(_move(of, suite, name) for name in of.variants)]
                for suite in suites
            ]
        header, *body = table(rows, "<" + "<" * len(of.variants))
        lines.append(Line(cut(_INDENT + header, width), "dim"))
        lines += [*(Line(cut(_INDENT + row, width)) for row in body), Line("")]
    return [Line(rule("by suite", width, "-"), "heading"), *lines] if lines else []


def _move(of: SuiteMatrix, suite: str, variant: str) -> str:
    move = of.rows[suite].get(variant)
    if move is None:
        return NOTHING
    text = fixed(move.difference, signed=True)
    text += " trained" if (suite, variant) in of.trained else ""
    return f"{text} worst" if of.worst == (suite, variant) else text


def _knowledge(run: RunResult, width: int) -> list[Line]:
    """What retrieval adds, where that was asked for."""
    axis = run.knowledge
    if axis is None:
        return []
    room = width - len(_INDENT)
    lines = [Line(rule(f"knowledge: {', '.join(axis.kinds)}", width, "-"), "heading")]
    for of in effect_tables(axis):
        names = [cut(row[0], 34) for row in of.rows]
        cells = [[name, *row[1:]] for name, row in zip(names, of.rows, strict=True)]
        columns = list(zip(of.header, *cells, strict=True))
        header, *body = _fitting(columns, "<>>>>>", (of.header[1], of.header[2]), room)
        lines += [Line(_INDENT + header, "dim"), *(Line(_INDENT + row) for row in body)]
    for text in sentences(axis):
        lines += [Line(row) for row in wrap(text, width, first=" - ")]
    return [*lines, Line("")]


def _run_facts(run: RunResult, width: int, verbose: bool) -> list[Line]:
    lines = [Line(rule("what was compared", width, "-"), "heading")]
    room = width - len(_INDENT)
    for rows in (_variant_rows(run.variants, room), _suite_rows(run.suites, room)):
        header, *body = rows
        if body:
            lines.append(Line(_INDENT + header, "dim"))
            lines += [*(Line(_INDENT + row) for row in body), Line("")]
    if verbose:
        lines += [*(Line(_INDENT + row) for row in _identity_rows(run, room)), Line("")]
    for note in notes(run):
        lines += [Line(row) for row in wrap(note, width, first=" - ")]
    return [*lines, Line("")]


def _identity_rows(run: RunResult, width: int) -> list[str]:
    """Never cut: they are looked up, and copied."""
    variants = [(v.role, v.name, v.fingerprint, v.spec) for v in run.variants]
    suites = [("suite", s.name, s.fingerprint, s.path) for s in run.suites]
    rows = table([("", "name", "fingerprint", "from"), *variants, *suites], "<<<<")
    if max(map(width_of, rows)) <= width:
        return rows
    return [
        row
        for role, name, fingerprint, place in [*variants, *suites]
        for row in (f"{role} {name}", f"  {fingerprint}", f"  {place}")
    ]


def _variant_rows(variants: Sequence[VariantFacts], width: int) -> list[str]:
    """Answers that this run did not compute came from the store."""
    columns = [
        ["", *(facts.role for facts in variants)],
        ["name", *(facts.name for facts in variants)],
        ["answers", *(count(facts.answers) for facts in variants)],
        ["computed", *(count(facts.computed) for facts in variants)],
        ["spec", *(facts.spec for facts in variants)],
    ]
    return _fitting(columns, "<<>><", ("computed", "answers"), width)


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
    least = ("passages", "unanswerable", "documents", *reversed(metrics[:-1]))
    return _fitting(columns, "<" + ">" * (len(columns) - 2) + "<", least, width)


def _fitting(
    columns: Sequence[Sequence[str]], align: str, least: Sequence[str], width: int
) -> list[str]:
    """A table in so many columns: those called `least` give way in their order, then the end."""
    shown = list(zip(columns, align, strict=True))
    for name in (*least, None):
        rows = table(list(zip(*(c for c, _ in shown), strict=True)), "".join(a for _, a in shown))
        if max(map(width_of, rows)) <= width:
            return rows
        shown = [(column, side) for column, side in shown if column[0] != name]
    return [cut(row, width) for row in rows]


def _ending(run: RunResult, conclusions: Sequence[Conclusion], width: int) -> list[Line]:
    lines = []
    for error in run.errors:
        lines += [Line(row, "bad") for row in wrap(f"ERROR: {error}", width, rest="       ")]
    lines += [Line(row, "warn") for x in run.rule_notes for row in wrap(x, width, rest="  ")]
    lines += [Line(row, "bad") for line in not_gated(run) for row in wrap(line, width, rest="  ")]
    return lines + [Line(c.text, _DECISION_STYLES[c.decision]) for c in conclusions]
