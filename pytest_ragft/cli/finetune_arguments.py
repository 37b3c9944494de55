"""The arguments of `ragft finetune`: what is taught, and how it is trained."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from pytest_ragft.finetuning.recipe import DTYPES, FORMS, METHODS, PEOPLE, TARGETS, Recipe
from pytest_ragft.option_types import argument_type, positive_integer


def add_data(parser: argparse.ArgumentParser) -> None:
    """What is taught."""
    group = parser.add_argument_group("what is taught")
    group.add_argument(
        "--form", choices=tuple(FORMS), default="closed-book", help=_listed(FORMS, "closed-book")
    )
    group.add_argument(
        "--absent",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="of the pairs with distractors, shown no relevant passage (default: 0.2)",
    )
    group.add_argument(
        "--abstention",
        default="",
        metavar="TEXT",
        help="taught where no passage holds the answer, or the question has none (default: such "
        "pairs keep the answer, such questions are left out)",
    )
    group.add_argument(
        "--target",
        default=PEOPLE,
        metavar="WHOSE",
        help=f"{_listed(TARGETS, PEOPLE)}; or another model's answers, recorded (FILE.jsonl) or "
        "served (openai:NAME@URL). What the judge finds wrong is not taught, but the reference",
    )
    group.add_argument(
        "--mix",
        default="",
        metavar="FILE",
        help="general training data (chat messages, prompt and completion, …) to train on besides, "
        "so that less is forgotten",
    )
    group.add_argument(
        "--mix-share",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="of all that is trained on (default: 0.2)",
    )
    group.add_argument(
        "--size",
        type=argument_type(positive_integer),
        metavar="N",
        help="pairs of the questions to train on (default: all)",
    )
    group.add_argument(
        "--development",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="of the documents, not trained on: ends the training early (default: 0.1; 0: none)",
    )
    group.add_argument(
        "--gated",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="suites that are to be gated: none of their questions may be taught; repeatable",
    )
    group.add_argument(
        "--force",
        action="store_true",
        help="train although pairs have errors; those without a target, or beyond the window, are "
        "left out",
    )
    group.add_argument(
        "--format", metavar="NAME", help="form of the files, one of ragft convert --list"
    )
    group.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="of the form; repeatable"
    )
    group.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="the column that holds a field; repeatable",
    )
    group.add_argument(
        "--like",
        type=Path,
        metavar="SUITE",
        help="with --format: the suite whose prompt, retrieval and decoding are taken; "
        "it counts as --gated",
    )


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """How it is trained."""
    group = parser.add_argument_group("how it is trained")
    group.add_argument(
        "--method", choices=tuple(METHODS), default="lora", help=_listed(METHODS, "lora")
    )
    whole = argument_type(positive_integer)
    numbers: tuple[tuple[str, Callable[[str], Any], str, str], ...] = (
        ("epochs", whole, "N", "passes over the pairs"),
        ("batch", whole, "N", "pairs a step"),
        ("rank", whole, "N", "of LoRA"),
        ("alpha", whole, "N", "of LoRA"),
        ("dropout", float, "SHARE", "of LoRA"),
        ("virtual_tokens", whole, "N", "of prompt and prefix"),
        ("warmup", float, "SHARE", "of the steps in which the learning rate rises"),
        ("patience", int, "N", "looks without a lower development loss that end it; 0: none"),
        ("seed", int, "N", "of draws, first weights and order"),
    )
    defaults = {field.name: field.default for field in fields(Recipe)}
    for name, kind, shown, text in numbers:
        group.add_argument(
            f"--{name.replace('_', '-')}",
            type=kind,
            default=defaults[name],
            metavar=shown,
            help=f"{text} (default: {defaults[name]})",
        )
    group.add_argument(
        "--learning-rate", type=float, metavar="RATE", help="(default: 2e-4; full 2e-5; "
        "prompt and prefix 1e-2)",
    )  # fmt: skip
    group.add_argument("--rslora", action="store_true", help="scale by alpha / √rank")
    group.add_argument(
        "--targets",
        type=_names,
        default=(),
        metavar="NAME,…",
        help="modules, or all-linear (default: peft's choice for the architecture)",
    )
    group.add_argument(
        "--layers", type=_layers, default=(), metavar="N,N-N", help="from 0; of the method layers"
    )
    group.add_argument(
        "--dtype", choices=DTYPES, default="auto", help="of the base (default: its own)"
    )
    group.add_argument(
        "--checkpointing", action="store_true", help="compute twice, which saves memory"
    )


def _listed(texts: Any, default: str) -> str:
    return "; ".join(f"{name}: {text}" for name, text in texts.items()) + f" (default: {default})"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in map(str.strip, text.split(",")) if name)


def _layers(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in _names(text):
        first, _, last = part.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise argparse.ArgumentTypeError(f"{text!r}: give layers as 0,3 or 24-29")
        found.update(range(int(first), int(last or first) + 1))
    return tuple(sorted(found))
