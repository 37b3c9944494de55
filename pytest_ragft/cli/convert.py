"""`ragft convert`: question sets in the forms of their makers, made into suites."""

from __future__ import annotations

import argparse
import shlex
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_ragft.cli.place import write_lines
from pytest_ragft.datasets.formats import FORMATS
from pytest_ragft.datasets.formats.columns import COLUMNS
from pytest_ragft.datasets.formats.opening import facts_of
from pytest_ragft.datasets.formats.port import READER, QuestionSet
from pytest_ragft.datasets.jsonl import read_passages
from pytest_ragft.drafting.folder import SuiteFolder
from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.numbers import count
from pytest_ragft.records import Passage
from pytest_ragft.reporting.progress import progress_to
from pytest_ragft.suite import load_suite
from pytest_ragft.suite.finding import SUITE_FILE
from pytest_ragft.suite.sources import read_places

_COMMAND = "ragft convert"
_UNREFERENCED = (
    "no question has a reference answer, so that they serve retrieval alone; read them in place "
    "with format = {name!r} in a suite.toml"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.epilog = (
        "A suite can also read such files in place, with format and path in its suite.toml. What "
        "is left out or read otherwise than it stands is said with counts."
    )
    parser.add_argument("format", nargs="?", metavar="FORMAT", help="one of those of --list")
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="file, folder, glob in quotes, or hf:ORG/NAME for a data set of the Hub",
    )
    parser.add_argument("--list", action="store_true", help="show the formats and end")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="the suite's new folder, which names it"
    )
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an option of the format, such as split=test or encoding=cp1252; repeatable",
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="the column that holds a field, such as references=Answer; repeatable",
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        metavar="FILE",
        help="passages, in place of those that the files bring along",
    )
    parser.add_argument(
        "--files",
        action="append",
        default=[],
        metavar="PATTERN",
        help="files of a data set of the Hub (default: all of the format); repeatable",
    )
    parser.add_argument(
        "--revision", metavar="NAME", help="of a data set of the Hub (default: its newest)"
    )
    parser.add_argument(
        "--offline", action="store_true", help="take data sets of the Hub from its cache alone"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the suite; 0 when it is there.

    Raises:
        InputError: arguments are wrong, or something else stands in the folder.
        SuiteError: files are wrong; nothing is written then.
    """
    if arguments.list:
        write_lines(_listed())
        return 0
    for name, given in (
        ("FORMAT", arguments.format), ("PATH", arguments.paths), ("--out", arguments.out),
    ):  # fmt: skip
        if not given:
            raise InputError(f"{name} is missing; see ragft convert --help")
    facts_of(arguments.format)
    folder = SuiteFolder(arguments.out, _COMMAND)
    found = _read(arguments)
    if not any(example.references or not example.answerable for example in found.examples):
        raise InputError(f"{arguments.paths[0]}: {_UNREFERENCED.format(name=arguments.format)}")
    passages = found.passages if arguments.corpus is None else read_passages(arguments.corpus)
    if not passages:
        raise InputError(
            f"{arguments.format} files bring no passages along; name them with --corpus=FILE, one "
            'JSON object a line with "_id", "title" and "text"'
        )
    folder.write_suite(found.examples, passages)
    load_suite(folder.path / SUITE_FILE)
    write_lines(_told(found, passages, folder.path))
    return 0


def _read(arguments: argparse.Namespace) -> QuestionSet:
    paths, options = arguments.paths, options_of(arguments)
    with progress_to(sys.stderr).phase(f"reading {arguments.format}", len(paths), "paths") as phase:
        try:
            found = read_places(
                arguments.format,
                paths,
                options,
                folder=Path(),
                files=arguments.files,
                revision=arguments.revision,
                offline=arguments.offline,
            )
        except SuiteError as error:
            # The same options, by the names that they have here.
            said = str(error).replace(f"{COLUMNS} ", "--column ").replace(READER, "--option")
            raise InputError(said) from error
        phase.advance(len(paths))
    return found


def options_of(arguments: argparse.Namespace) -> Mapping[str, object]:
    """The options of a form that ``--option`` and ``--column`` give."""
    options = dict(_pair(text, "--option") for text in arguments.option)
    if arguments.column:
        options["columns"] = dict(_pair(text, "--column") for text in arguments.column)
    return options


def _pair(text: str, option: str) -> tuple[str, object]:
    """A key and its value, as TOML where it is a truth value, a number, a table or in quotes."""
    key, equals, value = text.partition("=")
    if not key.strip() or not equals:
        raise InputError(f"{option}={text!r}: give it as KEY=VALUE")
    if value.startswith(("{", '"', "[")) or value in ("true", "false") or value.isdecimal():
        try:
            return key.strip(), tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{option}={text!r}: not a value of TOML: {error}") from None
    return key.strip(), value


def _listed() -> list[str]:
    lines, width = [], max(map(len, FORMATS)) + 2
    for name, facts in FORMATS.items():
        lines += [
            f"{name:{width}}{facts.what}",
            f"{'':{width}}{facts.source}; licence: {facts.licence}",
        ]
    return lines


def _told(found: QuestionSet, passages: Sequence[Passage], folder: Path) -> list[str]:
    examples, where = found.examples, shlex.quote(str(folder))
    unanswerable = sum(not example.answerable for example in examples)
    documents = {example.document for example in examples} - {None}
    types = Counter(example.type for example in examples if example.type is not None)
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in types.most_common())
    return [
        f"{folder}: {count(len(examples), 'question')} ({unanswerable:,} unanswerable) on "
        f"{count(len(documents), 'document')}, {count(len(passages), 'passage')}",
        *([f"types: {kinds}"] if kinds else []),
        *found.notes,
        "",
        f"  pytest {where} --ragft-model=MODEL       # the verdict",
    ]
