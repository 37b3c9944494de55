"""Faults between the connection and a real server: gone on with, or one clear error."""

import contextlib
import secrets

import pytest
from elasticsearch import NotFoundError

from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.faults import RequestError
from tests.elastic.connecting import opened, waits
from tests.elastic.proxy import (
    Proxy,
    answering,
    changing,
    dropping,
    dropping_answer,
    truncating,
)

TEXTS = ["Light travels fast.", "Sugar dissolves in water.", "Plants need light."]


@pytest.fixture(scope="module")
def index(elasticsearch_url):
    """A small index that lives as long as this file's tests."""
    name = f"faults-{secrets.token_hex(4)}"
    with Connection(connection_settings(elasticsearch_url, {})) as connection:
        _fill(connection, name)
        yield name
        connection.call("deleting", lambda client: client.indices.delete(index=name))


def _fill(connection: Connection, name: str) -> None:
    lines = []
    for number, text in enumerate(TEXTS):
        lines += [{"index": {"_id": str(number)}}, {"text": text}]
    connection.call(
        "creating",
        lambda client: client.indices.create(
            index=name,
            settings={"number_of_shards": 1, "number_of_replicas": 0},
            mappings={"properties": {"text": {"type": "text", "analyzer": "english"}}},
        ),
    )
    connection.call(
        "filling", lambda client: client.bulk(index=name, operations=lines, refresh="true")
    )


@pytest.fixture
def proxy(elasticsearch_url):
    with Proxy(elasticsearch_url) as between:
        yield between


@pytest.fixture
def connection(proxy):
    with opened(proxy.url) as connected:
        connected.check()
        yield connected


def found(connection: Connection, index: str) -> list[str]:
    answer = connection.call(
        "searching", lambda client: client.search(index=index, query={"match": {"text": "lights"}})
    )
    return sorted(hit["_id"] for hit in answer["hits"]["hits"])


def test_it_is_elasticsearch_and_answers(connection, index):
    assert found(connection, index) == ["0", "2"]
    assert waits(connection) == []


@pytest.mark.parametrize(
    "fault",
    [answering(429, retry_after=2), answering(503), answering(502, "<h1>Bad Gateway</h1>"),
     dropping(), dropping_answer(), truncating(), truncating(0)],
)  # fmt: skip
def test_a_passing_fault_is_passed_over(connection, proxy, index, fault):
    proxy.inject(fault, times=3, path="_search")
    assert found(connection, index) == ["0", "2"]
    assert len(proxy.seen("_search")) == 4
    assert len(waits(connection)) == 3


def test_only_what_was_asked_for_by_the_server_is_waited(connection, proxy, index):
    proxy.inject(answering(429, retry_after=7), path="_search")
    found(connection, index)
    assert 7 <= waits(connection)[0] < 8


def _partly(answer) -> None:
    answer["_shards"].update(successful=0, failed=1)


@pytest.mark.parametrize("change", [lambda answer: answer.update(timed_out=True), _partly])
def test_an_answer_in_part_is_asked_for_again(connection, proxy, index, change):
    proxy.inject(changing(change), times=2, path="_search")
    assert found(connection, index) == ["0", "2"]
    assert len(proxy.seen("_search")) == 3


@pytest.mark.parametrize("change", [lambda answer: answer.update(timed_out=True), _partly])
def test_an_answer_that_stays_in_part_is_an_error(proxy, index, change):
    proxy.inject(changing(change), times=10_000, path="_search")
    refusal = pytest.raises(RequestError, match=r"searching: .*the answer is incomplete")
    with opened(proxy.url, total_timeout=1) as connection, refusal:
        found(connection, index)


def test_an_index_deleted_under_the_run_is_an_error(connection, elasticsearch_url):
    name = f"deleted-{secrets.token_hex(4)}"
    _fill(connection, name)
    assert found(connection, name) == ["0", "2"]
    connection.call("deleting", lambda client: client.indices.delete(index=name))
    with pytest.raises(RequestError, match=rf"index_not_found_exception: .*{name}") as raised:
        found(connection, name)
    assert (raised.value.status, raised.value.kind) == (404, "index_not_found_exception")
    assert waits(connection) == []


def test_a_name_that_matches_no_index_is_an_error(connection):
    with pytest.raises(RequestError, match="no shard was searched"):
        found(connection, f"nothing-{secrets.token_hex(4)}-*")


def test_a_broken_query_is_told_in_the_servers_words(connection, index):
    with pytest.raises(RequestError, match=r"parsing_exception: unknown query \[nonsense\]"):
        connection.call(
            "searching", lambda client: client.search(index=index, query={"nonsense": {}})
        )


def test_one_bad_search_among_many_is_an_error(connection, index):
    searches = [
        {"index": index},
        {"query": {"match_all": {}}},
        {"index": f"{index}-no"},
        {"query": {"match_all": {}}},
    ]
    with pytest.raises(RequestError, match=r"search 2 of 2: index_not_found_exception"):
        connection.call("searching", lambda client: client.msearch(searches=searches))


def test_a_missing_thing_may_be_asked_for(connection):
    """What the request itself takes care of is no fault."""

    def request(client):
        with contextlib.suppress(NotFoundError):
            return client.indices.get(index="there-is-no-such-index")
        return None

    assert connection.call("looking", request) is None
    exists = connection.call("looking", lambda client: client.indices.exists(index="no-such"))
    assert not exists
