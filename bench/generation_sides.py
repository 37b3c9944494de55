"""The sides that `generation.py` compares, each run in a process of its own."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

Requests = Sequence[Any]

PARTS = {
    "stretches": "+ in stretches, between which ended rows leave",
    "attention": "+ grouped attention",
    "folding": "+ the output layer's input as one matrix",
}


def read_requests(count: int) -> Requests:
    """`count` questions of the shipped suites in turn, with the passages retrieved for them."""
    from pytest_ragft.records import Prompt, Request
    from pytest_ragft.suite import load_suite
    from pytest_ragft.suite.opening import Access, open_retriever

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
    from pytest_ragft.models.identity import json_fingerprint

    requests = read_requests(options.questions)
    arms = open_arms(options, adapters)
    for arm in arms:
        arm.generate(requests[:1])
    started = Started()
    tokens, rows, texts = 0, 0, []
    for arm in arms:
        for batch in arm.cut(requests):
            answers = arm.generate([requests[i] for i in batch])
            tokens += sum(answer.completion_tokens for answer in answers)
            rows = max(rows, len(batch))
            texts += [answer.text for answer in answers]
    return result(started, len(texts), tokens) | {"rows": rows, "texts": json_fingerprint(texts)}


def ablated(options: argparse.Namespace, adapters: Sequence[Path]) -> dict[str, Any]:
    """`ours` with the first `options.parts` of `PARTS`, and for the rest what transformers does."""
    from pytest_ragft.generation import engine, hf

    here = tuple(PARTS)[: options.parts]
    if "stretches" not in here:
        hf.decode = generate_once  # type: ignore[assignment]
    if "attention" not in here:
        engine.use_grouped_attention = lambda model: None
    if "folding" not in here:
        engine._fold_head_input = lambda model: None
    return ours(options, adapters)


def generate_once(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    end_ids: Any,
    is_done: Any,
    sampling: None,
) -> list[Any]:
    """What `decode` does, as one call of transformers' `generate`."""
    import torch
    from transformers import GenerationConfig

    from pytest_ragft.generation.decoding import Row, _padded

    ids, mask = _padded(prompts, model.device)
    model.generation_config = GenerationConfig(
        max_new_tokens=max_new_tokens, do_sample=False, eos_token_id=list(end_ids), pad_token_id=0
    )
    with torch.inference_mode():
        out = model.generate(ids, attention_mask=mask)[:, ids.shape[1] :].tolist()
    rows = []
    for tokens in out:
        ends = [i for i, token in enumerate(tokens) if token in end_ids]
        rows.append(Row(tokens=tokens[: ends[0]] if ends else tokens, ended=bool(ends)))
    return rows


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
    started = Started()
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
    started = Started()
    answers = model.generate_until(requests, disable_tqdm=True)
    tokens = sum(len(model.tokenizer(answer)["input_ids"]) for answer in answers)
    return result(started, len(requests), tokens) | {"rows": options.rows}


@dataclass(frozen=True, slots=True)
class Started:
    """When a side began, by the clock and by its own processor time."""

    clock: float = field(default_factory=time.perf_counter)
    processor: float = field(default_factory=time.process_time)


def result(started: Started, answers: int, tokens: int) -> dict[str, Any]:
    """Figures of one side."""
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "seconds": time.perf_counter() - started.clock,
        "processor": time.process_time() - started.processor,
        "answers": answers,
        "tokens": tokens,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6,
    }


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
    "ablated": ablated,
    "one-by-one": one_by_one,
    "lm-eval": lm_eval,
}
