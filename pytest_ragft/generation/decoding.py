"""Greedy decoding of a batch, in which finished rows leave.

`model.generate` computes every row until the longest answer ends. Answers differ in length, so
here a row is dropped from the cache soon after it has ended; otherwise the tokens are the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_ragft.errors import GenerationError

_KEPT_SHARE = 0.8
"""Rows leave once the live ones are at most this share: selecting copies the cache."""


@dataclass(slots=True, kw_only=True)
class Row:
    """One answer in the making."""

    tokens: list[int] = field(default_factory=list)
    """Without the token that ended it."""
    ended: bool = False
    """By an end token or by the caller's `is_done`."""
    broken: bool = False
    """The model's logits were not numbers."""

    @property
    def finished(self) -> bool:
        """Whether no further token is wanted."""
        return self.ended or self.broken


def decode_greedy(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    end_ids: Collection[int],
    is_done: Callable[[Sequence[int]], bool] | None = None,
) -> list[Row]:
    """The most likely continuation of each prompt.

    Args:
        model: A causal language model of transformers, in eval mode.
        prompts: Tokens of each prompt, of any lengths; padded on the left here.
        max_new_tokens: Longest answer.
        end_ids: Tokens that end an answer.
        is_done: Whether the tokens so far end an answer for another reason.

    Returns:
        A row for each prompt, in their order.

    Raises:
        GenerationError: the architecture keeps no key-value cache.
    """
    import torch

    rows = [Row() for _ in prompts]
    with torch.inference_mode():
        batch = _Batch(model, prompts, max_new_tokens)
        live = list(rows)
        for step in range(max_new_tokens):
            chosen, numbers = batch.choose()
            for row, token, number in zip(live, chosen, numbers, strict=True):
                if not row.finished:
                    _extend(row, token, number, end_ids, is_done)
            keep = [i for i, row in enumerate(live) if not row.finished]
            if not keep or step == max_new_tokens - 1:
                break
            if len(keep) <= _KEPT_SHARE * len(live):
                batch.select(keep)
                live = [live[i] for i in keep]
            batch.step()
    return rows


def next_logits(model: Any, ids: Sequence[int]) -> Any:
    """Logits of the token after `ids`, a tensor of shape [vocabulary]."""
    import torch

    with torch.inference_mode():
        return _Batch(model, [ids], 1).logits[0].float().cpu()


def _extend(
    row: Row,
    token: int,
    is_number: bool,
    end_ids: Collection[int],
    is_done: Callable[[Sequence[int]], bool] | None,
) -> None:
    if not is_number:
        row.broken = True
    elif token in end_ids:
        row.ended = True
    else:
        row.tokens.append(token)
        row.ended = is_done is not None and is_done(row.tokens)


class _Batch:
    """Rows that are computed together: their cache, mask, positions and newest logits."""

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]], max_new_tokens: int) -> None:
        import torch

        self._model = model
        parameters = inspect.signature(model.forward).parameters
        if "past_key_values" not in parameters:
            raise GenerationError(
                f"{type(model).__name__} keeps no key-value cache, which batches here need; "
                "record its answers elsewhere and gate the recording (*.jsonl)"
            )
        self._takes_positions = "position_ids" in parameters
        self._last_only = {"logits_to_keep": 1} if "logits_to_keep" in parameters else {}
        width = max(map(len, prompts))
        ids = torch.zeros((len(prompts), width), dtype=torch.long)
        mask = torch.ones((len(prompts), width + max_new_tokens), dtype=torch.long)
        for i, prompt in enumerate(prompts):
            start = width - len(prompt)
            ids[i, start:] = torch.tensor(prompt, dtype=torch.long)
            mask[i, :start] = 0
        self._mask = mask.to(model.device)
        self._width = width
        self._cache: Any = None
        self._forward(ids.to(model.device))

    def choose(self) -> tuple[list[int], list[bool]]:
        """The most likely token of each row, and whether its logit is a finite number."""
        best = self.logits.argmax(dim=-1, keepdim=True)
        finite = self.logits.gather(-1, best).isfinite()
        self._chosen = best
        return best[:, 0].tolist(), finite[:, 0].tolist()

    def select(self, keep: list[int]) -> None:
        """Go on with these rows only."""
        import torch

        index = torch.tensor(keep, device=self._mask.device)
        self._cache.reorder_cache(index)
        self._mask = self._mask[index]
        self._chosen = self._chosen[index]

    def step(self) -> None:
        """Append the chosen tokens and compute the logits after them."""
        self._width += 1
        self._forward(self._chosen)

    def _forward(self, ids: Any) -> None:
        mask = self._mask[:, : self._width]
        inputs: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "use_cache": True}
        if self._takes_positions:
            positions = (mask.cumsum(-1) - 1).clamp(min=0)
            inputs["position_ids"] = positions[:, -ids.shape[1] :]
        out = self._model(
            **inputs, **self._last_only, past_key_values=self._cache, return_dict=True
        )
        self._cache = out.past_key_values
        self.logits = out.logits[:, -1]
