"""Which prompts are computed together; batches that exceed the memory are halved until they fit."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from pytest_ragft.models.loading import is_out_of_memory

Row = TypeVar("Row")
Result = TypeVar("Result")


def cut_batches(
    lengths: Sequence[int], *, max_new_tokens: int, batch_tokens: int
) -> list[list[int]]:
    """Cut prompts into batches of similar length.

    Longest first, so that padding is small and memory peaks in the first batch; equal lengths in
    their given order. A batch holds as many rows as keep rows × (longest prompt + max_new_tokens)
    within `batch_tokens`, and at least one. Depends on nothing but the arguments, and cutting one
    of the batches again gives that batch.

    Args:
        lengths: Tokens of each prompt.
        max_new_tokens: Longest answer in tokens.
        batch_tokens: Bound of a batch in tokens.

    Returns:
        Positions in `lengths`, each once.
    """
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    batches: list[list[int]] = []
    start = 0
    while start < len(order):
        longest = lengths[order[start]] + max_new_tokens
        rows = max(1, batch_tokens // max(1, longest))
        batches.append(order[start : start + rows])
        start += rows
    return batches


def run_halving(
    rows: Sequence[Row],
    run: Callable[[Sequence[Row]], Sequence[Result]],
    give_up: Callable[[Row], Result],
    free: Callable[[], None],
) -> list[tuple[Result, int]]:
    """Run rows together; where memory runs out, in halves, down to single rows.

    Args:
        rows: What is to be run; at least one.
        run: Gives a result for each row, or raises an error that `is_out_of_memory` knows.
        give_up: The result of a single row that does not fit.
        free: Called after memory ran out, once nothing refers to the failed run any more.

    Returns:
        Results in the order of `rows`, each with the number of rows that it was computed among.
    """
    results: list[tuple[Result, int]] = []
    waiting = [rows]
    while waiting:
        part = waiting.pop()
        done = _attempt(part, run)
        if done is not None:
            results += [(result, len(part)) for result in done]
            continue
        free()
        if len(part) == 1:
            results.append((give_up(part[0]), 1))
        else:
            middle = (len(part) + 1) // 2
            waiting += [part[middle:], part[:middle]]
    return results


def _attempt(
    rows: Sequence[Row], run: Callable[[Sequence[Row]], Sequence[Result]]
) -> Sequence[Result] | None:
    # The error holds the failed run's tensors through its traceback: it must end here.
    try:
        return run(rows)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return None


def trim_heap() -> None:
    """Give the system back what the C library keeps of freed memory, where that is glibc.

    It keeps freed tensors in pieces, between which those of the next batch do not fit: each
    further arm on a base would raise the peak.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
