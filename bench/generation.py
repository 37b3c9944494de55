"""Measures generation: against one call a question, against lm-eval, and its peak memory.

Questions and passages are those of the shipped suites, retrieved as in a run::

    python bench/generation.py one-by-one --base DIR --adapter DIR --adapter DIR
    python bench/generation.py lm-eval --base DIR --lm-eval-python PATH
    python bench/generation.py memory --base DIR --adapter DIR --adapter DIR

lm-eval lives in an environment of its own, which borrows torch and transformers from this one::

    python -m venv .cache/lm-eval
    python -c "import torch, pathlib; print(pathlib.Path(torch.__file__).parents[1])" \
        > $(echo .cache/lm-eval/lib/python3.*/site-packages)/borrowed.pth
    .cache/lm-eval/bin/pip install 'lm-eval>=0.4.9,<0.5' 'huggingface-hub<2'
    python bench/generation.py lm-eval … --lm-eval-python .cache/lm-eval/bin/python

Each figure is the median of `--repeats` runs; the two sides take turns in processes of their own,
so that both meet the same disturbances. Loading is not counted, and a short batch is run first.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

Requests = Sequence[Any]


def read_requests(count: int) -> Requests:
    """`count` questions of the shipped suites in turn, with the passages retrieved for them."""
    from pytest_ragft.records import Prompt, Request
    from pytest_ragft.retrieval.factory import Access, open_retriever
    from pytest_ragft.suite import load_suite

    suites = [load_suite(path) for path in sorted((ROOT / "suites").glob("*/suite.toml"))]
    share = -(-count // len(suites))
    requests = []
    for suite in suites:
        examples = suite.examples[:share]
        retriever = open_retriever(suite, Access(backend="embedded", offline=True))
        hits = retriever.retrieve([e.question for e in examples], suite.retrieval.k)
        for example, found in zip(examples, hits, strict=True):
            prompt = Prompt(
                system=suite.prompt.system,
                user=suite.prompt.user,
                question=example.question,
                passages=tuple(suite.passages[hit.passage_id] for hit in found),
            )
            requests.append(Request(suite="all", id=f"{suite.name}/{example.id}", prompt=prompt))
    return requests[:count]


def open_arms(options: argparse.Namespace, adapters: Sequence[Path]) -> list[Any]:
    """The baseline and then the adapters, on one engine."""
    from pytest_ragft.generation.factory import open_generators
    from pytest_ragft.generation.settings import GenerationSettings
    from pytest_ragft.generation.source import VariantSpec

    settings = GenerationSettings(
        max_new_tokens=options.max_new_tokens,
        batch_tokens=options.batch_tokens,
        dtype=options.dtype,
        device=options.device,
    )
    opened = open_generators(
        [VariantSpec(name=f"adapter-{i}", spec=str(path)) for i, path in enumerate(adapters)],
        baseline=str(options.base),
        wants_baseline=True,
        base=options.base,
        options={"all": settings},
        offline=True,
    )
    names = ["baseline", *(f"adapter-{i}" for i in range(len(adapters)))]
    return [opened[name, "all"] for name in names]


def ours(options: argparse.Namespace, adapters: Sequence[Path]) -> dict[str, Any]:
    """Answer everything in batches."""
    requests = read_requests(options.questions)
    arms = open_arms(options, adapters)
    for arm in arms:
        arm.generate(requests[:1])
    started = time.perf_counter()
    tokens, rows = 0, 0
    for arm in arms:
        for batch in arm.cut(requests):
            answers = arm.generate([requests[i] for i in batch])
            tokens += sum(answer.completion_tokens for answer in answers)
            rows = max(rows, len(batch))
    return result(started, len(arms) * len(requests), tokens) | {"rows": rows}


def one_by_one(options: argparse.Namespace, adapters: Sequence[Path]) -> dict[str, Any]:
    """One `generate` call a question; base, adapters and tokenizer loaded once."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    requests = read_requests(options.questions)
    tokenizer = AutoTokenizer.from_pretrained(options.base)
    model = AutoModelForCausalLM.from_pretrained(options.base, dtype=dtype_of(options))
    model = model.to(device_of(options)).eval()
    for i, path in enumerate(adapters):
        if i == 0:
            model = PeftModel.from_pretrained(model, path, adapter_name="adapter-0").eval()
        else:
            model.load_adapter(path, adapter_name=f"adapter-{i}")

    def answer(request: Any) -> int:
        inputs = tokenizer.apply_chat_template(
            request.prompt.messages(),
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        ).to(model.device)
        with torch.inference_mode():
            out = model.generate(**inputs, max_new_tokens=options.max_new_tokens, do_sample=False)
        return int(out.shape[1] - inputs["input_ids"].shape[1])

    answer(requests[0])
    tokens = 0
    started = time.perf_counter()
    if adapters:
        with model.disable_adapter():
            tokens += sum(answer(request) for request in requests)
        for i in range(len(adapters)):
            model.set_adapter(f"adapter-{i}")
            tokens += sum(answer(request) for request in requests)
    else:
        tokens += sum(answer(request) for request in requests)
    return result(started, (1 + len(adapters)) * len(requests), tokens)


