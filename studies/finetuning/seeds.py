"""The recipe of the shipped adapter `short-answers`, trained with other seeds by `ragft finetune`.

    RAGFT_DATA=… python -m studies.finetuning.seeds --base MODEL

The same pairs and recipe, three seeds of first weights, order and dropout. All are gated on the
shipped suites beside the shipped adapter, whose estimates should lie within the range of theirs.
What was trained and answered is kept in the cache, so that a run that was ended goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from fixtures.make_adapters import RECIPES
from fixtures.training_pairs import closed_book_pairs
from pytest_ragft.cli import main as ragft
from studies import CACHE, called, put_tables

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAME = "short-answers"
SUITES = [ROOT / "suites" / name for name in ("biomedical", "encyclopedia", "papers")]


def write_pairs(data: Path, count: int, file: Path) -> None:
    """The pairs of the shipped adapter, as questions with one reference."""
    pairs = closed_book_pairs(data, count=count, seed=RECIPES[NAME].selection_seed)
    rows = [
        {"id": f"p{i}", "question": pair.messages[0]["content"], "references": [pair.answer]}
        for i, pair in enumerate(pairs)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def train(options: argparse.Namespace, seed: int, pairs: Path) -> Path:
    """A model of one seed, unless it is there."""
    out, recipe = options.cache / f"seed-{seed}", RECIPES[NAME]
    if out.exists():
        return out
    called(
        ragft,
        ["finetune", pairs, "--format", "jsonl", "--base", options.base,
         "--epochs", options.epochs, "--learning-rate", recipe.learning_rate,
         "--batch", recipe.batch, "--warmup", recipe.warmup, "--rank", recipe.rank,
         "--alpha", recipe.lora_alpha, "--dropout", recipe.lora_dropout,
         "--targets", ",".join(options.targets), "--development", 0, "--seed", seed,
         "--out", out, "--root", options.cache],
        accepted=[0],
    )  # fmt: skip
    return out


def gate(options: argparse.Namespace, models: Sequence[Path]) -> dict[str, dict[str, float]]:
    """The estimate of each model by metric, pooled over the suites."""
    report = options.cache / "report.json"
    named = [f"--ragft-model={model}" for model in models]
    limit = [] if options.questions is None else [f"--ragft-limit={options.questions}"]
    called(
        pytest.main,
        [*options.suites, "-q", "-p", "no:cacheprovider", "-p", "no:deepeval",
         "-p", "no:asyncio", "--rootdir", options.cache, "-c", os.devnull, *named, *limit,
         f"--ragft-base={options.base}", f"--ragft-json={report}"],
        accepted=[0, 1],
    )  # fmt: skip
    found: dict[str, dict[str, float]] = {}
    for result in json.loads(report.read_text(encoding="utf-8"))["gates"]:
        if result["pooled"] and result["gate"]["name"] is None:
            estimate = result["verdict"]["estimate"]
            found.setdefault(result["gate"]["metric"], {})[result["variant"]] = estimate
    return found


def main() -> int:
    """1 where the shipped adapter lies outside the range of the seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=os.environ.get("RAGFT_DATA"))
    parser.add_argument("--adapter", type=Path, default=ROOT / "fixtures" / "adapters" / NAME)
    parser.add_argument("--suites", type=Path, nargs="+", default=SUITES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--pairs", type=int, default=RECIPES[NAME].pairs)
    parser.add_argument("--epochs", type=int, default=RECIPES[NAME].epochs)
    parser.add_argument("--targets", nargs="+", default=RECIPES[NAME].targets)
    parser.add_argument("--questions", type=int, help="of each suite (default: all)")
    parser.add_argument("--cache", type=Path, default=CACHE / "finetuning" / "seeds")
    parser.add_argument("--out", type=Path, default=HERE / "README.md")
    options = parser.parse_args()
    for name in ("base", "adapter", "cache"):
        setattr(options, name, getattr(options, name).resolve())
    options.suites = [suite.resolve() for suite in options.suites]
    (options.cache / ".ragft").mkdir(parents=True, exist_ok=True)
    pairs = options.cache / "pairs.jsonl"
    write_pairs(options.data, options.pairs, pairs)
    models = [options.adapter, *(train(options, seed, pairs) for seed in options.seeds)]
    shipped, *seeds = (model.name for model in models)
    lines = [
        "| metric | shipped adapter | "
        + " | ".join(f"seed {seed}" for seed in options.seeds)
        + " | within their range |",
        "| --- " * (len(seeds) + 3) + "|",
    ]
    within = True
    for metric, of in gate(options, models).items():
        low, high = min(of[s] for s in seeds), max(of[s] for s in seeds)
        inside = low <= of[shipped] <= high
        within &= inside
        cells = [f"{of[name]:+.3f}" for name in (shipped, *seeds)]
        lines.append(f"| {metric} | {' | '.join(cells)} | {'yes' if inside else 'no'} |")
    table = "\n".join(lines)
    if options.out.exists():
        put_tables(options.out, "seeds.py", table)
    print(table)
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())
