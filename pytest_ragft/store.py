"""Content fingerprints and the one SQLite file that keeps hits, answers and scores under them.

A key covers everything that decides its value, so an entry never expires: when anything changes,
the key changes. Each call of `Store.put` is one transaction; a process that is killed between two
calls loses nothing that was put.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Literal

from pytest_ragft.errors import StoreError

CacheMode = Literal["rw", "ro", "refresh"]

_APPLICATION_ID = 0x52414746  # "RAGF": another program's database is never written to
_SCHEMA_VERSION = 1
_BUSY_SECONDS = 60
_MAX_VARIABLES = 900
"""SQLite builds in use allow at least 999 bound variables a statement."""


def fingerprint(*parts: object) -> str:
    """128-bit hex digest of plain values (str, numbers, bool, None, lists, tuples, dicts).

    Canonical JSON with sorted keys, so that equal values give equal digests in every process.

    Raises:
        TypeError: a part is not made of plain values.
        ValueError: a float is NaN or infinite.
    """
    text = json.dumps(
        parts, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":")
    )
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


class Store:
    """Entries by key, in one SQLite file that is made at the first `put`.

    Args:
        path: of the file. Parents are made on need.
        mode: ``rw`` reads and writes; ``ro`` only reads; ``refresh`` sees only entries written
            under its own `run` and overwrites older ones.
        run: identity of this run; the processes of one run share it.
    """

    def __init__(self, path: Path, *, mode: CacheMode = "rw", run: str = "") -> None:
        self.path = path
        self.mode = mode
        self._run = run
        self._connection: sqlite3.Connection | None = None

    def check(self) -> None:
        """Open the file if it exists, so that a damaged one is found before any work.

        Raises:
            StoreError: it is not a usable store; the message gives the remedy.
        """
        with self._errors("opened"):
            self._open(create=False)

    def get(self, keys: Iterable[str]) -> dict[str, str]:
        """The entries among `keys` that are there.

        Raises:
            StoreError: the file cannot be read.
        """
        found: dict[str, str] = {}
        with self._errors("read"):
            connection = self._open(create=False)
            if connection is None:
                return found
            own = " AND run = ?" if self.mode == "refresh" else ""
            tail = (self._run,) if own else ()
            remaining = iter(keys)
            while chunk := tuple(islice(remaining, _MAX_VARIABLES)):
                marks = ",".join("?" * len(chunk))
                query = f"SELECT key, value FROM entries WHERE key IN ({marks}){own}"
                found.update(connection.execute(query, (*chunk, *tail)))
        return found

    def put(self, kind: str, entries: Mapping[str, str]) -> None:
        """Keep entries of one kind (``hits``, ``answer``, ``score``, …) in one transaction.

        An entry that is there already stays: whoever computed it first is right for everybody.

        Raises:
            StoreError: the file cannot be written, such as on a full disk; what was put
                before is kept.
        """
        if self.mode == "ro" or not entries:
            return
        conflict = (
            "DO UPDATE SET value = excluded.value, run = excluded.run WHERE run <> excluded.run"
            if self.mode == "refresh"
            else "DO NOTHING"
        )
        rows = [(key, kind, value, self._run) for key, value in entries.items()]
        with self._errors("written"):
            connection = self._open(create=True)
            assert connection is not None
            with connection:
                connection.executemany(
                    "INSERT INTO entries (key, kind, value, run) VALUES (?, ?, ?, ?) "
                    f"ON CONFLICT (key) {conflict}",
                    rows,
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
            self._connection = self._read_only() if self.mode == "ro" else self._read_write()
        return self._connection

    def _read_write(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS)
        try:
            if _identity(connection) == (0, 0) and _is_empty(connection):
                _create(connection)
            _expect_ours(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _read_only(self) -> sqlite3.Connection:
        # A write-ahead log needs a writable folder even for readers; `immutable` does without,
        # and is right where nobody can be writing.
        uri = self.path.absolute().as_uri()
        try:
            connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
            _expect_ours(connection)
        except sqlite3.OperationalError:
            connection = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
            _expect_ours(connection)
        return connection

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the store {str(self.path)!r} cannot be {done}: {error}; {_remedy(error)}"
            ) from error


def memo(store: Store, kind: str, key: str, compute: Callable[[], str]) -> str:
    """The entry under `key`, computed and kept when it is not there."""
    entry_key = fingerprint(kind, key)
    found = store.get([entry_key])
    if entry_key not in found:
        value = compute()
        store.put(kind, {entry_key: value})
        return value
    return found[entry_key]


def _make_folder(folder: Path) -> None:
    """Make the store's folder; of what lies in it only saved baselines are for version control."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("store.sqlite*\nlocks/\n", encoding="utf-8")


def _identity(connection: sqlite3.Connection) -> tuple[int, int]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return application, version


def _is_empty(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0])


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # IMMEDIATE: of two processes that start together, one creates and the other then sees it.
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        if _is_empty(connection):
            connection.execute(
                "CREATE TABLE entries (key TEXT PRIMARY KEY, kind TEXT NOT NULL, "
                "value TEXT NOT NULL, run TEXT NOT NULL) WITHOUT ROWID"
            )
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")


def _expect_ours(connection: sqlite3.Connection) -> None:
    application, version = _identity(connection)
    if application != _APPLICATION_ID:
        raise sqlite3.DatabaseError("it is a database of another program")
    if version != _SCHEMA_VERSION:
        raise sqlite3.DatabaseError(
            f"it has format {version}, this version of pytest-ragft reads {_SCHEMA_VERSION}"
        )


def _remedy(error: Exception) -> str:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return "free some space and run again: what was computed until then is kept"
    if isinstance(error, sqlite3.OperationalError | OSError):
        return "check that folder and file can be written, or read it with --ragft-cache=ro"
    return "move it away or delete it: everything in it can be computed again"
