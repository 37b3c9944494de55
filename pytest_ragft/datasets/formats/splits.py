"""Files of one split of a data set, told by their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pytest_ragft.datasets.formats.port import READER
from pytest_ragft.errors import SuiteError

_SPLITS = {"train": "train", "training": "train", "dev": "validation", "val": "validation",
           "valid": "validation", "validation": "validation", "test": "test"}  # fmt: skip
_WORDS = re.compile(r"[^A-Za-z0-9]+")


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
