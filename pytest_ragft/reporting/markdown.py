"""The result of a run as GitHub-flavoured Markdown, for a comment or a job's summary. Pure.

A verdict in one line, the gates, the worst questions; all else is folded. Whatever the run's size,
it stays below what a comment takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_ragft.numbers import NOTHING, count, fixed, verdict_texts
from pytest_ragft.records import AnsweredCase, GateResult, RunResult, SuiteFacts
from pytest_ragft.reporting.advice import advice
from pytest_ragft.reporting.by_suite import SuiteMatrix, suite_matrices
from pytest_ragft.reporting.conclusion import (
    Conclusion,
    Decision,
    conclude,
    gate_name,
    stops,
)
from pytest_ragft.reporting.details import fact_texts
from pytest_ragft.reporting.gate_table import verdict_text
from pytest_ragft.reporting.knowledge import effect_tables, sentences
from pytest_ragft.reporting.markdown_escaping import (
    cell,
    cell_code,
    changes,
    code,
    prose,
    table,
)
from pytest_ragft.reporting.notes import not_gated, notes
from pytest_ragft.reporting.question import moves, reason, references, said, worst_cases
from pytest_ragft.reporting.questions import Texts, cut_case

MARK = "<!-- pytest-ragft report -->"
"""First line of every such report, by which a comment of an earlier run is found again."""
MOST_BYTES = 60_000
"""GitHub refuses a comment of more than 65,536 characters."""

_WORST = 3
# Blocked variants whose questions are shown, and variants that a headline names.
_VARIANTS = 5
# Columns of a name.
_NAME = 60
# Columns of a sentence outside of what is folded.
_TEXT = 300
_MOVERS = 10
# The worst first.
_MARKS: dict[Decision, str] = {
    "BLOCK": "❌",
    "ERROR": "❌",
    "NOT GATED": "❌",
    "WARN": "⚠️",
    "PASS": "✅",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """A part of the report, of which as many rows are shown as there is room for."""

    head: str
    rows: Sequence[str]
    tail: str = ""
    gap: str = "\n"
    """Between rows."""
    most: int = MOST_BYTES
    """Bytes of it."""


def to_markdown(result: RunResult, texts: Texts = "short") -> str:
    """A report of at most `MOST_BYTES` bytes.

    Args:
        result: of the run.
        texts: how much of questions and answers it may hold; with none of it, questions are named.
    """
    conclusions = conclude(result)
    return _fitted(
        [
            _Section(head=MARK, rows=[]),
            _Section(head="", rows=_verdicts(conclusions), most=10_000),
            _Section(head="", rows=_problems(result), most=10_000),
            *_gates(result),
            *_next(result, conclusions),
            *_questions(result, conclusions, texts),
            *_folded("By suite", list(_by_suite(result)), "\n\n"),
            *_folded("What retrieval adds", list(_knowledge(result)), "\n\n"),
            *_folded("What was found, gate by gate", _findings(result), "\n\n"),
            *_folded("What was compared", list(_compared(result)), "\n\n"),
            *_folded("What limits these verdicts", [f"- {prose(note)}" for note in notes(result)]),
            _Section(head=_footer(result), rows=[]),
        ]
    )


def _fitted(sections: Sequence[_Section]) -> str:
    """All sections that there is room for; the last one always."""
    *others, last = sections
    room = MOST_BYTES - _size(last.head) - 2
    parts = []
    for section in others:
        text = _within(section, min(room, section.most))
        if text:
            parts.append(text)
            room -= _size(text) + 2
    return "\n\n".join([*parts, last.head]) + "\n"


def _within(section: _Section, room: int) -> str:
    """A section in so many bytes; empty where not even one row has room, or there is none."""
    frame = "\n\n".join(filter(None, [section.head, section.tail]))
    more = "{}… and {} more: `ragft report -v` shows all"
    room -= _size(frame) + 4 + _size(more) + _size(section.gap) + 8
    rows: list[str] = []
    for row in section.rows:
        room -= _size(row) + _size(section.gap)
        if room < 0:
            break
        rows.append(row)
    if section.rows and not rows:
        return ""
    left = len(section.rows) - len(rows)
    body = section.gap.join(rows) + (more.format("\n\n", count(left)) if left else "")
    # The head of a table and its rows are one block.
    start = "\n" if section.head.endswith("|") else "\n\n"
    text = start.join(filter(None, [section.head, body]))
    return "\n\n".join(filter(None, [text, section.tail]))


def _size(text: str) -> int:
    return len(text.encode())


def _verdicts(conclusions: Sequence[Conclusion]) -> list[str]:
    if not conclusions:
        return ["## ❌ no variant was gated"]
    if len(conclusions) == 1:
        (only,) = conclusions
        name = code(only.variant, _NAME)
        reasons = prose(", ".join(only.reasons), _TEXT)
        return [f"## {_MARKS[only.decision]} {name}: {only.decision} – {reasons}"]
    by_decision = {
        decision: [c.variant for c in conclusions if c.decision == decision] for decision in _MARKS
    }
    heads = [
        f"{_MARKS[decision]} {decision}: {_names(names)}"
        for decision, names in by_decision.items()
        if names
    ]
    worst_first = sorted(conclusions, key=lambda c: list(_MARKS).index(c.decision))
    return [f"## {' · '.join(heads)}\n", *map(_verdict, worst_first)]


def _verdict(of: Conclusion) -> str:
    reasons = prose(", ".join(of.reasons), _TEXT)
    return f"- {_MARKS[of.decision]} {code(of.variant, _NAME)}: {of.decision} – {reasons}"


def _names(names: Sequence[str]) -> str:
    more = [f"{len(names) - _VARIANTS} more"] if len(names) > _VARIANTS else []
    return ", ".join([*(code(name, _NAME) for name in names[:_VARIANTS]), *more])


def _problems(result: RunResult) -> list[str]:
    lines = [*(f"ERROR: {e}" for e in result.errors), *result.rule_notes, *not_gated(result)]
    return [f"- {prose(line, _TEXT)}" for line in lines]


def _gates(result: RunResult) -> Iterator[_Section]:
    gates = _worst_first(result)
    if not gates:
        return
    several = len({gate.variant for gate in gates}) > 1
    header = ["", "gate", "baseline", "variant", "diff", "bounds", "margin", "n", "verdict"]
    rows = [_row(gate) for gate in gates]
    if several:
        header.insert(1, "of")
        rows = [
            [mark, cell_code(gate.variant, _NAME), *row]
            for gate, (mark, *row) in zip(gates, rows, strict=True)
        ]
    head, rules, *lines = table(header, rows, "<<" + "<" * several + ">>>>>><")
    yield _Section(head=f"{head}\n{rules}", rows=lines, most=20_000)


def _next(result: RunResult, conclusions: Sequence[Conclusion]) -> Iterator[_Section]:
    """What to do about the variants that did not pass."""
    several = len(conclusions) > 1
    rows = [
        f"- {code(of.variant, _NAME) + ': ' if several else ''}{prose(line)}"
        for of in conclusions
        if of.decision != "PASS"
        for line in advice(result, of)
    ]
    if rows:
        yield _Section(head="### What to do next", rows=rows, most=10_000)


def _worst_first(result: RunResult) -> list[GateResult]:
    def rank(gate: GateResult) -> tuple[bool, bool, bool, float]:
        outcome = gate.verdict.outcome
        primary = gate.gate.role == "primary"
        return not stops(gate), outcome != "REGRESSION", not primary, gate.verdict.estimate

    return sorted(result.gates, key=rank)


def _row(gate: GateResult) -> list[str]:
    mark = "❌" if stops(gate) else "✅" if gate.verdict.outcome == "PASS" else ""
    return [mark, *gate_cells(gate, _NAME)]


def gate_cells(gate: GateResult, width: int) -> list[str]:
    """A gate as cells of a table: name, means, difference, bounds, margin, questions, verdict.

    Args:
        gate: with its verdict.
        width: to which its name is cut.
    """
    verdict = gate.verdict
    lower, estimate, upper = verdict_texts(verdict)
    return [
        cell(gate_name(gate), width),
        fixed(gate.baseline_mean),
        fixed(gate.variant_mean),
        estimate,
        f"{lower} to {upper}",
        fixed(verdict.margin),
        count(verdict.n),
        cell(verdict_text(gate)),
    ]


def _questions(
    result: RunResult, conclusions: Sequence[Conclusion], texts: Texts
) -> Iterator[_Section]:
    blocked = [c.variant for c in conclusions if c.decision == "BLOCK"]
    for variant in blocked[:_VARIANTS]:
        of = f" ({code(variant, _NAME)})" if len(conclusions) > 1 else ""
        cases = worst_cases(result, variant, _WORST)
        if cases:
            yield _Section(
                head=f"### Questions that got worse{of}",
                rows=[_question(case, texts) for case in cases],
                gap="\n\n",
            )


def _question(case: AnsweredCase, texts: Texts) -> str:
    title = f"**{code(f'{case.suite}::{case.example.id}', _NAME)}** {prose(moves(case))}".rstrip()
    if texts == "none":
        return title
    case = cut_case(case, texts)
    before, after = case.baseline_answer, case.answer
    pairs = [("question", code(case.example.question)), ("reference", code(references(case)))]
    if before is None:
        pairs.append(("answer", code(said(after))))
    else:
        pairs.append(("baseline", code(said(before))))
        both = before.text.strip() and after.text.strip()
        said_now = changes(before.text, after.text) if both else code(said(after))
        pairs.append((code(case.variant, _NAME), said_now))
    pairs.append(("because", code(reason(case))))
    return "\n".join([f"{title}\n", *(f"- {label}: {text}" for label, text in pairs if text)])


def _folded(title: str, rows: Sequence[str], gap: str = "\n") -> Iterator[_Section]:
    if rows:
        head = f"<details>\n<summary>{title}</summary>"
        yield _Section(head=head, rows=rows, tail="</details>", gap=gap)


def _findings(result: RunResult) -> list[str]:
    several = len({gate.variant for gate in result.gates}) > 1
    return [_finding(gate, several) for gate in _worst_first(result)]


def _finding(gate: GateResult, several: bool) -> str:
    of = f"{code(gate.variant, _NAME)} " if several else ""
    title = f"**{of}{prose(gate_name(gate), _NAME)}** {prose(gate.explanation)}".rstrip()
    parts = [title, "\n".join(f"- {prose(fact)}" for fact in fact_texts(gate))]
    moved = [mover for mover in gate.questions if mover.difference][:_MOVERS]
    if moved:
        rows = [
            [
                cell_code(f"{mover.suite}::{mover.id}", _NAME),
                fixed(mover.baseline, 2),
                fixed(mover.variant, 2),
            ]
            for mover in moved
        ]
        header = ["questions that moved most", "baseline", "variant"]
        parts.append("\n".join(table(header, rows, "<>>")))
    if strata := [stratum for stratum in gate.strata if stratum.n][:_MOVERS]:
        rows = [
            [
                cell(stratum.name, _NAME),
                count(stratum.n),
                fixed(stratum.baseline),
                fixed(stratum.variant),
                fixed(stratum.variant - stratum.baseline, signed=True),
            ]
            for stratum in strata
        ]
        header = ["where", "n", "baseline", "variant", "diff"]
        parts.append("\n".join(table(header, rows, "<>>>>")))
    return "\n\n".join(filter(None, parts))


def _by_suite(result: RunResult) -> Iterator[str]:
    """Suites by variants; nothing where there is one suite, whose gates say it all."""
    for of in suite_matrices(result) if len(result.suites) > 1 else ():
        rows = []
        for title, suites in of.parts:
            rows += [[f"*{title}*", *("" for _ in of.variants)]] if title else []
            rows += [
                [cell_code(suite, _NAME), *(_move(of, suite, name) for name in of.variants)]
                for suite in suites
            ]
        header = [cell(of.metric, _NAME), *(cell_code(name, _NAME) for name in of.variants)]
        yield "\n".join(table(header, rows, "<" + ">" * len(of.variants)))


def _move(of: SuiteMatrix, suite: str, variant: str) -> str:
    move = of.rows[suite].get(variant)
    if move is None:
        return NOTHING
    text = f"{fixed(move.difference, signed=True)} ({fixed(move.baseline)} → {fixed(move.variant)})"
    text += ", trained" if (suite, variant) in of.trained else ""
    return f"**{text}, worst**" if of.worst == (suite, variant) else text


def _knowledge(result: RunResult) -> Iterator[str]:
    if result.knowledge is None:
        return
    for of in effect_tables(result.knowledge):
        rows = [[cell(row[0], _NAME), *row[1:]] for row in of.rows]
        yield "\n".join(table(of.header, rows, "<>>>>>"))
    yield "\n".join(f"- {prose(text)}" for text in sentences(result.knowledge))


def _compared(result: RunResult) -> Iterator[str]:
    if result.judge:
        note = f": {prose(result.judge_note)}" if result.judge_note else ""
        yield f"Judge {code(result.judge, _NAME)}{note}"
    if result.variants:
        rows = [
            [
                facts.role,
                cell_code(facts.name, _NAME),
                count(facts.answers),
                cell_code(facts.spec, _NAME),
                cell_code(facts.fingerprint, _NAME),
            ]
            for facts in result.variants
        ]
        yield "\n".join(table(["", "name", "answers", "spec", "fingerprint"], rows, "<<><<"))
    if result.suites:
        header = ["suite", "questions", "documents", "passages", "retriever", "fingerprint"]
        yield "\n".join(table(header, [_suite(suite) for suite in result.suites], "<>>><<"))


def _suite(suite: SuiteFacts) -> list[str]:
    found = ", ".join(f"{name} {fixed(value)}" for name, value in sorted(suite.retrieval.items()))
    return [
        cell_code(suite.name, _NAME),
        count(suite.questions),
        count(suite.documents),
        count(suite.passages),
        cell(f"{suite.retriever}; {found}" if found else suite.retriever),
        cell_code(suite.fingerprint, _NAME),
    ]


def _footer(result: RunResult) -> str:
    version = prose(f"pytest-ragft {result.version}".rstrip(), _NAME)
    return f"{version} · every question: `ragft show SUITE::ID`"
