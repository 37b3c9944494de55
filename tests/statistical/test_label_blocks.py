"""A sheet filled in part: whole blocks are a random part of the questions, whole pairs are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest

from pytest_ragft.calibration.key import SheetKey, counted_rows
from pytest_ragft.calibration.sheet import AnsweredPair, draw_sheet
from pytest_ragft.gate import decide
from pytest_ragft.records import QAExample

QUESTIONS, CHANGED = 1_000, 0.3
FILLED = 0.5
SHEETS, EACH = 40, 100
"""4,000 gates; a sheet serves a hundred of them, since drawing one takes a while."""

Complete = Callable[[SheetKey, np.random.Generator], set[int]]


@cache
def sheets() -> list[SheetKey]:
    """Of questions the first of which have another answer than the baseline's."""
    answered = []
    for i in range(QUESTIONS):
        example = QAExample(id=str(i), question=f"q{i}", references=("x",))
        changed = i < CHANGED * QUESTIONS
        variant = "other" if changed else "same"
        answered.append(AnsweredPair(suite="s", example=example, baseline="same", variant=variant))
    return [
        draw_sheet(answered, metric="accuracy", variant="ft", pairs=QUESTIONS, seed=seed)[1]
        for seed in range(SHEETS)
    ]


def row_by_row(key: SheetKey, rng: np.random.Generator) -> set[int]:
    """Questions all of whose rows are among the first half of a sheet that is shuffled whole."""
    rows = [key.rows[i] for i in rng.permutation(len(key.rows))]
    return _whole(key, {row.id for row in rows[: round(FILLED * len(rows))]})


def block_by_block(key: SheetKey, rng: np.random.Generator) -> set[int]:
    """Questions that count when the first half of the rows is filled."""
    filled = {row.id for row in key.rows[: round(FILLED * len(key.rows))]}
    return _whole(key, counted_rows(key, filled))


def _whole(key: SheetKey, ids: set[str] | frozenset[str]) -> set[int]:
    lacking = {row.question for row in key.rows if row.id not in ids}
    return {int(row.question) for row in key.rows} - {int(each) for each in lacking}


def labelled(complete: Complete, seed: int, down: float, up: float) -> Iterator[np.ndarray]:
    """People's differences that count; a changed answer is worse or better with these shares."""
    rng = np.random.default_rng([2029, seed])
    for key in sheets():
        counted = np.array(sorted(complete(key, rng)))
        for _ in range(EACH):
            moved = rng.choice([-1.0, 1.0, 0.0], size=counted.size, p=[down, up, 1 - down - up])
            yield np.where(counted < CHANGED * QUESTIONS, moved, 0.0)


@pytest.mark.parametrize(
    ("complete", "seed", "biased"), [(row_by_row, 0, True), (block_by_block, 1, False)]
)
def test_what_counts_has_the_mean_of_all(complete: Complete, seed: int, biased: bool) -> None:
    """Measured: a true -.30 reads -.178 row by row, and -.298 block by block."""
    found = np.mean([np.mean(differences) for differences in labelled(complete, seed, 1.0, 0.0)])
    bias = float(found) + CHANGED
    assert bias > 0.1 if biased else abs(bias) < 0.01


@pytest.mark.parametrize(
    ("complete", "seed", "wrong"), [(row_by_row, 2, True), (block_by_block, 3, False)]
)
def test_a_drop_of_the_margin_passes_no_more_often_than_alpha(
    complete: Complete, seed: int, wrong: bool
) -> None:
    """Measured: PASS at -.05 is .333 row by row, and .0485 block by block."""
    passed = [
        decide(differences, margin=0.05).outcome == "PASS"
        for differences in labelled(complete, seed, 0.4, 0.4 - 0.05 / CHANGED)
    ]
    share = float(np.mean(passed))
    assert share > 0.1 if wrong else share <= 0.06
