"""The sentence encoder that tests use, and small ones that are something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PLACE = os.environ.get("RAGFT_TEST_ENCODER")
needs_encoder = pytest.mark.skipif(
    PLACE is None,
    reason="RAGFT_TEST_ENCODER names no folder: make one with fixtures/make_encoder.py",
)


def make_tiny_encoder(folder: Path, *, seed: int = 0) -> Path:
    """A BERT of random weights in the layout of all-MiniLM-L6-v2, with a vocabulary of letters."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary += [
        f"{mark}{letter}" for mark in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz"
    ]
    ids = {token: at for at, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=24,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=512,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
