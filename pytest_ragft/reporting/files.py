"""Report files: which were asked for, how each is written, and whether an earlier one may go."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pytest_ragft.atomic import write_atomically
from pytest_ragft.errors import RagftError
from pytest_ragft.gating.settings import Settings
from pytest_ragft.records import RunResult
from pytest_ragft.reporting import html
from pytest_ragft.reporting.json import to_json
from pytest_ragft.reporting.markdown import MARK, to_markdown
from pytest_ragft.reporting.questions import Texts

# Within so many characters a report says that it is one; what stands further down may quote one.
_HEAD = 1_000
_DEVICES = ("/dev/", "/proc/")


def _nothing() -> None:
    """What most forms need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """A report in one of the forms, as it was asked for."""

    option: str
    """By which it was asked for, such as ``--ragft-json``."""
    path: Path
    mark: str
    """What every report of this form holds, and nothing else does."""
    render: Callable[[RunResult], str]
    require: Callable[[], None] = _nothing
    """Sees, before any work, that what the form needs is installed."""


def reports_asked(settings: Settings) -> list[ReportFile]:
    """The reports that a run is to write."""
    paths = {"json": settings.json, "html": settings.html, "markdown": settings.markdown}
    return asked("--ragft-", settings.texts, paths)


def asked(prefix: str, texts: Texts, paths: Mapping[str, Path | None]) -> list[ReportFile]:
    """A report for each form that has a path.

    Args:
        prefix: of the option that names the path, before the form.
        texts: how much of questions, passages and answers stands in it.
        paths: by form.
    """
    forms: dict[str, tuple[str, Callable[[RunResult], str]]] = {
        "json": ('"pytest-ragft/report/', lambda result: to_json(result, texts)),
        # A page is kept by whoever made it, and not sent to a log: whole texts, or none.
        "html": (html.MARK, partial(html.to_html, texts="none" if texts == "none" else "full")),
        "markdown": (MARK, lambda result: to_markdown(result, texts)),
    }
    return [
        ReportFile(
            option=f"{prefix}{form}",
            path=path,
            mark=mark,
            render=render,
            require=html.require_jinja if form == "html" else _nothing,
        )
        for form, (mark, render) in forms.items()
        if (path := paths.get(form)) is not None
    ]


def expect_apart(reports: Sequence[ReportFile], others: Mapping[str, Path | None]) -> None:
    """Refuse two outputs on one path: the later one would be the only one.

    Args:
        reports: that were asked for.
        others: outputs that somebody else writes, by option.

    Raises:
        RagftError: naming both.
    """
    taken = {os.path.realpath(path): option for option, path in others.items() if path is not None}
    for report in reports:
        place = os.path.realpath(report.path)
        if place in taken and not _is_stream(report.path):
            raise RagftError(
                f"{report.option}: {str(report.path)!r} is also that of {taken[place]}; give each "
                "its own file"
            )
        taken[place] = report.option


def discard(report: ReportFile) -> None:
    """Remove an earlier report: whoever reads one must not take it for that of this run.

    Raises:
        MissingDependencyError: what the form needs is not installed.
        RagftError: the file is something else than a report, or cannot be removed.
    """
    report.require()
    target = Path(os.path.realpath(report.path))
    try:
        if _is_stream(report.path) or not target.is_file():
            return
        # Empty, cut off or of another version, it still is one.
        with target.open(encoding="utf-8", errors="replace") as stream:
            earlier = stream.read(_HEAD)
        if earlier.strip() and report.mark not in earlier:
            raise RagftError(
                f"{report.option}: {str(report.path)!r} exists and is no report, so that it is not "
                "overwritten; name another file, or move this one away"
            )
        target.unlink()
    except OSError as error:
        raise RagftError(
            f"{report.option}: the earlier report {str(report.path)!r} cannot be replaced "
            f"({error.strerror or error}); name a file that you may write to"
        ) from error


def write(report: ReportFile, result: RunResult) -> None:
    """Write a report so that its file is at every moment the old report or the whole new one.

    Missing parent folders are made. Devices and pipes (``/dev/stdout``) are written directly.

    Raises:
        RagftError: the file cannot be written; the message gives path and remedy.
    """
    text, path = report.render(result), report.path
    try:
        if _is_stream(path):
            with path.open("a", encoding="utf-8") as stream:
                stream.write(text)
        else:
            target = Path(os.path.realpath(path))  # a link stays, its target is written
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, text.encode())
    except OSError as error:
        raise RagftError(
            f"{report.option}: the report {str(path)!r} cannot be written "
            f"({error.strerror or error}); name a file in a folder that you may write to, "
            "on a disk with space left"
        ) from error


def _is_stream(path: Path) -> bool:
    """A device or a pipe; also ``/dev/stdout`` where that is sent to a file."""
    named = os.path.abspath(path).startswith(_DEVICES)
    return path.exists() and (named or not (path.is_file() or path.is_dir()))
