"""How a judge does on the labelled cases of the package, as text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_ragft.calibration.check import LEAST_AGREEMENT, LEAST_KAPPA, Checked, Misjudged
from pytest_ragft.numbers import count, fixed
from pytest_ragft.records import EndpointUsage
from pytest_ragft.reporting.agreement import figure_text
from pytest_ragft.reporting.text import cut, table

_BAR = f"agreement {LEAST_AGREEMENT:g} and κ {LEAST_KAPPA:g}"
# Width to which a text of a case is cut.
_SHOWN = 160


def check_lines(
    judge: str, checked: Sequence[Checked], usage: EndpointUsage | None, *, answers: int, paid: bool
) -> list[str]:
    """Agreement by metric and kind, the cases that are wrong, what it cost, and the conclusion.

    Args:
        judge: its name.
        checked: by metric.
        usage: of its calls; None where it made none.
        answers: that it was asked to judge.
        paid: whether the judge makes calls at all.
    """
    lines = [f"judge {judge} on {answers} labelled answers of this package"]
    for of in checked:
        lines += ["", *_metric(of)]
    failing = [of.metric for of in checked if not of.holds]
    if failing:
        end = f"below the bar ({_BAR}) in {' and '.join(failing)}; its verdicts would say little"
    else:
        end = f"reaches the bar ({_BAR}); on your own questions, `ragft calibrate` measures it"
    return [*lines, "", f"cost: {_cost(usage, answers, paid=paid)}", f"{judge}: {end}"]


def _metric(of: Checked) -> Iterator[str]:
    agreed = sum(held for held, _ in of.kinds.values())
    missing = f"; {count(of.missing, 'score')} missing, counted as wrong" if of.missing else ""
    yield (
        f"{of.metric}: agrees on {agreed} of {of.n}, {figure_text(of.agreement)}; "
        f"κ {figure_text(of.kappa)}{missing}"
    )
    rows = [(kind, f"{held} of {every}") for kind, (held, every) in of.kinds.items()]
    yield from (f"   {row}" for row in table(rows, "<>"))
    for case in of.misjudged:
        yield from _wrong(case)


def _wrong(case: Misjudged) -> Iterator[str]:
    example = case.of.case.example
    score = case.score
    said = fixed(score.value) if score.value is not None else score.status.replace("_", " ")
    held = " | ".join(example.references) if example.answerable else "unanswerable"
    yield f"   wrong: {case.of.id} is {case.label:g}, the judge says {said}"
    yield cut(f"      {example.question} [{held}]", _SHOWN)
    yield cut(f"      {case.of.case.answer}", _SHOWN)
    if score.reason:
        yield cut(f"      because: {score.reason}", _SHOWN)


def _cost(usage: EndpointUsage | None, answers: int, *, paid: bool) -> str:
    if usage is None:
        kept = "no call: all scores were kept; --cache=refresh asks for them anew"
        return kept if paid else "no calls"
    tokens = usage.prompt_tokens + usage.completion_tokens
    price = "" if usage.cost is None else f", {usage.cost:.4g} by RAGFT_JUDGE_PRICES"
    again = f", {count(usage.reasked)} of them again" if usage.reasked else ""
    each = f"{fixed(usage.calls / answers, 1)} calls and {count(round(tokens / answers))} tokens"
    return (
        f"{count(usage.calls, 'call')} ({count(usage.failed)} failed{again}), "
        f"{count(usage.prompt_tokens)} prompt and {count(usage.completion_tokens)} completion "
        f"tokens{price}{usage.uncounted_note}; {each} an answer"
    )
