"""From the name of a form, files and options to what its reader makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

from pytest_ragft.datasets.fields import Fields, suggest
from pytest_ragft.datasets.files import is_encoding
from pytest_ragft.datasets.formats import FORMATS, FormatFacts
from pytest_ragft.datasets.formats.port import READER, Format, QuestionSet
from pytest_ragft.errors import SuiteError


def facts_of(name: str) -> FormatFacts:
    """What is known of a form.

    Raises:
        SuiteError: there is none of this name.
    """
    if name not in FORMATS:
        raise SuiteError(
            f"there is no format {name!r}{suggest(name, FORMATS)} (known: {', '.join(FORMATS)})"
        )
    return FORMATS[name]


def read_set(
    name: str, files: Sequence[Path], options: Mapping[str, object], *, also: Sequence[str] = ()
) -> QuestionSet:
    """The questions and passages of files of a form.

    Args:
        name: of the form.
        files: Plain or gzip, at least one.
        options: Of the form; `columns`, for a form that has them, is a table.
        also: Options that whoever calls has read, for messages.

    Raises:
        SuiteError: the form, an option or a file is wrong, or no question is left.
    """
    module = cast("Format", import_module(f"{__package__}.{facts_of(name).module}"))
    columns = ["columns"] if "columns" in options and "columns" not in module.OPTIONS else []
    if columns:
        raise SuiteError(f"[suite.columns]: the format {name!r} has no columns to name")
    given = Fields(options, where=READER, known=(*module.OPTIONS, *also))
    if "encoding" in given and not is_encoding(given.text("encoding")):
        raise given.wrong("encoding", "no encoding of this name; such are utf-8, cp1252, utf-16")
    found = module.read(files, options)
    if not found.examples:
        shown = ", ".join(str(file) for file in files[:3])
        left = "; ".join(found.notes)
        raise SuiteError(f"{shown}: no question is left in {name} form{left and ': '}{left}")
    return found
