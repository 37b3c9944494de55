"""What several answers a question did to a gate, and what more would buy. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_ragft.numbers import count, exact, fixed, percent
from pytest_ragft.records import GateResult


def draws_text(result: GateResult) -> str:
    """One sentence; empty where no question has several answers."""
    of = result.draws
    if of is None:
        return ""
    most = (
        "and there is no bound"
        if of.worth_most is None
        else f"any number at most {fixed(of.worth_most, 2)}"
    )
    return (
        f"draws: {percent(of.within)} of the variance of the differences of one answer is within "
        f"questions, so that {of.draws} answers to a question are worth {fixed(of.worth, 2)} "
        f"times as many questions with one, {2 * of.draws} would be worth "
        f"{fixed(of.worth_doubled, 2)}, {most} (over {count(of.questions, 'question')}; less where "
        "the questions on one document hang together)"
    )


def draws_properties(result: GateResult) -> Iterator[tuple[str, str]]:
    """The same as properties of a testcase; none without several answers."""
    of = result.draws
    if of is None:
        return
    yield "ragft.draws", str(of.draws)
    yield "ragft.draws.within", exact(of.within)
    yield "ragft.draws.worth", exact(of.worth)
    yield "ragft.draws.worth_doubled", exact(of.worth_doubled)
    yield "ragft.draws.worth_most", "unbounded" if of.worth_most is None else exact(of.worth_most)
