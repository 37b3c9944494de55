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
from pytest_ragft.reporting.conclusion import Conclusion, Decision, conclude
from pytest_ragft.reporting.details import detail_lines
from pytest_ragft.reporting.gate_table import gate_lines
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

_LEAST_WIDTH = 80
_INDENT = "   "
_WORST, _MOST_WORST = 3, 10
"""Questions of a blocked variant that are shown, and those with -v."""
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
        width: of the terminal, in columns; below 80, long lines run over.
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
            lines += _worst(worst, conclusion.variant, width, verbose, texts)
    if verbose >= 0:
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


def _worst(run: RunResult, variant: str, width: int, verbose: int, texts: Texts) -> list[Line]:
    """What got worse, to be read at once; `ragft show` gives the rest."""
    lines: list[Line] = []
    for case in worst_cases(run, variant, _MOST_WORST if verbose > 0 else _WORST):
        shown = cut_case(case, texts)
        lines += [*(full_lines if verbose > 0 else short_lines)(shown, width), Line("")]
    if not lines:
        return []
    more = "more of any question: ragft show SUITE::ID"
    return [Line("questions that got worse", "heading"), *lines[:-1], Line(more, "dim"), Line("")]


def _run_facts(run: RunResult, width: int, verbose: bool) -> list[Line]:
    lines = [Line(rule("what was compared", width, "-"), "heading")]
    for rows in (_variant_rows(run.variants), _suite_rows(run.suites, width - len(_INDENT))):
        header, *body = (cut(row, width - len(_INDENT)) for row in rows)
        if body:
            lines.append(Line(_INDENT + header, "dim"))
            lines += [*(Line(_INDENT + row) for row in body), Line("")]
    if verbose:
        lines += [*(Line(_INDENT + row) for row in _identity_rows(run)), Line("")]
    for note in notes(run):
        lines += [Line(row) for row in wrap(note, width, first=" - ")]
    return [*lines, Line("")]


def _identity_rows(run: RunResult) -> list[str]:
    variants = [(v.role, v.name, v.fingerprint, v.spec) for v in run.variants]
    suites = [("suite", s.name, s.fingerprint, s.path) for s in run.suites]
    return table([("", "name", "fingerprint", "from"), *variants, *suites], "<<<<")


def _variant_rows(variants: Sequence[VariantFacts]) -> list[str]:
    """Answers that this run did not compute came from the store."""
    header = ("", "name", "answers", "computed", "spec")
    rows = [
        (facts.role, facts.name, count(facts.answers), count(facts.computed), facts.spec)
        for facts in variants
    ]
    return table([header, *rows], "<<>><")


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


def _ending(run: RunResult, conclusions: Sequence[Conclusion], width: int) -> list[Line]:
    lines = []
    for error in run.errors:
        lines += [Line(row, "bad") for row in wrap(f"ERROR: {error}", width, rest="       ")]
    lines += [Line(row, "warn") for x in run.rule_notes for row in wrap(x, width, rest="  ")]
    lines += [Line(row, "bad") for line in not_gated(run) for row in wrap(line, width, rest="  ")]
    return lines + [Line(c.text, _DECISION_STYLES[c.decision]) for c in conclusions]
