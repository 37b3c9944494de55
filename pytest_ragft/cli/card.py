"""`ragft card`: a run's verdicts as a section and metadata of a model card."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ragft.cli.place import write_output
from pytest_ragft.errors import InputError, MissingDependencyError
from pytest_ragft.evaluation.evaluation import RETRIEVAL
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.conclusion import variant_names
from pytest_ragft.reporting.json import read_report
from pytest_ragft.reporting.model_card import card_section, evaluations, with_section

if TYPE_CHECKING:
    from huggingface_hub import ModelCard

_OURS = "pytest-ragft"
"""Type of our datasets, by which an earlier run's results are told from others."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "The card gets a section between two marks and entries under model-index; an earlier "
        "section and earlier entries of this tool are replaced, and all else stays. No question "
        "or answer stands in it."
    )
    parser.add_argument("run", type=Path, metavar="RUN.json", help="the JSON report of a run")
    parser.add_argument("--variant", metavar="NAME", help="one of several")
    parser.add_argument(
        "--out",
        default="-",
        metavar="README.md",
        help="the card, made where it is not there (default: stdout)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the card; 0 when it is written.

    Raises:
        InputError: there is no such run or variant, or the card cannot be read or written.
        MissingDependencyError: huggingface_hub is not installed.
    """
    result = read_report(arguments.run)
    variant = _variant(result, arguments.variant)
    earlier = "" if arguments.out == "-" else _text(Path(arguments.out))
    card = _card(earlier, arguments.out)
    others = [each for each in card.data.eval_results or [] if each.dataset_type != _OURS]
    card.data.eval_results = [*others, *_results(result, variant)] or None
    card.data.model_name = card.data.get("model_name") or variant
    card.text = with_section(card.text, card_section(result, variant))
    write_output(arguments.out, str(card), "--out")
    return 0


def _variant(result: RunResult, name: str | None) -> str:
    names = [each for each in variant_names(result) if each != RETRIEVAL]
    if name is None and len(names) == 1:
        return names[0]
    if name in names:
        return str(name)
    there = ", ".join(names) or "none"
    if name is None:
        raise InputError(f"the run has the variants {there}; name one with --variant=NAME")
    raise InputError(f"--variant={name}: not in this run; it has {there}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise InputError(
            f"--out={str(path)!r}: the card cannot be read ({why}); mend it, or name another file"
        ) from error


def _card(text: str, path: str) -> ModelCard:
    hub = _hub()
    try:
        # Without metadata it warns.
        return hub.ModelCard(text if text.lstrip().startswith("---") else f"---\n{{}}\n---\n{text}")
    except Exception as error:
        raise InputError(
            f"--out={path!r}: its metadata cannot be read ({error}); mend it, or name another file"
        ) from error


def _results(result: RunResult, variant: str) -> list[Any]:
    return [_hub().EvalResult(**values) for values in evaluations(result, variant)]


def _hub() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingDependencyError(
            "huggingface_hub", extra="hf", purpose="a model card"
        ) from error
    return huggingface_hub
