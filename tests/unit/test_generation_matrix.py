"""Adapters and models of all sorts: served as peft serves and merges them, or refused by name.

Each is tiny and random, and is put on a base from which others have just been taken off.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from pytest_ragft.errors import GenerationError, RagftError
from pytest_ragft.generation.engine import HFEngine
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.models.files import ADAPTER_WEIGHTS
from pytest_ragft.quiet import quiet_libraries
from tests.tiny import (
    answer_all,
    copy_of,
    foreign_model,
    rewrite,
    tiny_folder,
    tiny_models,
    tiny_requests,
)

pytestmark = pytest.mark.newest

REQUESTS = tiny_requests(4)
IDS = torch.tensor([list(range(5, 25))])
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2}

MODELS: dict[str, dict[str, Any]] = {
    "Llama": {},
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 4},
    "GPTNeoX": SMALL | {"num_attention_heads": 4},
    "Gemma2": SMALL | HEADS | {"head_dim": 8},
    "Gemma3Text": SMALL | HEADS | {"head_dim": 8, "sliding_window": 64},
    "Qwen2": SMALL | HEADS,
    "Qwen3": SMALL | HEADS | {"head_dim": 8},
    "Qwen3Moe": SMALL
    | HEADS
    | {"head_dim": 8, "moe_intermediate_size": 16, "num_experts": 4, "num_experts_per_tok": 2},
    "Mixtral": SMALL | HEADS | {"num_local_experts": 4},
    "Phi": SMALL | {"num_attention_heads": 4},
    "Phi3": SMALL | HEADS | {"pad_token_id": 0},
    "Mistral": SMALL | HEADS,
    "Falcon": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4},
    "OPT": {
        "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "ffn_dim": 64,
        "word_embed_proj_dim": 32,
    },
    "Olmo2": SMALL | HEADS,
    "SmolLM3": SMALL | HEADS | {"pad_token_id": 0},
    "Granite": SMALL | HEADS,
    "Cohere": SMALL | HEADS,
    "StableLm": SMALL | HEADS,
}  # fmt: skip


@cache
def base_of(model: str) -> Path:
    if model == "Llama":
        return tiny_folder() / "model"
    folder = tiny_folder() / f"matrix-{model}"
    settings = MODELS[model] | {"bos_token_id": 1, "eos_token_id": 2, "initializer_range": 0.3}
    with quiet_libraries():
        return foreign_model(folder, f"{model}Config", **settings)


def load(folder: Path) -> Any:
    with quiet_libraries():
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def perturbed(model: Any, seed: int = 1) -> Any:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for _, parameter in sorted(model.named_parameters()):
            if parameter.requires_grad:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.2)
    return model.eval()


def made(folder: Path, base: Path, config: Any, **saving: Any) -> tuple[Path, Any]:
    """An adapter, and the logits of the model that it was saved from."""
    base = load(base)
    with quiet_libraries():
        model = perturbed(peft.get_peft_model(base, config))
        model.save_pretrained(folder, **saving)
    return folder, logits(model)


def logits(model: Any, ids: torch.Tensor = IDS) -> torch.Tensor:
    with torch.inference_mode(), quiet_libraries():
        return model(input_ids=ids).logits[0].float()


def in_force(generator: HFGenerator) -> torch.Tensor:
    """The logits of the model as the generator's engine serves it."""
    engine: HFEngine = generator.engine
    with engine.model(generator.adapter, IDS[0].tolist()) as model:
        return logits(model)


def lora(**settings: Any) -> Any:
    known = {"target_modules": ["q_proj", "v_proj"], "r": 4, "task_type": "CAUSAL_LM"}
    return peft.LoraConfig(**(known | settings))


def other(kind: str, **settings: Any) -> Any:
    known = {"target_modules": ["q_proj"], "task_type": "CAUSAL_LM"}
    return getattr(peft, f"{kind}Config")(**(known | settings))


