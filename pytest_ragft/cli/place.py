"""Where the commands find and keep things: the root folder with ``.ragft``, files to be written."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pytest_ragft.errors import InputError
from pytest_ragft.reporting.text import can_show, clean, transliterate
from pytest_ragft.store import Store

_MARKS = ("pytest.toml", ".pytest.toml", "pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """The options ``--root`` and ``--cache``."""
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="folder that holds .ragft, which is pytest's rootdir (default: looked for upwards)",
    )
    parser.add_argument(
        "--cache",
        choices=("rw", "ro", "refresh"),
        default="rw",
        help="how the store .ragft/store.sqlite is used (default: rw)",
    )


def root_of(arguments: argparse.Namespace) -> Path:
    """The folder given with ``--root``, else the nearest upwards that has ``.ragft``.

    Failing that the nearest with a file that pytest takes for its root, else the current one.

    Raises:
        InputError: the given one is no folder.
    """
    if arguments.root is not None:
        if not arguments.root.is_dir():
            raise InputError(f"--root={str(arguments.root)!r}: there is no such folder")
        return Path(arguments.root).absolute()
    here = Path.cwd()
    places = [here, *here.parents]
    for names in ((".ragft",), _MARKS):
        for place in places:
            if any((place / name).exists() for name in names):
                return place
    return here


def store_of(arguments: argparse.Namespace) -> Store:
    """The store of gating runs, checked.

    Raises:
        StoreError: it cannot be used.
    """
    store = Store(root_of(arguments) / ".ragft" / "store.sqlite", mode=arguments.cache)
    store.check()
    return store


def read_input(path: str) -> tuple[str, str]:
    """Text of a UTF-8 file, ``-`` for the standard input, and its name for messages.

    Raises:
        InputError: it cannot be read, or is not UTF-8.
    """
    name = "standard input" if path == "-" else path
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig"), name
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from None


def write_lines(lines: Iterable[str]) -> None:
    """Print lines whose names may come from files: nothing in them steers the terminal."""
    encoding = sys.stdout.encoding or "ascii"
    for line in lines:
        if not line.isprintable():
            indent = line[: len(line) - len(line.lstrip(" "))]
            line = indent + clean(line)
        if not can_show(encoding):
            line = transliterate(line)
        print(line.encode(encoding, "replace").decode(encoding))


def expect_writable(path: str, option: str) -> None:
    """Find out before any work whether a file can be written; makes nothing.

    Raises:
        InputError: its folder is missing or closed, or it is a folder itself.
    """
    if path == "-":
        return
    target = Path(os.path.realpath(path))
    folder = target.parent
    if target.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(
            f"{option}={path!r}: cannot be written; name a file in a folder that exists and that "
            "you may write to"
        )


def write_output(path: str, text: str, option: str) -> None:
    """Write a file in one step, ``-`` to the standard output: it is the old one or the whole new.

    Raises:
        InputError: it cannot be written.
    """
    if path == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")  # a pipe or a device
            return
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(target)
    except OSError as error:
        raise InputError(
            f"{option}={path!r}: cannot be written: {error.strerror or error}"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink()
