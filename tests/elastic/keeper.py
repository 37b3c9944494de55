"""Keeps one server for all processes of a test run, and ends it after the last of them.

Every process that uses the server holds a shared lock on one file. The kernel releases it however
the process ends, so the keeper needs only to wait for the exclusive lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from tests.elastic.archive import UnavailableError
from tests.elastic.server import Server, ended_by_signals


def main(users: Path, *, security: bool) -> None:
    """Prints one line of JSON, the server's address or what went wrong, and stays behind."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        with os.fdopen(reading) as message:
            print(message.read())
        return
    os.setsid()
    os.close(reading)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    with ended_by_signals():
        _keep(users, writing, security=security)


def _keep(users: Path, writing: int, *, security: bool) -> None:
    with os.fdopen(writing, "w") as message:
        try:
            server = Server(security=security, quick=True)
        except UnavailableError as error:
            json.dump({"error": str(error)}, message)
            return
        except BaseException as error:
            json.dump({"error": f"{type(error).__name__}: {error}"}, message)
            raise
        json.dump({"keeper": os.getpid(), "address": asdict(server.address)}, message)
    with server, users.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


if __name__ == "__main__":
    main(Path(sys.argv[1]), security="--security" in sys.argv)
