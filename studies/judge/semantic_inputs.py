"""What the semantic judge's last step is fitted on: log odds and features of windows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pytest_ragft.judging.lexical.match_features import FeatureReader
from pytest_ragft.judging.semantic.encoder import load_encoder, load_vocabulary
from pytest_ragft.judging.semantic.equivalence import HEAD, adapter_fingerprint
from pytest_ragft.judging.semantic.models import inputs
from pytest_ragft.records import QAExample
from pytest_ragft.store import fingerprint
from studies.judge.equivalence_rows import Row
from studies.judge.train_equivalence import collate, pooled
from studies.judge.windows import CACHE, low_precision


def log_odds_in_batches(
    rows: Sequence[Row], folder: Path, base: Path, size: int = 48
) -> NDArray[np.float64]:
    """The trained model's log odds, computed in batches and in low precision; shape (rows,).

    They are kept in the cache, for fitting again after the features have changed.
    """
    file = CACHE / f"log-odds-{adapter_fingerprint(folder)[:16]}.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    keys = [fingerprint(row.question, row.references, row.answer) for row in rows]
    new = [at for at, key in enumerate(keys) if key not in kept]
    for at, value in zip(new, _log_odds([rows[at] for at in new], folder, base, size), strict=True):
        kept[keys[at]] = float(value)
    file.write_text(json.dumps(kept), encoding="utf-8")
    return np.array([kept[key] for key in keys])


def _log_odds(rows: Sequence[Row], folder: Path, base: Path, size: int) -> NDArray[np.float64]:
    import torch
    from peft import PeftModel
    from safetensors.torch import load_file

    model = PeftModel.from_pretrained(load_encoder(base), folder).merge_and_unload().eval()
    head = {name: value.float() for name, value in load_file(folder / HEAD).items()}
    tokenizer = load_vocabulary(base)
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].answer))
    found = np.zeros(len(rows))
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        ids, mask, kinds = collate([rows[at] for at in batch], tokenizer)
        with torch.inference_mode(), low_precision():
            hidden = model(
                input_ids=ids, attention_mask=mask, token_type_ids=kinds
            ).last_hidden_state
        with torch.inference_mode():
            states = pooled(hidden.float(), mask, kinds)
            inner = torch.relu(states @ head["1.weight"].T + head["1.bias"])
            logits = inner @ head["3.weight"].T + head["3.bias"]
        found[batch] = logits.squeeze(-1).numpy()
        if start // size % 40 == 39:
            print(f"log odds: {start + size}/{len(rows)}", flush=True)
    return found


def inputs_of(
    rows: Sequence[Row], log_odds: NDArray[np.float64], reader: FeatureReader | None = None
) -> NDArray[np.float64]:
    """What the combining trees are given for each window; shape (rows, inputs)."""
    reader = reader or FeatureReader()
    found = []
    for row, odds in zip(rows, log_odds, strict=True):
        example = QAExample(id="row", question=row.question, references=row.references)
        features = reader.vector(example, row.answer)
        found.append(inputs(float(odds), row.answer, row.references, features))
    return np.stack(found)
