"""What GitHub Actions takes beside files: annotations, and the summary of a job.

A command is a line that begins with ``::``. Nothing else that is printed can be one (`harmless`),
and in these the data of others is escaped as the service's own toolkit does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from pytest_ragft.errors import RagftError
from pytest_ragft.records import GateResult, RunResult
from pytest_ragft.reporting.conclusion import gate_name, stops
from pytest_ragft.reporting.text import clean, cut

MOST_ANNOTATIONS = 10
"""GitHub shows no more of one kind of a step, and drops the others in silence."""
_COLUMNS = 500
_SUMMARY_BYTES = 1 << 20
"""A longer summary of a step is dropped whole."""


def error_annotations(result: RunResult, folder: str = "") -> list[str]:
    """A line for each gate that stops a variant and for each error, at most ten, worst first.

    Args:
        result: of the run.
        folder: from the repository's root to that of the node ids; empty where they are the same.
    """
    stopping = [gate for gate in result.gates if stops(gate)]
    # A regression before what is open, and the larger drop before the smaller one.
    stopping.sort(key=lambda g: (g.verdict.outcome != "REGRESSION", g.verdict.estimate))
    found = [
        *(_of_gate(gate, result, folder) for gate in stopping),
        *(_command({"title": "ragft"}, error) for error in result.errors),
    ]
    if len(found) <= MOST_ANNOTATIONS:
        return found
    shown = found[: MOST_ANNOTATIONS - 1]
    more = f"{len(found) - len(shown)} more gates or errors: see the report"
    return [*shown, _command({"title": "ragft"}, more)]


def step_summary(environment: Mapping[str, str]) -> Path | None:
    """Where the summary of a job's step is to be appended; None outside of such a job."""
    path = environment.get("GITHUB_STEP_SUMMARY")
    return Path(path) if path else None


def append_summary(path: Path, text: str) -> None:
    """Append a Markdown report to a step's summary.

    Raises:
        RagftError: it cannot be written, or would be dropped; the message gives path and remedy.
    """
    try:
        written = path.stat().st_size if path.exists() else 0
        if written + len(text.encode()) > _SUMMARY_BYTES:
            raise RagftError(
                f"GITHUB_STEP_SUMMARY: {str(path)!r} has no room left for the report (GitHub drops "
                "one above 1 MiB); gate in a step of its own"
            )
        with path.open("a", encoding="utf-8") as stream:
            stream.write(f"{text}\n")
    except OSError as error:
        raise RagftError(
            f"GITHUB_STEP_SUMMARY: {str(path)!r} cannot be written ({error.strerror or error}); "
            "unset it, or name a file in a folder that you may write to"
        ) from error


def folder_in(environment: Mapping[str, str], root: Path) -> str:
    """Where `root` lies in the repository that a job has checked out; empty where at its top."""
    workspace = environment.get("GITHUB_WORKSPACE")
    if not workspace:
        return ""
    inside = Path(os.path.relpath(root, workspace)).as_posix()
    return "" if inside == "." or inside.startswith("..") else inside


def _of_gate(gate: GateResult, result: RunResult, folder: str) -> str:
    title = f"{gate.variant}: {gate_name(gate)} {gate.verdict.outcome}"
    place = PurePosixPath(folder, _file(gate, result))
    return _command({"file": str(place), "title": title}, gate.explanation or gate.verdict.reason)


def _file(gate: GateResult, result: RunResult) -> str:
    """The file that configures a gate, or one of its suites where none does."""
    place = gate.node_id.partition("::")[0]
    if place.endswith(".toml"):
        return place
    paths = (suite.path.replace("\\", "/") for suite in result.suites if suite.name in gate.suites)
    return next(_below(place, paths), place)


def _below(folder: str, paths: Iterable[str]) -> Iterator[str]:
    """Those of some absolute paths that lie in a folder, from its name on."""
    for path in paths:
        if (at := path.rfind(f"/{folder}/")) >= 0:
            yield path[at + 1 :]


def _command(properties: Mapping[str, str], message: str) -> str:
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::error {told}::{_data(message)}"


def _data(text: str) -> str:
    # One line of what is printable: neither a carriage return nor a line feed is left in it.
    return cut(clean(text), _COLUMNS).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
