"""`ragft finetune`: a base and a question set, made into an adapter that the gate can load."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from pytest_ragft.cli.convert import options_of
from pytest_ragft.cli.finetune_arguments import add_data, add_recipe
from pytest_ragft.cli.place import write_lines
from pytest_ragft.cli.searching import add_retrieval_arguments, searching
from pytest_ragft.errors import InputError, require_packages
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.numbers import count, seconds
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.suite import Suite, load_suites, suites_at

_PACKAGES = ("torch", "transformers", "peft", "accelerate", "safetensors")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "Questions are shown as the suite shows them when it is gated, byte for byte, and the loss "
        "is on the answer alone. What is wrong with the pairs is found before anything is trained. "
        "A training that was stopped goes on when the same command is given again."
    )
    parser.add_argument(
        "source", nargs="+", metavar="PATH", help="a suite; with --format, its files or folders"
    )
    parser.add_argument(
        "--base", required=True, metavar="SPEC", help="model folder, or its name on the Hub"
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="of the trained model"
    )
    parser.add_argument(
        "--replace", action="store_true", help="replace a trained model that stands there"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show counts, tokens, steps and the time it takes"
    )
    parser.add_argument(
        "--familiarity",
        action="store_true",
        help="say before the training how familiar the answers are to the base: their perplexity, "
        "and that after answers of its own",
    )
    add_data(parser)
    add_recipe(parser)
    add_retrieval_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train and write; 0 when the model is there, 1 where the pairs have errors.

    Raises:
        RagftError: base, questions or recipe cannot be used, or the training fails.
    """
    require_packages(*_PACKAGES, extra="finetune", purpose="fine-tuning a model")
    from pytest_ragft.finetuning.answers import answering
    from pytest_ragft.finetuning.base import open_base
    from pytest_ragft.finetuning.run import expect_place, finetune, prepare
    from pytest_ragft.finetuning.sources import retrieving

    recipe = _recipe(arguments)
    expect_place(arguments.out, replace=arguments.replace)
    suite, gated, taught = _suites(arguments)
    base = open_base(arguments.base)
    with searching(arguments, [suite.path]) as (access, store):
        ask = answering(store, environ=os.environ, progress=progress_to(sys.stderr))
        made = prepare(suite, recipe, base, retrieving(access, store), gated, ask=ask)
    named = suite.name if arguments.format is None else Path(arguments.source[0]).name
    source = f"{named} ({arguments.format or 'suite'})"
    write_lines(_told(made, recipe, base.name, source, gated=bool(gated)))
    if any(fault.severity == "error" for fault in made.faults) and not arguments.force:
        write_lines(["nothing was trained; mend the pairs, or --force it"], sys.stderr)
        return 1
    told = _tell_familiarity if arguments.familiarity else None
    if arguments.dry_run:
        write_lines(_time(made, recipe, base, told))
        return 0
    trained = finetune(
        made,
        recipe,
        base,
        arguments.out,
        source=source,
        suites=taught,
        progress=progress_to(sys.stderr),
        replace=arguments.replace,
        on_familiarity=told,
    )
    out = shlex.quote(str(arguments.out))
    write_lines(
        [
            f"{arguments.out}: loss {trained.loss_start:.3f} → {trained.loss_end:.3f} in "
            f"{count(trained.steps, 'step')} and {seconds(trained.seconds)}",
            f"gate it: pytest SUITES --ragft-model={out}"
            + ("" if recipe.method != "full" else f" --ragft-baseline={arguments.base}"),
        ]
    )
    return 0


def _recipe(arguments: argparse.Namespace) -> Recipe:
    given = {f.name: getattr(arguments, f.name) for f in fields(Recipe)}
    try:
        return Recipe(**given)
    except ValueError as error:
        name, _, said = str(error).partition(" = ")
        raise InputError(f"--{name.replace('_', '-')}={said}") from None


def _suites(arguments: argparse.Namespace) -> tuple[Suite, list[Suite], list[str]]:
    """The questions to teach, the suites in which they may not stand, and those that are taught."""
    from pytest_ragft.finetuning.sources import one_suite, suite_of_form

    files = {file.resolve(): file for path in arguments.gated for file in _files(path)}
    like = None if arguments.like is None else one_suite(arguments.like, "--like")
    if like is not None:
        files.setdefault(like.path.resolve(), like.path)
    gated = list(load_suites(list(files.values())))
    if arguments.format is None:
        for option in ("option", "column", "like"):
            if getattr(arguments, option):
                raise InputError(f"--{option}: is of files in a form; name that with --format")
        if len(arguments.source) > 1:
            raise InputError(f"{arguments.source[1]!r}: one suite is trained on at a time")
        suite = one_suite(Path(arguments.source[0]), "PATH")
        return suite, gated, [suite.name]
    suite = suite_of_form(arguments.format, arguments.source, options_of(arguments), like)
    return suite, gated, [] if like is None else [like.name]


def _files(path: Path) -> list[Path]:
    files = suites_at(path)
    if not files:
        raise InputError(f"--gated={str(path)!r}: no suite.toml lies there")
    return files


def _told(made: Any, recipe: Recipe, base: str, source: str, *, gated: bool) -> Sequence[str]:
    from pytest_ragft.finetuning.training import steps_of

    pairs, held = len(made.rows), len(made.development)
    lines = [
        f"{base}, {recipe.method} on {count(pairs, 'pair')} of {source}, {recipe.form}"
        + (f"; {held:,} more in the development part" if held else "; no development part"),
        f"{made.tokens:,} tokens an epoch, {made.taught:,} of them taught; "
        f"{count(steps_of(pairs, recipe), 'step')}",
        *made.parts.training.notes,
        *(fault.line for fault in made.faults),
    ]
    if not gated:
        lines.append("not looked for in suites that are to be gated: name them with --gated")
    return lines


def _tell_familiarity(found: Any) -> None:
    write_lines([found.line])


def _time(made: Any, recipe: Recipe, base: Any, told: Callable[[Any], None] | None) -> list[str]:
    from pytest_ragft.finetuning.run import Look
    from pytest_ragft.finetuning.training import seconds_a_step, steps_of

    look = None if told is None else Look(made, recipe, base, told)
    steps, each = steps_of(len(made.rows), recipe), seconds_a_step(made.rows, recipe, base, look)
    return [
        f"about {seconds(steps * each)} here: {each:.2f} s a step, measured on two; nothing was "
        "written"
    ]
