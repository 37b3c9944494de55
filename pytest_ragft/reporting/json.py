"""The result of a run as JSON, in the versioned form of report.schema.json."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pytest_ragft.atomic import write_atomically
from pytest_ragft.errors import RagftError
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.conclusion import conclude

SCHEMA = "pytest-ragft/report/2"
"""A field that is added keeps the number; one that is removed or means something else raises it."""

_TEXTS = "cases"
"""What of a result is no part of its report: questions and answers stay on the machine."""


def to_json(result: RunResult) -> str:
    """Every field of the result and the conclusion on each variant, as indented ASCII JSON.

    Fields stand in the order of the records, keys of mappings in alphabetical order. A number that
    is not finite becomes null.
    """
    plain = {f.name: _plain(getattr(result, f.name)) for f in fields(result) if f.name != _TEXTS}
    document = {"schema": SCHEMA, "conclusions": _plain(conclude(result)), **plain}
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def report_schema() -> dict[str, Any]:
    """The JSON schema that every report of this version satisfies."""
    text = files("pytest_ragft.reporting").joinpath("report.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def discard_report(path: Path) -> None:
    """Remove an earlier report: whoever reads one must not take it for that of this run.

    Raises:
        RagftError: the file is something else than a report, or cannot be removed.
    """
    target = Path(os.path.realpath(path))
    try:
        if not target.is_file():
            return
        if not _is_report(target):
            raise RagftError(
                f"--ragft-json: {str(path)!r} exists and is no report, so that it is not "
                "overwritten; name another file, or move this one away"
            )
        target.unlink()
    except OSError as error:
        raise RagftError(
            f"--ragft-json: the earlier report {str(path)!r} cannot be replaced "
            f"({error.strerror or error}); name a file that you may write to"
        ) from error


def _is_report(target: Path) -> bool:
    """Whether a file is empty or a report, be it cut off or of another version."""
    text = target.read_text(encoding="utf-8", errors="replace")
    return not text.strip() or '"schema": "pytest-ragft/report/' in text


def write_json(result: RunResult, path: Path) -> None:
    """Write the report so that `path` is at every moment the old report or the whole new one.

    Missing parent folders are made. Devices and pipes (``/dev/stdout``) are written directly.

    Raises:
        RagftError: the file cannot be written; the message gives path and remedy.
    """
    text = to_json(result)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_text(text, encoding="ascii")
        else:
            target = Path(os.path.realpath(path))  # a link stays, its target is written
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, text.encode("ascii"))
    except OSError as error:
        raise RagftError(
            f"--ragft-json: the report {str(path)!r} cannot be written "
            f"({error.strerror or error}); name a file in a folder that you may write to, "
            "on a disk with space left"
        ) from error


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value)}
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value
