"""The tiny model and its adapters, made once a process, and requests to put to it."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fixtures.make_tiny import make_tiny_adapter, make_tiny_model
from pytest_ragft.generation.factory import open_generators
from pytest_ragft.generation.hf import HFGenerator
from pytest_ragft.generation.port import Generator
from pytest_ragft.generation.settings import GenerationSettings
from pytest_ragft.generation.source import VariantSpec
from pytest_ragft.quiet import quiet_libraries
from pytest_ragft.records import Passage, Prompt, Request

_SUBJECTS = ("bridge", "river", "tower", "clock", "ferry", "museum", "bells", "stone", "hive")
_PLACES = ("in the north", "by the lake", "near the town hall", "in a field")


@cache
def tiny_folder() -> Path:
    """A folder with model, other-model, alive, second, noop and unnamed (no ragft.json)."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from transformers.utils import logging

    torch.set_num_threads(1)
    logging.disable_progress_bar()
    folder = Path(tempfile.mkdtemp(prefix="ragft-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    model = make_tiny_model(folder / "model")
    make_tiny_model(folder / "other-model", seed=7)
    make_tiny_adapter(folder / "alive", model)
    make_tiny_adapter(folder / "second", model, seed=2)
    make_tiny_adapter(folder / "noop", model, zero=True)
    make_tiny_adapter(folder / "unnamed", model, seed=3, identity=False)
    return folder


def copy_of(name: str, target: Path) -> Path:
    """A copy of one of the folders, to be changed."""
    shutil.copytree(tiny_folder() / name, target)
    return target


def foreign_model(folder: Path, config: str, **settings: Any) -> Path:
    """A folder of random weights in another architecture of transformers, with the tiny tokenizer.

    Args:
        folder: The folder to make.
        config: Name of a class of configurations, such as ``T5Config``.
        settings: Of the configuration.
    """
    import torch
    import transformers

    shutil.copytree(tiny_folder() / "model", folder)
    made = getattr(transformers, config)(vocab_size=640, **settings)
    torch.manual_seed(0)
    with quiet_libraries():
        auto = "AutoModelForSeq2SeqLM" if made.is_encoder_decoder else "AutoModelForCausalLM"
        model = getattr(transformers, auto).from_config(made)
        model.save_pretrained(folder)
    return folder


def open_tiny(
    *variants: Path | str,
    baseline: Path | str | None = None,
    base: Path | None = None,
    wants_baseline: bool = True,
    settings: GenerationSettings | None = None,
    offline: bool = True,
) -> dict[str, Generator]:
    """Generators of the variants, named v0, v1, …, and of the baseline, on one suite."""
    opened = open_generators(
        [VariantSpec(name=f"v{i}", spec=str(path)) for i, path in enumerate(variants)],
        baseline=None if baseline is None else str(baseline),
        wants_baseline=wants_baseline,
        base=base,
        options={"suite": settings or GenerationSettings(max_new_tokens=24)},
        offline=offline,
    )
    return {name: generator for (name, _), generator in opened.items()}


def tiny_models(*variants: Path, **options: Any) -> list[HFGenerator]:
    """Generators on models, the variants' and then the baseline's; options of `open_tiny`."""
    opened = open_tiny(*variants, **options)
    generators = [g for g in opened.values() if isinstance(g, HFGenerator)]
    assert len(generators) == len(opened)
    return generators


def tiny_model(folder: Path, **settings: Any) -> HFGenerator:
    """The one generator of a full model."""
    made = GenerationSettings(**({"max_new_tokens": 24} | settings))
    (generator,) = tiny_models(folder, wants_baseline=False, settings=made)
    return generator


def rewrite(
    folder: Path, change: Callable[[dict[str, Any]], None], file: str = "model.safetensors"
) -> Path:
    """Change the tensors in a file of a folder."""
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / file)
    change(tensors)
    save_file(tensors, folder / file)
    return folder


def tiny_requests(count: int = 12, *, passages: int = 3) -> list[Request]:
    """Questions with passages of different lengths."""
    return [
        Request(
            suite="suite",
            id=f"q{i}",
            prompt=Prompt(
                system="Answer from the context only.",
                user="Context:\n{context}\n\nQuestion: {question}",
                question=f"Who built the {_SUBJECTS[i % 9]} {_PLACES[i % 4]}, and when?",
                passages=tuple(_passage(i, j) for j in range(passages)),
            ),
        )
        for i in range(count)
    ]


def answer_all(generator: Generator, requests: Sequence[Request]) -> list[str]:
    """The texts of all answers, in the order of the requests, batch by batch."""
    texts = [""] * len(requests)
    for batch in generator.cut(requests):
        answers = generator.generate([requests[i] for i in batch])
        for i, answer in zip(batch, answers, strict=True):
            assert answer.error is None, answer.error
            texts[i] = answer.text
    return texts


def _passage(i: int, j: int) -> Passage:
    words = [_SUBJECTS[(i * 5 + j + k) % 9] for k in range(4 + (7 * i + 3 * j) % 23)]
    return Passage(id=f"p{i}-{j}", title=f"Note {j}", text=f"The {' and the '.join(words)}.")
