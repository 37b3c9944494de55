"""Building: crashes, several processes at once, and what the server turns away."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from pytest_ragft.errors import RetrievalError
from pytest_ragft.records import Passage
from pytest_ragft.retrieval.elastic import bulk, mapping
from pytest_ragft.retrieval.elastic.administration import list_indices, prunable, prune
from pytest_ragft.retrieval.elastic.naming import TOOL
from tests.elastic.connecting import opened, waits
from tests.elastic.opening import managed, managed_index
from tests.elastic.proxy import Proxy, answering, changing, dropping_answer
from tests.example import Example, clean_environment
from tests.processes import posix

CORPUS = [Passage(id=f"p{i}", text=f"passage number {i} of many") for i in range(45)]


@pytest.fixture(autouse=True)
def small_requests(monkeypatch):
    """Some requests for a small corpus."""
    monkeypatch.setattr(bulk, "MOST_DOCUMENTS", 10)
    monkeypatch.setattr(mapping, "_ENCODED_TOGETHER", 5)


def alias_exists(server, index):
    return bool(server.indices.exists_alias(name=index.alias))


def indices_of(server, suite):
    """All that were made for a suite, with their aliases."""
    found = server.indices.get_alias(index=f"ragft-{suite}*").body
    return {name: set(index["aliases"]) for name, index in found.items()}


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


class Held:
    """A request that is held until it is let go, and goes on then unless it is lost."""

    def __init__(self, *, lost: bool = False) -> None:
        self.reached, self.released, self.lost = threading.Event(), threading.Event(), lost

    def __call__(self, request, forward):
        self.reached.set()
        assert self.released.wait(120)
        return None if self.lost else forward()


@contextmanager
def ragft_index_build(url: str, example: Example) -> Iterator[subprocess.Popen[str]]:
    """A process that indexes the suites of an example."""
    command = [sys.executable, "-m", "pytest_ragft", "index", "build", "--suites", "suites"]
    process = subprocess.Popen(
        [*command, "--root", ".", "--es-url", url],
        cwd=example.folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def test_two_processes_at_once_index_once(elasticsearch_url, suite, server, tmp_path):
    example = Example(tmp_path).suite(suite, documents=3)
    held = Held()
    waiting = threading.Event()

    def listen(process):
        for line in process.stderr:
            if "waiting for the lock 'elasticsearch ragft-" in line:
                waiting.set()

    with Proxy(elasticsearch_url) as proxy, ThreadPoolExecutor(2) as pool:
        proxy.inject(held, path="_bulk")
        with (
            ragft_index_build(proxy.url, example) as one,
            ragft_index_build(proxy.url, example) as other,
        ):
            listening = [pool.submit(listen, process) for process in (one, other)]
            assert held.reached.wait(60)
            is_waiting = waiting.wait(60)
            held.released.set()
            said = {process.stdout.read() for process in (one, other)}
            assert [process.wait(60) for process in (one, other)] == [0, 0]
            for future in listening:
                future.result()
        assert is_waiting
        ((name, (alias,)),) = indices_of(server, suite).items()
        assert said == {f"{suite}: 12 passages in {alias}\n"}
        assert len(proxy.seen("_bulk")) == 1
        assert server.count(index=name)["count"] == 12


def test_of_two_machines_the_second_deletes_its_own_and_uses_the_firsts(
    elasticsearch_url, suite, server
):
    """Nothing is locked between them; the slower one is held before its very last step."""
    with (
        Proxy(elasticsearch_url) as one,
        Proxy(elasticsearch_url) as other,
        ThreadPoolExecutor(1) as pool,
        opened(one.url) as slow,
        opened(other.url) as quick,
    ):
        held = Held()
        one.inject(held, path="_aliases")
        late = managed(slow, suite, CORPUS)
        hits = pool.submit(late.retrieve, ["passage 44"], 3)
        assert held.reached.wait(60)
        first = managed(quick, suite, CORPUS)
        expected = first.retrieve(["passage 44"], 3)
        ((name, aliases),) = [
            (name, aliases)
            for name, aliases in indices_of(server, suite).items()
            if f"{name}-building" not in aliases
        ]
        held.released.set()
        assert hits.result() == expected
        # Each has indexed, and one index is there.
        assert (len(one.seen("_bulk")), len(other.seen("_bulk"))) == (5, 5)
        assert indices_of(server, suite) == {name: aliases}
        assert first.retrieve(["passage 44"], 3) == expected


@posix
def test_what_a_killed_process_leaves_is_never_searched_and_goes_after_a_day(
    elasticsearch_url, elastic_connection, suite, server, tmp_path
):
    example = Example(tmp_path).suite(suite, documents=3)
    with Proxy(elasticsearch_url) as proxy:
        # The first one is killed once all is there but the alias.
        held = Held(lost=True)
        proxy.inject(held, path="_aliases")
        with ragft_index_build(proxy.url, example) as process:
            assert held.reached.wait(60)
            process.kill()
            assert process.wait(60) == -signal.SIGKILL
        held.released.set()
        ((left, aliases),) = indices_of(server, suite).items()
        assert aliases == {f"{left}-building"}
        with ragft_index_build(proxy.url, example) as process:
            alias = process.stdout.read().split()[-1]
            assert process.wait(60) == 0
        assert len(proxy.seen("_bulk")) == 2
        assert list(server.indices.get_alias(name=alias).body) != [left]

    found = [facts for facts in list_indices(elastic_connection) if facts.suite == suite]
    assert {facts.name: facts.is_complete for facts in found}[left] is False
    assert [facts.is_complete for facts in found].count(True) == 1
    # Another machine may be building it.
    now = datetime.now(UTC)
    for age in (timedelta(0), timedelta(hours=23)):
        may_go = prunable(found, now=now + age, older_than=timedelta(0), keep=[alias])
        assert may_go == ()
    may_go = prunable(found, now=now + timedelta(hours=25), keep=[alias])
    assert prune(elastic_connection, may_go) == (left,)
    assert [*indices_of(server, suite).values()] == [{alias}]


META = {
    "tool": TOOL,
    "suite": "s",
    "passages": len(CORPUS),
    "created": "2026-01-02T03:04:05+00:00",
    "version": "0.1.0",
    "beat": 2,
}


def test_an_index_of_an_earlier_version_is_used(elasticsearch_url, suite, server):
    with Proxy(elasticsearch_url) as proxy, opened(proxy.url) as connection:
        index = managed_index(connection, suite, CORPUS)
        index.ensure()
        ((name, _),) = indices_of(server, suite).items()
        earlier = f"{index.alias}-index"
        server.indices.clone(index=name, target=earlier)
        server.indices.delete(index=name)
        mark = META | {"fingerprint": index.fingerprint, "state": "complete", "done": len(CORPUS)}
        server.indices.put_mapping(index=earlier, meta=mark)
        server.indices.put_alias(index=earlier, name=index.alias)
        sent = len(proxy.seen("_bulk"))
        retriever = managed(connection, suite, CORPUS)
        assert retriever.retrieve(["44"], 1)[0][0].passage_id == "p44"
        assert len(proxy.seen("_bulk")) == sent


def test_one_that_an_earlier_version_left_unfinished_is_not(elastic_connection, suite, server):
    index = managed_index(elastic_connection, suite, CORPUS)
    mark = META | {"fingerprint": index.fingerprint, "state": "building", "owner": "o", "done": 1}
    server.indices.create(
        index=f"{index.alias}-index",
        mappings={"_meta": mark},
        aliases={f"{index.alias}-building": {}},
    )
    index.ensure()
    assert documents_of(server, index)["count"] == len(CORPUS)
    found = [facts for facts in list_indices(elastic_connection) if index.alias == facts.name[:-6]]
    assert [facts.is_complete for facts in found] == [False]


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
