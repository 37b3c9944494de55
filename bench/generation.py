"""Measures generation: against one call a question, against lm-eval, its parts and its memory.

Questions and passages are those of the shipped suites, retrieved as in a run::

    python bench/generation.py one-by-one --base DIR --adapter DIR --adapter DIR
    python bench/generation.py lm-eval --base DIR --lm-eval-python PATH
    python bench/generation.py ablation --base DIR --adapter DIR
    python bench/generation.py memory --base DIR --adapter DIR --adapter DIR

lm-eval lives in an environment of its own, which borrows torch and transformers from this one::

    python -m venv .cache/lm-eval
    python -c "import torch, pathlib; print(pathlib.Path(torch.__file__).parents[1])" \
        > $(echo .cache/lm-eval/lib/python3.*/site-packages)/borrowed.pth
    .cache/lm-eval/bin/pip install 'lm-eval>=0.4.9,<0.5' 'huggingface-hub<2'
    python bench/generation.py lm-eval … --lm-eval-python .cache/lm-eval/bin/python

Each figure is the median of `--repeats` runs; the sides take turns in processes of their own, so
that all meet the same disturbances. Loading is not counted, and a short batch is run first. The
smallest run is `--questions 1 --repeats 1 --max-new-tokens 1` with any model folder as `--base`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from bench.generation_sides import PARTS, SIDES, read_requests  # noqa: E402


def run_side(side: str, *extra: str, python: str = sys.executable) -> dict[str, Any]:
    """Run one side in a process of its own, with the arguments of this one."""
    command = [python, __file__, *sys.argv[1:], *extra, "--side", side]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{side} failed:\n{done.stderr[-3000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    rate = figures["answers"] / figures["seconds"]
    print(
        f"  {side:<12} {figures['seconds']:7.1f} s, {figures['processor']:7.1f} s of processor   "
        f"{rate:6.2f} answers/s   {figures['tokens']:6d} tokens  peak {figures['peak_mb']:5.0f} MB",
        flush=True,
    )
    return figures


def median(runs: Sequence[dict[str, Any]], key: str) -> float:
    """Median of one figure."""
    return statistics.median(run[key] for run in runs)


def compare_one_by_one(options: argparse.Namespace) -> str:
    """Bar: at least 2 on the CPU, 8 on a GPU."""
    runs: dict[str, list[dict[str, Any]]] = {"one-by-one": [], "ours": []}
    for _ in range(options.repeats):
        for side, done in runs.items():
            done.append(run_side(side))
    ratio = median(runs["one-by-one"], "seconds") / median(runs["ours"], "seconds")
    return f"{ratio:.2f} times as fast as one call a question"


def compare_lm_eval(options: argparse.Namespace) -> str:
    """Bar: at least 1.0 against the best of lm-eval's batch sizes."""
    with tempfile.TemporaryDirectory() as scratch:
        prompts = Path(scratch) / "prompts.json"
        prompts.write_text(json.dumps(rendered(options)), encoding="utf-8")
        mine: list[dict[str, Any]] = []
        theirs: dict[int, list[dict[str, Any]]] = {}
        for _ in range(options.repeats):
            mine.append(run_side("ours"))
            for rows in dict.fromkeys([mine[0]["rows"], *options.lm_eval_rows]):
                print(f"  lm-eval with batches of {rows}:")
                extra = ("--rows", str(rows), "--prompts", str(prompts))
                python = str(options.lm_eval_python)
                theirs.setdefault(rows, []).append(run_side("lm-eval", *extra, python=python))
    lines = [
        f"{median(runs, 'seconds') / median(mine, 'seconds'):.2f} times as fast as lm-eval with "
        f"batches of {rows}"
        for rows, runs in theirs.items()
    ]
    return "; ".join(lines)


def rendered(options: argparse.Namespace) -> list[str]:
    """The prompts as the chat template writes them."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(options.base)
    return [
        tokenizer.apply_chat_template(
            request.prompt.messages(), add_generation_prompt=True, tokenize=False
        )
        for request in read_requests(options.questions)
    ]


def compare_memory(options: argparse.Namespace) -> str:
    """Bar: at most 1.1."""
    alone, together = [], []
    for _ in range(options.repeats):
        alone.append(run_side("ours", "--baseline-only"))
        together.append(run_side("ours"))
    ratio = median(together, "peak_mb") / median(alone, "peak_mb")
    return f"{ratio:.3f} times the peak memory of the baseline alone"


def compare_parts(options: argparse.Namespace) -> str:
    """Bar: a part stays if it saves a tenth of the time, or of the memory."""
    names = ["generate of transformers, same batches", *PARTS.values()]
    runs: list[list[dict[str, Any]]] = [[] for _ in names]
    for _ in range(options.repeats):
        for parts, done in enumerate(runs):
            done.append(run_side("ablated", "--parts", str(parts)))
    first = runs[0]
    lines = [
        f"{name:<48} {median(done, 'seconds'):7.1f} s   {ratio(done, first, 'seconds'):5.2f}   "
        f"{median(done, 'processor'):7.1f} s   {ratio(done, first, 'processor'):5.2f}   "
        f"{median(done, 'peak_mb'):6.0f} MB"
        for name, done in zip(names, runs, strict=True)
    ]
    texts = {run["texts"] for done in runs for run in done}
    same = "the same" if len(texts) == 1 else f"{len(texts)} different ones"
    head = f"{'':<48} {'clock':>9}   {'of it':>5}   {'processor':>9}   {'of it':>5}   {'peak':>9}"
    return "\n".join([head, *lines, f"answers: {same}"])


def ratio(runs: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]], key: str) -> float:
    """Median of the ratios of runs that took turns."""
    pairs = zip(runs, others, strict=True)
    return statistics.median(run[key] / other[key] for run, other in pairs)


COMPARISONS = {
    "one-by-one": compare_one_by_one,
    "lm-eval": compare_lm_eval,
    "ablation": compare_parts,
    "memory": compare_memory,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("what", choices=COMPARISONS)
    parser.add_argument("--base", type=Path, required=True, help="folder of the base model")
    parser.add_argument("--adapter", type=Path, action="append", default=[], help="repeatable")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--batch-tokens", type=int, default=16_384)
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--lm-eval-python", type=Path, help="Python of lm-eval's environment")
    parser.add_argument("--lm-eval-rows", type=int, nargs="*", default=[], help="batch sizes")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--parts", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--prompts", help=argparse.SUPPRESS)
    parser.add_argument("--baseline-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side is not None:
        adapters = [] if options.baseline_only or options.what == "lm-eval" else options.adapter
        print(json.dumps(SIDES[options.side](options, adapters)))
        return
    if options.what == "lm-eval" and options.lm_eval_python is None:
        parser.error("lm-eval needs --lm-eval-python; this file's head says how to make it")
    print(f"{options.what}: {options.questions} questions, {1 + len(options.adapter)} models")
    print(COMPARISONS[options.what](options))


if __name__ == "__main__":
    main()
