"""The result of a run as JSON, in the versioned form of report.schema.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from pytest_ragft.errors import InputError, described
from pytest_ragft.records import RunResult
from pytest_ragft.reporting.by_suite import suite_matrices
from pytest_ragft.reporting.conclusion import conclude
from pytest_ragft.reporting.questions import ReportedCases, Texts, questions_to_plain

SCHEMA = "pytest-ragft/report/2"
"""A field that is added keeps the number; one that is removed or means something else raises it."""

_EMPTY = "[]\n}"
# The field of a result that a report holds as ``questions``, with texts as the user chose.
_TEXTS = "cases"


def to_json(result: RunResult, texts: Texts = "full") -> str:
    """Every field of the result and the conclusion on each variant, as indented ASCII JSON.

    Fields stand in the order of the records, keys of mappings in alphabetical order. A number that
    is not finite becomes null. Each question takes one line.

    Args:
        result: of the run.
        texts: how much of questions, passages and answers is in it.
    """
    plain = {f.name: _plain(getattr(result, f.name)) for f in fields(result) if f.name != _TEXTS}
    document = {
        "schema": SCHEMA,
        "conclusions": _plain(conclude(result)),
        "by_suite": _by_suite(result),
        **plain,
        "texts": texts,
        "questions": [],
    }
    head = json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
    questions = ",\n    ".join(
        json.dumps(question, ensure_ascii=True, allow_nan=False)
        for question in questions_to_plain(result, texts)
    )
    # The last member of the document, so that it is opened at its end.
    return f"{head[: -len(_EMPTY)]}[\n    {questions}\n  ]\n}}\n" if questions else f"{head}\n"


def _by_suite(result: RunResult) -> list[dict[str, Any]]:
    """The cells of the matrices, with the worst one marked."""
    return [
        {
            "metric": of.metric,
            "suite": suite,
            "variant": name,
            "baseline_mean": _plain(move.baseline),
            "variant_mean": _plain(move.variant),
            "difference": _plain(move.difference),
            "n": move.n,
            "worst": of.worst == (suite, name),
            "trained": (suite, name) in of.trained,
        }
        for of in suite_matrices(result)
        for suite, row in of.rows.items()
        for name, move in row.items()
    ]


def read_report(path: Path) -> RunResult:
    """The result that a JSON report of any run holds, with its questions.

    Raises:
        InputError: there is no such file, or it is no report of this version.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        schema = document["schema"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        why = error.strerror if isinstance(error, OSError) else f"no whole report ({error})"
        raise InputError(f"{str(path)!r}: {why}; make one with --ragft-json={path.name}") from error
    if schema != SCHEMA:
        raise InputError(
            f"{str(path)!r}: a report of the form {schema!r}, this version reads {SCHEMA!r}; gate "
            "again with --ragft-json, or read it with the version that wrote it"
        )
    try:
        result: RunResult = _reader().structure(document, RunResult)
        cases = ReportedCases(document.get("questions", []), document.get("texts", "full"))
        for key in cases:
            cases[key]  # so that a damaged one shows here
        return replace(result, cases=cases)
    except Exception as error:  # cattrs raises groups of whatever the records raise
        raise InputError(
            f"{str(path)!r}: a damaged report ({_why(error)}); gate again with --ragft-json"
        ) from error


def _why(error: Exception) -> str:
    from cattrs import ClassValidationError, transform_error

    if isinstance(error, ClassValidationError):
        return transform_error(error)[0]
    return described(error)


def _reader() -> Any:
    """Reads what `_plain` has written."""
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn, override

    reader = Converter()
    reader.register_structure_hook(float, lambda value, _: math.nan if value is None else value)
    # They are read on demand, from a form of their own.
    without_cases = make_dict_structure_fn(RunResult, reader, cases=override(omit=True))
    reader.register_structure_hook(RunResult, without_cases)
    return reader


def report_schema() -> dict[str, Any]:
    """The JSON schema that every report of this version satisfies."""
    text = files("pytest_ragft.reporting").joinpath("report.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


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
