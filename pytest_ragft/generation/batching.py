"""Which prompts are computed together."""

from __future__ import annotations

from collections.abc import Sequence


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
