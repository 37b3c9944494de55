"""A server that is killed under the connection: gone on with when it comes back."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.faults import RequestError
from tests.elastic.connecting import opened
from tests.elastic.proxy import Proxy, after
from tests.elastic.server import START_LIMIT


def counted(connection: Connection) -> int:
    return connection.call("counting", lambda client: client.count(index="kept"))["count"]


def test_a_killed_server_is_waited_for_and_answers_with_its_data(own_elasticsearch):
    server = own_elasticsearch
    killed = threading.Event()

    def kill() -> None:
        server.kill()
        killed.set()

    with Proxy(server.address.url) as proxy:
        settings = connection_settings(proxy.url, {}, total_timeout=START_LIMIT)
        with Connection(settings) as connection, ThreadPoolExecutor(1) as pool:
            connection.call("filling", lambda c: c.index(index="kept", document={"n": 1}))
            connection.call("filling", lambda c: c.indices.refresh(index="kept"))
            proxy.inject(after(kill), path="_count")
            counting = pool.submit(counted, connection)
            assert killed.wait(60)
            # The server ends with the thread that starts it, so that is this one.
            server.start()
            assert counting.result() == 1
        assert len(proxy.seen("_count")) > 1


def test_a_killed_server_that_stays_away_is_one_clear_error(own_elasticsearch):
    # Long enough for an attempt after the last of the dying process, which resets connections.
    with opened(own_elasticsearch.address.url, total_timeout=5) as connection:
        assert counted(connection) == 1
        own_elasticsearch.kill()
        with pytest.raises(RequestError, match=r"counting: .*connection refused.*attempts"):
            counted(connection)
