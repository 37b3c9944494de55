"""What gates can decide, as lines for a terminal. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pytest_ragft.gate.forecast import Spread
from pytest_ragft.gating.forecasts import GateForecast
from pytest_ragft.gating.timing import Timing
from pytest_ragft.numbers import NOTHING, count, exact, fixed, level, percent, seconds
from pytest_ragft.reporting.text import cut, table, wrap
from pytest_ragft.stats.planning import PASS_CLUSTERS, REGRESSION_CLUSTERS, REGRESSION_QUESTIONS

WIDTH = 80

_HEAD = ("gate", "role", "n", "docs", "passes", "blocks", "vetoes", "needs")
_ALIGN = "<<>>>>>>"
_LEGEND = (
    "passes: probability that a model PASSES if nothing changed; blocks, vetoes: true drop that "
    "is no PASS, or a REGRESSION, with 80 %; needs: questions (documents like these) for an "
    "unchanged model to PASS with 80 %"
)


def forecast_lines(gates: Sequence[GateForecast], width: int = WIDTH) -> list[str]:
    """A row a gate, what the columns are, and a sentence on everything that cannot be."""
    if not gates:
        return ["no gate on answers"]
    said: dict[str, list[str]] = defaultdict(list)
    for gate in gates:
        for text in _said(gate):
            said[text].append(_name(gate))
    rows = [_HEAD, *map(_row, gates)]
    others = sum(max(len(row[at]) for row in rows) + 2 for at in range(1, len(_HEAD)))
    rows = [(cut(row[0], WIDTH - others), *row[1:]) for row in rows]
    lines = [*table(rows, _ALIGN), "", *_wrapped(_LEGEND, width), ""]
    for text, names in said.items():
        who = "all" if 1 < len(names) == len(gates) else ", ".join(names)
        lines += _wrapped(f"{who}: {text}", width, "- ")
    return lines


def size_lines(
    sizes: Mapping[tuple[float, int], int | None],
    spread: Spread,
    margin: float,
    alpha: float,
    width: int = WIDTH,
) -> list[str]:
    """How many questions a gate takes, by the share that changes and by questions a document.

    Args:
        sizes: by both.
        spread: whose correlation within documents was taken.
        margin: fraction of the scale.
        alpha: one-sided error rate.
        width: in columns.
    """
    per_document = list(dict.fromkeys(of for _, of in sizes))
    head = ("answers that change", *(f"{of} a document" for of in per_document))
    rows = [head]
    for changed in dict.fromkeys(share for share, _ in sizes):
        cells = [_size(sizes[changed, of], of) for of in per_document]
        rows.append((percent(changed), *cells))
    first = (
        f"questions (documents) for an unchanged model to PASS with 80 %: margin {exact(margin)}, "
        f"{level(alpha)} one-sided, differences on one document correlate by "
        f"{exact(spread.within)}"
    )
    return [*_wrapped(first, width), "", *table(rows, "<" + ">" * len(per_document))]


def _size(number: int | None, per_document: int) -> str:
    if number is None:
        return NOTHING
    return f"{number:,} ({-(-number // per_document):,})"


def _name(gate: GateForecast) -> str:
    return gate.name if gate.pooled else f"{gate.name} ({', '.join(gate.suites)})"


def _wrapped(text: str, width: int, first: str = "") -> list[str]:
    """Lines in which no number stands apart from its percent sign."""
    lines = wrap(text.replace(" %", "\u00a0%"), width, first=first)
    return [line.replace("\u00a0", " ") for line in lines]


def _row(gate: GateForecast) -> tuple[str, ...]:
    worth, primary = gate.worth, gate.role == "primary"
    needs = NOTHING
    if primary and gate.questions_to_pass is not None and gate.documents_to_pass is not None:
        needs = f"{gate.questions_to_pass:,} ({gate.documents_to_pass:,})"
    return (
        _name(gate),
        gate.role,
        f"{gate.questions:,}",
        f"{gate.documents:,}",
        percent(worth.passes) if primary else NOTHING,
        fixed(worth.blocked_drop) if primary else NOTHING,
        fixed(worth.vetoed_drop),
        needs,
    )


def _said(gate: GateForecast) -> Iterator[str]:
    worth = gate.worth
    default = " (the default: set yours)" if gate.margin_is_default else ""
    yield (
        f"margin {exact(gate.margin)}{default}, {level(gate.alpha)} one-sided; spread "
        f"{gate.source} (standard deviation {fixed(gate.deviation)}, {fixed(gate.within, 2)} "
        "within documents)"
    )
    if gate.role == "primary" and not worth.can_pass:
        yield (
            f"NOTHING CAN PASS: there are {count(gate.questions, 'question')} worth "
            f"{fixed(gate.kish_documents, 1)} equal documents, and {gate.needed} questions and "
            f"{PASS_CLUSTERS} documents are the least"
        )
    elif gate.role == "primary" and gate.kish_documents < gate.needed:
        yield (
            f"where hardly any answer changes, {gate.needed} documents are the least "
            f"with which anything passes, and there are {fixed(gate.kish_documents, 1)}"
        )
    if not worth.can_veto:
        yield (
            f"CANNOT VETO: {REGRESSION_QUESTIONS} questions and {REGRESSION_CLUSTERS} "
            f"documents are the least, and there are {count(gate.questions, 'question')} worth "
            f"{fixed(gate.kish_documents, 1)} documents"
        )
    elif worth.vetoed_drop is None:
        yield "no drop is vetoed with 80 %; it takes more questions"
    if gate.looks:
        looks = "; ".join(
            f"{look.questions:,} questions at {level(look.alpha)}: {percent(look.passes)}"
            for look in gate.looks
        )
        yield f"announced looks, and what has passed by each if nothing changed: {looks}"
    if gate.refused:
        yield f"A RUN WOULD REFUSE: {gate.refused}"
    if gate.note:
        yield f"{gate.note}"


def timing_lines(timing: Timing | None, width: int = WIDTH) -> list[str]:
    """How long a run takes; None where nobody measured it."""
    if timing is None:
        return wrap(
            "time: unknown; --measure=SPEC answers and judges a few questions", width, first="- "
        )
    text = (
        f"time: about {seconds(timing.whole)} for {count(timing.answers, 'answer')} with an empty "
        f"store ({timing.answering:.2g} s each, {timing.judging:.2g} s to judge, "
        f"{seconds(timing.loading)} to load), measured on {timing.measured} here; larger batches "
        "may take less"
    )
    return _wrapped(text, width, "- ")
