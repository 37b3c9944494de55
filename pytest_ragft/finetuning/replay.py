"""Replay: pairs of general data among those that are trained on, against what training forgets."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_ragft.datasets.training import read_training
from pytest_ragft.errors import GenerationError, InputError
from pytest_ragft.finetuning.base import Base
from pytest_ragft.finetuning.loss import Row, row_of
from pytest_ragft.finetuning.pairs import TrainingPair, content_of
from pytest_ragft.finetuning.recipe import MIX, Recipe
from pytest_ragft.models.files import user_path
from pytest_ragft.numbers import count


def replayed(
    recipe: Recipe, beside: int, base: Base, window: int | None, thinking: str | None
) -> tuple[list[TrainingPair], list[str]]:
    """Pairs of the recipe's mix, drawn by its seed, with what a reader must know of them.

    They are its share of all that is trained on. What is drawn beside fewer pairs, is drawn beside
    more, too. Rows that say no reply, say the same as one before, or do not fit are passed over.

    Args:
        recipe: With file, share and seed.
        beside: Pairs of the questions that are trained on.
        base: Whose tokenizer and template decide what is shown.
        window: Tokens of the longest prompt with its answer; None for no bound.
        thinking: ``off`` or ``on`` sets the template's switch for reasoning.

    Raises:
        InputError: the file cannot be read, or has too few rows.
    """
    path = user_path(recipe.mix)
    wanted = round(beside * recipe.mix_share / (1 - recipe.mix_share))
    pool = list(_pairs(path))
    random.Random(recipe.seed).shuffle(pool)
    drawn: dict[tuple[object, ...], TrainingPair] = {}
    unfit = 0
    for pair in pool:
        if len(drawn) == wanted:
            break
        row = _row(pair, base, thinking)
        if row is None or (window is not None and len(row["input_ids"]) > window):
            unfit += 1
        else:
            drawn.setdefault(content_of(pair), pair)
    if len(drawn) < wanted:
        raise InputError(
            f"--mix={recipe.mix!r} has {count(len(drawn), 'row')} to replay, and a share of "
            f"{recipe.mix_share:g} beside {count(beside, 'pair')} takes {wanted:,}; give more rows "
            "with a reply that fit the window, or lower --mix-share"
        )
    notes = [f"{wanted:,} of {count(beside + wanted, 'pair')} replayed from {path.name}"]
    if unfit:
        notes.append(
            f"{count(unfit, 'row')} of {path.name} passed over: beyond the window, or refused by "
            "the chat template"
        )
    return list(drawn.values()), notes


def _pairs(path: Path) -> Iterator[TrainingPair]:
    replies: Counter[str] = Counter()
    for row in read_training(path):
        if not (row.messages and row.reply.strip()):
            continue
        # No machine's path, and of a conversation each reply apart.
        where = row.where.replace(str(path), path.name, 1)
        replies[where] += 1
        name = where if replies[where] == 1 else f"{where}, reply {replies[where]}"
        yield TrainingPair(
            id=name, messages=row.messages, answer=row.reply.strip(), form=MIX, target=MIX
        )


def _row(pair: TrainingPair, base: Base, thinking: str | None) -> Row | None:
    try:
        return row_of(pair.messages, pair.answer, base.chat, thinking)
    except GenerationError:
        return None


def of_questions(pairs: Sequence[TrainingPair]) -> list[TrainingPair]:
    """The pairs without those that are replayed."""
    return [pair for pair in pairs if pair.form != MIX]
