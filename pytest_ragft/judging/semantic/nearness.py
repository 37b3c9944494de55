"""How near two texts come to each other word by word, in meaning.

A word is the mean of the encoder's last states of its pieces, which know what stands around it. It
is as near as the nearest word of the other text is, and words weigh by how rare they are, those of
the question nothing: BERTScore (Zhang et al. 2020) with the reference judge's weights. Numbers are
near only where they are the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.judging.lexical.numbers import is_number
from pytest_ragft.judging.lexical.statements import informativeness
from pytest_ragft.judging.lexical.text import Reader
from pytest_ragft.judging.semantic.segments import segments

_WORD = re.compile(r"[0-9]+(?:[.,][0-9]+)*|\w+")
# Pieces of words that are read at once.
_TOKENS = 200
_MOST = 510
# Nearness of texts about other matters, and of those that say the same in other words.
_FAR, _SAME = 0.4, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """A text's words."""

    stems: tuple[str, ...]
    states: NDArray[np.float32]
    """Of length 1, shape (words, hidden)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """Mean nearness by weight, in [0, 1]."""

    recall: float
    """Of the statement's new words to the answer's."""
    precision: float
    """Of the answer's new words to the statement's."""


def credit(nearness: float) -> float:
    """A mean nearness spread over [0, 1], from other matters to the same in other words."""
    return min(1.0, max(0.0, (nearness - _FAR) / (_SAME - _FAR)))


def nearness(statement: Worded, answer: Worded, known: Collection[str]) -> Nearness:
    """How near an answer comes to a statement.

    Args:
        statement: What is looked for; its words in `known` count only where it has no others.
        answer: Its words in `known` count for nothing.
        known: Stems of the question.
    """
    wanted, said = _weights(statement, known), _weights(answer, known)
    if not wanted.any():
        wanted = _weights(statement, ())
    one, other = np.flatnonzero(wanted), np.flatnonzero(said)
    if not len(one) or not len(other):
        return Nearness(recall=0.0, precision=0.0)
    near = np.maximum(statement.states[one] @ answer.states[other].T, 0.0)
    for at, row in zip(one, near, strict=True):
        _numbers(statement.stems[at], [answer.stems[n] for n in other], row)
    return Nearness(
        recall=_mean(near.max(1), wanted[one]), precision=_mean(near.max(0), said[other])
    )


def _numbers(stem: str, others: list[str], row: NDArray[np.float32]) -> None:
    number = is_number(stem)
    for at, other in enumerate(others):
        if number or is_number(other):
            row[at] = float(stem == other)


def _weights(text: Worded, known: Collection[str]) -> NDArray[np.float64]:
    return np.array([0.0 if s in known else informativeness(s) for s in text.stems])


def _mean(values: NDArray[np.float32], weights: NDArray[np.float64]) -> float:
    return min(1.0, float((values * weights).sum() / weights.sum()))


class WordReader:
    """Reads texts word by word; each by itself.

    Args:
        model: The encoder, from `load_encoder`.
        tokenizer: From `load_vocabulary`.
        reader: Shares a stemmer with other readers.
    """

    def __init__(self, model: Any, tokenizer: Any, reader: Reader) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._stem = lru_cache(1 << 16)(lambda word: next(iter(reader.read(word).stems), word))

    def read(self, text: str) -> Worded:
        """The words of `text`; articles and what `segments` leaves out are no words."""
        found = [pair for part in self._parts(text) for pair in self._read(part)]
        states = [state for _, state in found]
        width = self._model.config.hidden_size
        return Worded(
            stems=tuple(stem for stem, _ in found),
            states=np.stack(states) if states else np.zeros((0, width), dtype=np.float32),
        )

    def _parts(self, text: str) -> Iterator[str]:
        held: list[str] = []
        room = _TOKENS
        for segment in segments(text):
            size = len(self._tokenizer.encode(segment, add_special_tokens=False).ids)
            if held and size > room:
                yield " ".join(held)
                held, room = [], _TOKENS
            held.append(segment)
            room -= size
        if held:
            yield " ".join(held)

    def _read(self, part: str) -> Iterator[tuple[str, NDArray[np.float32]]]:
        import torch

        coded = self._tokenizer.encode(part)
        with torch.inference_mode():
            hidden = self._model(input_ids=torch.tensor([coded.ids[:_MOST]])).last_hidden_state[0]
        states = hidden.numpy()
        spans = coded.offsets[:_MOST]
        at = 0
        for word in _WORD.finditer(part):
            while at < len(spans) and spans[at][1] <= word.start():
                at += 1
            stop = at
            while stop < len(spans) and spans[stop][0] < word.end():
                stop += 1
            if stop > at:
                mean = states[at:stop].mean(0)
                yield self._stem(word[0].casefold()), mean / max(np.linalg.norm(mean), 1e-12)
