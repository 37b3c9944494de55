"""Credentials and TLS on a real server with security on."""

import secrets

import pytest
import trustme

from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.faults import RequestError
from tests.elastic.connecting import failure, opened


@pytest.fixture(scope="module")
def superuser(secured_elasticsearch):
    address = secured_elasticsearch
    with Connection(connection_settings(address.url, address.environ)) as connection:
        yield connection


@pytest.fixture(scope="module")
def index(superuser):
    name = f"secured-{secrets.token_hex(4)}"
    superuser.call("filling", lambda c: c.index(index=name, document={"n": 1}, refresh="true"))
    return name


@pytest.fixture(scope="module")
def key_to_read(superuser, index):
    """An API key with the privilege ``read`` on one index, and none on the cluster."""
    roles = {"reader": {"index": [{"names": [index], "privileges": ["read"]}]}}
    return superuser.call(
        "making a key", lambda c: c.security.create_api_key(name=index, role_descriptors=roles)
    ).body


@pytest.fixture
def with_key(secured_elasticsearch):
    """Opens a connection with an API key."""

    def open_with(key: str) -> Connection:
        authority = secured_elasticsearch.environ["RAGFT_ES_CA_FILE"]
        environ = {"RAGFT_ES_API_KEY": key, "RAGFT_ES_CA_FILE": authority}
        return opened(secured_elasticsearch.url, environ)

    return open_with


def counted(connection: Connection, index: str) -> int:
    return connection.call("counting", lambda client: client.count(index=index))["count"]


def test_a_password_signs_in(superuser, index):
    superuser.check()
    assert counted(superuser, index) == 1


def test_an_api_key_signs_in_in_either_form(key_to_read, with_key, index):
    for key in (key_to_read["encoded"], f"{key_to_read['id']}:{key_to_read['api_key']}"):
        with with_key(key) as connection:
            assert counted(connection, index) == 1


def test_a_key_that_may_only_read_passes_the_check(key_to_read, with_key, index):
    with with_key(key_to_read["encoded"]) as connection:
        connection.check()
        with pytest.raises(RequestError) as raised:
            connection.call("asking for the version", lambda client: client.info())
    assert raised.value.status == 403


def test_what_a_key_may_not_do_is_told(key_to_read, with_key, index):
    with with_key(key_to_read["encoded"]) as connection:
        with pytest.raises(RequestError) as raised:
            counted(connection, f"{index}-other")
        with pytest.raises(RequestError) as writing:
            connection.call("writing", lambda c: c.index(index=index, document={"n": 2}))
    assert raised.value.status == writing.value.status == 403
    assert "RAGFT_ES_API_KEY" in str(raised.value)
    assert "indices:data/write" in str(writing.value)
    assert key_to_read["api_key"] not in str(raised.value)


@pytest.mark.parametrize("wrong", ["d3Jvbmc6d3Jvbmc=", "wrong:wrong", "wrong"])
def test_a_wrong_key_is_one_message(with_key, wrong):
    message = failure(with_key(wrong))
    assert "the API key in RAGFT_ES_API_KEY was refused (401)" in message


def test_a_wrong_password_is_one_message(secured_elasticsearch):
    environ = {**secured_elasticsearch.environ, "RAGFT_ES_PASSWORD": "wrong-password"}
    message = failure(opened(secured_elasticsearch.url, environ))
    assert "RAGFT_ES_PASSWORD was refused (401)" in message
    assert "wrong-password" not in message


def test_no_credentials_are_one_message(secured_elasticsearch):
    environ = {"RAGFT_ES_CA_FILE": secured_elasticsearch.environ["RAGFT_ES_CA_FILE"]}
    message = failure(opened(secured_elasticsearch.url, environ))
    assert "the server asks for credentials (401); set RAGFT_ES_API_KEY" in message


def test_an_unknown_authority_is_one_message(secured_elasticsearch, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    environ = {**secured_elasticsearch.environ, "RAGFT_ES_CA_FILE": str(other)}
    message = failure(opened(secured_elasticsearch.url, environ))
    assert "set RAGFT_ES_CA_FILE to the PEM file of that authority" in message


def test_another_host_name_is_one_message(secured_elasticsearch):
    url = secured_elasticsearch.url.replace("127.0.0.1", "localhost")
    message = failure(opened(url, secured_elasticsearch.environ))
    assert "certificate is for another host" in message


def test_no_encryption_is_one_message(secured_elasticsearch):
    url = secured_elasticsearch.url.replace("https:", "http:")
    environ = {**secured_elasticsearch.environ}
    del environ["RAGFT_ES_CA_FILE"]
    message = failure(opened(url, environ))
    assert "the server speaks TLS at that port; write https://" in message


def test_encryption_where_there_is_none_is_one_message(elasticsearch_url):
    if not elasticsearch_url.startswith("http:"):
        pytest.skip("the given server is encrypted")
    message = failure(opened(elasticsearch_url.replace("http:", "https:")))
    assert "write http:// instead of https://" in message
