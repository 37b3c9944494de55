"""Decoding is held against `generate` of transformers, over architectures that differ in what
positions, masks and caches mean to them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers

from pytest_ragft.errors import GenerationError
from pytest_ragft.generation.attention import grouped_attention, use_grouped_attention
from pytest_ragft.generation.decoding import check_cache, decode
from pytest_ragft.quiet import quiet_libraries

pytestmark = pytest.mark.newest

VOCABULARY, NEW, ENDS = 100, 24, frozenset(range(5, 13))
LENGTHS = (40, 33, 33, 12, 7, 29, 3, 18)

LLAMA_LIKE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
OPT_LIKE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "ffn_dim": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 128,
    "word_embed_proj_dim": 32,
}
GPT2_LIKE = {
    "vocab_size": VOCABULARY,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
CONFIGS: dict[str, dict[str, Any]] = {
    "LlamaConfig": LLAMA_LIKE,
    "MistralConfig": LLAMA_LIKE | {"sliding_window": 16},
    "Qwen3Config": LLAMA_LIKE | {"head_dim": 8},
    "Gemma3TextConfig": LLAMA_LIKE | {"head_dim": 8, "sliding_window": 16},
    "Phi3Config": LLAMA_LIKE,
    "MixtralConfig": LLAMA_LIKE | {"num_local_experts": 4},
    "Lfm2Config": LLAMA_LIKE | {"layer_types": ["conv", "full_attention"]},
    "GPT2Config": GPT2_LIKE,
    "OPTConfig": OPT_LIKE,
    "BloomConfig": {"vocab_size": VOCABULARY, "hidden_size": 32, "n_layer": 2, "n_head": 4},
}


def make(name: str) -> Any:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with quiet_libraries():
        config = getattr(transformers, name)(**CONFIGS[name])
        model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(12)  # so wide that the whole prompt decides each token
    return model


def prompts() -> list[list[int]]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randint(13, VOCABULARY, (n,), generator=generator).tolist() for n in LENGTHS]


def generated(model: Any, prompt: list[int]) -> list[int]:
    """What `generate` of transformers says to one prompt alone, before the end token."""
    settings = transformers.GenerationConfig(
        max_new_tokens=NEW, do_sample=False, eos_token_id=list(ENDS), pad_token_id=0
    )
    ids = torch.tensor([prompt])
    with quiet_libraries(), torch.inference_mode():
        out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=settings)
    tokens = out[0, len(prompt) :].tolist()
    return tokens[: next((i for i, token in enumerate(tokens) if token in ENDS), NEW)]


@pytest.mark.parametrize("name", CONFIGS)
def test_a_batch_with_padding_says_what_each_prompt_says_alone(name: str) -> None:
    model = make(name)
    alone = [generated(model, prompt) for prompt in prompts()]
    with quiet_libraries():
        rows = decode(model, prompts(), max_new_tokens=NEW, end_ids=ENDS)
    assert [row.tokens for row in rows] == alone
    use_grouped_attention(model)
    with quiet_libraries():
        rows = decode(model, prompts(), max_new_tokens=NEW, end_ids=ENDS)
    assert [row.tokens for row in rows] == alone


def test_rows_leave_the_batch_when_they_have_ended() -> None:
    model, sizes = make("LlamaConfig"), []
    model.register_forward_pre_hook(
        lambda module, args, kwargs: sizes.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    rows = decode(model, prompts(), max_new_tokens=NEW, end_ids=ENDS)
    lengths = [len(row.tokens) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] <= max(1, sum(length == max(lengths) for length in lengths)) / 0.8
    assert sum(sizes) < len(rows) * NEW


def test_the_length_limit_ends_what_does_not_end_itself() -> None:
    model = make("LlamaConfig")
    rows = decode(model, prompts(), max_new_tokens=5, end_ids=())
    assert [(len(row.tokens), row.ended, row.broken) for row in rows] == [(5, False, False)] * 8


def test_the_caller_may_end_a_row() -> None:
    model = make("LlamaConfig")
    (free,) = decode(model, prompts()[2:3], max_new_tokens=9, end_ids=())
    (row,) = decode(
        model, prompts()[2:3], max_new_tokens=9, end_ids=(), is_done=lambda t: len(t) == 4
    )
    assert (row.tokens, row.ended) == (free.tokens[:4], True)


def test_logits_that_are_not_numbers_break_the_row_and_no_other() -> None:
    model = make("LlamaConfig")
    sound = decode(model, prompts(), max_new_tokens=NEW, end_ids=ENDS)

    def spoil(module: Any, args: Any, kwargs: Any, output: Any) -> Any:
        if kwargs["input_ids"].shape == (8, 40):
            output.logits[3] = float("nan")
        return output

    model.register_forward_hook(spoil, with_kwargs=True)
    rows = decode(model, prompts(), max_new_tokens=NEW, end_ids=ENDS)
    assert [row.broken for row in rows] == [i == 3 for i in range(8)]
    assert [r.tokens for i, r in enumerate(rows) if i != 3] == [
        r.tokens for i, r in enumerate(sound) if i != 3
    ]


RECURRENT: dict[str, dict[str, Any]] = {
    "MambaConfig": {"hidden_size": 32, "num_hidden_layers": 1},
    "FalconMambaConfig": {"hidden_size": 32, "num_hidden_layers": 1},
    "Mamba2Config": {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_heads": 4,
        "head_dim": 16,
        "state_size": 8,
        "n_groups": 1,
    },
    "RwkvConfig": {"hidden_size": 32, "num_hidden_layers": 2},
    "RecurrentGemmaConfig": {
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "lru_width": 32,
    },
}


@pytest.mark.parametrize("name", RECURRENT)
def test_an_architecture_without_key_value_cache_is_refused(name: str) -> None:
    with quiet_libraries():
        config = getattr(transformers, name)(vocab_size=100, **RECURRENT[name])
        model = transformers.AutoModelForCausalLM.from_config(config).eval()
        with pytest.raises(GenerationError, match=r"ForCausalLM keeps no key-value cache.*jsonl"):
            check_cache(model)


@pytest.mark.parametrize("name", CONFIGS)
def test_an_architecture_with_key_value_cache_is_not_refused(name: str) -> None:
    check_cache(make(name))


@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("masked", [True, False])
def test_grouped_attention_is_attention_by_its_definition(groups: int, masked: bool) -> None:
    generator = torch.Generator().manual_seed(groups)
    query = torch.randn(3, 6, 1, 8, generator=generator)
    key, value = (torch.randn(3, groups, 11, 8, generator=generator) for _ in range(2))
    mask = torch.ones(3, 1, 1, 11, dtype=torch.bool)
    if masked:
        mask[0, ..., :4] = mask[2, ..., :9] = False
    module = torch.nn.Module()
    module.num_key_value_groups = 6 // groups  # type: ignore[assignment]
    given = mask if masked else None
    out, _ = grouped_attention(module, query, key, value, given, scaling=0.3)
    wide_key, wide_value = (t.repeat_interleave(6 // groups, dim=1) for t in (key, value))
    scores = (query @ wide_key.mT * 0.3).masked_fill(~mask, -torch.inf)
    expected = (scores.softmax(-1) @ wide_value).transpose(1, 2)
    torch.testing.assert_close(out, expected)
