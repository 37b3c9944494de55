"""Building: crashes, lost and odd answers, and what the server turns away."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic import bulk, mapping
from tests.elastic.connecting import opened, waits
from tests.elastic.opening import indices_of, managed_index
from tests.elastic.proxy import Proxy, answering, changing, dropping_answer

CORPUS = [Passage(id=f"p{i}", text=f"passage number {i} of many") for i in range(45)]


@pytest.fixture(autouse=True)
def small_requests(monkeypatch):
    """Some requests for a small corpus."""
    monkeypatch.setattr(bulk, "MOST_DOCUMENTS", 10)
    monkeypatch.setattr(mapping, "_ENCODED_TOGETHER", 5)


def alias_exists(server, index):
    return bool(server.indices.exists_alias(name=index.alias))


def documents_of(server, index):
    (stats,) = server.indices.stats(index=index.alias)["indices"].values()
    return stats["primaries"]["docs"]


class Shown:
    """Progress, written down; may end in an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.phases, self.error = [], error

    @contextmanager
    def phase(self, title, total, unit):
        self.phases.append([title, total, unit, 0])
        yield self

    def advance(self, done, what=""):
        self.phases[-1][3] += done
        if self.error is not None and self.phases[-1][3] >= 20:
            raise self.error


@pytest.mark.parametrize("error", [RuntimeError("crash"), KeyboardInterrupt()], ids=repr)
def test_a_crash_leaves_nothing_behind(elastic_connection, suite, server, error):
    crashing = managed_index(elastic_connection, suite, CORPUS, progress=Shown(error))
    with pytest.raises(type(error)):
        crashing.ensure()
    assert indices_of(server, suite) == {}
    index = managed_index(elastic_connection, suite, CORPUS)
    index.ensure()
    assert documents_of(server, index)["count"] == len(CORPUS)


def test_it_is_never_in_use_before_it_is_complete(elasticsearch_url, suite, server):
    index = None
    seen = []

    def look(content):
        seen.append(alias_exists(server, index))

    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        index = managed_index(connection, suite, CORPUS)
        proxy.inject(changing(look), times=5, path="_bulk")
        index.ensure()
    assert seen == [False] * 5
    assert alias_exists(server, index)


def test_a_count_that_does_not_fit_is_never_in_use(elasticsearch_url, suite, server):
    def lose_one(content):
        content["count"] -= 1

    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        index = managed_index(connection, suite, CORPUS)
        proxy.inject(changing(lose_one), path="_count")
        with pytest.raises(RetrievalError, match=r"holds 44 passages, the corpus .* has 45"):
            index.ensure()
        assert indices_of(server, suite) == {}


def test_an_alias_that_somebody_removed(elastic_connection, suite, server):
    index = managed_index(elastic_connection, suite, CORPUS)
    index.ensure()
    ((name, _),) = indices_of(server, suite).items()
    server.indices.delete_alias(index=name, name=index.alias)
    managed_index(elastic_connection, suite, CORPUS).ensure()
    assert alias_exists(server, index)


def test_an_index_deleted_while_it_is_built(elasticsearch_url, suite, server):
    def delete(content):
        ((name, _),) = indices_of(server, suite).items()
        server.indices.delete(index=name)

    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(changing(delete), path="_bulk")
        with pytest.raises(RetrievalError, match="index_not_found_exception"):
            managed_index(connection, suite, CORPUS).ensure()
        # Nor is there one that the server made by itself from the passages that came later.
        assert indices_of(server, suite) == {}


def test_an_answer_that_was_lost_changes_nothing(elasticsearch_url, suite, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        connection.check()
        index = managed_index(connection, suite, CORPUS)
        created = rf"{index.alias}-[0-9a-f]+$"
        for path in (created, "_bulk", "_aliases", "_mapping", "_block", "_refresh"):
            proxy.inject(dropping_answer(), path=path)
        index.ensure()
        assert len(proxy.seen(created)) == 2
        assert len(proxy.seen("_bulk")) == 6
        found = documents_of(server, index)
        # Passages that are written twice would leave deleted ones in BM25's statistics.
        assert (found["count"], found["deleted"]) == (len(CORPUS), 0)
        assert len(indices_of(server, suite)) == 1


def test_an_alias_that_came_with_an_odd_answer_is_one(elasticsearch_url, suite, server):
    def done_and_denied(request, forward):
        forward()
        return answering(500, {"error": {"type": "odd", "reason": "r"}})(request, forward)

    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(done_and_denied, path="_aliases")
        index = managed_index(connection, suite, CORPUS)
        index.ensure()
        assert [*indices_of(server, suite).values()] == [{index.alias}]
        assert len(proxy.seen("_bulk")) == 5


def test_an_alias_that_is_denied_is_an_error(elasticsearch_url, suite, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(answering(403, {"error": {"type": "t", "reason": "no"}}), path="_aliases")
        with pytest.raises(RetrievalError, match=r"putting alias .* 403"):
            managed_index(connection, suite, CORPUS).ensure()


def test_a_request_that_is_turned_away_is_sent_again(elasticsearch_url, suite, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(answering(429, retry_after=3), times=2, path="_bulk")
        index = managed_index(connection, suite, CORPUS)
        index.ensure()
        assert [wait for wait in waits(connection) if wait >= 3]
        assert len(proxy.seen("_bulk")) == 7
        assert documents_of(server, index)["count"] == len(CORPUS)


def test_passages_that_are_turned_away_are_sent_again_alone(elasticsearch_url, suite, server):
    turned_away = {
        "status": 429,
        "error": {"type": "es_rejected_execution_exception", "reason": "queue is full"},
    }

    def turn_away(content):
        for item in content["items"][3:6]:
            item["create"] = {"_id": item["create"]["_id"], **turned_away}

    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(changing(turn_away), path="_bulk")
        index = managed_index(connection, suite, CORPUS)
        index.ensure()
        lines = [request.body.count(b"\n") for request in proxy.seen("_bulk")]
        assert lines[:3] == [20, 6, 20]
        assert documents_of(server, index)["count"] == len(CORPUS)


def test_a_passage_that_is_refused_is_named(elasticsearch_url, suite, server):
    def refuse(content):
        content["items"][2]["create"] = {
            "_id": "2",
            "status": 400,
            "error": {"type": "document_parsing_exception", "reason": "too odd"},
        }

    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(changing(refuse), path="_bulk")
        index = managed_index(connection, suite, CORPUS)
        with pytest.raises(RetrievalError, match=r"the passage 'p2' was refused: .*too odd"):
            index.ensure()
        assert not alias_exists(server, index)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["items"].pop(),
        lambda content: content["items"].pop(0),
        lambda content: content.pop("items"),
    ],
    ids=["last", "first", "all"],
)
def test_an_answer_for_fewer_passages_is_not_taken(elasticsearch_url, suite, server, change):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(changing(change), path="_bulk")
        index = managed_index(connection, suite, CORPUS)
        index.ensure()
        assert len(proxy.seen("_bulk")) == 6
        assert documents_of(server, index)["count"] == len(CORPUS)


def test_building_shows_how_far_it_is(elastic_connection, suite):
    shown = Shown()
    managed_index(elastic_connection, suite, CORPUS, progress=shown).ensure()
    assert shown.phases == [[f"indexing suite {suite!r}", 45, "passages", 45]]


def test_a_lock_of_the_machine_is_held(elastic_connection, suite):
    held = []

    @contextmanager
    def lock(name):
        held.append(name)
        yield

    managed_index(elastic_connection, suite, CORPUS, lock=lock).ensure()
    assert len(held) == 1
    assert suite in held[0]
