"""What Elasticsearch may send and how long it is waited for, against servers that only pretend."""

from __future__ import annotations

import gzip
import json

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic import client
from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.faults import RequestError
from tests.elastic.connecting import ELASTICSEARCH, INFO, SOURCE, Waits, asked, closed_port, waits
from tests.elastic.proxy import PRODUCT, Action, Proxy, Response, answering


def told(url: str, **limits: float) -> tuple[Connection, list[str]]:
    said: list[str] = []
    settings = connection_settings(url, {}, source=SOURCE, **limits)
    return Connection(settings, sleep=Waits(), tell=said.append), said


def packed(body: object) -> Action:
    json_headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = Response(
        headers=PRODUCT | json_headers, body=gzip.compress(json.dumps(body).encode())
    )
    return lambda request, forward: response


@pytest.fixture
def proxy():
    with Proxy(otherwise=ELASTICSEARCH) as running:
        yield running


def test_a_compressed_answer_is_read(proxy: Proxy) -> None:
    proxy.inject(packed(INFO))
    connection, _ = told(proxy.url)
    with connection:
        assert asked(connection) == INFO
        assert asked(connection) == INFO


@pytest.mark.parametrize("compressed", [True, False])
def test_an_answer_without_end_is_an_error_and_not_asked_for_again(
    proxy: Proxy, compressed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LARGEST", 1 << 20)
    body = INFO | {"more": "x" * (1 << 24)}
    proxy.inject(packed(body) if compressed else answering(200, body), times=9)
    connection, _ = told(proxy.url)
    with connection, pytest.raises(RequestError, match="longer than 1 MiB"):
        asked(connection)
    assert len(proxy.seen()) == 1


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_number_of_any_length_is_an_error_of_retrieval(proxy: Proxy, digits: int) -> None:
    text = json.dumps(INFO)[:-1] + f', "took": {"9" * digits}}}'
    proxy.inject(answering(200, text, headers={"Content-Type": "application/json"} | PRODUCT))
    connection, _ = told(proxy.url)
    with connection:
        if digits > 4300:
            with pytest.raises(RetrievalError):
                connection.check()
        else:
            connection.check()


def test_a_server_that_is_gone_is_waited_for_once(proxy: Proxy) -> None:
    proxy.inject(answering(503), times=10_000)
    connection, _ = told(proxy.url, total_timeout=0.2)
    with connection:
        with pytest.raises(RequestError, match="asking: the server answered 503"):
            asked(connection)
        asks, pauses = len(proxy.seen()), len(waits(connection))
        for _ in range(3):
            with pytest.raises(RequestError, match=r"not asked, as .* given up before: .*503"):
                asked(connection)
        assert (len(proxy.seen()), len(waits(connection))) == (asks, pauses)


def test_so_is_one_that_refuses_the_connection() -> None:
    connection, said = told(f"http://127.0.0.1:{closed_port()}")
    with connection:
        for how in ("connection refused", "given up before: no server listens"):
            with pytest.raises(RequestError, match=how):
                asked(connection)
    assert said == []


@pytest.mark.parametrize("status", [400, 404, 429])
def test_one_that_answers_is_asked_again(proxy: Proxy, status: int) -> None:
    proxy.inject(answering(status, retry_after=3600), times=1)
    connection, _ = told(proxy.url)
    with connection:
        with pytest.raises(RequestError):
            asked(connection)
        assert asked(connection) == INFO


def test_that_it_is_waited_for_is_said_once_with_the_total(proxy: Proxy) -> None:
    connection, said = told(proxy.url, total_timeout=90)
    with connection:
        asked(connection)
        for _ in range(2):
            proxy.inject(answering(503, retry_after=17), times=2)
            assert asked(connection) == INFO
    (line,) = said
    assert "waiting for Elasticsearch" in line
    assert proxy.url in line
    assert "90 s in all: the server answered 503" in line


def test_a_short_pause_is_not_worth_a_word(proxy: Proxy) -> None:
    connection, said = told(proxy.url)
    with connection:
        asked(connection)
        proxy.inject(answering(503, retry_after=0), times=2)
        asked(connection)
    assert said == []
