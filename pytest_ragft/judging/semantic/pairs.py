"""What the trained model reads: question and references against an answer, as one sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_ragft.judging.semantic.segments import clean, words

_QUESTION_WORDS = 30
_REFERENCE_WORDS = 30
_ANSWER_TOKENS = 84
LONGEST = 160
"""Tokens of a whole sequence."""


def known(question: str, references: Sequence[str], answer: str) -> str:
    """The first half of a sequence: the question and the references nearest to the answer.

    References are ranked by the F1 of their words with the answer's, then by their order, and
    kept as long as they have 30 words together.
    """
    said = set(words(answer))

    def nearness(reference: str) -> float:
        some = set(words(reference))
        return 2 * len(some & said) / (len(some) + len(said)) if some and said else 0.0

    kept: list[str] = []
    room = _REFERENCE_WORDS
    for reference in sorted(dict.fromkeys(map(_line, references)), key=nearness, reverse=True):
        tokens = reference.split()
        if kept and len(tokens) > room:
            break
        kept.append(" ".join(tokens[:_REFERENCE_WORDS]))
        room -= len(tokens)
    asked = " ".join(_line(question).rstrip("?").split()[:_QUESTION_WORDS])
    return f"{asked}? {' / '.join(kept)}"


def encode(tokenizer: Any, first: str, answer: str) -> tuple[list[int], list[int]]:
    """Token ids and segment ids (0 for what is known, 1 for the answer) of one sequence.

    Args:
        tokenizer: The `tokenizers.Tokenizer` of a BERT model, without padding and truncation.
        first: From `known`.
        answer: The window of the answer; 84 tokens of it are read.
    """
    left = tokenizer.encode(first, add_special_tokens=False).ids
    right = tokenizer.encode(answer, add_special_tokens=False).ids[:_ANSWER_TOKENS]
    left = left[: LONGEST - 3 - len(right)]
    start, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    ids = [start, *left, end, *right, end]
    return ids, [0] * (len(left) + 2) + [1] * (len(right) + 1)


def _line(text: str) -> str:
    return " ".join(clean(text).split())
