"""Where the commands find and keep things: the root folder with ``.ragft``, files to be written."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pytest_ragft.atomic import write_atomically
from pytest_ragft.errors import InputError
from pytest_ragft.foreign import harmless
from pytest_ragft.reporting.text import can_show, clean, transliterate
from pytest_ragft.roots import roots_of_command
from pytest_ragft.store import Store

STORE = Path(".ragft", "store.sqlite")


def add_root_argument(parser: argparse.ArgumentParser) -> None:
    """The option ``--root``."""
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="folder that holds .ragft (default: the one that pytest uses for the same paths)",
    )


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """The options ``--root`` and ``--cache``."""
    add_root_argument(parser)
    parser.add_argument(
        "--cache",
        choices=("rw", "ro", "refresh"),
        default="rw",
        help="how the store .ragft/store.sqlite is used (default: rw)",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a command finds and keeps things."""

    root: Path
    """Holds ``.ragft``."""
    rootdir: Path
    """pytest's; bounds the search for ragft.toml."""


def place_of(arguments: argparse.Namespace, paths: Iterable[Path] = ()) -> Place:
    """The folder given with ``--root``, else the one of ``pytest PATHS``; says which it is.

    Raises:
        InputError: the given one is no folder, or a file that may configure pytest is wrong.
    """
    place = _place_of(arguments, paths)
    write_lines([f"store: {STORE} under {place.root}"], sys.stderr)
    return place


def _place_of(arguments: argparse.Namespace, paths: Iterable[Path]) -> Place:
    if arguments.root is not None:
        if not os.path.isdir(arguments.root):
            raise InputError(f"--root={str(arguments.root)!r}: there is no such folder")
        named = Path(arguments.root).absolute()
        return Place(root=named, rootdir=named)
    root, rootdir = roots_of_command(paths, Path.cwd())
    return Place(root=root, rootdir=rootdir)


def store_of(arguments: argparse.Namespace, place: Place) -> Store:
    """The store of gating runs, used as ``--cache`` says; checked.

    Raises:
        StoreError: it cannot be used.
    """
    store = Store(place.root / STORE, mode=arguments.cache)
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


def write_lines(lines: Iterable[str], stream: TextIO | None = None) -> None:
    """Print lines whose names may come from files: nothing in them steers the terminal.

    They go to the standard output unless another stream is given.
    """
    stream = stream or sys.stdout
    encoding = stream.encoding or "ascii"
    for line in lines:
        if not line.isprintable():
            indent = line[: len(line) - len(line.lstrip(" "))]
            line = indent + clean(line)
        line = harmless(line)
        if not can_show(encoding):
            line = transliterate(line)
        print(line.encode(encoding, "replace").decode(encoding), file=stream)


def expect_writable(path: str, option: str, is_ours: Callable[[str], bool]) -> None:
    """Find out before any work whether a file can be written; makes nothing.

    Args:
        path: of the file, ``-`` for the standard output.
        option: that names it, for messages.
        is_ours: whether a text is what this command writes, so that it can be made again.

    Raises:
        InputError: its folder is missing or closed, it is a folder itself, or it exists and holds
            something else than this command writes.
    """
    if path == "-":
        return
    target = Path(os.path.realpath(path))
    folder = target.parent
    if os.path.isdir(target) or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise InputError(
            f"{option}={path!r}: cannot be written; name a file in a folder that exists and that "
            "you may write to"
        )
    try:
        os.stat(target)
    except FileNotFoundError:
        return
    except OSError as error:  # such as a name that is too long
        raise _unwritable(path, option, error) from error
    if os.path.isfile(target) and not _holds(target, is_ours):
        raise InputError(
            f"{option}={path!r}: exists and is not what this command writes, so that it is not "
            "overwritten; name another file, or move this one away"
        )


def expect_new(path: str, option: str) -> None:
    """Find out before any work whether a file can be made; makes nothing.

    Raises:
        InputError: it exists, or its folder is missing or closed.
    """
    if path != "-" and os.path.lexists(path) and not _is_stream(Path(path)):
        raise _exists(path, option)
    expect_writable(path, option, lambda _: False)


def write_new(path: str, text: str, option: str) -> None:
    """Make a file, ``-`` for the standard output; one that exists is never touched.

    Raises:
        InputError: it exists by now, or cannot be written; nothing is left of it then.
    """
    if path == "-" or _is_stream(Path(path)):
        write_output(path, text, option)
        return
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as stream:
            try:
                stream.write(text)
                stream.flush()
            except OSError:
                Path(path).unlink()
                raise
    except FileExistsError:
        raise _exists(path, option) from None
    except OSError as error:
        raise _unwritable(path, option, error) from error


def write_output(path: str, text: str, option: str) -> None:
    """Write a file in one step, ``-`` to the standard output: it is the old one or the whole new.

    Raises:
        InputError: it cannot be written.
    """
    if path == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    target = Path(os.path.realpath(path))  # a link stays, its target is written
    try:
        if _is_stream(target):
            target.write_text(text, encoding="utf-8")  # a pipe or a device
        else:
            write_atomically(target, text.encode())
    except OSError as error:
        raise _unwritable(path, option, error) from error


def _is_stream(target: Path) -> bool:
    return os.path.exists(target) and not os.path.isfile(target)


def _holds(target: Path, is_ours: Callable[[str], bool]) -> bool:
    """Whether a file is empty or a command's own; one that cannot be read is somebody's."""
    try:
        text = target.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return not text.strip() or is_ours(text)


def _exists(path: str, option: str) -> InputError:
    return InputError(
        f"{option}={path!r}: exists, and what people filled in is never overwritten; name another "
        "file, or move this one away"
    )


def _unwritable(path: str, option: str, error: OSError) -> InputError:
    return InputError(f"{option}={path!r}: cannot be written: {error.strerror or error}")
