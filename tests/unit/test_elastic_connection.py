"""The connection against servers that only pretend: what is repeated, what is said."""

import socket
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest

from pytest_ragft.errors import MissingDependencyError, RetrievalError
from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.faults import RequestError
from tests.elastic.connecting import ELASTICSEARCH, INFO, asked, closed_port, failure, opened, waits
from tests.elastic.proxy import (
    PRODUCT,
    Proxy,
    answering,
    dropping,
    stalling,
    truncating,
)


@pytest.fixture
def elasticsearch():
    with Proxy(otherwise=ELASTICSEARCH) as proxy:
        yield proxy


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_answer_is_asked_for_again(elasticsearch, status):
    elasticsearch.inject(answering(status), times=3)
    with opened(elasticsearch.url) as connection:
        assert asked(connection) == INFO
        assert len(elasticsearch.seen()) == 4
        assert len(waits(connection)) == 3
        assert all(0 <= wait <= 10 for wait in waits(connection))


@pytest.mark.parametrize("status", [400, 404, 413, 500])
def test_another_answer_is_not(elasticsearch, status):
    elasticsearch.inject(answering(status))
    with opened(elasticsearch.url) as connection, pytest.raises(RequestError) as raised:
        asked(connection)
    assert raised.value.status == status
    assert len(elasticsearch.seen()) == 1


@pytest.mark.parametrize("label", ["application/json", "text/html", "image/png", None])
@pytest.mark.parametrize("page", ["", "<h1>503</h1>", "{"])
def test_a_gateways_page_is_a_passing_answer_too(elasticsearch, label, page):
    headers = {} if label is None else {"Content-Type": label}
    elasticsearch.inject(answering(503, page, headers=headers))
    with opened(elasticsearch.url) as connection:
        assert asked(connection) == INFO


def test_a_retry_after_in_seconds_is_honoured(elasticsearch):
    elasticsearch.inject(answering(429, retry_after=17), times=2)
    with opened(elasticsearch.url) as connection:
        asked(connection)
        assert all(17 <= wait < 18 for wait in waits(connection))
        assert len(waits(connection)) == 2


def test_a_retry_after_as_date_is_honoured(elasticsearch):
    in_one_minute = formatdate(time.time() + 60, usegmt=True)
    elasticsearch.inject(answering(503, retry_after=in_one_minute))
    with opened(elasticsearch.url) as connection:
        asked(connection)
        assert 30 < waits(connection)[0] < 61


def test_an_unreadable_retry_after_is_none(elasticsearch):
    elasticsearch.inject(answering(503, retry_after="soon"))
    with opened(elasticsearch.url) as connection:
        asked(connection)
        assert waits(connection)[0] <= 10


def test_who_asks_for_more_time_than_there_is_gets_no_second_request(elasticsearch):
    elasticsearch.inject(answering(429, retry_after=3600), times=9)
    message = failure(opened(elasticsearch.url, total_timeout=60))
    assert "429" in message
    assert len(elasticsearch.seen()) == 1


def test_repeating_ends_with_the_total_time(elasticsearch):
    elasticsearch.inject(answering(503), times=10_000)
    message = failure(opened(elasticsearch.url, total_timeout=1))
    assert "503" in message
    assert "attempts" in message


def test_a_lost_connection_is_taken_up_again(elasticsearch):
    with opened(elasticsearch.url) as connection:
        asked(connection)
        elasticsearch.inject(dropping(), times=5)
        assert asked(connection) == INFO
        assert len(elasticsearch.seen()) == 7


def test_an_answer_that_is_too_short_is_never_taken_for_a_whole_one(elasticsearch):
    with Proxy(elasticsearch.url) as proxy, opened(proxy.url) as connection:
        proxy.inject(truncating(5), times=2)
        assert asked(connection) == INFO
        assert len(proxy.seen()) == 3


def test_a_server_that_never_answers_costs_the_total_time_at_most(elasticsearch):
    released = threading.Event()
    elasticsearch.inject(stalling(released), times=9)
    connection = opened(elasticsearch.url, request_timeout=60, total_timeout=0.3)
    message = failure(connection)
    released.set()
    assert "no answer in time" in message


def test_what_is_not_the_clients_fault_passes_unchanged(elasticsearch):
    def broken(client):
        raise KeyError("mine")

    with opened(elasticsearch.url) as connection, pytest.raises(KeyError, match="mine"):
        connection.call("asking", broken)


def test_version_8_with_the_product_header_is_elasticsearch(elasticsearch):
    with opened(elasticsearch.url) as connection:
        connection.check()


@pytest.mark.parametrize("number", ["7.17.9", "9.1.0", "", None])
def test_another_major_version_is_refused(number):
    with Proxy(otherwise=answering(200, {"version": {"number": number}})) as proxy:
        message = failure(opened(proxy.url))
    assert repr(number) in message
    assert "use an Elasticsearch 8.x" in message


