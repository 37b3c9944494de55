"""Tiny models that think: real ones, which say the same tokens after every prompt."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from pytest_ragft.quiet import quiet_libraries
from tests.tiny import copy_of

_TURNS = "{% for m in messages %}{{ '<s>' + m.role + '\n' + m.content + '</s>' }}{% endfor %}"
SWITCHED = (
    _TURNS + "{% if add_generation_prompt %}<s>assistant"
    "{% if enable_thinking is defined and enable_thinking is false %}"
    "{{ OPEN + CLOSE }}{% endif %}{% endif %}"
)
"""As Qwen3's: the model opens its reasoning, and ``enable_thinking=False`` closes an empty one."""

OPENED = _TURNS + "{% if add_generation_prompt %}<s>assistant{{ OPEN }}{% endif %}"
"""As that of DeepSeek-R1: every prompt opens the reasoning, and there is no switch."""

THOUGHT = (" The", " old", " bridge")
SAID = (" lake", " tower")


def tiny_thinker(
    folder: Path,
    *,
    markers: tuple[str, str] = ("<think>", "</think>"),
    special: bool = False,
    template: str = SWITCHED,
    says: Sequence[str] | None = None,
) -> Path:
    """Make a model that thinks `THOUGHT` and answers `SAID`.

    Its layers add nothing, so that the last token alone decides the next one.

    Args:
        folder: To be made.
        markers: That open and close its reasoning, each a token of its own.
        special: Whether these are special tokens, which decoding drops.
        template: With ``OPEN`` and ``CLOSE`` for the markers.
        says: Tokens, each once; None for reasoning and answer as they are.
    """
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    copy_of("model", folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    opened, closed = markers
    tokens = says or (opened, *THOUGHT, closed, *SAID, "</s>")
    tokenizer.add_tokens([t for t in (opened, closed) if t not in tokenizer.get_vocab()])
    if special:
        tokenizer.add_special_tokens({"additional_special_tokens": [opened, closed]})
    tokenizer.add_tokens([t for t in tokens if len(tokenizer(t)["input_ids"]) > 1])
    named = f"{{% set OPEN = '{opened}' %}}{{% set CLOSE = '{closed}' %}}"
    tokenizer.chat_template = named + template
    start = tokenizer("assistant", add_special_tokens=False)["input_ids"][-1]
    chain = [
        start,
        *(tokenizer(token, add_special_tokens=False)["input_ids"][0] for token in tokens),
    ]
    assert len(set(chain)) == len(chain)

    config = LlamaConfig.from_pretrained(folder, vocab_size=len(tokenizer))
    with quiet_libraries():
        model = LlamaForCausalLM(config)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() > 1:
                    parameter.zero_()
            for i, (token, following) in enumerate(pairwise(chain)):
                model.get_input_embeddings().weight[token, i] = 1.0
                model.get_output_embeddings().weight[following, i] = 1.0
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder
