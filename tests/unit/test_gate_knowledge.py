"""What retrieval adds, by parts of the questions; pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pytest_ragft.gate.knowledge import Row, Rows, effects_of
from pytest_ragft.gate.strata import strata
from pytest_ragft.stats.simultaneous import two_sided_bounds
from tests.unit.gate_rows import pairs


def rows(values: list[tuple[float, float]], **changes: object) -> list[Row]:
    # Scores of pairs are not read; what is compared may be an increment.
    found = pairs([(0.0, 0.0)] * len(values), **changes)  # type: ignore[arg-type]
    return [
        Row(pair=pair, before=before, after=after)
        for pair, (before, after) in zip(found, values, strict=True)
    ]


def test_an_effect_is_the_mean_with_two_sided_bounds() -> None:
    values = [(0.0, 1.0), (1.0, 1.0), (0.0, 0.0), (0.25, 1.0)] * 15
    (effect,), worst = effects_of("ft", "increment", {"accuracy": Rows(rows=rows(values))})
    differences = np.array([after - before for before, after in values])
    bounds = two_sided_bounds(differences, np.arange(60))
    interval = effect.interval
    assert (interval.lower, interval.estimate, interval.upper) == (
        bounds.lower,
        pytest.approx(0.4375),
        bounds.upper,
    )
    assert (effect.before, effect.after) == (0.3125, 0.75)
    assert (interval.n, interval.documents, interval.alpha) == (60, 60, 0.05)
    # The only part is all of it.
    assert effect.parts == ()
    assert worst is None


def mixed() -> list[Row]:
    return [
        *rows([(0.0, 0.9)] * 40, prefix="a", tags=("easy",), retrieved=[True] * 40),
        *rows([(0.9, 0.0)] * 20, prefix="b", tags=("hard",), retrieved=[False] * 20),
        *rows([(1.0, 0.0)] * 4, prefix="c", tags=("tiny",), retrieved=[True] * 4),
    ]


def test_the_worst_part_is_named_and_pays_for_all_that_were_compared() -> None:
    (first, second), worst = effects_of(
        "ft",
        "baseline_difference",
        {"accuracy": Rows(rows=mixed()), "completeness": Rows(rows=mixed()[:60])},
    )
    named = [part.name for part in strata([row.pair for row in mixed()])]
    # Those whose tag is hard are those whose passage was not retrieved, and count once.
    assert [part.name for part in first.parts] == [name for name in named if name != "tag hard"]
    tiny = next(part for part in first.parts if part.name == "tag tiny")
    assert not tiny.can_be_named
    assert tiny.interval.estimate == -1.0
    assert worst is not None
    able = [part for of in (first, second) for part in of.parts if part.can_be_named]
    assert worst.compared == len(able) == 5
    assert worst.interval.alpha == pytest.approx(0.05 / 5)
    assert (worst.metric, worst.name, worst.sure) == (
        "accuracy",
        "relevant passage not retrieved",
        True,
    )
    alone = two_sided_bounds(np.full(20, -0.9), np.arange(20), alpha=0.05 / 5)
    assert worst.interval.upper == alone.upper


def test_nothing_is_named_where_every_part_is_small() -> None:
    few = mixed()[38:43]
    (effect,), worst = effects_of("ft", "increment", {"accuracy": Rows(rows=few, missing=3)})
    assert worst is None
    assert effect.missing == 3
    assert not any(part.can_be_named for part in effect.parts)
    assert effects_of("ft", "increment", {"accuracy": Rows(rows=())}) == ((), None)


def test_a_difference_of_increments_has_twice_the_scale() -> None:
    few = rows([(1.0, -1.0)] * 3)
    (effect,), _ = effects_of("ft", "increment_difference", {"accuracy": Rows(rows=few)})
    assert effect.interval.estimate == -2.0
    assert effect.interval.lower == -2.0


def test_documents_widen_the_bounds() -> None:
    values = [(0.0, 1.0), (0.0, 1.0), (0.0, 0.0), (0.0, 0.0)] * 10
    shared = [f"d{i // 2}" for i in range(40)]
    (alone,), _ = effects_of("ft", "increment", {"accuracy": Rows(rows=rows(values))})
    together = rows(values, documents=shared)
    (clustered,), _ = effects_of("ft", "increment", {"accuracy": Rows(rows=together)})
    assert clustered.interval.documents == 20
    assert clustered.interval.lower < alone.interval.lower
    reordered = Rows(rows=[replace(row) for row in reversed(together)])
    (again,), _ = effects_of("ft", "increment", {"accuracy": reordered})
    assert again.interval.lower == pytest.approx(clustered.interval.lower)
