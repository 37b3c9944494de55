"""Measures `ragft finetune`'s training against transformers' plain Trainer, in pairs in one run.

Both train LoRA on the same pairs of a shipped suite, with the same arguments; the plain side takes
the model's own loss over labels. They take turns, and only `Trainer.train` is timed, checkpoints
included; processor time counts, since other work disturbs the wall's::

    python bench/finetuning.py --base DIR --size 12 --batch 4 --pairs 5

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
from collections.abc import Iterator
from contextlib import contextmanager
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
from pytest_ragft.progress import NoProgress, Phase  # noqa: E402
from pytest_ragft.quiet import quiet_libraries  # noqa: E402
from pytest_ragft.store import Store  # noqa: E402
from pytest_ragft.suite import load_suite  # noqa: E402
from pytest_ragft.suite.opening import Access  # noqa: E402

BAR = 0.95


class Timed(NoProgress):
    """Times the one phase that a training shows, in seconds of the wall and of the processor."""

    wall = processor = 0.0

    @contextmanager
    def phase(self, title: str, total: int, unit: str) -> Iterator[Phase]:
        wall, processor = time.monotonic(), time.process_time()
        yield self
        self.wall, self.processor = time.monotonic() - wall, time.process_time() - processor


def ours(made: Prepared, recipe: Recipe, base: Base, work: Path, timed: Timed) -> None:
    """The package's training."""
    train(made.rows, (), recipe, base, work=work, progress=timed)


def plain(made: Prepared, recipe: Recipe, base: Base, work: Path, timed: Timed) -> None:
    """Transformers' Trainer with the model's own loss."""
    from transformers import PrinterCallback, Trainer, set_seed

    with quiet_libraries():
        set_seed(recipe.seed)
        trainer = Trainer(
            model=trainable(base, recipe),
            args=arguments_of(recipe, base, work, len(made.rows), development=False),
            train_dataset=list(made.rows),
            data_collator=partial(collate, pad=base.pad),
        )
        trainer.remove_callback(PrinterCallback)
        with timed.phase("", 0, ""):
            trainer.train()


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
    ratios: dict[str, list[float]] = {"processor": [], "wall": []}
    with tempfile.TemporaryDirectory() as scratch:
        store = Store(Path(scratch) / "store.sqlite")
        suite = load_suite(options.suite / "suite.toml")
        made = prepare(suite, recipe, base, retrieving(Access(), store))
        store.close()
        for pair in range(options.pairs):
            spent = {}
            for side in [ours, plain] if pair % 2 == 0 else [plain, ours]:
                spent[side] = Timed()
                side(made, recipe, base, Path(tempfile.mkdtemp(dir=scratch)), spent[side])
                gc.collect()
            for kind, found in ratios.items():
                found.append(getattr(spent[plain], kind) / getattr(spent[ours], kind))
                print(
                    f"  {kind:<9}  ours {getattr(spent[ours], kind):6.1f} s   plain "
                    f"{getattr(spent[plain], kind):6.1f} s   {found[-1]:.2f}×",
                    flush=True,
                )
    for kind, found in ratios.items():
        print(
            f"{len(made.rows)} pairs, {made.tokens} tokens, {kind}: {statistics.median(found):.2f} "
            f"times as fast as the plain Trainer (median of {len(found)}, {min(found):.2f} to "
            f"{max(found):.2f}), bar {BAR}"
        )
    return 0 if statistics.median(ratios["processor"]) >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
