"""With security on: what each kind of index needs of privileges."""

from __future__ import annotations

import secrets

import pytest
from elasticsearch import Elasticsearch

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.administration import list_indices
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.retriever import open_elastic
from pytest_ragft.retrieval.settings import OwnIndex, RetrievalSettings
from tests.elastic.opening import managed, no_encoder
from tests.elastic.own_index import FIELDS, create, encoder


@pytest.fixture
def admin(secured_elasticsearch):
    address = secured_elasticsearch
    credentials = (address.user, address.password)
    with Elasticsearch(
        address.url, basic_auth=credentials, ca_certs=address.ca_file, request_timeout=60
    ) as client:
        yield client


@pytest.fixture
def own(admin):
    made = f"own-{secrets.token_hex(4)}"
    create(admin, made)
    yield made
    admin.indices.delete(index=made)


def allowed(admin, address, names, privileges):
    """A connection with an API key of these privileges alone."""
    indices = [{"names": names, "privileges": privileges}]
    made = admin.security.create_api_key(
        name=secrets.token_hex(4), role_descriptors={"only": {"indices": indices}}
    )
    environ = {"RAGFT_ES_API_KEY": made["encoded"], "RAGFT_ES_CA_FILE": address.ca_file}
    return Connection(connection_settings(address.url, environ))


@pytest.mark.parametrize("mode", ["bm25", "hybrid"])
def test_the_users_index_needs_read_only(admin, secured_elasticsearch, own, mode):
    settings = RetrievalSettings(index=OwnIndex(name=own, **FIELDS), mode=mode)
    with allowed(admin, secured_elasticsearch, [own], ["read"]) as connection:
        retriever = open_elastic((), settings, connection, suite="s", encoder=encoder)
        retriever.check()
        assert [hit.passage_id for hit in retriever.retrieve(["molten"], 2)[0]] == [
            "twin-1",
            "twin-2",
        ]
        assert retriever.fingerprint is not None
        assert any("uuid" in note for note in retriever.notes)
        retriever.close()


def test_with_metadata_its_identity_is_sure(admin, secured_elasticsearch, own):
    settings = RetrievalSettings(index=OwnIndex(name=own, **FIELDS))
    privileges = ["read", "view_index_metadata"]
    with allowed(admin, secured_elasticsearch, [own], privileges) as connection:
        retriever = open_elastic((), settings, connection, suite="s", encoder=no_encoder)
        assert retriever.fingerprint is not None
        assert retriever.notes == ()
        retriever.close()


def test_an_index_that_may_not_be_read(admin, secured_elasticsearch, own):
    settings = RetrievalSettings(index=OwnIndex(name=own, **FIELDS))
    with allowed(admin, secured_elasticsearch, ["other"], ["read"]) as connection:
        retriever = open_elastic((), settings, connection, suite="s", encoder=no_encoder)
        for act in (retriever.check, lambda: retriever.retrieve(["cat"], 1)):
            with pytest.raises(RetrievalError, match=r"403.*RAGFT_ES_API_KEY") as raised:
                act()
            assert connection.settings.api_key.reveal() not in str(raised.value)


def test_managed_indices_need_nothing_outside_their_prefix(admin, secured_elasticsearch):
    suite = f"test-{secrets.token_hex(4)}"
    with allowed(admin, secured_elasticsearch, ["ragft-*"], ["all"]) as connection:
        retriever = managed(connection, suite, mode="hybrid")
        retriever.check()
        assert retriever.retrieve(["molten"], 2)[0][0].passage_id == "twin-1"
        (facts,) = [facts for facts in list_indices(connection) if facts.suite == suite]
        assert facts.is_complete
        admin.indices.delete(index=facts.name)
