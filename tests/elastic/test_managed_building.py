"""Building: crashes, several processes at once, and what the server turns away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic import bulk, mapping
from pytest_ragft.retrieval.elastic.naming import Mark
from tests.elastic.connecting import opened, waits
from tests.elastic.opening import managed_index
from tests.elastic.proxy import Proxy, answering, changing, dropping_answer

CORPUS = [Passage(id=f"p{i}", text=f"passage number {i} of many") for i in range(45)]


@pytest.fixture(autouse=True)
def small_requests(monkeypatch):
    """Some requests for a small corpus."""
    monkeypatch.setattr(bulk, "MOST_DOCUMENTS", 10)
    monkeypatch.setattr(mapping, "_ENCODED_TOGETHER", 5)


def alias_exists(server, index):
    return bool(server.indices.exists_alias(name=index.names.alias))


def documents_of(server, index):
    stats = server.indices.stats(index=index.names.index)["indices"][index.names.index]
    return stats["primaries"]["docs"]


def mark_of(server, index):
    found = server.indices.get_mapping(index=index.names.index)[index.names.index]
    return Mark.from_meta(found["mappings"]["_meta"])


class Breaking:
    """A corpus whose second reading ends early."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.readings = error, 0

    def __iter__(self) -> Iterator[Passage]:
        self.readings += 1
        for number, passage in enumerate(CORPUS):
            if self.readings > 1 and number == 23:
                raise self.error
            yield passage


@pytest.mark.parametrize("error", [RuntimeError("crash"), KeyboardInterrupt()], ids=repr)
def test_a_crash_leaves_no_half_index_in_use(elasticsearch_url, suite, server, error):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        with pytest.raises(type(error)):
            managed_index(connection, suite, Breaking(error)).ensure()
        index = managed_index(connection, suite, CORPUS)
        assert not alias_exists(server, index)
        server.indices.refresh(index=index.names.index)
        assert 0 < documents_of(server, index)["count"] < len(CORPUS)
        assert mark_of(server, index).owner is None
        index.ensure()
        assert alias_exists(server, index)
        # What was there stays; rewriting would leave deleted documents in BM25's statistics.
        assert documents_of(server, index) | {"total_size_in_bytes": 0} == {
            "count": len(CORPUS),
            "deleted": 0,
            "total_size_in_bytes": 0,
        }


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
        assert not alias_exists(server, index)


class Held:
    """A request that is held until it is let go."""

    def __init__(self) -> None:
        self.reached, self.released = threading.Event(), threading.Event()

    def __call__(self, request, forward):
        self.reached.set()
        assert self.released.wait(60)
        return forward()


@contextmanager
def two(url: str) -> Iterator[tuple[Proxy, Proxy, ThreadPoolExecutor]]:
    """Two ways to the server, and threads to use them."""
    with Proxy(url) as one, Proxy(url) as other, ThreadPoolExecutor(2) as pool:
        yield one, other, pool


def test_two_at_once_index_once(elasticsearch_url, suite, server):
    with two(elasticsearch_url) as (one, other, pool):
        held = Held()
        one.inject(lambda request, forward: forward(), path="_bulk")
        one.inject(held, path="_bulk")
        with opened(one.url) as first, opened(other.url) as second:
            builder = pool.submit(managed_index(first, suite, CORPUS).ensure)
            assert held.reached.wait(60)
            waiting = managed_index(second, suite, CORPUS, poll=0.02, patience=60)
            waiter = pool.submit(waiting.ensure)
            while len(other.seen("_mapping")) < 4:
                assert not held.released.wait(0.02)
                assert not waiter.done()
            held.released.set()
            builder.result()
            waiter.result()
        assert len(one.seen("_bulk")) == 5
        assert other.seen("_bulk") == []
        assert documents_of(server, waiting)["count"] == len(CORPUS)


