"""Models by their names on the Hub: downloaded, or found in its cache."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pytest_ragft.errors import MissingDependencyError, SpecError, reason_of
from pytest_ragft.quiet import quiet_libraries

FILES = ("*.json", "*.jinja", "*.safetensors", "*.model", "*.txt")
"""Configuration, templates, weights and vocabularies; no pickles, and no other runtime's files."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
# As `datasets` names the parts of a table.
_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})(\.[\w.]+)")
_OTHER_RUNTIMES = ("onnx/*", "openvino/*")


def is_hub_name(text: str) -> bool:
    """Whether a text has the form ``org/name``."""
    return _NAME.fullmatch(text) is not None


def download(
    name: str, *, offline: bool, revision: str | None = None, files: Sequence[str] = FILES
) -> Path:
    """The folder of a model of the Hub, out of its cache where it is there.

    Args:
        name: ``org/name``.
        offline: Never open a socket: it must be in the cache.
        revision: None for its newest.
        files: Patterns of the files that are needed.

    Raises:
        SpecError: there is none; the message begins with `name`.
        MissingDependencyError: huggingface_hub is not installed.
    """
    try:
        return _snapshot(
            name, files, offline=offline, revision=revision, ignored=_OTHER_RUNTIMES, kind="model"
        )
    except _UnavailableError as error:
        where = "in the hub's cache (offline)" if offline else "on the hub"
        raise SpecError(
            f"{name!r} is neither a folder nor found {where}: {error}; check "
            "the path, or give the folder of a downloaded model"
        ) from error


def download_files(
    name: str, *, files: Sequence[str], offline: bool, revision: str | None = None
) -> Path:
    """The folder with files of a data set of the Hub, out of its cache where they are there.

    Args:
        name: ``org/name``.
        files: Patterns of the files that are needed; with ``/`` from the top of the data set.
        offline: Never open a socket: it must be in the cache.
        revision: None for its newest.

    Raises:
        SpecError: there is none, or a part of its files is lacking; the message begins with `name`.
        MissingDependencyError: huggingface_hub is not installed.
    """
    if not is_hub_name(name):
        raise SpecError(f"{name!r}: is no name of a data set on the Hub, which is ORG/NAME")
    try:
        folder = _snapshot(name, files, offline=offline, revision=revision, kind="dataset")
    except _UnavailableError as error:
        where = "in the hub's cache (offline)" if offline else "among the data sets of the hub"
        raise SpecError(
            f"{name!r} is not found {where}: {error}; check the name, or give the folder of a "
            "downloaded data set"
        ) from error
    if lacking := _lacking_parts(folder):
        raise SpecError(f"{name!r}: {lacking} is not there, though other parts are; fetch it again")
    return folder


class _UnavailableError(Exception):
    """Says why something of the hub is not to be had."""


def _snapshot(
    name: str,
    files: Sequence[str],
    *,
    offline: bool,
    revision: str | None,
    kind: str,
    ignored: Sequence[str] = (),
) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingDependencyError(
            "huggingface_hub",
            extra="data" if kind == "dataset" else "hf",
            purpose=f"the hub name {name!r}",
        ) from error
    try:
        with quiet_libraries():
            folder = snapshot_download(
                name,
                repo_type=kind,
                revision=revision,
                allow_patterns=list(files),
                ignore_patterns=list(ignored),
                local_files_only=offline,
            )
    # The hub's errors, and those of the HTTP client below it, have no common base.
    except Exception as error:
        raise _UnavailableError(reason_of(error)) from error
    return Path(folder)


def _lacking_parts(folder: Path) -> str:
    """A part of a table in parts that the cache lacks, as a download that was cut short leaves."""
    parts: dict[tuple[str, str, str], set[int]] = {}
    for path in folder.rglob("*-of-*"):
        if match := _PART.fullmatch(str(path.relative_to(folder))):
            start, number, total, end = match.groups()
            parts.setdefault((start, total, end), set()).add(int(number))
    for (start, total, end), there in parts.items():
        if absent := sorted({*range(int(total))} - there):
            return f"{start}-{absent[0]:0{len(total)}d}-of-{total}{end}"
    return ""
