"""Trains the semantic judge's answer-equivalence adapter on people's labels (EVOUNA-NQ).

::

    RAGFT_DATA=DIR python -m studies.judge.train_equivalence --part PART --out DIR

PART is ``first`` or ``second`` (one half of the questions, for figures on the other half) or
``shipped`` (all questions that do not stand in NQ301). The folder holds a peft adapter, the head
and what was done; a run that was stopped goes on from its last whole pass.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pytest_ragft.judging.semantic.encoder import HUB_NAME, load_encoder, load_vocabulary
from pytest_ragft.judging.semantic.equivalence import encode_pair, question_with_references
from pytest_ragft.models.identity import encoder_fingerprint
from studies import ENCODER
from studies.judge.equivalence_rows import Row, batches, epoch, half, weak_rows
from studies.judge.labelled import evouna, nq301
from studies.judge.windows import CACHE, labelled_rows, low_precision

PARTS = ("first", "second", "shipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides the adapter besides base and data."""

    epochs: int = 3
    batch: int = 32
    learning_rate: float = 1e-3
    warmup: float = 0.06
    """Share of the steps in which the learning rate rises; then it falls linearly to zero."""
    weight_decay: float = 0.01
    rank: int = 16
    lora_alpha: int = 32
    lora_dropout: float = 0.05
    head: int = 64
    """Hidden units over the pooled states."""
    head_dropout: float = 0.1
    seed: int = 20262


def groups_of(part: str, data: Path) -> set[str]:
    """The questions that a part may learn from."""
    every = {item.group for item in evouna(data)}
    if part == "shipped":
        return every - {item.group for item in nq301(data)}
    return {group for group in every if half(group) == PARTS.index(part)}


def pooled(hidden: Any, mask: Any, kinds: Any) -> Any:
    """First state, mean over the answer, and its distance from the mean over what is known."""
    import torch

    answer = (mask * kinds).unsqueeze(-1)
    known_ = (mask * (1 - kinds)).unsqueeze(-1)
    said = (hidden * answer).sum(1) / answer.sum(1)
    given = (hidden * known_).sum(1) / known_.sum(1)
    return torch.cat([hidden[:, 0], said, (said - given).abs()], dim=-1)


def collate(rows: list[Row], tokenizer: Any) -> tuple[Any, Any, Any]:
    """Ids, attention mask and segment ids of a batch, padded to its longest row."""
    import torch

    coded = [
        encode_pair(
            tokenizer, question_with_references(r.question, r.references, r.answer), r.answer
        )
        for r in rows
    ]
    width = max(len(ids) for ids, _ in coded)
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    mask, kinds = torch.zeros_like(ids), torch.zeros_like(ids)
    for at, (some, kind) in enumerate(coded):
        ids[at, : len(some)] = torch.tensor(some)
        kinds[at, : len(some)] = torch.tensor(kind)
        mask[at, : len(some)] = 1
    return ids, mask, kinds