def test_a_dead_builder_is_succeeded(elasticsearch_url, suite, server):
    """The first one lives in truth, and does no harm when it wakes up."""
    with two(elasticsearch_url) as (one, other, pool):
        held = Held()
        one.inject(held, path="_bulk")
        with opened(one.url) as first, opened(other.url) as second:
            sleeping = managed_index(first, suite, CORPUS)
            builder = pool.submit(sleeping.ensure)
            assert held.reached.wait(60)
            index = managed_index(second, suite, CORPUS, poll=0.02, patience=0.2)
            index.ensure()
            assert len(other.seen("_bulk")) == 5
            assert not held.released.is_set()
            assert alias_exists(server, index)
            held.released.set()
            builder.result()
        found = documents_of(server, index)
        assert (found["count"], found["deleted"]) == (len(CORPUS), 0)
        assert set(
            server.indices.get_alias(index=index.names.index)[index.names.index]["aliases"]
        ) == {index.names.alias}


def test_a_waiting_process_sees_a_builder_that_gives_up(elasticsearch_url, suite, server):
    with two(elasticsearch_url) as (one, other, pool):
        held = Held()
        one.inject(held, path="_bulk")
        one.inject(answering(400, {"error": {"type": "broken", "reason": "r"}}), path="_bulk")
        with opened(one.url) as first, opened(other.url) as second:
            builder = pool.submit(managed_index(first, suite, CORPUS).ensure)
            assert held.reached.wait(60)
            waiting = managed_index(second, suite, CORPUS, poll=0.02, patience=60)
            waiter = pool.submit(waiting.ensure)
            while len(other.seen("_mapping")) < 4:
                assert not held.released.wait(0.02)
                assert not waiter.done()
            held.released.set()
            with pytest.raises(RetrievalError, match="broken"):
                builder.result()
            waiter.result()
        assert alias_exists(server, waiting)


def test_completed_but_not_published(elastic_connection, suite, server):
    """A crash between the last two steps, or an alias that somebody removed."""
    index = managed_index(elastic_connection, suite, CORPUS)
    index.ensure()
    server.indices.delete_alias(index=index.names.index, name=index.names.alias)
    managed_index(elastic_connection, suite, CORPUS).ensure()
    assert alias_exists(server, index)


def test_an_index_deleted_while_it_is_built(elasticsearch_url, suite, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        index = managed_index(connection, suite, CORPUS)

        def delete(content):
            server.indices.delete(index=index.names.index)

        proxy.inject(changing(delete), path="_bulk")
        index.ensure()
        # Not one that the server made by itself from the first passage.
        assert mark_of(server, index).state == "complete"
        assert documents_of(server, index)["count"] == len(CORPUS)


def test_an_answer_that_was_lost_changes_nothing(elasticsearch_url, suite, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        connection.check()
        for path in (r"-index$", "_bulk", "_aliases", "_mapping", "_block", "_refresh"):
            proxy.inject(dropping_answer(), path=path)
        index = managed_index(connection, suite, CORPUS)
        index.ensure()
        found = documents_of(server, index)
        assert (found["count"], found["deleted"]) == (len(CORPUS), 0)


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
            item["create"] = dict(turned_away)

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
            "status": 400,
            "error": {"type": "document_parsing_exception", "reason": "too odd"},
        }

    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(changing(refuse), path="_bulk")
        index = managed_index(connection, suite, CORPUS)
        with pytest.raises(RetrievalError, match=r"the passage 'p2' was refused: .*too odd"):
            index.ensure()
        assert not alias_exists(server, index)


def test_an_answer_for_fewer_passages_is_not_taken(elasticsearch_url, suite, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        proxy.inject(changing(lambda content: content["items"].pop()), path="_bulk")
        index = managed_index(connection, suite, CORPUS)
        index.ensure()
        assert len(proxy.seen("_bulk")) == 6
        assert documents_of(server, index)["count"] == len(CORPUS)


class Shown:
    """Progress, written down."""

    def __init__(self):
        self.phases = []

    @contextmanager
    def phase(self, title, total, unit):
        self.phases.append([title, total, unit, 0])
        yield self

    def advance(self, done, what=""):
        self.phases[-1][3] += done


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
