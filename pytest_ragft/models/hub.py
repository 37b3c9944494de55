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
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingDependencyError(
            "huggingface_hub", extra="hf", purpose=f"the hub name {name!r}"
        ) from error
    try:
        with quiet_libraries():
            folder = snapshot_download(
                name,
                revision=revision,
                allow_patterns=list(files),
                ignore_patterns=list(_OTHER_RUNTIMES),
                local_files_only=offline,
            )
    # The hub's errors, and those of the HTTP client below it, have no common base.
    except Exception as error:
        where = "in the hub's cache (offline)" if offline else "on the hub"
        raise SpecError(
            f"{name!r} is neither a folder nor found {where}: {reason_of(error)}; check "
            "the path, or give the folder of a downloaded model"
        ) from error
    return Path(folder)
