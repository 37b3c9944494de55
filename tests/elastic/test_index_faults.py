"""The server is killed in the middle of things and started again on the same data."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from elasticsearch import Elasticsearch

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic import bulk, mapping
from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.retriever import open_elastic
from pytest_ragft.retrieval.settings import OwnIndex, RetrievalSettings
from tests.elastic.opening import managed, no_encoder
from tests.elastic.proxy import Held, Proxy

CORPUS = [Passage(id=f"p{i}", text=f"word{i} of passage number {i}") for i in range(300)]
QUERIES = [f"word{i}" for i in range(300)]
SECONDS = 400.0
"""For a whole start of the server on a busy machine."""


@pytest.fixture
def proxy(own_elasticsearch):
    with Proxy(own_elasticsearch.address.url) as between:
        yield between


@pytest.fixture
def connection(proxy):
    settings = connection_settings(proxy.url, {}, total_timeout=SECONDS, request_timeout=60)
    with Connection(settings) as connected:
        yield connected


def killed_during(server, held: Held, act: Callable[[], object]) -> object:
    """What `act` gives when the server is killed at the held request and started again.

    The server ends with the thread that started it, so that is this one.
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(act)
        assert held.reached.wait(120)
        server.kill()
        held.released.set()
        server.start()
        error = future.exception()
        if error is not None:
            raise error
        return future.result()


def test_killed_while_indexing(own_elasticsearch, proxy, connection, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_DOCUMENTS", 40)
    monkeypatch.setattr(mapping, "_ENCODED_TOGETHER", 20)
    retriever = managed(connection, f"killed-{secrets.token_hex(4)}", CORPUS)
    held = Held(lost=True)
    proxy.inject(lambda request, forward: forward(), times=3, path="_bulk")
    proxy.inject(held, path="_bulk")
    found = killed_during(
        own_elasticsearch, held, lambda: retriever.retrieve(["passage", "word299"], 300)
    )
    assert [hit.passage_id for hit in found[0]] == [passage.id for passage in CORPUS]
    assert [hit.passage_id for hit in found[1]] == ["p299"]


def test_killed_while_searching(own_elasticsearch, proxy, connection):
    retriever = managed(connection, f"killed-{secrets.token_hex(4)}", CORPUS)
    before = retriever.retrieve(QUERIES, 3)
    held = Held(lost=True)
    proxy.inject(lambda request, forward: forward(), times=1, path="_msearch")
    proxy.inject(held, path="_msearch")
    after = killed_during(own_elasticsearch, held, lambda: retriever.retrieve(QUERIES, 3))
    assert after == before


def test_killed_while_searching_the_users_index(own_elasticsearch, proxy, connection):
    """The point in time is lost with the server: hits of two states are never mixed."""
    name = f"own-{secrets.token_hex(4)}"
    with Elasticsearch(own_elasticsearch.address.url) as client:
        client.index(index=name, document={"text": "word1"}, refresh=True)
    retriever = open_elastic(
        (),
        RetrievalSettings(index=OwnIndex(name=name)),
        connection,
        suite="s",
        encoder=no_encoder,
    )
    held = Held(lost=True)
    proxy.inject(lambda request, forward: forward(), times=1, path="_msearch")
    proxy.inject(held, path="_msearch")
    with pytest.raises(RetrievalError, match=r"the point in time of index .* is gone"):
        killed_during(own_elasticsearch, held, lambda: retriever.retrieve(QUERIES, 3))
    retriever.close()
    assert len(retriever.retrieve(["word1"], 3)[0]) == 1
    retriever.close()


def test_killed_for_good(own_elasticsearch):
    """The last of these tests: one clear error, soon."""
    address = own_elasticsearch.address.url
    with Connection(connection_settings(address, {}, total_timeout=1.0)) as connection:
        retriever = managed(connection, f"killed-{secrets.token_hex(4)}", CORPUS[:3])
        retriever.retrieve(["word1"], 3)
        own_elasticsearch.kill()
        with pytest.raises(RetrievalError, match=r"searching 'ragft-killed-.*: no server listens"):
            retriever.retrieve(["word1"] * 200, 3)