ADAPTERS: dict[str, Callable[[], Any]] = {
    "lora": lora,
    "all layers": lambda: lora(target_modules="all-linear"),
    "rslora": lambda: lora(use_rslora=True),
    "dora": lambda: lora(use_dora=True),
    "dora on embeddings": lambda: lora(use_dora=True, target_modules=["embed_tokens", "q_proj"]),
    "patterns": lambda: lora(
        rank_pattern={"layers.0.self_attn.q_proj": 2}, alpha_pattern={"v_proj": 3}
    ),
    "some layers": lambda: lora(layers_to_transform=[1], layers_pattern="layers"),
    "excluded": lambda: lora(target_modules=r".*_proj", exclude_modules=["down_proj"]),
    "modules to save": lambda: lora(modules_to_save=["lm_head", "embed_tokens"]),
    "saved norm": lambda: lora(modules_to_save=["norm"]),
    "embeddings": lambda: lora(target_modules=["embed_tokens", "lm_head"]),
    "trainable tokens": lambda: lora(trainable_token_indices=[5, 6, 7]),
    "parameters": lambda: lora(target_modules=[], target_parameters=["q_proj.weight"]),
    "bias of lora": lambda: lora(lora_bias=True),
    "gaussian": lambda: lora(init_lora_weights="gaussian"),
    "orthogonal": lambda: lora(init_lora_weights="orthogonal"),
    "eva": lambda: lora(init_lora_weights="eva", eva_config=peft.EvaConfig()),
    "mica": lambda: lora(init_lora_weights="mica"),
    "adalora": lambda: other("AdaLora", total_step=10),
    "ia3": lambda: other("IA3", target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"]),  # noqa: E501
    "layer norms": lambda: other("LNTuning", target_modules=["input_layernorm"]),
    "loha": lambda: other("LoHa"),
    "lokr": lambda: other("LoKr"),
    "oft": lambda: other("OFT", oft_block_size=8, r=0),
    "boft": lambda: other("BOFT", boft_block_size=8),
    "vera": lambda: other("Vera", r=8),
    "fourier": lambda: other("FourierFT", n_frequency=50),
    "hra": lambda: other("HRA", r=4),
    "tokens": lambda: other("TrainableTokens", token_indices=[5, 6], target_modules=["embed_tokens"]),  # noqa: E501
    "prompt": lambda: peft.PromptTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM"),
    "prefix": lambda: peft.PrefixTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM"),
    "prompt encoder": lambda: peft.PromptEncoderConfig(
        num_virtual_tokens=4, encoder_hidden_size=16, task_type="CAUSAL_LM"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ADAPTERS)
def test_adapters(kind: str, tmp_path: Path) -> None:
    folder, expected = made(tmp_path / "a", base_of("Llama"), ADAPTERS[kind]())
    adapter, before, baseline = tiny_models(folder, tiny_folder() / "second")
    alone = in_force(before), in_force(baseline)
    assert in_force(adapter).equal(expected)
    assert not expected.equal(alone[1])
    assert in_force(before).equal(alone[0])
    assert in_force(adapter).equal(expected)
    assert in_force(baseline).equal(alone[1])


MERGEABLE = [k for k in ADAPTERS if k not in ("bias of lora", "prompt", "prefix", "prompt encoder")]


@pytest.mark.parametrize("kind", MERGEABLE)
def test_an_adapter_is_what_merging_makes_of_it(kind: str, tmp_path: Path) -> None:
    with quiet_libraries():
        model = perturbed(peft.get_peft_model(load(base_of("Llama")), ADAPTERS[kind]()))
        expected = logits(model)
        assert torch.allclose(logits(model.merge_and_unload()), expected, atol=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_models(model: str, tmp_path: Path) -> None:
    """Every linear layer, and what is answered: as by merged weights, text by text."""
    config = peft.LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    folder, expected = made(tmp_path / "a", base_of(model), config)
    adapter, baseline = tiny_models(folder, base=base_of(model))
    alone = in_force(baseline)
    assert in_force(adapter).equal(expected)
    assert in_force(baseline).equal(alone)
    assert not alone.equal(expected)
    shutil.copytree(base_of(model), tmp_path / "merged")
    with quiet_libraries():
        merged = peft.PeftModel.from_pretrained(load(base_of(model)), folder).merge_and_unload()
        merged.save_pretrained(tmp_path / "merged")
    (full,) = tiny_models(tmp_path / "merged", wants_baseline=False)
    assert answer_all(adapter, REQUESTS) == answer_all(full, REQUESTS)


@pytest.mark.parametrize("kind", ["prompt", "prefix", "prompt encoder"])
def test_virtual_tokens_stand_before_every_prompt_of_a_batch(kind: str, tmp_path: Path) -> None:
    folder, _ = made(tmp_path / "a", base_of("Llama"), ADAPTERS[kind]())
    rewrite(folder, lambda t: t.update({k: v * 8 for k, v in t.items()}), ADAPTER_WEIGHTS)
    adapter, baseline = tiny_models(folder)
    answers = answer_all(adapter, REQUESTS)
    assert answers != answer_all(baseline, REQUESTS)
    chat = adapter.engine.chat(base_of("Llama"))
    ends = chat.end_ids()
    with quiet_libraries(), torch.inference_mode():
        model = peft.PeftModelForCausalLM.from_pretrained(load(base_of("Llama")), folder).eval()
        for request, answer in zip(REQUESTS, answers, strict=True):
            ids, said = list(chat.fit(request.prompt, None).ids), []
            while len(said) < 24 and (not said or said[-1] not in ends):
                said.append(int(model(input_ids=torch.tensor([ids + said])).logits[0, -1].argmax()))
            assert chat.decode([i for i in said if i not in ends]).strip() == answer


def test_virtual_tokens_take_room_in_the_window(tmp_path: Path) -> None:
    folder, _ = made(tmp_path / "a", base_of("Llama"), ADAPTERS["prefix"]())
    adapter, baseline = tiny_models(folder)
    assert adapter._window == baseline._window - 4


def with_more_tokens(folder: Path) -> tuple[Path, Any]:
    """An adapter as TRL saves it where tokens were added and the embeddings resized."""
    tokenizer = AutoTokenizer.from_pretrained(base_of("Llama"))
    tokenizer.add_tokens(["<tool>", "<answer>"])
    with quiet_libraries():
        model = load(base_of("Llama"))
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
        model = perturbed(peft.get_peft_model(model, lora()))
        model.save_pretrained(folder, save_embedding_layers=True)
    tokenizer.chat_template = tokenizer.chat_template.replace("<s>", "<tool>")
    tokenizer.save_pretrained(folder)
    return folder, logits(model, torch.tensor([[5, 6, len(tokenizer) - 1, 7]]))


def test_added_tokens_with_resized_embeddings(tmp_path: Path) -> None:
    folder, expected = with_more_tokens(tmp_path / "a")
    adapter, before, baseline = tiny_models(folder, tiny_folder() / "second")
    alone = in_force(before), in_force(baseline)
    with adapter.engine.model(folder, IDS[0].tolist()) as model:
        ids = torch.tensor([[5, 6, expected.shape[1] - 1, 7]])
        assert logits(model, ids).equal(expected)
    assert in_force(before).equal(alone[0])
    assert in_force(baseline).equal(alone[1])
    assert answer_all(adapter, REQUESTS[:1]) != answer_all(baseline, REQUESTS[:1])


@pytest.mark.parametrize("bias", ["all", "lora_only"])
def test_biases_of_the_base_that_an_adapter_trains(bias: str, tmp_path: Path) -> None:
    config = lora(bias=bias)
    folder, expected = made(tmp_path / "a", base_of("Qwen2"), config)
    adapter, baseline = tiny_models(folder, base=base_of("Qwen2"))
    alone = in_force(baseline)
    assert in_force(adapter).equal(expected)
    assert in_force(baseline).equal(alone)


def test_embeddings_that_were_saved_beside_an_adapter(tmp_path: Path) -> None:
    folder, expected = made(tmp_path / "a", base_of("Llama"), lora(), save_embedding_layers=True)
    adapter, baseline = tiny_models(folder)
    alone = in_force(baseline)
    assert in_force(adapter).equal(expected)
    assert in_force(baseline).equal(alone)


def test_the_order_of_adapters_does_not_matter_and_one_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, _ = made(tmp_path / "tokens", base_of("Llama"), lora(trainable_token_indices=[5, 6]))
    broken = copy_of("second", tmp_path / "broken")
    config = json.loads((broken / "adapter_config.json").read_text())
    config["target_modules"] = ["q_proj", "v_proj", "o_proj"]
    (broken / "adapter_config.json").write_text(json.dumps(config))
    folders = [tokens, tiny_folder() / "second", broken]
    forward, backward = ([*tiny_models(*order)] for order in (folders, folders[::-1]))
    for generator in (forward[2], backward[0]):
        with pytest.raises(GenerationError, match="lacks tensors"):
            in_force(generator)
    for one, another in ((0, 2), (1, 1), (3, 3)):
        assert in_force(forward[one]).equal(in_force(backward[another]))


def test_a_key_that_the_installed_peft_does_not_know_is_no_other_model(tmp_path: Path) -> None:
    folder, _ = made(tmp_path / "a", base_of("Llama"), ADAPTERS["ia3"]())
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"use_new": True}))
    adapter, _ = tiny_models(folder)
    with pytest.raises(RagftError, match=r"sets 'use_new', which peft .* does not know"):
        in_force(adapter)


