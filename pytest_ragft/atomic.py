"""Files that are at every moment the old one or the whole new one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file in one step, down to the disk.

    A link is replaced by the file: resolve it before where its target is meant.

    Raises:
        OSError: it cannot be written; nothing of it is left then.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as stream:
            stream.write(data)
            stream.flush()
            # Else a power cut may leave the new name with nothing behind it.
            os.fsync(stream.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
