from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.generation.batching import cut_batches, run_halving
from pytest_ragft.generation.chat import fit_window
from pytest_ragft.models.loading import is_out_of_memory

pytestmark = pytest.mark.newest

LENGTHS = st.lists(st.integers(0, 300), max_size=60)


def test_long_prompts_come_first_and_ties_keep_their_order() -> None:
    lengths = [5, 9, 5, 20, 9]
    assert cut_batches(lengths, max_new_tokens=1, batch_tokens=20) == [[3], [1, 4], [0, 2]]


def test_a_prompt_beyond_the_budget_is_alone() -> None:
    assert cut_batches([50, 60], max_new_tokens=8, batch_tokens=10) == [[1], [0]]


@given(LENGTHS, st.integers(1, 64), st.integers(1, 2000))
def test_every_prompt_is_in_one_batch_within_the_budget(
    lengths: list[int], new: int, budget: int
) -> None:
    batches = cut_batches(lengths, max_new_tokens=new, batch_tokens=budget)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[i] for i in batch)
        assert len(batch) == 1 or len(batch) * (longest + new) <= budget
        assert [lengths[i] for i in batch] == sorted((lengths[i] for i in batch), reverse=True)


@given(LENGTHS, st.integers(1, 64), st.integers(1, 2000))
def test_a_batch_cut_again_is_the_same_batch(lengths: list[int], new: int, budget: int) -> None:
    for batch in cut_batches(lengths, max_new_tokens=new, batch_tokens=budget):
        again = cut_batches([lengths[i] for i in batch], max_new_tokens=new, batch_tokens=budget)
        assert again == [list(range(len(batch)))]


@pytest.mark.parametrize(
    ("room", "kept", "fits"),
    [
        (None, 3, True),
        (13, 3, True),
        (12, 2, True),
        (4, 1, True),
        (3, 0, True),
        (2, 0, False),
        (-5, 0, False),
    ],
)
def test_passages_are_dropped_whole_and_from_the_end(
    room: int | None, kept: int, fits: bool
) -> None:
    ends = [3, 4, 12, 13]
    fitted = fit_window(lambda keep: list(range(ends[keep])), 3, room)
    assert (len(fitted.ids), fitted.passages_dropped) == (ends[kept], 3 - kept)
    assert fitted.fits is fits


@given(st.lists(st.integers(), min_size=1, max_size=40), st.integers(0, 50))
def test_halving_keeps_order_and_gives_up_only_on_single_rows(rows: list[int], room: int) -> None:
    freed = []

    def run(part: list[int]) -> list[int]:
        if len(part) > room:
            raise torch.OutOfMemoryError("out of memory")
        return [-row for row in part]

    done = run_halving(rows, run, lambda row: None, lambda: freed.append(1))  # type: ignore[arg-type]
    if room == 0:
        assert done == [(None, 1)] * len(rows)
    else:
        assert [result for result, _ in done] == [-row for row in rows]
        assert all(size <= room for _, size in done)
    assert bool(freed) is (len(rows) > room)


def test_another_error_is_not_taken_for_memory() -> None:
    def run(part: object) -> list[int]:
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        run_halving([1, 2], run, lambda row: 0, lambda: None)


def test_what_torch_raises_on_the_cpu_is_known() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(ValueError("can't allocate memory"))
