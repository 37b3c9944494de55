"""How familiar what is taught is to the base, before anything is trained.

Perplexity of the answers given their prompts, and the same where the model has just seen answers of
its own. What is familiar trains better, say Ren et al. (2024, arXiv:2402.11192), and the second
measure tells it better than the first (Ren, Chen and Liu, Findings of EMNLP 2025,
arXiv:2502.11779). Both compare sets of targets on the same questions; neither means much alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pytest_ragft.finetuning.base import Base
from pytest_ragft.finetuning.loss import Row, row_of, token_loss
from pytest_ragft.finetuning.pairs import TrainingPair
from pytest_ragft.generation.batching import cut_batches
from pytest_ragft.generation.decoding import decode
from pytest_ragft.generation.settings import BATCH_TOKENS, GenerationSettings
from pytest_ragft.numbers import count

MOST = 200
"""Pairs that are looked at; of more, so many are drawn."""
DEMONSTRATIONS = 2
"""Answers of its own that the model is shown: the authors' code takes as many."""
# The model answers so many questions for each demonstration that a pair is shown.
_POOL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Familiarity:
    """Of a set of targets to a base, lower is more familiar."""

    perplexity: float
    """At least 1: exp of the mean negative log-likelihood of the tokens that are taught, each
    answer's and the end of its turn."""
    self_aligned: float | None
    """The same after answers of the model's own; None where it gave none, or none fits."""
    pairs: int
    """That were looked at."""
    demonstrations: int = DEMONSTRATIONS

    @property
    def line(self) -> str:
        """Both in a line."""
        aligned = (
            "not known: it answers nothing, or nothing fits into the window"
            if self.self_aligned is None
            else f"{self.self_aligned:.2f}"
        )
        return (
            f"familiarity to the base: perplexity {self.perplexity:.2f}, self-aligned {aligned} "
            f"(after {count(self.demonstrations, 'answer')} of its own), over "
            f"{count(self.pairs, 'pair')}"
        )


def familiarity_of(
    model: Any,
    pairs: Sequence[TrainingPair],
    base: Base,
    settings: GenerationSettings,
    *,
    seed: int,
    demonstrations: int = DEMONSTRATIONS,
) -> Familiarity:
    """Familiarity of pairs to a base that is loaded.

    As in the authors' code, the prompt is followed by answers that the model gave to other
    questions, without these. Other than there, they are drawn by the seed, are the model's whether
    right or wrong, and the mean is over tokens, as in the loss, and not over the pairs'
    perplexities, which a few rare short answers would decide.

    Args:
        model: The base, or peft's around it, which is put aside.
        pairs: Some of whose questions the model answers first; at least one.
        base: Its tokenizer, window and ends.
        settings: With which it answers, greedily.
        seed: Of the pairs and of the demonstrations.
        demonstrations: Answers of its own that it is shown, at least 1.
    """
    draw = random.Random(seed)
    some = list(pairs) if len(pairs) <= MOST else draw.sample(list(pairs), MOST)
    with _alone(model) as alone:
        plain = [row_of(p.messages, p.answer, base.chat, settings.thinking) for p in some]
        pool = draw.sample(some, min(len(some), _POOL * demonstrations))
        own = list(zip(pool, _own_answers(alone, pool, base, settings), strict=True))
        after = _after_own(some, own, base, settings, draw, demonstrations)
        return Familiarity(
            perplexity=math.exp(token_loss(alone, plain, base.pad)),
            self_aligned=math.exp(token_loss(alone, after, base.pad)) if after else None,
            pairs=len(some),
            demonstrations=demonstrations,
        )


@contextmanager
def _alone(model: Any) -> Iterator[Any]:
    """The base without what is trained on it."""
    model.eval()
    if not hasattr(model, "disable_adapter"):
        yield model
        return
    with model.disable_adapter():
        yield model.get_base_model()


def _own_answers(
    model: Any, pairs: Sequence[TrainingPair], base: Base, settings: GenerationSettings
) -> list[str]:
    prompts = [base.chat.encode(pair.messages, settings.thinking) for pair in pairs]
    opened = base.chat.opening(prompts[0])
    answers = [""] * len(pairs)
    for batch in cut_batches(
        [len(prompt) for prompt in prompts],
        max_new_tokens=settings.max_new_tokens,
        batch_tokens=settings.batch_tokens or BATCH_TOKENS,
    ):
        rows = decode(
            model,
            [prompts[i] for i in batch],
            max_new_tokens=settings.max_new_tokens,
            end_ids=base.ends,
        )
        for i, row in zip(batch, rows, strict=True):
            answers[i] = base.chat.read(row.tokens, opened).text.strip()
    return answers


def _after_own(
    pairs: Sequence[TrainingPair],
    own: Sequence[tuple[TrainingPair, str]],
    base: Base,
    settings: GenerationSettings,
    draw: random.Random,
    demonstrations: int,
) -> list[Row]:
    """The pairs, each with answers to questions on other documents; without those too long."""
    rows = []
    for pair in pairs:
        others = [answer for of, answer in own if answer and of.group != pair.group]
        if len(others) < demonstrations:
            continue
        messages = _shown_after(pair.messages, draw.sample(others, demonstrations))
        row = row_of(messages, pair.answer, base.chat, settings.thinking)
        if base.window is None or len(row["input_ids"]) <= base.window:
            rows.append(row)
    return rows


def _shown_after(
    messages: Sequence[Mapping[str, str]], answers: Sequence[str]
) -> list[Mapping[str, str]]:
    *first, last = messages
    examples = "\n\n".join(f"Example: {answer}" for answer in answers)
    asked = (
        f"{last['content']}\n\nAnswers to other questions, which show how to answer:\n\n{examples}"
        "\n\nNow answer the question above in the same way."
    )
    return [*first, {"role": last["role"], "content": asked}]
