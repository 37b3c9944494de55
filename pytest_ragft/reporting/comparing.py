"""What changed between two runs, as lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_ragft.evaluation.evaluation import RETRIEVAL
from pytest_ragft.numbers import count, fixed, verdict_texts
from pytest_ragft.records import BASELINE, AnsweredCase, GateResult, RunResult
from pytest_ragft.reporting.conclusion import conclude, gate_name, variant_names
from pytest_ragft.reporting.text import clean, table

_SHOWN = 10
_Question = tuple[str, str]


def comparison_lines(first: RunResult, second: RunResult) -> list[str]:
    """Conclusions, gates, what was compared, and the questions whose scores moved.

    Variants are told by name; where each run has one, these two are compared whatever their names.
    """
    lines: list[str] = []
    for before, after in _pairs(first, second):
        title = after if before == after else f"{before} → {after}"
        lines += [title, *_indented(_conclusions(first, second, before, after)), ""]
        lines += [*_indented(_gates(first, second, before, after)), ""]
        if before != RETRIEVAL:
            lines += [*_indented(_questions(first, second, before, after)), ""]
    lines += _only(first, second)
    if not _pairs(first, second):
        return [*lines, "no variant is in both runs: nothing was compared"]
    differing = list(_identity(first, second))
    lines.append("what was compared differs:" if differing else "the same was compared")
    return [*lines, *_indented(differing)]


def _pairs(first: RunResult, second: RunResult) -> list[tuple[str, str]]:
    names, others = variant_names(first), variant_names(second)
    if len(names) == len(others) == 1:
        return [(names[0], others[0])]
    return [(name, name) for name in names if name in others]


def _only(first: RunResult, second: RunResult) -> list[str]:
    paired = {name for pair in _pairs(first, second) for name in pair}
    lines = [f"only in the first run: {n}" for n in variant_names(first) if n not in paired]
    lines += [f"only in the second run: {n}" for n in variant_names(second) if n not in paired]
    return [*lines, ""] if lines else []


def _conclusions(first: RunResult, second: RunResult, before: str, after: str) -> Iterator[str]:
    (old,) = (c for c in conclude(first) if c.variant == before)
    (new,) = (c for c in conclude(second) if c.variant == after)
    if (old.decision, old.reasons) == (new.decision, new.reasons):
        yield f"{new.decision} as before: {', '.join(new.reasons)}"
    else:
        then, now = (f"{c.decision} ({', '.join(c.reasons)})" for c in (old, new))
        yield f"{then} → {now}"


def _gates(first: RunResult, second: RunResult, before: str, after: str) -> Iterator[str]:
    old, new = _gates_of(first, before), _gates_of(second, after)
    rows = []
    for name in dict.fromkeys([*old, *new]):
        sides = (_gate(old.get(name)), _gate(new.get(name)))
        rows.append((name, sides[0], "→" if sides[0] != sides[1] else "=", sides[1]))
    if rows:
        yield from table(rows, "<<<<")


def _gates_of(run: RunResult, variant: str) -> dict[str, GateResult]:
    return {gate_name(gate): gate for gate in run.gates if gate.variant == variant}


def _gate(result: GateResult | None) -> str:
    if result is None:
        return "no such gate"
    lower, estimate, upper = verdict_texts(result.verdict)
    outcome = f"{result.verdict.outcome} {result.verdict.reason}".rstrip()
    return f"{outcome} {estimate} [{lower}, {upper}]"


def _questions(first: RunResult, second: RunResult, before: str, after: str) -> Iterator[str]:
    old, new = _cases(first, before), _cases(second, after)
    if not (old and new):
        yield "no questions to compare: one of the reports holds none"
        return
    common = [place for place in old if place in new]
    for metric in dict.fromkeys(m for place in common for m in old[place].scores):
        moves = list(_moves(old, new, common, metric))
        up, down = (sum(m[0] * sign > 0 for m in moves) for sign in (1, -1))
        yield (
            f"{metric}: {count(up, 'question')} better, {count(down)} worse, "
            f"{count(len(moves) - up - down)} as before"
        )
        moved = sorted((m for m in moves if m[0]), key=lambda m: (-abs(m[0]), m[0], m[1]))
        yield from (f"   {text}" for _, _, text in moved[:_SHOWN])
    lost, added = len(old) - len(common), len(new) - len(common)
    if lost or added:
        yield f"{count(lost, 'question')} gone, {count(added)} new"


def _moves(
    old: Mapping[_Question, AnsweredCase],
    new: Mapping[_Question, AnsweredCase],
    places: list[_Question],
    metric: str,
) -> Iterator[tuple[float, _Question, str]]:
    for place in places:
        scores = [of[place].scores.get(metric) for of in (old, new)]
        then, now = (None if score is None else score.value for score in scores)
        if then is not None and now is not None:
            text = f"{fixed(then, 2)} → {fixed(now, 2)}  {clean('::'.join(place))}"
            yield round(now - then, 9), place, text


def _cases(run: RunResult, variant: str) -> dict[_Question, AnsweredCase]:
    keys = [key for key in run.cases if key[2] == variant]
    return {(suite, example): run.cases[suite, example, variant] for suite, example, _ in keys}


def _identity(first: RunResult, second: RunResult) -> Iterator[str]:
    for what, old, new in (
        ("pytest-ragft", first.version, second.version),
        ("judge", first.judge, second.judge),
        ("limit", str(first.limit), str(second.limit)),
    ):
        if old != new:
            yield f"{what}: {old} → {new}"
    yield from _fingerprints("suite", _of_suites(first), _of_suites(second))
    yield from _fingerprints("", _of_baseline(first), _of_baseline(second))


def _of_suites(run: RunResult) -> dict[str, str]:
    return {suite.name: suite.fingerprint for suite in run.suites}


def _of_baseline(run: RunResult) -> dict[str, str]:
    return {v.name: v.fingerprint for v in run.variants if v.name == BASELINE}


def _fingerprints(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        then, now = (of.get(name) for of in (old, new))
        if then != now:
            yield f"{what} {name}: {_short(then)} → {_short(now)}".lstrip()


def _short(fingerprint: str | None) -> str:
    if fingerprint is None:
        return "not there"
    return f"{fingerprint[:8]}…" if fingerprint else "unknown"


def _indented(lines: Iterator[str] | list[str]) -> list[str]:
    return [f"   {line}" for line in lines]
