"""A GGUF file with the tiny model's weights, written here, answers as the folder does."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from safetensors.numpy import load_file

from pytest_ragft.errors import SpecError
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.settings import GenerationSettings
from tests.tiny import answer_all, open_tiny, tiny_folder, tiny_requests

pytestmark = pytest.mark.newest

BLOCK_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
OTHER_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


@cache
def gguf_file() -> Path:
    model = tiny_folder() / "model"
    config = json.loads((model / "config.json").read_text())
    (tiny_folder() / "gguf").mkdir(exist_ok=True)
    path = tiny_folder() / "gguf" / "tiny.F32.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(config["vocab_size"])
    add_tokenizer(writer, model, config)
    for name, tensor in load_file(model / "model.safetensors").items():
        writer.add_tensor(*converted(name, tensor, config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_tokenizer(writer: Any, model: Path, config: dict[str, Any]) -> None:
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    special = {token["content"] for token in tokenizer["added_tokens"]}
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in special else 1 for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_pad_token_id(config["pad_token_id"])
    writer.add_chat_template((model / "chat_template.jinja").read_text())


def converted(name: str, tensor: Any, config: dict[str, Any]) -> tuple[str, Any]:
    """Name and layout of a tensor in GGUF, where rotary pairs stand side by side."""
    if name in OTHER_NAMES:
        return OTHER_NAMES[name], tensor
    _, _, layer, part = name.removesuffix(".weight").split(".", 3)
    heads = {"self_attn.q_proj": "num_attention_heads", "self_attn.k_proj": "num_key_value_heads"}
    if part in heads:
        n, (rows, columns) = config[heads[part]], tensor.shape
        tensor = tensor.reshape(n, 2, rows // n // 2, columns).swapaxes(1, 2).reshape(rows, columns)
    return f"blk.{layer}.{BLOCK_NAMES[part]}.weight", np.ascontiguousarray(tensor)


@pytest.mark.parametrize("spec", ["file", "folder"])
def test_a_gguf_model_answers_as_the_folder_with_its_weights(
    spec: str, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = GenerationSettings(max_new_tokens=24, dtype="float32")
    path = gguf_file() if spec == "file" else gguf_file().parent
    generator = open_tiny(path, wants_baseline=False, settings=settings)["v0"]
    plain = open_tiny(tiny_folder() / "model", wants_baseline=False, settings=settings)["v0"]
    requests = tiny_requests()
    assert answer_all(generator, requests) == answer_all(plain, requests)
    assert generator.fingerprint != plain.fingerprint
    assert capfd.readouterr() == ("", "")


def test_the_window_of_a_gguf_model_is_kept() -> None:
    settings = GenerationSettings(max_new_tokens=2000, dtype="float32")
    (generator,) = open_tiny(gguf_file(), wants_baseline=False, settings=settings).values()
    assert isinstance(generator, HFGenerator)
    (batch,) = generator.cut(tiny_requests(1))
    (answer,) = generator.generate([tiny_requests(1)[i] for i in batch])
    assert (answer.passages_dropped, answer.finish) == (3, "error")


def test_a_gguf_model_is_bfloat16_unless_told_otherwise_and_its_bytes_are_its_identity(
    tmp_path: Path,
) -> None:
    def opened(path: Path, dtype: str = "auto") -> str:
        settings = GenerationSettings(dtype=dtype)
        return open_tiny(path, wants_baseline=False, settings=settings)["v0"].fingerprint

    assert opened(gguf_file()) == opened(gguf_file(), "bfloat16") != opened(gguf_file(), "float32")
    copy = tmp_path / "other.gguf"
    copy.write_bytes(gguf_file().read_bytes())
    assert opened(copy) == opened(gguf_file())
    copy.write_bytes(gguf_file().read_bytes()[:-1] + b"\x01")
    assert opened(copy) != opened(gguf_file())


def test_a_gguf_model_is_no_base_for_an_adapter() -> None:
    with pytest.raises(SpecError, match=r"not a model folder with safetensors \(gguf\)"):
        open_tiny(tiny_folder() / "alive", base=gguf_file())
