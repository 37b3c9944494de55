"""From the name of a form, files and options to what its reader makes of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

from pytest_ragft.datasets.fields import Fields, suggest
from pytest_ragft.datasets.files import is_encoding
from pytest_ragft.datasets.formats import FORMATS, FormatFacts
from pytest_ragft.datasets.formats.port import READER, Format, QuestionSet
from pytest_ragft.errors import SuiteError

_SPLITS = {"train": "train", "training": "train", "dev": "validation", "val": "validation",
           "valid": "validation", "validation": "validation", "test": "test"}  # fmt: skip
_WORDS = re.compile(r"[^A-Za-z0-9]+")


def facts_of(name: str) -> FormatFacts:
    """What is known of a form.

    Raises:
        SuiteError: there is none of this name.
    """
    if name not in FORMATS:
        raise SuiteError(
            f"there is no such format{suggest(name, FORMATS)} (known: {', '.join(FORMATS)})"
        )
    return FORMATS[name]


def read_set(name: str, files: Sequence[Path], options: Mapping[str, object]) -> QuestionSet:
    """The questions and passages of files of a form.

    Args:
        name: of the form.
        files: Plain or gzip, at least one.
        options: Of the form; `columns`, for a form that has them, is a table.

    Raises:
        SuiteError: the form, an option or a file is wrong, or no question is left.
    """
    module = cast("Format", import_module(f"{__package__}.{facts_of(name).module}"))
    columns = ["columns"] if "columns" in options and "columns" not in module.OPTIONS else []
    if columns:
        raise SuiteError(f"[suite.columns]: the format {name!r} has no columns to name")
    given = Fields(options, where=READER, known=module.OPTIONS)
    if "encoding" in given and not is_encoding(given.text("encoding")):
        raise given.wrong("encoding", "no encoding of this name; such are utf-8, cp1252, utf-16")
    found = module.read(files, options)
    if not found.examples:
        shown = ", ".join(str(file) for file in files[:3])
        left = "; ".join(found.notes)
        raise SuiteError(f"{shown}: no question is left in {name} form{left and ': '}{left}")
    return found


def of_split(files: Sequence[Path], split: str | None, *, folder: Path | None) -> list[Path]:
    """The files of one split, told by a word of their path below `folder`.

    Without a split, all of them, but never training data together with what is held out.

    Args:
        files: of a folder or a data set.
        split: A word of their names, such as ``test``; `dev` and `validation` are the same.
        folder: Where the files were looked for; None where each was named.

    Raises:
        SuiteError: no file is of the split, or there are several splits and none is chosen.
    """
    by_split: dict[str, list[Path]] = defaultdict(list)
    for file in files:
        for word in _words(file, folder):
            by_split[word].append(file)
    names = ", ".join(sorted({_SPLITS[word] for word in by_split if word in _SPLITS}))
    if split is not None:
        wanted = split.lower()
        alike = {word for word, of in _SPLITS.items() if of == _SPLITS.get(wanted)} | {wanted}
        found = [file for file in files if alike & set(_words(file, folder))]
        if not found:
            known = f"; there are {names}" if names else "; no file name holds a split"
            raise SuiteError(f"{READER}: split = {split!r}: no file is of this split{known}")
        return found
    if folder is not None and "," in names:
        raise SuiteError(
            f"{READER}: the files are of several splits ({names}); choose one with split, or name "
            "the files"
        )
    return list(files)


def _words(file: Path, folder: Path | None) -> list[str]:
    name = file.relative_to(folder) if folder and file.is_relative_to(folder) else Path(file.name)
    return [word.lower() for word in _WORDS.split(str(name)) if word]
