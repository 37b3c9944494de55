"""The `ragft` command: what does not need pytest. One subcommand a module."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

from pytest_ragft.cli.examples import EXAMPLES, MAIN, HelpFormatter, with_examples
from pytest_ragft.errors import RagftError

COMMANDS = {
    "example": "write a small suite with recorded answers, to see a verdict",
    "import": "make a suite of a table of questions and a folder of documents",
    "convert": "make a suite of questions in a form of their makers, such as SQuAD or CSV",
    "plan": "say what suites can decide, and how many questions it takes, before any computing",
    "finetune": "train a base on a question set, into an adapter that the gate can load",
    "study": "train a grid of recipes, gate each against its base, and say what they show",
    "show": "show a question of a run: what was retrieved, answered and scored",
    "report": "render a past run as HTML, Markdown, JSON or text",
    "compare": "show what changed between two runs",
    "card": "write a run's verdicts into a model card",
    "check": "look for what makes a verdict on suites worth less, such as leaked questions",
    "index": "list, build and prune the Elasticsearch indices that the tool makes",
    "retrieve": "show what is retrieved for a question, with scores",
    "judge": "score answers outside any gate",
    "label": "draw a blinded sample of answers for people to label",
    "calibrate": "measure how far a judge agrees with human labels",
}
"""Subcommands and their one-line help; each is a module here with `add_arguments` and `run`."""

_MODULES = {"import": "import_"}
"""Of commands that are words of Python, in which no module can be asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 1 failed, 2 wrong usage.

    A command's module is imported only when it is asked for.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parsed = parser_of(given).parse_args(given)
    from pytest_ragft.gating.environment import check_environment

    try:
        check_environment(os.environ)
        return int(_module(parsed.command).run(parsed))
    except RagftError as error:
        print(f"ragft {parsed.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; nothing more may be flushed to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser_of(given: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of a command line; it knows the arguments of the command that is given, alone."""
    parser = argparse.ArgumentParser(
        prog="ragft",
        description="Tools around the gate; the gate itself is pytest with suites.",
        epilog=with_examples(None, MAIN),
        formatter_class=HelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"pytest-ragft {version('pytest-ragft')}"
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        subparser = subparsers.add_parser(
            name,
            help=text,
            description=f"{text[:1].upper()}{text[1:]}.",
            formatter_class=HelpFormatter,
        )
        if given[:1] == [name]:
            _module(name).add_arguments(subparser)
            subparser.epilog = with_examples(subparser.epilog, EXAMPLES.get(name, ()))
    return parser


def _module(command: str) -> ModuleType:
    return import_module(f"pytest_ragft.cli.{_MODULES.get(command, command)}")
