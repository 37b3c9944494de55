"""Credentials and TLS: refused ones are named, and no secret is shown anywhere."""

import json
import logging
import traceback

import pytest
import trustme

from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.faults import RequestError
from tests.elastic.connecting import ELASTICSEARCH, closed_port, failure, opened
from tests.elastic.proxy import Proxy, answering, dropping

KEY = "c2VjcmV0LWlkOnNlY3JldC1rZXk="


@pytest.fixture
def elasticsearch():
    with Proxy(otherwise=ELASTICSEARCH) as proxy:
        yield proxy


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "set RAGFT_ES_API_KEY, or RAGFT_ES_USER and RAGFT_ES_PASSWORD"),
        ({"RAGFT_ES_API_KEY": KEY}, "the API key in RAGFT_ES_API_KEY was refused"),
        (
            {"RAGFT_ES_USER": "u", "RAGFT_ES_PASSWORD": KEY},
            "RAGFT_ES_USER = 'u' with the password in RAGFT_ES_PASSWORD was refused",
        ),
    ],
)
def test_refused_credentials_are_named_and_not_shown(environ, said):
    echo = {"error": {"type": "security_exception", "reason": f"bad {KEY}"}}
    with Proxy(otherwise=answering(401, echo)) as proxy:
        message = failure(opened(proxy.url, environ))
    assert said in message
    assert KEY not in message


@pytest.mark.parametrize(
    ("environ", "header"),
    [
        ({}, None),
        ({"RAGFT_ES_API_KEY": KEY}, f"ApiKey {KEY}"),
        ({"RAGFT_ES_API_KEY": "secret-id:secret-key"}, f"ApiKey {KEY}"),
        ({"RAGFT_ES_USER": "secret-id", "RAGFT_ES_PASSWORD": "secret-key"}, f"Basic {KEY}"),
    ],
)
def test_credentials_are_sent_as_the_server_expects(environ, header, elasticsearch):
    with opened(elasticsearch.url, environ) as connection:
        connection.check()
    headers = {name.lower(): value for name, value in elasticsearch.seen()[0].headers.items()}
    assert headers.get("authorization") == header


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def encrypted(authority, tmp_path):
    """An encrypted server whose certificate is for 127.0.0.1, and its authority's file."""
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    certificate = authority.issue_cert("127.0.0.1")
    with Proxy(otherwise=ELASTICSEARCH, certificate=certificate) as proxy:
        yield proxy, str(file)


def test_the_right_authority_is_trusted(encrypted):
    proxy, file = encrypted
    with opened(proxy.url, {"RAGFT_ES_CA_FILE": file}) as connection:
        connection.check()


def test_an_unknown_authority_is_refused_with_the_variable_to_set(encrypted, tmp_path):
    proxy, _ = encrypted
    assert "set RAGFT_ES_CA_FILE to the PEM file" in failure(opened(proxy.url))
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    message = failure(opened(proxy.url, {"RAGFT_ES_CA_FILE": str(other)}))
    assert "an authority that is not trusted" in message
    assert proxy.seen() == []


def test_a_certificate_for_another_host_is_refused(encrypted):
    proxy, file = encrypted
    url = f"https://localhost:{proxy.port}"
    message = failure(opened(url, {"RAGFT_ES_CA_FILE": file}))
    assert "certificate is for another host" in message


def test_https_on_a_plain_port(elasticsearch):
    message = failure(opened(elasticsearch.url.replace("http:", "https:")))
    assert "write http:// instead of https://" in message


def test_http_on_an_encrypted_port(encrypted):
    proxy, _ = encrypted
    message = failure(opened(proxy.url.replace("https:", "http:")))
    assert "the server speaks TLS at that port; write https://" in message


@pytest.mark.parametrize(
    "environ",
    [
        {"RAGFT_ES_API_KEY": KEY},
        {"RAGFT_ES_API_KEY": "secret-id:secret-key"},
        {"RAGFT_ES_USER": "secret-id", "RAGFT_ES_PASSWORD": "secret-key"},
    ],
)
@pytest.mark.parametrize("ending", ["refused", "dropped", "401", "503", "html", "broken"])
def test_no_secret_in_any_traceback_log_or_message(environ, ending, caplog, elasticsearch):
    caplog.set_level(logging.DEBUG)
    url = elasticsearch.url
    echo = {"error": {"type": "e", "reason": "Basic c2VjcmV0LWlkOnNlY3JldC1rZXk= secret-key"}}
    if ending == "refused":
        url = f"http://127.0.0.1:{closed_port()}"
    elif ending == "dropped":
        elasticsearch.inject(dropping(), times=99)
    elif ending == "html":
        elasticsearch.inject(answering(200, "<p>", headers={"Content-Type": "text/html"}))
    elif ending != "broken":
        elasticsearch.inject(answering(int(ending), echo), times=10_000)
    text = rendered(opened(url, environ, total_timeout=1), broken=ending == "broken")
    assert "Error" in text
    for secret in ("secret-key", KEY):
        assert secret not in text
        # At level DEBUG the client logs a server's words as they are.
        assert secret not in caplog.text.replace(json.dumps(echo), "")


def rendered(connection: Connection, *, broken: bool) -> str:
    """The traceback of a failing call with the locals of every frame, chained ones too."""

    def request(client):
        return client.info()["nothing"] if broken else client.info()

    with connection, pytest.raises(KeyError if broken else RequestError) as raised:
        connection.call("asking", request)
    assert raised.value.__context__ is None
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    return "".join(shown.format())