def test_a_server_that_does_not_know_the_protocol_is_of_another_major_version():
    error = {"error": {"type": "media_type_header_exception", "reason": "Invalid media-type"}}
    with Proxy(otherwise=answering(400, error)) as proxy:
        message = failure(opened(proxy.url))
    assert "use an Elasticsearch 8.x" in message


@pytest.mark.parametrize(
    "answer",
    [
        answering(200, "<h1>It works!</h1>", headers={"Content-Type": "text/html"}),
        answering(200, "[]", headers={"Content-Type": "application/json"}),
        answering(200, INFO, headers={"Content-Type": "application/json"}),
        answering(200, "{no json", headers={"Content-Type": "application/json"}),
        answering(200, "?", headers={"Content-Type": "application/x-unknown"}),
        answering(404, "not found", headers={"Content-Type": "text/plain"}),
        answering(403, "forbidden", headers={"Content-Type": "text/plain"}),
        answering(302, "", headers={"Location": "http://127.0.0.1:1/"}),
        answering(501, "", headers={}),
    ],
)
def test_another_server_at_that_port_is_no_elasticsearch(answer):
    with Proxy(otherwise=answer) as proxy:
        message = failure(opened(proxy.url))
    assert "not Elasticsearch; check host, port and path" in message


def test_a_reader_who_may_not_ask_for_the_version_is_welcome():
    error = {"error": {"type": "security_exception", "reason": "unauthorized"}}
    with Proxy(otherwise=answering(403, error)) as proxy, opened(proxy.url) as connection:
        connection.check()
        with pytest.raises(RequestError, match="unauthorized") as raised:
            asked(connection)
    assert (raised.value.status, raised.value.kind) == (403, "security_exception")


def test_a_closed_port_is_told_at_once():
    connection = opened(f"http://127.0.0.1:{closed_port()}")
    message = failure(connection)
    assert "connection refused" in message
    assert waits(connection) == []


def test_a_server_that_has_answered_before_is_waited_for(elasticsearch):
    with opened(elasticsearch.url, total_timeout=1) as connection:
        asked(connection)
        elasticsearch.close()
        with pytest.raises(RequestError, match=r"connection refused.*attempts"):
            asked(connection)
        assert waits(connection)


def test_an_unknown_host_is_told_at_once():
    connection = opened("http://no-such-host.invalid:9200")
    message = failure(connection)
    assert "the host name is unknown" in message
    assert waits(connection) == []


def test_a_server_that_drops_every_first_connection_is_given_up_early(elasticsearch):
    elasticsearch.inject(dropping(), times=10_000)
    message = failure(opened(elasticsearch.url))
    assert "the connection was lost" in message
    assert len(elasticsearch.seen()) == 3


def test_a_server_that_speaks_another_protocol():
    def banner(listener):
        connection, _ = listener.accept()
        with connection:
            connection.recv(10_000)
            connection.sendall(b"220 mail.example ESMTP\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: [banner(listener) for _ in range(3)], daemon=True)
        thread.start()
        message = failure(opened(f"http://127.0.0.1:{listener.getsockname()[1]}"))
    assert "does not speak HTTP" in message


def test_a_servers_warning_raises_nothing(elasticsearch):
    warning = '299 Elasticsearch-8.19.0 "this is deprecated"'
    elasticsearch.inject(answering(200, INFO, headers={**PRODUCT, "Warning": warning}))
    with opened(elasticsearch.url) as connection, warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        asked(connection)
    assert seen == []


def test_offline_nothing_is_sent(elasticsearch):
    settings = connection_settings(elasticsearch.url, {})
    with Connection(settings, offline=True) as connection:
        with pytest.raises(RequestError, match="--ragft-offline"):
            asked(connection)
        with pytest.raises(RequestError, match="--ragft-offline"):
            connection.check()
    assert elasticsearch.seen() == []


@pytest.mark.parametrize("package", ["elasticsearch", "tenacity"])
def test_a_missing_extra_is_named_with_the_install_command(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=r"pytest-ragft\[elasticsearch\]") as raised:
        Connection(connection_settings("http://localhost:9200", {}))
    assert repr(package) in str(raised.value)


def test_a_client_of_another_major_version_is_refused(monkeypatch):
    monkeypatch.setattr("elasticsearch.__version__", (9, 1, 0))
    with pytest.raises(RetrievalError, match=r"9\.1\.0.*pip install"):
        Connection(connection_settings("http://localhost:9200", {}))


def test_the_connection_is_kept_alive_and_shared_by_threads(elasticsearch):
    with opened(elasticsearch.url) as connection, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: asked(connection), range(40))) == [INFO] * 40
        assert elasticsearch.connections <= 4
