"""Retrievers on the test server, under names of their own that are removed again.

tests/conftest.py imports the fixtures, so that every test may ask for them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest
from elasticsearch import Elasticsearch

from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic.access import connection_settings
from pytest_ragft.retrieval.elastic.connection import Connection
from pytest_ragft.retrieval.elastic.index import ManagedIndex
from pytest_ragft.retrieval.elastic.retriever import open_elastic
from pytest_ragft.retrieval.encoding import Encoder, open_encoder
from pytest_ragft.retrieval.port import Retriever
from pytest_ragft.retrieval.ranking import searched_text
from pytest_ragft.retrieval.settings import RetrievalSettings

PASSAGES = (
    Passage(id="cat", title="Cats", text="The cat sleeps on the mat."),
    Passage(id="dog", title="Dogs", text="A dog chases the cat around the garden."),
    Passage(id="twin-1", text="Volcanoes erupt molten rock."),
    Passage(id="twin-2", text="Volcanoes erupt molten rock."),
    Passage(id="silent", text="the of and"),
)


@pytest.fixture(scope="session")
def elastic_connection(elasticsearch_url: str) -> Iterator[Connection]:
    """A connection to the shared test server."""
    with Connection(connection_settings(elasticsearch_url, {})) as connection:
        yield connection


@pytest.fixture(scope="session")
def elastic_suite(elasticsearch_url: str) -> Iterator[str]:
    """A suite's name that no other process uses; what was made for it goes at the end."""
    name = f"tests-{secrets.token_hex(4)}"
    yield name
    remove(elasticsearch_url, f"ragft-{name}*")


@pytest.fixture
def suite(elasticsearch_url: str) -> Iterator[str]:
    """A suite's name that no other test uses."""
    name = f"test-{secrets.token_hex(4)}"
    yield name
    remove(elasticsearch_url, f"ragft-{name}*")


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    """The bare client, to see and do what the product does not."""
    with Elasticsearch(elasticsearch_url) as client:
        yield client


def remove(url: str, pattern: str) -> None:
    """Deletes the indices of a pattern; servers refuse to delete by the pattern itself."""
    with Elasticsearch(url) as client:
        for index in client.indices.get(index=pattern).body:
            client.options(ignore_status=404).indices.delete(index=index)


def indices_of(server: Elasticsearch, suite: str) -> dict[str, set[str]]:
    """All that were made for a suite, with their aliases."""
    found = server.indices.get_alias(index=f"ragft-{suite}*").body
    return {name: set(index["aliases"]) for name, index in found.items()}


def tfidf(passages: Iterable[Passage]) -> Callable[[], Encoder]:
    """Makes the encoder that needs no model."""
    texts = [searched_text(passage) for passage in passages]
    return lambda: open_encoder("tfidf", corpus=texts, store=None, offline=True)


def managed(
    connection: Connection,
    suite: str,
    passages: Sequence[Passage] = PASSAGES,
    **settings: object,
) -> Retriever:
    """The retriever over an index of the tool's own."""
    return open_elastic(
        passages,
        RetrievalSettings(**settings),
        connection,
        suite=suite,
        encoder=tfidf(passages),
    )


def managed_index(
    connection: Connection,
    suite: str,
    passages: Sequence[Passage] = PASSAGES,
    *,
    settings: RetrievalSettings | None = None,
    **given: object,
) -> ManagedIndex:
    """The index itself."""
    return ManagedIndex(
        connection,
        passages,
        RetrievalSettings() if settings is None else settings,
        suite=suite,
        encoder=tfidf(passages) if settings and settings.mode != "bm25" else no_encoder,
        **given,
    )


def no_encoder() -> Encoder:
    raise AssertionError("no vectors are needed")


def contract_case(
    **settings: object,
) -> Callable[[tuple[Passage, ...], pytest.FixtureRequest], Retriever]:
    """Opens the managed index with settings, for the contract of all retrievers."""

    def open_(passages: tuple[Passage, ...], request: pytest.FixtureRequest) -> Retriever:
        connection = request.getfixturevalue("elastic_connection")
        name = request.getfixturevalue("elastic_suite")
        return managed(connection, name, passages, **settings)

    return open_
