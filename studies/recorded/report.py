"""The tables of README.md and PAIRS.md, from what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from studies import put_tables
from studies.recorded.cases import (
    LOSS,
    LOSS_PASSED,
    LOSSES,
    PEOPLE,
    RIVALS,
    UNDECIDED,
)
from studies.recorded.dialogue_tables import dialogue_tables
from studies.recorded.markdown import head, line, share, signed
from studies.recorded.pair_tables import pair_lines
from studies.recorded.remedies import REMEDIES
from studies.recorded.sets import EVOUNA, FOLDS, UNSEEN
from studies.recorded.tallies import AGREE, DRAWN, PASSED, Row, figures, rows_of
from studies.statistics.rules import MARGIN

_UNSEEN = {
    judge: ((evouna, as_), ("NQ301", judge), ("FinanceBench half", judge))
    for judge, evouna, as_ in (("reference", EVOUNA, FOLDS), ("semantic", UNSEEN, "semantic"))
}
"""Of each judge, the parts of the three sets that nothing of it was fitted on."""
_FINE_TUNED = {
    EVOUNA: lambda system: system == "fid",
    UNSEEN: lambda system: system == "fid",
    "NQ301": lambda system: not system.startswith("text-davinci"),
}
"""Systems that were trained on Natural Questions; the others were prompted."""
_KINDS = {False: "prompted", True: "fine-tuned"}
_TRUTHS = {"losses ≥ .05": LOSSES, "of .05 to .10": ("loss",), "no loss": ("none",)}


def write_report(folder: Path, results: Row) -> None:
    """Put the tables into README.md and KNOWLEDGE.md, where they stand; write PAIRS.md; print."""
    parts = {
        "README.md": "\n\n".join(tables(results)),
        "KNOWLEDGE.md": "\n\n".join(dialogue_tables(results["dialogues"])),
    }
    for name, text in parts.items():
        print(text, end="\n\n")
        if (folder / name).is_file():
            put_tables(folder / name, "pairs.py", text)
    (folder / "PAIRS.md").write_text("\n".join(pair_lines(results)) + "\n", encoding="utf-8")


def tables(results: Row) -> Iterator[str]:
    """Of README.md, each with its heading."""
    sets, sizes = results["sets"], results["sizes"]
    for drawn, what in DRAWN.items():
        yield f"### Against people: {what}"
        yield "\n".join(_against_people(sets, drawn))
    yield "### All questions of each set"
    yield "\n".join(_whole(sets))
    yield "### What other rules let through"
    yield "\n".join(_rules(sets, sizes))
    yield "### How far the judges follow people"
    yield "\n".join(_slopes(sets))
    yield "### Whether it is bias or chance"
    yield "\n".join(_bias(sets))
    yield "### Prompted and fine-tuned systems"
    yield "\n".join(_kinds(sets))
    yield "### The remedies"
    yield "\n".join(_remedies(sets, max(sizes)))
    yield "### The slopes of the calibrations, with one-sided 95 % bounds"
    yield "\n".join(_calibrations(sets))


def summary(results: Row) -> Iterator[str]:
    """The table of ``docs/statistics.md``: draws with replacement, of all sizes together."""
    yield from head(
        "systems", "scored by", "decided cases that agree with people", "the gate", *RIVALS
    )  # fmt: skip
    for one in results["sets"]:
        cases = [r for r in rows_of(one["cases"]) if r["drawn"] == "again"]
        rules = [r for r in rows_of(one["rules"]) if r["drawn"] == "again"]
        # Of the first set only what is out of sample, and people once.
        judges = [judge for judge in one["judges"] if "seen" not in judge]
        for who in (*([PEOPLE] if one["name"] != UNSEEN else []), *judges):
            of = figures([r for r in cases if r["judge"] == (judges[0] if who == PEOPLE else who)])
            lost = [r for r in rules if r["by"] == who and r["truth"] in LOSSES]
            passed = of["by_people" if who == PEOPLE else "passed"]
            agree = "" if who == PEOPLE else f"{100 * of['agree'] / of['both']:.2f} %"
            shares = (
                sum(r["count"] for r in lost if r["rule"] == rule and r["passed"])
                for rule in RIVALS
            )
            yield line(
                f"{len(one['systems'])} on {one['name']}",
                who,
                agree,
                *(f"{100 * share / of['losses']:.1f} %" for share in (passed, *shares)),
            )


def _against_people(sets: Sequence[Row], drawn: str) -> Iterator[str]:
    yield from head(
        "set", "judge", "cases", "decided by people", "by both", "of these agree",
        "losses ≥ .05 passed by the judge", "of .05 to .10", "of ≥ .05 passed by people",
    )  # fmt: skip
    found = {
        (one["name"], judge): [
            row for row in rows_of(one["cases"]) if (row["drawn"], row["judge"]) == (drawn, judge)
        ]
        for one in sets
        for judge in one["judges"]
    }
    for judge, parts in _UNSEEN.items():
        if found.keys() >= set(parts):
            found["all three, unseen", judge] = [row for part in parts for row in found[part]]
    for (name, judge), rows in found.items():
        of = figures(rows)
        yield line(
            name,
            judge,
            f"{of['cases']:,}",
            f"{of['people']:,}",
            f"{of['both']:,}",
            share(of["agree"], of["both"], least=AGREE),
            share(of["passed"], of["losses"], most=PASSED),
            share(of["small_passed"], of["small"]),
            share(of["by_people"], of["losses"], most=PASSED),
        )


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
    columns = [f"{what}, n = {n}" for what in _TRUTHS for n in sizes]
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
    for truths in _TRUTHS.values():
        for n in sizes:
            of = [row for row in rows if row["n"] == n and row["truth"] in truths]
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


def _kinds(sets: Sequence[Row]) -> Iterator[str]:
    kinds = [(before, after) for before in _KINDS for after in _KINDS]
    names = (f"{_KINDS[before]} → {_KINDS[after]}" for before, after in kinds)
    yield from head("set", "judge", *names)
    for one in sets:
        trained = _FINE_TUNED.get(one["name"])
        for judge in one["judges"] if trained else ():
            counts: Counter[tuple[str, bool, bool]] = Counter()
            for row in rows_of(one["differ"]):
                if row["judge"] == judge:
                    kind = (trained(row["baseline"]), trained(row["variant"]))
                    counts[row["what"], *kind] += row["count"]
            cells = (share(counts[LOSS_PASSED, *kind], counts[LOSS, *kind]) for kind in kinds)
            yield line(one["name"], judge, *cells)


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