def lm_eval(options: argparse.Namespace, adapters: Sequence[Path]) -> dict[str, Any]:
    """`generate_until` of lm-eval's hf backend over the same prompts."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    prompts = json.loads(Path(options.prompts).read_text(encoding="utf-8"))
    model = HFLM(
        pretrained=str(options.base),
        dtype=options.dtype if options.dtype != "auto" else "auto",
        device=device_of(options),
        batch_size=options.rows,
    )
    limits = {"until": [model.tokenizer.eos_token], "max_gen_toks": options.max_new_tokens}
    requests = [
        Instance(
            request_type="generate_until",
            doc={},
            arguments=(prompt, limits | {"do_sample": False}),
            idx=i,
        )
        for i, prompt in enumerate(prompts)
    ]
    model.generate_until(requests[:1], disable_tqdm=True)
    started = time.perf_counter()
    answers = model.generate_until(requests, disable_tqdm=True)
    tokens = sum(len(model.tokenizer(answer)["input_ids"]) for answer in answers)
    return result(started, len(requests), tokens) | {"rows": options.rows}


def result(started: float, answers: int, tokens: int) -> dict[str, Any]:
    """Figures of one side."""
    seconds = time.perf_counter() - started
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return {"seconds": seconds, "answers": answers, "tokens": tokens, "peak_mb": peak / 1e6}


def dtype_of(options: argparse.Namespace) -> Any:
    """A dtype of torch, or ``auto``."""
    import torch

    return "auto" if options.dtype == "auto" else getattr(torch, options.dtype)


def device_of(options: argparse.Namespace) -> str:
    """The device that ``auto`` stands for."""
    import torch

    if options.device != "auto":
        return str(options.device)
    return "cuda" if torch.cuda.is_available() else "cpu"


SIDES: dict[str, Callable[[argparse.Namespace, Sequence[Path]], dict[str, Any]]] = {
    "ours": ours,
    "one-by-one": one_by_one,
    "lm-eval": lm_eval,
}


def run_side(side: str, *extra: str, python: str = sys.executable) -> dict[str, Any]:
    """Run one side in a process of its own, with the arguments of this one."""
    command = [python, __file__, *sys.argv[1:], *extra, "--side", side]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{side} failed:\n{done.stderr[-3000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    rate = figures["answers"] / figures["seconds"]
    print(
        f"  {side:<12} {figures['seconds']:8.1f} s   {rate:6.2f} answers/s   "
        f"{figures['tokens']:7d} tokens   peak {figures['peak_mb']:7.0f} MB",
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


COMPARISONS = {
    "one-by-one": compare_one_by_one,
    "lm-eval": compare_lm_eval,
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
