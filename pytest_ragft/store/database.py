"""The store's SQLite file: opened, created, and recognised, also by many processes at once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_APPLICATION_ID = 0x52414746  # "RAGF": another program's database is never written to
_SCHEMA_VERSION = 2
_WITHOUT_CHECKSUMS = 1
_BUSY_SECONDS = 60


def open_writable(path: Path) -> sqlite3.Connection:
    """Open the file for reading and writing; make it where it is missing or empty.

    Raises:
        sqlite3.Error: it cannot be opened, or is not a store of this version.
    """
    connection = _connect(path)
    try:
        if _identity(connection) == (0, 0) and _is_empty(connection):
            _create(connection)
        if _identity(connection) == (_APPLICATION_ID, _WITHOUT_CHECKSUMS):
            _add_checksums(connection)
        _expect_ours(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        _use_write_ahead_log(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open the file for reading, also in a folder that cannot be written.

    Raises:
        sqlite3.Error: it cannot be opened, or is not a store of this version.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        return _opened(uri)
    except sqlite3.OperationalError as error:
        # A write-ahead log asks for a writable folder even of readers. Without a log, nobody is
        # writing and the file is complete, so that it can be read as it is.
        log = path.with_name(f"{path.name}-wal")
        if failed_with(error, "CANTOPEN", "READONLY") and not (log.exists() and log.stat().st_size):
            return _opened(f"{uri}&immutable=1")
        raise


def _opened(uri: str) -> sqlite3.Connection:
    connection = _connect(uri, uri=True)
    try:
        _expect_ours(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(database: Path | str, *, uri: bool = False) -> sqlite3.Connection:
    # A store that is dropped is closed by the garbage collector, in whatever thread that runs.
    return sqlite3.connect(database, uri=uri, timeout=_BUSY_SECONDS, check_same_thread=False)


def _identity(connection: sqlite3.Connection) -> tuple[int, int]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return application, version


def _is_empty(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0])


def _create(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        # Of two processes that start together, one creates and the other then sees it.
        if _is_empty(connection):
            connection.execute(
                "CREATE TABLE entries (key TEXT PRIMARY KEY, kind TEXT NOT NULL, "
                "value TEXT NOT NULL, run TEXT NOT NULL, checksum TEXT)"
            )
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")


def _add_checksums(connection: sqlite3.Connection) -> None:
    """Vouch for what a store of before there were checksums holds now."""
    with transaction(connection):
        # Of two processes that start together, one does it and the other then sees it.
        if _identity(connection)[1] == _WITHOUT_CHECKSUMS:
            connection.create_function("ragft_checksum", 3, checksum, deterministic=True)
            connection.execute("ALTER TABLE entries ADD COLUMN checksum TEXT")
            connection.execute("UPDATE entries SET checksum = ragft_checksum(key, kind, value)")
            connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")


def checksum(key: str, kind: str, value: str) -> str:
    """Of an entry. It finds what was edited by hand, and no forger, who can compute it, too."""
    text = f"{key}\0{kind}\0{value}".encode(errors="surrogatepass")
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """With it, readers do not wait for writers. Without it everything is right, only slower."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # SQLite does not wait for others here; whoever opens the file next will switch.
        if not failed_with(error, "BUSY", "LOCKED"):
            raise


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, or all of it not."""
    # IMMEDIATE waits for other writers; a transaction that turns into a writer late does not.
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield


def _expect_ours(connection: sqlite3.Connection) -> None:
    application, version = _identity(connection)
    if application != _APPLICATION_ID:
        raise sqlite3.DatabaseError("it is a database of another program")
    if version == _WITHOUT_CHECKSUMS:
        raise sqlite3.DatabaseError(
            "it has no checksums yet, which the first run that may write it adds"
        )
    if version != _SCHEMA_VERSION:
        raise sqlite3.DatabaseError(
            f"it has format {version}, this version of pytest-ragft reads {_SCHEMA_VERSION}"
        )


def failed_with(error: Exception, *codes: str) -> bool:
    """Whether SQLite gave one of these codes, such as ``BUSY``, or a finer one below it."""
    name = getattr(error, "sqlite_errorname", "")
    return any(name.startswith(f"SQLITE_{code}") for code in codes)
