"""inspect_ai: its logs, ``.eval`` (a ZIP archive with one JSON file a sample) and ``.json``.

Epochs are several draws of a sample. A run that did not end lacks samples of some questions, which
is told where they are missing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

from pytest_ragft.datasets.formats.json_files import read_document
from pytest_ragft.datasets.logs.files import Record, objects
from pytest_ragft.datasets.logs.port import (
    LoggedAnswer,
    answered,
    ids_of,
    prompt_text,
    record,
    said_in,
    texts_of,
)
from pytest_ragft.errors import MissingDependencyError, SuiteError, reason_of
from pytest_ragft.records import Answer

KEYS = frozenset({"eval", "status", "samples"})


def read(path: Path) -> Iterator[LoggedAnswer]:
    """The answers of a log."""
    zipped = path.suffix.lower() == ".eval"
    samples = _members(path) if zipped else objects(read_document(path), path, "samples")
    for where, sample in sorted(samples, key=_epoch):
        metadata = sample.get("metadata")
        values = metadata if isinstance(metadata, Mapping) else {}
        asked = sample.get("input")
        yield LoggedAnswer(
            where=where,
            answer=_answer(where, sample),
            ids=(str(sample.get("id")), *ids_of(values)),
            texts=texts_of([asked, *values.values()]),
            prompt=prompt_text(asked),
        )


def _epoch(sample: Record) -> int:
    epoch = sample[1].get("epoch")
    return epoch if isinstance(epoch, int) else 1


def _answer(where: str, sample: Mapping[str, object]) -> Answer:
    error = sample.get("error")
    match sample.get("output"):
        case {"choices": [{"message": message, **choice}, *_]} if not error:
            return said_in(message, where, finish=choice.get("stop_reason"))
        case {"error": str(said)}:
            error = error or said
    return answered(None, where, error=error or "the sample has no output")


def _members(path: Path) -> Iterator[Record]:
    zipfile = _zipfile()
    name = repr(str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if member.startswith("samples/"):
                    where = f"{name}, {member}"
                    yield where, record(json.loads(archive.read(member)), where)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if isinstance(error, SuiteError):
            raise
        raise SuiteError(
            f"{name}: not a log of inspect_ai: {reason_of(error)}; copy it whole, or convert it "
            "with 'inspect log convert --to json'"
        ) from None


def _zipfile() -> ModuleType:
    """The standard library's from Python 3.14 on, which knows Zstandard; else its backport."""
    if sys.version_info >= (3, 14):
        import zipfile

        return zipfile
    try:
        from backports.zstd import zipfile
    except ImportError as error:
        raise MissingDependencyError(
            "backports.zstd", extra="data", purpose="reading a log of inspect_ai"
        ) from error
    found: ModuleType = zipfile
    return found
