"""PAIRS.md: every ordered pair of systems, and what is too long for README.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from studies.recorded.cases import LOSS_PASSED, OPPOSITE, PEOPLE, RIVALS, UNDECIDED
from studies.recorded.markdown import head, line, share, signed
from studies.recorded.tallies import AGREE, DRAWN, PASSED, Row, figures, rows_of

_SHORT = {"PASS": "PASS", "REGRESSION": "REGR", UNDECIDED: "INC"}
_WORST = 5


def pair_lines(results: Row) -> Iterator[str]:
    """PAIRS.md: every ordered pair on all of its questions."""
    yield "# Every ordered pair of systems"
    yield ""
    yield "Written by `pairs.py`, as the tables of README.md are, which says what they mean."
    yield ""
    yield "## By number of questions"
    yield ""
    yield from _by_size(results["sets"], results["sizes"])
    for what in (OPPOSITE, LOSS_PASSED):
        yield ""
        yield f"## The pairs with the most {what}"
        yield ""
        yield from _wrong(results["sets"], what)
    yield ""
    yield "## On all questions that people labelled of both"
    yield ""
    yield "Each verdict with the difference and its one-sided 95 % bounds;"
    yield "INC is INCONCLUSIVE, REGR is REGRESSION. The last columns say what other rules would"
    yield "have let through by people's labels."
    for one in results["sets"]:
        judges = (PEOPLE, *one["judges"])
        yield ""
        yield f"### {one['name']}"
        yield ""
        yield from head("baseline", "variant", "n", *judges, *RIVALS)
        for row in one["whole"]:
            passed = ("yes" if rule in row["rules"] else "no" for rule in RIVALS)
            said = (_verdict(row[who]) for who in judges)
            yield line(row["baseline"], row["variant"], row["questions"], *said, *passed)


def _by_size(sets: Sequence[Row], sizes: Sequence[int]) -> Iterator[str]:
    columns = [f"{what}, n = {n}" for n in sizes for what in ("agree", "losses passed")]
    yield from head("set", "judge", "drawn", *columns)
    for one in sets:
        rows = rows_of(one["cases"])
        for judge in one["judges"]:
            for drawn in DRAWN:
                cells = []
                for n in sizes:
                    key = (drawn, judge, n)
                    of = figures([r for r in rows if (r["drawn"], r["judge"], r["n"]) == key])
                    cells.append(share(of["agree"], of["both"], least=AGREE))
                    cells.append(share(of["passed"], of["losses"], most=PASSED))
                yield line(one["name"], judge, drawn, *cells)


def _wrong(sets: Sequence[Row], what: str) -> Iterator[str]:
    yield from head(
        "set", "judge", "variant against baseline", what, "difference by people", "by the judge"
    )  # fmt: skip
    for one in sets:
        whole = {(row["baseline"], row["variant"]): row for row in one["whole"]}
        for judge in one["judges"]:
            pairs = [
                (row["count"], whole[row["baseline"], row["variant"]])
                for row in rows_of(one["differ"])
                if (row["judge"], row["what"]) == (judge, what) and row["count"]
            ]
            every = sum(count for count, _ in pairs)
            for count, row in sorted(pairs, key=lambda pair: -pair[0])[:_WORST]:
                yield line(
                    one["name"],
                    judge,
                    f"{row['variant']} against {row['baseline']}",
                    f"{count} of {every:,}",
                    signed(row[PEOPLE][1]),
                    signed(row[judge][1]),
                )


def _verdict(said: Sequence[Any]) -> str:
    outcome, estimate, lower, upper = said
    return f"{_SHORT[outcome]} {signed(estimate)} [{signed(lower)}, {signed(upper)}]"
