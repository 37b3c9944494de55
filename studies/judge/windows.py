"""Windows of labelled answers, as the semantic judge cuts them, for many answers at once."""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from pytest_ragft.judging.semantic.encoder import load_encoder, load_vocabulary
from pytest_ragft.judging.semantic.equivalence import question_with_references
from pytest_ragft.judging.semantic.segments import joined, segments_beyond_question, window
from studies import CACHE as STUDY_CACHE
from studies.judge.equivalence_rows import Row
from studies.judge.labelled import Labelled

CACHE = STUDY_CACHE / "judge"


def labelled_rows(items: list[Labelled], base: Path, cache: Path) -> list[Row]:
    """One row an answer that says something, with its window as the judge cuts it.

    Windows are kept in `cache`: they cost an embedding a sentence. These are computed in batches
    and in low precision, whose rounding moves a window's border in rare cases only.
    """
    firsts = [
        question_with_references(i.example.question, i.example.references, i.answer) for i in items
    ]
    pieces = [
        segments_beyond_question(i.answer, i.example.question, i.example.references) for i in items
    ]
    kept = json.loads(cache.read_text(encoding="utf-8")) if cache.is_file() else {}
    keys = [json.dumps([first, item.answer]) for first, item in zip(firsts, items, strict=True)]
    new = [at for at, key in enumerate(keys) if key not in kept]
    several = [at for at in new if len(pieces[at]) > 1]
    texts = sorted({t for at in several for t in (firsts[at], *pieces[at])}, key=len)
    vectors = dict(zip(texts, embed_in_batches(texts, base), strict=True))
    for at in new:
        found = range(len(pieces[at]))
        if len(found) > 1:
            cosines = [float(vectors[t] @ vectors[firsts[at]]) for t in pieces[at]]
            found = window(pieces[at], np.array(cosines), items[at].example.references)
        kept[keys[at]] = joined(pieces[at][n] for n in found)
    if new:
        cache.parent.mkdir(parents=True, exist_ok=True)
        part = cache.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(kept), encoding="utf-8")
        part.replace(cache)
    return [
        Row(
            question=item.example.question,
            references=item.example.references,
            answer=kept[key],
            label=float(item.right),
            group=item.group,
        )
        for item, key in zip(items, keys, strict=True)
        if kept[key]
    ]


def low_precision() -> AbstractContextManager[object]:
    """bfloat16 products where the processor has them; elsewhere they are slower than float32's."""
    import torch

    has = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=has)


def embed_in_batches(texts: list[str], base: Path, size: int = 64) -> Any:
    """Embeddings of texts, which are best sorted by length; shape (texts, 384)."""
    import torch

    if not texts:
        return np.zeros((0, 384), dtype=np.float32)
    model, tokenizer = load_encoder(base), load_vocabulary(base)
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    found = []
    for start in range(0, len(texts), size):
        coded = tokenizer.encode_batch(texts[start : start + size])
        ids = torch.tensor([c.ids for c in coded])
        mask = torch.tensor([c.attention_mask for c in coded])
        with torch.inference_mode(), low_precision():
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        mean = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        found.append(torch.nn.functional.normalize(mean, dim=-1).numpy())
        if start // size % 50 == 49:
            print(f"embedded {start + size}/{len(texts)}", flush=True)
    return np.concatenate(found)
