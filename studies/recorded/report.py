"""The tables of README.md and PAIRS.md, from what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from studies import put_tables
from studies.recorded.cases import LOSS_PASSED, OPPOSITE, PEOPLE, RIVALS, UNDECIDED
from studies.recorded.dialogue_tables import dialogue_tables
from studies.recorded.markdown import head, line, share, signed
from studies.recorded.remedies import REMEDIES
from studies.statistics.rules import MARGIN

Row = Mapping[str, Any]
AGREE, PASSED = 0.99, 0.05
"""The bars: share of decided cases that agree at least, share of losses that pass at most."""
_DRAWN = {
    "once": "no question twice in a draw; FinanceBench half is one draw of all its 79",
    "again": "questions, or whole documents, drawn with replacement",
}
_SHORT = {"PASS": "PASS", "REGRESSION": "REGR", UNDECIDED: "INC"}
_WORST = 5


def write_report(folder: Path, results: Row) -> None:
    """Put the tables into README.md, where it stands, and write PAIRS.md; print the tables."""
    text = "\n\n".join(tables(results))
    print(text)
    if (folder / "README.md").is_file():
        put_tables(folder / "README.md", "pairs.py", text)
    (folder / "PAIRS.md").write_text("\n".join(pair_lines(results)) + "\n", encoding="utf-8")


def tables(results: Row) -> Iterator[str]:
    """Each with its heading."""
    sets = results["sets"]
    for drawn, what in _DRAWN.items():
        yield f"### Against people: {what}"
        yield "\n".join(_against_people(sets, drawn))
    yield "### By number of questions"
    yield "\n".join(_by_size(sets, results["sizes"]))
    yield "### All questions of each set"
    yield "\n".join(_whole(sets))
    yield "### What other rules let through"
    yield "\n".join(_rules(sets, results["sizes"]))
    yield "### How far the judges follow people"
    yield "\n".join(_slopes(sets))
    yield "### Whether it is bias or chance"
    yield "\n".join(_bias(sets))
    for what in (OPPOSITE, LOSS_PASSED):
        yield f"### The pairs with the most {what}"
        yield "\n".join(_wrong(sets, what))
    yield "### The remedies"
    yield "\n".join(_remedies(sets, max(results["sizes"])))
    yield "### The slopes of the calibrations, with one-sided 95 % bounds"
    yield "\n".join(_calibrations(sets))
    yield from dialogue_tables(results["dialogues"])


def rows_of(table: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """The rows of a table whose first line names its columns."""
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def figures(rows: Sequence[Row]) -> dict[str, int]:
    """Counts of cases, decided and agreeing ones, and losses that passed."""

    def total(holds: Callable[[Row], bool]) -> int:
        return sum(row["count"] for row in rows if holds(row))

    def both(row: Row) -> bool:
        return UNDECIDED not in (row["people"], row["outcome"])

    return {
        "cases": total(lambda row: True),
        "people": total(lambda row: row["people"] != UNDECIDED),
        "both": total(both),
        "agree": total(lambda row: both(row) and row["people"] == row["outcome"]),
        "losses": total(lambda row: row["truth"] == "loss"),
        "passed": total(lambda row: row["truth"] == "loss" and row["outcome"] == "PASS"),
        "by_people": total(lambda row: row["truth"] == "loss" and row["people"] == "PASS"),
        "same": total(lambda row: row["truth"] == "none"),
        "same_passed": total(lambda row: row["truth"] == "none" and row["outcome"] == "PASS"),
    }


def _against_people(sets: Sequence[Row], drawn: str) -> Iterator[str]:
    yield from head(
        "set",
        "judge",
        "cases",
        "decided by people",
        "by both",
        "of these agree",
        "losses ≥ .05 passed by the judge",
        "by people's labels",
    )
    for one in sets:
        for judge in one["judges"]:
            rows = rows_of(one["cases"])
            of = figures([r for r in rows if r["drawn"] == drawn and r["judge"] == judge])
            yield line(
                one["name"],
                judge,
                f"{of['cases']:,}",
                f"{of['people']:,}",
                f"{of['both']:,}",
                share(of["agree"], of["both"], least=AGREE),
                share(of["passed"], of["losses"], most=PASSED),
                share(of["by_people"], of["losses"], most=PASSED),
            )


def _by_size(sets: Sequence[Row], sizes: Sequence[int]) -> Iterator[str]:
    columns = [f"{what}, n = {n}" for n in sizes for what in ("agree", "losses passed")]
    yield from head("set", "judge", "drawn", *columns)
    for one in sets:
        rows = rows_of(one["cases"])
        for judge in one["judges"]:
            for drawn in _DRAWN:
                cells = []
                for n in sizes:
                    key = (drawn, judge, n)
                    of = figures([r for r in rows if (r["drawn"], r["judge"], r["n"]) == key])
                    cells.append(share(of["agree"], of["both"], least=AGREE))
                    cells.append(share(of["passed"], of["losses"], most=PASSED))
                yield line(one["name"], judge, drawn, *cells)


def _whole(sets: Sequence[Row]) -> Iterator[str]:
    yield from head(
        "set", "judge", "pairs", "both PASS", "both REGRESSION", "opposite", "people alone decide",
        "judge alone decides", "neither",
    )  # fmt: skip
    for one in sets:
        for judge in one["judges"]:
            said = [(row[PEOPLE][0], row[judge][0]) for row in one["whole"]]
            decided = [UNDECIDED not in two for two in said]
            yield line(
                one["name"],
                judge,
                len(said),
                said.count(("PASS", "PASS")),
                said.count(("REGRESSION", "REGRESSION")),
                sum(sure and a != b for sure, (a, b) in zip(decided, said, strict=True)),
                sum(a != UNDECIDED and b == UNDECIDED for a, b in said),
                sum(a == UNDECIDED and b != UNDECIDED for a, b in said),
                said.count((UNDECIDED, UNDECIDED)),
            )


def _rules(sets: Sequence[Row], sizes: Sequence[int]) -> Iterator[str]:
    columns = [f"{what}, n = {n}" for what in ("losses ≥ .05", "no loss") for n in sizes]
    yield from head("set", "scored by", "rule", *columns)
    for one in sets:
        rules = [r for r in rows_of(one["rules"]) if r["drawn"] == "again"]
        cases = [r for r in rows_of(one["cases"]) if r["drawn"] == "again"]
        for who in (PEOPLE, *one["judges"]):
            judge, said = (one["judges"][0], "people") if who == PEOPLE else (who, "outcome")
            gate = [{**r, "passed": r[said] == "PASS"} for r in cases if r["judge"] == judge]
            yield line(one["name"], who, "the gate", *_let_through(gate, sizes))
            for rule in RIVALS:
                mine = [r for r in rules if (r["by"], r["rule"]) == (who, rule)]
                yield line(one["name"], who, rule, *_let_through(mine, sizes))


def _let_through(rows: Sequence[Row], sizes: Sequence[int]) -> Iterator[str]:
    for truth in ("loss", "none"):
        for n in sizes:
            of = [row for row in rows if (row["n"], row["truth"]) == (n, truth)]
            passed = sum(row["count"] for row in of if row["passed"])
            every = sum(row["count"] for row in of)
            yield f"{100 * passed / every:.1f} %" if every else "none"


def _slopes(sets: Sequence[Row]) -> Iterator[str]:
    yield from head(
        "set", "judge", "slope of the systems' differences", "mean |judge − people| of a pair",
        "largest, of which pair",
    )  # fmt: skip
    for one in sets:
        for judge in one["judges"]:
            off = {
                f"{row['variant']} against {row['baseline']}": row[judge][1] - row[PEOPLE][1]
                for row in one["whole"]
            }
            name = max(off, key=lambda pair: off[pair])
            mean = sum(map(abs, off.values())) / len(off)
            largest = f"{signed(off[name])}, {name}"
            yield line(one["name"], judge, one["slopes"][judge], f"{mean:.3f}", largest)


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
                if (row["judge"], row["what"]) == (judge, what)
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


def _bias(sets: Sequence[Row]) -> Iterator[str]:
    yield from head(
        "set", "judge", "losses that passed", "of pairs whose judged loss is under .05"
    )  # fmt: skip
    for one in sets:
        whole = {(row["baseline"], row["variant"]): row for row in one["whole"]}
        for judge in one["judges"]:
            pairs = [
                (row["count"], whole[row["baseline"], row["variant"]][judge][1])
                for row in rows_of(one["differ"])
                if (row["judge"], row["what"]) == (judge, LOSS_PASSED)
            ]
            every = sum(count for count, _ in pairs)
            under = sum(count for count, judged in pairs if judged > -MARGIN)
            yield line(one["name"], judge, f"{every:,}", share(under, every))


def _remedies(sets: Sequence[Row], most: int) -> Iterator[str]:
    yield from head(
        "set", "judge", "remedy", "decided by both", "of these agree", "losses ≥ .05 passed",
        f"no loss passed, n = {most}",
    )  # fmt: skip
    for one in sets:
        rows = rows_of(one["remedies"])
        for judge in one["judges"]:
            for remedy in REMEDIES:
                mine = [r for r in rows if (r["judge"], r["remedy"]) == (judge, remedy)]
                of, largest = figures(mine), figures([r for r in mine if r["n"] == most])
                yield line(
                    one["name"],
                    judge,
                    remedy,
                    f"{of['both']:,}",
                    share(of["agree"], of["both"], least=AGREE),
                    share(of["passed"], of["losses"], most=PASSED),
                    share(largest["same_passed"], largest["same"]),
                )


def _calibrations(sets: Sequence[Row]) -> Iterator[str]:
    yield from head("set", "judge", "slope on the one half", "on the other")
    for one in sets:
        for judge in one["judges"]:
            slopes = (of["slope"] for of in one["calibrations"] if of["judge"] == judge)
            shown = (f"{mean:.3f} [{low:.3f}, {high:.3f}]" for mean, low, high in slopes)
            yield line(one["name"], judge, *shown)


def pair_lines(results: Row) -> Iterator[str]:
    """PAIRS.md: every ordered pair on all of its questions."""
    yield "# Every ordered pair of systems, on all questions that people labelled of both"
    yield ""
    yield "Written by `pairs.py`. Each verdict with the difference and its one-sided 95 % bounds;"
    yield "INC is INCONCLUSIVE, REGR is REGRESSION. The last columns say what other rules would"
    yield "have let through by people's labels."
    for one in results["sets"]:
        judges = (PEOPLE, *one["judges"])
        yield ""
        yield f"## {one['name']}"
        yield ""
        yield from head("baseline", "variant", "n", *judges, *RIVALS)
        for row in one["whole"]:
            passed = ("yes" if rule in row["rules"][PEOPLE] else "no" for rule in RIVALS)
            said = (_verdict(row[who]) for who in judges)
            yield line(row["baseline"], row["variant"], row["questions"], *said, *passed)


def _verdict(said: Sequence[Any]) -> str:
    outcome, estimate, lower, upper = said
    return f"{_SHORT[outcome]} {signed(estimate)} [{signed(lower)}, {signed(upper)}]"
