"""Files and folders that are at every moment the old one or the whole new one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A new folder to be filled, which takes its place when the context ends without an error.

    A folder that stands there is replaced, in two renames: whoever is killed between them leaves it
    beside its place, hidden, as ``.old``. Whoever is killed before leaves a hidden ``.part``.

    Raises:
        OSError: it cannot be written; the old folder is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part"))
    try:
        yield part
        for file in filter(Path.is_file, part.rglob("*")):
            with file.open("rb+") as stream:
                os.fsync(stream.fileno())
        # What mkdtemp makes is its owner's alone.
        part.chmod(0o755)
        old = part.with_suffix(".old")
        if path.exists():
            path.rename(old)
        part.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)