def test_why_an_adapter_does_not_fit_is_said_whole(tmp_path: Path) -> None:
    """peft's first line is a heading."""
    folder, _ = made(tmp_path / "a", base_of("Llama"), lora(modules_to_save=["norm"]))

    def shorten(tensors: dict[str, Any]) -> None:
        for name in [name for name in tensors if name.endswith("norm.weight")]:
            tensors[name] = tensors[name][:-1].clone()

    adapter, baseline = tiny_models(rewrite(folder, shorten, ADAPTER_WEIGHTS))
    with pytest.raises(GenerationError, match=r"size mismatch for .*norm.*\[63\].*\[64\]"):
        in_force(adapter)
    in_force(baseline)


def test_a_model_whose_tokenizer_is_one_of_sentencepiece_alone(tmp_path: Path) -> None:
    import sentencepiece

    folder = copy_of("model", tmp_path / "m")
    template = (folder / "chat_template.jinja").read_text()
    for file in folder.glob("*token*"):
        file.unlink()
    texts = [p.text for r in tiny_requests(40) for p in r.prompt.passages]
    texts += ["system user assistant <s> </s> Answer from the context only Question"]
    with (folder / "tokenizer.model").open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=file,
            vocab_size=90,
            hard_vocab_limit=False,
            minloglevel=9,
        )
    config = {"tokenizer_class": "LlamaTokenizer", "chat_template": template}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    (folder / "chat_template.jinja").unlink()
    (generator,) = tiny_models(folder, wants_baseline=False)
    assert len(answer_all(generator, REQUESTS)) == len(REQUESTS)
    (folder / "tokenizer.model").write_bytes((folder / "tokenizer.model").read_bytes() + b"\0")
    (again,) = tiny_models(folder, wants_baseline=False)
    assert again.fingerprint != generator.fingerprint
