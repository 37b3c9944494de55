"""Measures `ragft finetune`'s training against transformers' plain Trainer, in pairs in one run.

Both train LoRA on the same pairs of a shipped suite, with the same arguments; the plain side takes
the model's own loss over labels. They take turns, and only `Trainer.train` is timed, checkpoints
included::

    python bench/finetuning.py --base DIR --pairs 3 --size 48 --form closed-book

The bar is 0.95 times the plain side's speed. The smallest run is `--size 2 --batch 1 --pairs 1`.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from pytest_ragft.finetuning.base import Base, open_base  # noqa: E402
from pytest_ragft.finetuning.loss import collate  # noqa: E402
from pytest_ragft.finetuning.methods import trainable  # noqa: E402
from pytest_ragft.finetuning.recipe import FORMS, Recipe  # noqa: E402
from pytest_ragft.finetuning.run import Prepared, prepare  # noqa: E402
from pytest_ragft.finetuning.sources import retrieving  # noqa: E402
from pytest_ragft.finetuning.trainer import arguments_of  # noqa: E402
from pytest_ragft.finetuning.training import train  # noqa: E402
from pytest_ragft.progress import NoProgress  # noqa: E402
from pytest_ragft.quiet import quiet_libraries  # noqa: E402
from pytest_ragft.store import Store  # noqa: E402
from pytest_ragft.suite import load_suite  # noqa: E402
from pytest_ragft.suite.opening import Access  # noqa: E402

BAR = 0.95


def ours(made: Prepared, recipe: Recipe, base: Base, work: Path) -> float:
    """Seconds of the package's training."""
    return train(made.rows, (), recipe, base, work=work, progress=NoProgress()).seconds


def plain(made: Prepared, recipe: Recipe, base: Base, work: Path) -> float:
    """Seconds of transformers' Trainer with the model's own loss."""
    from transformers import PrinterCallback, Trainer, set_seed

    with quiet_libraries():
        set_seed(recipe.seed)
        trainer = Trainer(
            model=trainable(base, recipe),
            args=arguments_of(recipe, base, work, len(made.rows), development=False),
            train_dataset=list(made.rows),
            data_collator=partial(collate, pad=min(base.ends)),
        )
        trainer.remove_callback(PrinterCallback)
        started = time.monotonic()
        trainer.train()
        return time.monotonic() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--base", required=True, help="model folder")
    parser.add_argument("--suite", type=Path, default=ROOT / "suites" / "biomedical")
    parser.add_argument("--form", choices=tuple(FORMS), default="closed-book")
    parser.add_argument("--size", type=int, default=48, help="pairs to train on")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=3, help="turns of both sides")
    options = parser.parse_args()
    recipe = Recipe(
        form=options.form, size=options.size, batch=options.batch, epochs=1, development=0
    )
    base = open_base(options.base)
    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        store = Store(Path(scratch) / "store.sqlite")
        suite = load_suite(options.suite / "suite.toml")
        made = prepare(suite, recipe, base, retrieving(Access(), store))
        store.close()
        for pair in range(options.pairs):
            sides = [ours, plain] if pair % 2 == 0 else [plain, ours]
            spent = {}
            for side in sides:
                work = Path(tempfile.mkdtemp(dir=scratch))
                spent[side.__name__] = side(made, recipe, base, work)
                gc.collect()
            ratios.append(spent["plain"] / spent["ours"])
            rates = {name: made.tokens / seconds for name, seconds in spent.items()}
            print(
                f"  ours {spent['ours']:7.1f} s, {rates['ours']:6.0f} tokens/s   plain "
                f"{spent['plain']:7.1f} s, {rates['plain']:6.0f} tokens/s   {ratios[-1]:.2f}×",
                flush=True,
            )
    middle = statistics.median(ratios)
    print(
        f"{len(made.rows)} pairs, {made.tokens} tokens: {middle:.2f} times as fast as the plain "
        f"Trainer (median of {len(ratios)}, {min(ratios):.2f} to {max(ratios):.2f}), bar {BAR}"
    )
    return 0 if middle >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
