"""Connections for tests: no wait is waited for, and what a failing one says."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.connection import Connection
from tests.elastic.proxy import answering

SOURCE = "RAGFT_ES_URL"
INFO = {"cluster_name": "c", "version": {"number": "8.19.0"}, "tagline": "You Know, for Search"}
ELASTICSEARCH = answering(200, INFO)


class Waits(list[float]):
    """Stands for the clock: a wait is written down instead of waited for."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def opened(url: str, environ: dict[str, str] | None = None, **limits: float) -> Connection:
    settings = connection_settings(url, environ or {}, source=SOURCE, **limits)
    return Connection(settings, sleep=Waits())


def waits(connection: Connection) -> Waits:
    assert isinstance(connection._sleep, Waits)
    return connection._sleep


def failure(connection: Connection, act: Callable[[Connection], object] = Connection.check) -> str:
    with connection, pytest.raises(RetrievalError) as raised:
        act(connection)
    message = str(raised.value)
    assert message.startswith(f"{SOURCE} = {connection.settings.url!r}: ")
    assert "\n" not in message
    return message


def asked(connection: Connection) -> object:
    return connection.call("asking", lambda client: client.info()).body


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
