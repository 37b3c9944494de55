"""Decoding of a batch by transformers' `generate`, in stretches, between which rows leave.

`generate` computes every row until the longest answer ends. Answers differ in length, so here it
is called for a few tokens at a time, and goes on from its cache with the rows that have not ended.
What a release of transformers calls its cache, masks and positions is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from pytest_ragft.errors import GenerationError
from pytest_ragft.records import Sampling

# Tokens a call. Rows that have ended are computed to the end of their stretch.
_STRETCH = 8


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


def decode(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    end_ids: Collection[int],
    is_done: Callable[[Sequence[int]], bool] | None = None,
    sampling: Sampling | None = None,
) -> list[Row]:
    """A continuation of each prompt: the most likely one, or one that is sampled.

    Args:
        model: A causal language model of transformers, in eval mode, that `check_cache` lets pass.
        prompts: Tokens of each prompt, of any lengths; padded on the left here.
        max_new_tokens: Longest answer.
        end_ids: Tokens that end an answer.
        is_done: Whether the tokens so far end an answer for another reason.
        sampling: With the seed of the whole batch, whose rows draw after one another: the same
            prompts in the same order give the same answers. None: greedy.

    Returns:
        A row for each prompt, in their order.
    """
    import torch

    rows = [Row() for _ in prompts]
    watch = _Watch(rows, end_ids, is_done)
    ids, mask = _padded(prompts, model.device)
    cache: dict[str, Any] = {}
    with torch.inference_mode(), _seeded(sampling, model.device):
        first: dict[str, Any] = {}
        if hasattr(model, "get_prompt"):
            model, ids, mask, first = with_virtual_tokens(model, ids, mask)
        for start in range(0, max_new_tokens, _STRETCH):
            tokens = min(_STRETCH, max_new_tokens - start)
            settings = _settings(tokens, sampling)
            out = _generate(model, ids, mask, settings, watch, cache or first)
            keep = [i for i, row in enumerate(watch.rows) if not row.finished]
            if not keep:
                break
            ids, cache = out.sequences, _caches(out)
            mask = torch.nn.functional.pad(mask, (0, ids.shape[1] - mask.shape[1]), value=1)
            if len(keep) < len(watch.rows):
                index = torch.tensor(keep, device=ids.device)
                ids, mask = ids[index], mask[index]
                for kept in cache.values():
                    kept.reorder_cache(index)
                watch.rows = [watch.rows[i] for i in keep]
    return rows


def check_architecture(config: Any) -> None:
    """Find out from a configuration whether its model surely keeps no key-value cache.

    Raises:
        GenerationError: it keeps none, as encoder-decoders and state-space models do.
    """
    from transformers import DynamicCache

    if config.is_encoder_decoder or not _holds_keys([DynamicCache(config=config)]):
        raise _without_cache(f"a model of the type {config.model_type!r}")


def check_cache(model: Any) -> None:
    """Find out, by two tokens, whether a model keeps a key-value cache.

    Raises:
        GenerationError: it keeps none, whatever its configuration lets one expect.
    """
    import torch

    ids = torch.zeros((1, 2), dtype=torch.long, device=model.device)
    with torch.inference_mode():
        out = model(input_ids=ids, use_cache=True, return_dict=True)
    if not _holds_keys(_caches(out).values()):
        raise _without_cache(type(model).__name__)


def next_logits(model: Any, ids: Sequence[int]) -> Any:
    """Logits of the token after `ids`, a tensor of shape [vocabulary]."""
    import torch

    with torch.inference_mode():
        out = model(input_ids=torch.tensor([list(ids)], device=model.device), return_dict=True)
        return out.logits[0, -1].float().cpu()


class _Watch:
    """Follows a batch as `generate` computes it.

    It is `generate`'s logits processor, which sees the logits before a token is chosen, and its
    stopping criterion, which sees the chosen tokens.
    """

    def __init__(
        self,
        rows: list[Row],
        end_ids: Collection[int],
        is_done: Callable[[Sequence[int]], bool] | None,
    ) -> None:
        self.rows = rows
        self._end_ids = end_ids
        self._is_done = is_done

    def see_logits(self, input_ids: Any, logits: Any) -> Any:
        finite = logits.amax(dim=-1).isfinite()
        numbers = finite.tolist()
        for row, is_number in zip(self.rows, numbers, strict=True):
            row.broken = row.broken or not (row.ended or is_number)
        # Nothing can be drawn by what is no number: one such row would end the whole batch.
        return logits if all(numbers) else logits.masked_fill(~finite.unsqueeze(-1), 0.0)

    def see_tokens(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        import torch

        for row, token in zip(self.rows, input_ids[:, -1].tolist(), strict=True):
            if not row.finished:
                self._extend(row, token)
        return torch.tensor([row.finished for row in self.rows], device=input_ids.device)

    def _extend(self, row: Row, token: int) -> None:
        if token in self._end_ids:
            row.ended = True
        else:
            row.tokens.append(token)
            row.ended = self._is_done is not None and self._is_done(row.tokens)


def _settings(tokens: int, sampling: Sampling | None) -> Any:
    from transformers import GenerationConfig

    drawn: dict[str, Any] = {"do_sample": False}
    if sampling is not None:
        # What is left open, `generate` fills: with the 50 likeliest tokens, for one.
        top_p = 1.0 if sampling.top_p is None else sampling.top_p
        drawn = {"do_sample": True, "temperature": sampling.temperature, "top_k": 0, "top_p": top_p}
    return GenerationConfig(
        max_new_tokens=tokens, use_cache=True, return_dict_in_generate=True, **drawn
    )


def _seeded(sampling: Sampling | None, device: Any) -> AbstractContextManager[Any]:
    return nullcontext() if sampling is None else _forked(sampling.seed, device)


@contextmanager
def _forked(seed: int, device: Any) -> Iterator[None]:
    """Random numbers by a seed, after which those of everybody else go on as before."""
    import torch

    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _generate(
    model: Any, ids: Any, mask: Any, settings: Any, watch: _Watch, given: dict[str, Any]
) -> Any:
    from transformers import LogitsProcessorList, StoppingCriteriaList

    with _only(model, settings):
        return model.generate(
            ids,
            attention_mask=mask,
            generation_config=settings,
            logits_processor=LogitsProcessorList([watch.see_logits]),
            stopping_criteria=StoppingCriteriaList([watch.see_tokens]),
            **given,
        )


def with_virtual_tokens(peft: Any, ids: Any, mask: Any) -> tuple[Any, Any, Any, dict[str, Any]]:
    """The base of peft's prompt learning, and what its first call is given.

    Virtual tokens, the same for all rows, stand before the padding: as embeddings (prompt tuning)
    or as keys and values (prefix tuning). `generate` of peft leaves out a prefix and misplaces
    padded rows since transformers prepares positions and masks itself.

    Args:
        peft: The model that peft has made.
        ids: Shape [rows, tokens], padded on the left.
        mask: Of the same shape.

    Returns:
        The base; ids and mask with the virtual tokens before them; what the base's first call is
        given besides: the embeddings of all tokens, or the cache that they lie behind.
    """
    import torch
    from transformers import Cache

    base = peft.get_base_model()
    rows, virtual = len(ids), peft.active_peft_config.num_virtual_tokens
    embedded = base.get_input_embeddings()(ids)
    made = peft.get_prompt(batch_size=rows)
    # Their ids are never looked at: a call reads what lies behind its cache or its embeddings.
    ids = torch.nn.functional.pad(ids, (virtual, 0), value=0)
    mask = torch.nn.functional.pad(mask, (virtual, 0), value=1)
    if isinstance(made, Cache):
        with torch.no_grad():
            out = base(input_ids=ids[:1, :1], use_cache=True, return_dict=True)
        name = next(iter(_caches(out)))
        return base, ids, mask, {name: made}
    embedded = torch.cat([made.to(embedded.dtype), embedded], dim=1)
    return base, ids, mask, {"inputs_embeds": embedded}


@contextmanager
def _only(model: Any, settings: Any) -> Iterator[None]:
    """What settings leave open, `generate` takes from the model's own: repetition penalties too."""
    own, model.generation_config = model.generation_config, settings
    try:
        yield
    finally:
        model.generation_config = own


def _caches(out: Any) -> dict[str, Any]:
    """The caches in what a model returns, by the names under which it takes them back."""
    from transformers import Cache

    return {name: value for name, value in out.items() if isinstance(value, Cache)}


def _holds_keys(caches: Iterable[Any]) -> bool:
    from transformers.cache_utils import CacheLayerMixin

    return any(isinstance(layer, CacheLayerMixin) for cache in caches for layer in cache.layers)


def _without_cache(what: str) -> GenerationError:
    return GenerationError(
        f"{what} keeps no key-value cache, which batches here need; record its answers elsewhere "
        "and gate the recording (*.jsonl)"
    )


def _padded(prompts: Sequence[Sequence[int]], device: Any) -> tuple[Any, Any]:
    """Tokens and attention mask, each of shape [prompts, tokens of the longest]."""
    import torch

    width = max(map(len, prompts))
    ids = torch.zeros((len(prompts), width), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for i, prompt in enumerate(prompts):
        ids[i, width - len(prompt) :] = torch.tensor(prompt, dtype=torch.long)
        mask[i, width - len(prompt) :] = 1
    return ids.to(device), mask.to(device)