def build(base: Path, recipe: Recipe) -> Any:
    """The encoder with LoRA on all linear layers, and the head."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(recipe.seed)
    model = load_encoder(base)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.lora_alpha,
        lora_dropout=recipe.lora_dropout,
        target_modules=["query", "key", "value", "dense"],
        base_model_name_or_path=HUB_NAME,
    )
    encoder = get_peft_model(model, config)
    width = 3 * model.config.hidden_size
    head = torch.nn.Sequential(
        torch.nn.Dropout(recipe.head_dropout),
        torch.nn.Linear(width, recipe.head),
        torch.nn.ReLU(),
        torch.nn.Linear(recipe.head, 1),
    )
    return torch.nn.ModuleDict({"encoder": encoder, "head": head})


def train(
    rows: list[Row], weak: list[Row], net: Any, tokenizer: Any, recipe: Recipe, out: Path
) -> None:
    """Trains `net` in place; products in low precision over float32 weights."""
    import torch

    parameters = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    size = len(epoch(rows, weak, random.Random(recipe.seed)))
    total = recipe.epochs * -(-size // recipe.batch)
    warm = max(1, round(recipe.warmup * total))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda at: min((at + 1) / warm, max(0.0, (total - at) / (total - warm)))
    )
    done = _resume(out, net, optimizer, schedule)
    for number in range(done, recipe.epochs):
        rng = random.Random(recipe.seed + number)
        torch.manual_seed(recipe.seed + number)
        _pass(epoch(rows, weak, rng), net, tokenizer, recipe, (optimizer, schedule, rng, number))
        state = {
            "epochs": number + 1,
            "net": {k: v for k, v in net.state_dict().items() if "lora_" in k or "head" in k},
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
        }
        torch.save(state, out / "checkpoint.part")
        (out / "checkpoint.part").replace(out / "checkpoint.pt")


def _resume(out: Path, net: Any, optimizer: Any, schedule: Any) -> int:
    import torch

    if not (out / "checkpoint.pt").is_file():
        return 0
    state = torch.load(out / "checkpoint.pt", weights_only=True)
    net.load_state_dict(state["net"], strict=False)
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["epochs"])


def _pass(rows: list[Row], net: Any, tokenizer: Any, recipe: Recipe, parts: Any) -> None:
    import torch

    optimizer, schedule, rng, number = parts
    net.train()
    lengths = [len(row.answer) + len(row.question) for row in rows]
    start, total, seen = time.monotonic(), 0.0, 0
    for at, batch in enumerate(batches(rows, lengths, recipe.batch, rng)):
        picked = [rows[i] for i in batch]
        ids, mask, kinds = collate(picked, tokenizer)
        with low_precision():
            hidden = net["encoder"](
                input_ids=ids, attention_mask=mask, token_type_ids=kinds
            ).last_hidden_state
        logits = net["head"](pooled(hidden.float(), mask, kinds)).squeeze(-1)
        labels = torch.tensor([row.label for row in picked])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total, seen = total + float(loss.detach()), seen + 1
        if at % 50 == 49:
            left = (time.monotonic() - start) / (at + 1) * (len(rows) // recipe.batch - at)
            print(
                f"pass {number + 1}/{recipe.epochs} step {at + 1}/{len(rows) // recipe.batch} "
                f"loss {total / seen:.3f}, {left:.0f} s left",
                flush=True,
            )
            total, seen = 0.0, 0


def save(net: Any, out: Path, facts: dict[str, Any]) -> None:
    """The adapter as peft writes it, in bfloat16, and the head beside it."""
    import torch
    from safetensors.torch import load_file, save_file

    net["encoder"].save_pretrained(out)
    file = out / "adapter_model.safetensors"
    save_file({k: v.to(torch.bfloat16) for k, v in load_file(file).items()}, file)
    head = {k: v.to(torch.bfloat16).contiguous() for k, v in net["head"].state_dict().items()}
    save_file(head, out / "head.safetensors")
    (out / "README.md").unlink(missing_ok=True)
    # peft writes down where the base lay on this machine.
    config = json.loads((out / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = HUB_NAME
    text = json.dumps(config, indent=2, sort_keys=True)
    (out / "adapter_config.json").write_text(text + "\n", encoding="utf-8")
    (out / "equivalence.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--part", choices=PARTS, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--base", type=Path, default=ENCODER)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    options = parser.parse_args(arguments)
    data, recipe = Path(os.environ["RAGFT_DATA"]), Recipe(epochs=options.epochs)
    options.out.mkdir(parents=True, exist_ok=True)
    groups = groups_of(options.part, data)
    items = evouna(data)
    rows = labelled_rows(items, options.base, CACHE / "windows.json")
    rows = [row for row in rows if row.group in groups]
    weak = weak_rows(data, items, groups)
    print(f"{len(rows)} labelled and {len(weak)} weakly labelled answers", flush=True)
    net, tokenizer = build(options.base, recipe), load_vocabulary(options.base)
    train(rows, weak, net, tokenizer, recipe, options.out)
    facts = {
        "base": {"name": HUB_NAME, "weights": encoder_fingerprint(options.base)},
        "part": options.part,
        "answers": len(rows),
        "questions": len({row.group for row in rows}),
        "weak": len(weak),
        "recipe": asdict(recipe),
    }
    save(net, options.out, facts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
