"""Prompts that fit into a model's window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPrompt:
    """A prompt in tokens, with what was left out to make it fit."""

    ids: list[int]
    passages_dropped: int = 0
    fits: bool = True
    """False when it is too long even without any passage."""


def fit_window(encode: Callable[[int], list[int]], passages: int, room: int | None) -> FittedPrompt:
    """Drop whole passages from the end until the prompt has at most `room` tokens.

    Args:
        encode: Tokens of the prompt with the first n passages.
        passages: How many passages there are.
        room: Tokens of the window less those kept for the answer; None for no bound.
    """
    for keep in range(passages, -1, -1):
        ids = encode(keep)
        if room is None or len(ids) <= room:
            return FittedPrompt(ids=ids, passages_dropped=passages - keep)
    return FittedPrompt(ids=ids, passages_dropped=passages, fits=False)
