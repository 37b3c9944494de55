"""The one SQLite file that keeps hits, answers and scores under their fingerprints.

A key covers everything that decides its value, so an entry never expires: when anything changes,
the key changes (`Latest` keeps what no key can cover). Each call of `Store.put` is one
transaction; a process that is killed between two calls loses nothing that was put. Each entry has
a checksum, by which one that was edited by hand is found; whoever can write the file can make one,
too, so that a store is worth as much as those who may write it.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Literal

from pytest_ragft.errors import StoreError
from pytest_ragft.quiet import tell
from pytest_ragft.store.database import (
    checksum,
    failed_with,
    open_read_only,
    open_writable,
    transaction,
)
from pytest_ragft.store.fingerprints import fingerprint
from pytest_ragft.store.locks import held

CacheMode = Literal["rw", "ro", "refresh"]

_IGNORED_BEFORE = "store.sqlite*\nlocks/\n"
# What of the folder is not for version control, before there was a last run and since.
_IGNORED = f"{_IGNORED_BEFORE}last-run.json\n"

# SQLite builds in use allow at least 999 bound variables a statement.
_MAX_VARIABLES = 900
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Store:
    """Entries by key, in one SQLite file that is made at the first `put`.

    Args:
        path: of the file. Parents are made on need.
        mode: ``rw`` reads and writes; ``ro`` only reads; ``refresh`` sees only entries written
            under its own `run` and overwrites older ones.
        run: identity of this run, shared by its processes; by default this store is a run by
            itself.
        tell: gets a line for whoever looks on, such as that another process is waited for.
    """

    def __init__(
        self,
        path: Path,
        *,
        mode: CacheMode = "rw",
        run: str | None = None,
        tell: Callable[[str], None] = tell,
    ) -> None:
        self.path = path
        self._tell = tell
        self.mode = mode
        self.run = run or uuid.uuid4().hex
        self._connection: sqlite3.Connection | None = None

    def check(self) -> None:
        """Find out before any work whether the file can be used as its mode says; makes nothing.

        Raises:
            StoreError: it cannot; the message gives the remedy.
        """
        with self._errors("opened"):
            if self.mode != "ro":
                _expect_writable(self.path)
            self._open(create=False)

    def get(self, keys: Iterable[str]) -> dict[str, str]:
        """The entries among `keys` that are there.

        Raises:
            StoreError: the file cannot be read, or an entry is not what was put.
        """
        found: dict[str, str] = {}
        with self._errors("read"):
            connection = self._open(create=False)
            if connection is None:
                return found
            own = " AND run = ?" if self.mode == "refresh" else ""
            tail = (self.run,) if own else ()
            remaining = iter(keys)
            while chunk := tuple(islice(remaining, _MAX_VARIABLES)):
                marks = ",".join("?" * len(chunk))
                query = (
                    f"SELECT key, kind, value, checksum FROM entries WHERE key IN ({marks}){own}"
                )
                for key, kind, value, kept in connection.execute(query, (*chunk, *tail)):
                    if kept != checksum(key, kind, value):
                        raise self._edited(kind, key)
                    found[key] = value
        return found

    def put(self, kind: str, entries: Mapping[str, str], *, replace: bool = False) -> None:
        """Keep entries of one kind (``hits``, ``answer``, ``score``, …) in one transaction.

        An entry that is there already stays: whoever computed it first is right for everybody.
        With `replace` the last one is. In mode ``ro`` nothing is kept.

        Raises:
            StoreError: the file cannot be written, such as on a full disk; what was put
                before is kept.
        """
        if self.mode == "ro" or not entries:
            return
        conflict = "DO NOTHING"
        if replace or self.mode == "refresh":
            conflict = (
                "DO UPDATE SET value = excluded.value, run = excluded.run, "
                "checksum = excluded.checksum"
            )
            conflict += "" if replace else " WHERE run <> excluded.run"
        rows = [
            (key, kind, value, self.run, checksum(key, kind, value))
            for key, value in entries.items()
        ]
        with self._errors("written"):
            connection = self._open(create=True)
            assert connection is not None
            with transaction(connection):
                connection.executemany(
                    "INSERT INTO entries (key, kind, value, run, checksum) VALUES (?, ?, ?, ?, ?) "
                    f"ON CONFLICT (key) {conflict}",
                    rows,
                )

    def take(self, path: Path, *, without: Sequence[str] = ()) -> None:
        """Keep what the store in another file holds, where this one has nothing under the key.

        Args:
            path: of the other file; where there is none, nothing is taken.
            without: kinds that stay behind.

        Raises:
            StoreError: one of the files cannot be used, or an entry was changed since it was kept.
        """
        other = Store(path, mode="ro")
        try:
            for kind, entries in other._entries():
                if kind not in without:
                    self.put(kind, entries)
        finally:
            other.close()

    def _entries(self) -> Iterator[tuple[str, dict[str, str]]]:
        """All entries, some of one kind at a time."""
        with self._errors("read"):
            connection = self._open(create=False)
            query = "SELECT kind, key, value, checksum FROM entries ORDER BY kind"
            if connection is None:
                return
            rows: Iterator[tuple[str, str, str, str]] = connection.execute(query)
            for kind, of_kind in groupby(rows, key=itemgetter(0)):
                while chunk := list(islice(of_kind, _MAX_VARIABLES)):
                    for _, key, value, kept in chunk:
                        if kept != checksum(key, kind, value):
                            raise self._edited(kind, key)
                    yield kind, {key: value for _, key, value, _ in chunk}

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Let one process at a time compute what `name` stands for; a killed one lets go.

        Whoever waits for more than a moment says for whom.
        Without an effect in mode ``ro``, where nothing is computed for others.

        Raises:
            StoreError: the lock's file cannot be made.
        """
        if self.mode == "ro":
            yield
            return
        folder = self.path.parent / "locks"
        with ExitStack() as stack:
            with self._errors("locked"):
                _make_folder(self.path.parent)
                folder.mkdir(exist_ok=True)
                stack.enter_context(held(folder, name, self._tell))
            yield

    def _edited(self, kind: str, key: str) -> StoreError:
        return StoreError(
            f"the store {str(self.path)!r} holds an entry that was changed since it was kept, the "
            f"{kind} {key!r}: its checksum does not match; find out who writes to that file, then "
            "run once with --ragft-cache=refresh"
        )

    def close(self) -> None:
        """Close the file; it opens again when it is next needed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self, *, create: bool) -> sqlite3.Connection | None:
        if self._connection is None:
            if self.mode == "ro" or not create:
                if not self.path.exists():
                    return None
            else:
                _make_folder(self.path.parent)
            if self.path.is_dir():  # SQLite would speak of an I/O error
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.path))
            self._connection = (
                open_read_only(self.path) if self.mode == "ro" else open_writable(self.path)
            )
            # A store that is dropped closes its file; Python 3.13 warns of what is left open.
            weakref.finalize(self, self._connection.close)
        return self._connection

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        # NotImplementedError: a file system without locks.
        except (sqlite3.Error, OSError, NotImplementedError) as error:
            raise StoreError(
                f"the store {str(self.path)!r} cannot be {done}: {error}; "
                f"{_remedy(error, self.mode)}"
            ) from error


class Latest:
    """What was last seen of something outside that may change, such as what a server grants.

    Texts by key, of which the last one put counts, in a store beside its entries.

    Args:
        store: Under ``ro`` nothing is kept; under ``refresh`` only what its own run put is seen.
        kind: Of the entries.
    """

    def __init__(self, store: Store, kind: str) -> None:
        self._store = store
        self._kind = kind

    def get(self, *key: object) -> str | None:
        """What was put last under a key of plain values; None where nothing was.

        Raises:
            StoreError: the store cannot be read.
        """
        place = fingerprint(self._kind, *key)
        return self._store.get([place]).get(place)

    def put(self, *key: object, text: str) -> None:
        """Keep a text under a key, in place of what was there.

        Raises:
            StoreError: the store cannot be written.
        """
        self._store.put(self._kind, {fingerprint(self._kind, *key): text}, replace=True)


def _make_folder(folder: Path) -> None:
    """Make the store's folder; of what lies in it only saved baselines are for version control."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    # One that people have changed is theirs.
    if not ignore.exists() or ignore.read_text(encoding="utf-8") == _IGNORED_BEFORE:
        ignore.write_text(_IGNORED, encoding="utf-8")


def _expect_writable(path: Path) -> None:
    """Raise unless the file can be written, or made."""
    path = path.absolute()
    folder = next(place for place in path.parents if place.exists())
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    for place in (folder, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))


def _remedy(error: Exception, mode: CacheMode) -> str:
    if failed_with(error, "FULL", "IOERR") or getattr(error, "errno", None) in _NO_SPACE:
        return "free space on the disk, then run again: what was kept until then stays"
    if failed_with(error, "BUSY", "LOCKED"):
        return "another process is at work on it: run again when that has ended"
    if isinstance(error, IsADirectoryError):
        return "move the folder away"
    if failed_with(error, "CANTOPEN", "READONLY", "PERM", "AUTH") or isinstance(error, OSError):
        if mode == "ro":
            return "make the file readable, and its folder writable if it was being written to"
        return "make file and folder writable, or only read it with --ragft-cache=ro"
    return "move it away: all that pytest-ragft keeps in it can be computed again"
