"""A sheet for people: questions drawn at random with both answers, blinded, in shuffled blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pytest_ragft.calibration.key import KeyRow, SheetKey, population_of, shown_fingerprint
from pytest_ragft.datasets.cells import write_table
from pytest_ragft.datasets.labels import listed
from pytest_ragft.errors import InputError
from pytest_ragft.records import BASELINE, QAExample
from pytest_ragft.store import fingerprint

BLOCK = 20
"""Questions of a block; the last one may have fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredPair:
    """A question with the answers of baseline and variant."""

    suite: str
    example: QAExample
    baseline: str
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """An answer as people see it."""

    id: str
    block: int
    example: QAExample
    answer: str


def draw_sheet(
    answered: Sequence[AnsweredPair], *, metric: str, variant: str, pairs: int, seed: int
) -> tuple[list[SheetRow], SheetKey]:
    """A simple random sample of questions in blocks; the answers of a block in random order.

    Any number of whole blocks is a simple random sample, too, so that people may stop after one.
    Two answers that are the same text stand in one row, which counts for both: labelling them
    twice would only add noise.

    Args:
        answered: Every question that the metric applies to.
        metric: What is labelled.
        variant: Name of what is compared with the baseline.
        pairs: Questions to draw.
        seed: Of the draw and the order.

    Raises:
        InputError: fewer questions than `pairs`.
    """
    if pairs > len(answered):
        raise InputError(
            f"--pairs={pairs}: {metric} applies to {len(answered)} questions here; draw at most all"
        )
    sides = [_sides(pair, metric, variant) for pair in answered]
    identity = [[pair.suite, pair.example.id, *(r.shown for r, _ in s)]
                for pair, s in zip(answered, sides, strict=True)]  # fmt: skip
    sheet = fingerprint("sheet", seed, metric, variant, pairs, BLOCK, identity)
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(answered))[:pairs]
    order: list[tuple[int, AnsweredPair, KeyRow, str]] = []
    for block, start in enumerate(range(0, pairs, BLOCK), start=1):
        questions = drawn[start : start + BLOCK]
        rows = [(block, answered[i], *side) for i in questions for side in sides[i]]
        order += [rows[i] for i in rng.permutation(len(rows))]
    shown, keys = [], []
    for position, (block, pair, row, answer) in enumerate(order):
        # A letter first, and no "e" that makes a number of digits: spreadsheets leave it alone.
        opaque = "a" + fingerprint(sheet, position)[:11].replace("e", "x")
        shown.append(SheetRow(id=opaque, block=block, example=pair.example, answer=answer))
        keys.append(replace(row, id=opaque, block=block))
    key = SheetKey(
        sheet=sheet,
        metric=metric,
        variant=variant,
        seed=seed,
        pairs=pairs,
        population={
            suite: population_of([p.example for p in answered if p.suite == suite])
            for suite in dict.fromkeys(pair.suite for pair in answered)
        },
        rows=tuple(keys),
    )
    return shown, key


def sheet_text(rows: Sequence[SheetRow]) -> str:
    """The sheet as CSV, with an empty column for the label.

    Besides question, references and answer it has what else a judge is told about the question,
    as far as there is any, so that `ragft calibrate` can put the same to a judge.
    """
    columns = {name: [cell(row) for row in rows] for name, cell in _COLUMNS.items()}
    kept = {n: c for n, c in columns.items() if any(c) or n not in _OPTIONAL}
    return write_table(tuple(kept), zip(*kept.values(), strict=True))


_COLUMNS: dict[str, Callable[[SheetRow], str]] = {
    "id": lambda row: row.id,
    "block": lambda row: str(row.block),
    "question": lambda row: row.example.question,
    "references": lambda row: listed(row.example.references),
    "facts": lambda row: listed(row.example.facts) if row.example.facts else "",
    "type": lambda row: row.example.type or "",
    "answerable": lambda row: "" if row.example.answerable else "no",
    "answer": lambda row: row.answer,
    "label": lambda row: "",
}
_OPTIONAL = ("facts", "type", "answerable")


def _sides(pair: AnsweredPair, metric: str, variant: str) -> list[tuple[KeyRow, str]]:
    """The rows of a pair, still without an id and a block."""
    by_text: dict[str, list[str]] = {}
    for name, answer in ((BASELINE, pair.baseline), (variant, pair.variant)):
        by_text.setdefault(answer, []).append(name)
    return [
        (
            KeyRow(
                id="",
                suite=pair.suite,
                question=pair.example.id,
                variants=tuple(names),
                block=0,
                shown=shown_fingerprint(metric, pair.example, answer),
            ),
            answer,
        )
        for answer, names in by_text.items()
    ]
