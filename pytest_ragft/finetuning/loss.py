"""Pairs in tokens, in batches, and the loss on their answers."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from pytest_ragft.generation.chat import Chat
from pytest_ragft.generation.decoding import with_virtual_tokens

IGNORED = -100
"""Label of a token that the loss leaves out."""

Row: TypeAlias = dict[str, list[int]]
"""`input_ids` of prompt and answer, and `labels`, which are `IGNORED` over the prompt."""


def row_of(
    messages: Sequence[Mapping[str, str]], answer: str, chat: Chat, thinking: str | None = None
) -> Row:
    """The prompt as it is served, and the answer with the end of its turn, which bear the loss."""
    prompt, reply = chat.encode(messages, thinking), chat.reply(answer)
    return {"input_ids": [*prompt, *reply], "labels": [IGNORED] * len(prompt) + reply}


def collate(rows: Sequence[Row], pad: int) -> dict[str, Any]:
    """Pads on the left, so that all answers end the rows; tensors of shape [rows, longest]."""
    import torch

    width = max(len(row["input_ids"]) for row in rows)

    def padded(values: list[list[int]], fill: int) -> Any:
        return torch.tensor([[fill] * (width - len(v)) + v for v in values])

    return {
        "input_ids": padded([row["input_ids"] for row in rows], pad),
        "labels": padded([row["labels"] for row in rows], IGNORED),
        "attention_mask": padded([[1] * len(row["input_ids"]) for row in rows], 0),
    }


def answer_loss(model: Any, batch: Mapping[str, Any]) -> Any:
    """Mean cross-entropy of the labelled tokens of a batch that is padded on the left.

    Logits are computed from the first labelled column on: over all positions, the vocabulary
    would be a fifth of a small model's work and most of its memory. Virtual tokens stand where
    they do when the model is served.

    Args:
        model: A causal model, or peft's around one.
        batch: `input_ids`, `attention_mask` and `labels`, each of shape [rows, tokens].
    """
    from torch.nn.functional import cross_entropy

    labels = batch["labels"]
    first = int((labels != IGNORED).any(dim=0).int().argmax())
    kept = labels.shape[1] - first + 1
    logits = _logits(model, batch["input_ids"], batch["attention_mask"], kept)
    predicted = logits[:, :-1].float().flatten(0, 1)
    return cross_entropy(predicted, labels[:, first:].flatten(), ignore_index=IGNORED)


def _logits(model: Any, ids: Any, mask: Any, kept: int) -> Any:
    """Logits of the last `kept` positions."""
    given, width = {"input_ids": ids}, ids.shape[1]
    inner = getattr(model, "module", model)  # several GPUs wrap it
    config = getattr(inner, "active_peft_config", None)
    if config is not None and config.is_prompt_learning:
        model, behind, mask, given = with_virtual_tokens(inner, ids, mask)
        if "inputs_embeds" in given:
            width = behind.shape[1]
        else:
            given["input_ids"] = ids
        inner = model
    base = inner.get_base_model() if hasattr(inner, "get_base_model") else inner
    kind: Any = type(base)
    known = _parameters(kind)
    if "position_ids" in known:
        given["position_ids"] = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, -width:]
    if "logits_to_keep" in known:
        given["logits_to_keep"] = kept
    return model(attention_mask=mask, **given).logits[:, -kept:]


@cache
def _parameters(model: Any) -> frozenset[str]:
    return frozenset(inspect.signature(model.forward).parameters)


def mean_loss(model: Any, rows: Sequence[Row], pad: int) -> float:
    """Mean over the rows of `answer_loss`, each by itself and without dropout."""
    losses = _losses(model, rows, pad)
    return sum(losses) / len(losses)


def token_loss(model: Any, rows: Sequence[Row], pad: int) -> float:
    """The same as a mean over all labelled tokens, of which a longer answer has more."""
    taught = [sum(label != IGNORED for label in row["labels"]) for row in rows]
    losses = _losses(model, rows, pad)
    return sum(n * loss for n, loss in zip(taught, losses, strict=True)) / sum(taught)


def _losses(model: Any, rows: Sequence[Row], pad: int) -> list[float]:
    import torch

    model.eval()
    device = next(model.parameters()).device
    losses: list[float] = []
    with torch.no_grad():
        for row in rows:
            batch = {name: value.to(device) for name, value in collate([row], pad).items()}
            losses.append(answer_loss(model, batch).item())
    return losses
